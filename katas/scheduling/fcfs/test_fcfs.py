"""First come, first served: the tests, worked examples first, then what Hypothesis thinks of."""

import pytest
from fcfs import Figures, Job, averages, fcfs
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
always_the_same = settings(deadline=None, derandomize=True, database=None, max_examples=100, phases=PHASES)
QUEUE = [Job("A", 0, 5), Job("B", 1, 3), Job("C", 2, 1)]
GAP = [Job("A", 0, 2), Job("B", 5, 2)]


def told(jobs):
    """Say what the jobs are."""
    return ", ".join(f"{name} (comes {at}, needs {burst})" for name, at, burst in jobs)


def named(jobs, found):
    """Map each job's name to its figures."""
    plain = [each for each in found if not isinstance(each, Figures)]
    assert not plain, f"fcfs returned {plain[0]!r} in its list: make Figures(…) of it, whose parts have names"
    names, wanted = [each[0] for each in found], [job.name for job in jobs]
    assert names == wanted, f"figures came for {names}, they should be for {wanted}, in this order"
    return {each[0]: each for each in found}


def minute_by_minute(jobs):
    """Watch the window, one unit at a time: who is being served, and who stands in the queue."""
    left = {job.name: job.burst for job in jobs}
    start, finish, waited = {}, {}, dict.fromkeys(left, 0)
    queue, clock = [], 0
    while len(finish) < len(jobs):
        queue += [job.name for job in jobs if job.arrival == clock]
        if queue:
            served = queue[0]
            start.setdefault(served, clock)
            left[served] -= 1
            for name in queue[1:]:
                waited[name] += 1
            if left[served] == 0:
                finish[served] = clock + 1
                queue.pop(0)
        clock += 1
    return start, finish, waited


@st.composite
def some_jobs(draw):
    """Up to six jobs, often at the same moment, often with a gap before the next."""
    pairs = st.tuples(st.integers(0, 12), st.integers(1, 4))
    return [Job(name, *pair) for name, pair in zip("ABCDEF", draw(st.lists(pairs, max_size=6)))]


@pytest.mark.task(1)
def test_one_after_the_other():
    found = named(QUEUE, fcfs(QUEUE))
    times = {name: (each.start, each.finish) for name, each in found.items()}
    wanted = {"A": (0, 5), "B": (5, 8), "C": (8, 9)}
    assert times == wanted, f"{told(QUEUE)}: start and finish are {times}, should be {wanted}"


@pytest.mark.task(1)
def test_no_jobs_no_figures():
    assert fcfs([]) == [], f"no jobs, and yet the figures {fcfs([])}"


@pytest.mark.task(2)
@pytest.mark.parametrize(
    "jobs",
    [
        pytest.param(GAP, id="a gap in the middle"),
        pytest.param([Job("A", 3, 2)], id="a gap at the beginning"),
        pytest.param([Job("A", 0, 1), Job("B", 5, 1), Job("C", 5, 1)], id="two after the gap"),
    ],
)
def test_nobody_starts_before_it_arrives(jobs):
    for job, each in zip(jobs, fcfs(jobs), strict=True):
        assert each.start >= job.arrival, (
            f"{told(jobs)}: {job.name} starts at {each.start}, before it is there; while nobody "
            f"is there the CPU idles, until {job.arrival}"
        )
        assert each.finish == each.start + job.burst, (
            f"{told(jobs)}: {job.name} starts at {each.start}, needs {job.burst} and finishes at {each.finish}"
        )


@pytest.mark.task(2)
def test_the_day_begins_with_who_comes_first():
    jobs = [Job("B", 5, 1), Job("A", 0, 1)]
    found = named(jobs, fcfs(jobs))
    assert (found["A"].start, found["B"].start) == (0, 5), (
        f"{told(jobs)}: A starts at {found['A'].start}, B at {found['B'].start}, it should be 0 and 5: the CPU idles "
        "only while nobody is there, and the first of the list need not be the first to come"
    )


@pytest.mark.task(2)
@always_the_same
@given(some_jobs())
def test_start_and_finish_of_any_jobs(jobs):
    start, finish, _ = minute_by_minute(jobs)
    for name, each in named(jobs, fcfs(jobs)).items():
        assert (each.start, each.finish) == (start[name], finish[name]), (
            f"{told(jobs)}: {name} runs from {each.start} to {each.finish}, it should be from "
            f"{start[name]} to {finish[name]}"
        )


@pytest.mark.task(3)
def test_the_order_of_arrival_counts():
    jobs = [Job("late", 4, 2), Job("early", 0, 3), Job("middle", 1, 4)]
    order = sorted(jobs, key=lambda job: named(jobs, fcfs(jobs))[job.name].start)
    names = [job.name for job in order]
    assert names == ["early", "middle", "late"], (
        f"{told(jobs)}: they run as {names}; the order is that of arrival, not of the list"
    )


@pytest.mark.task(3)
def test_at_the_same_moment_the_list_decides():
    jobs = [Job("zoe", 1, 4), Job("ann", 1, 2), Job("bob", 1, 3)]
    order = sorted(jobs, key=lambda job: named(jobs, fcfs(jobs))[job.name].start)
    names = [job.name for job in order]
    assert names == ["zoe", "ann", "bob"], (
        f"{told(jobs)}: they run as {names}; who comes at the same moment is served in the order "
        "of the list, not by name and not by burst"
    )


@pytest.mark.task(3)
def test_a_name_may_be_empty():
    jobs = [Job("", 0, 2), Job("B", 1, 1)]
    found = [tuple(each) for each in fcfs(list(jobs))]
    assert found == [("", 0, 2, 0, 2), ("B", 2, 3, 1, 2)], (
        f"{told(jobs)}: the figures are {found}: a job whose name is empty is a job; do not ask whether a name is true"
    )


@pytest.mark.task(3)
def test_the_same_jobs_in_another_order():
    jobs = [Job("zoe", 1, 4), Job("ann", 1, 2)]
    for order in (jobs, jobs[::-1]):
        found = named(order, fcfs(list(order)))
        first = min(found, key=lambda name: found[name].start)
        assert first == order[0].name, (
            f"{told(order)}: {first} is served first; also if the same jobs were there before in another order, this "
            "list decides"
        )


@pytest.mark.task(3)
def test_the_number_of_the_arrival_counts():
    jobs = [Job("late", 10_000, 1), Job("early", 2_000, 1)]
    found = {name: each.start for name, each in named(jobs, fcfs(jobs)).items()}
    assert found == {"late": 10_000, "early": 2_000}, (
        f"{told(jobs)}: they start at {found}; arrivals are numbers, and compared as numbers, not as text"
    )


@pytest.mark.task(3)
def test_names_that_differ_are_different():
    jobs = [Job("a", 0, 1), Job("A", 0, 2), Job(" ", 0, 3), Job("", 0, 4)]
    found = [tuple(each[:3]) for each in fcfs(list(jobs))]
    assert found == [("a", 0, 1), ("A", 1, 3), (" ", 3, 6), ("", 6, 10)], (
        f"{told(jobs)}: (name, start, finish) are {found}: four names, take each as it is"
    )


@pytest.mark.task(3)
@pytest.mark.parametrize("at", [0, 3])
def test_many_at_the_same_moment(at):
    jobs = [Job(name, at, 1) for name in "hgfedcba"]
    order = sorted(jobs, key=lambda job: named(jobs, fcfs(jobs))[job.name].start)
    names = "".join(job.name for job in order)
    assert names == "hgfedcba", (
        f"eight of one unit each come at {at}, in the list as hgfedcba, and run as {names}: of the same moment the "
        "list decides, however many they are; a heap keeps no order among equals"
    )


@pytest.mark.task(3)
def test_many_jobs():
    jobs = [Job(f"job {number}", 0, 1) for number in range(1_500)]
    try:
        last = fcfs(jobs)[-1]
    except RecursionError:
        raise AssertionError("1500 jobs are no reason to call so deep: use a loop") from None
    assert last.finish == 1_500, f"1500 jobs of one unit, all there at 0: the last finishes at {last.finish}"


@pytest.mark.task(3)
def test_the_callers_list_stays():
    jobs = [Job("late", 4, 2), Job("early", 0, 3)]
    fcfs(jobs)
    names = [job.name for job in jobs]
    assert names == ["late", "early"], (
        f"the caller's list was late, early; now it is {', '.join(names)}: sorted() makes a new "
        "list, sort() changes the old one"
    )


@pytest.mark.task(3)
def test_the_answer_is_the_callers_own():
    jobs = list(QUEUE)
    first = fcfs(jobs)
    wanted = list(first)
    fcfs([Job("other", 0, 1)])
    assert first == wanted, (
        f"fcfs was called with other jobs, and what it had returned before became {first} instead of {wanted}: make a "
        "new list for each call"
    )
    first.clear()
    found = fcfs(jobs)
    assert found == wanted, (
        f"whoever called emptied what fcfs had returned, and the same jobs then gave {found} instead "
        f"of {wanted}: make a new list for each call"
    )


@pytest.mark.task(4)
@pytest.mark.parametrize(
    ("jobs", "waiting", "turnaround"),
    [
        pytest.param(QUEUE, [0, 4, 6], [5, 7, 7], id="three in a row"),
        pytest.param(GAP, [0, 0], [2, 2], id="with a gap"),
    ],
)
def test_waiting_and_turnaround(jobs, waiting, turnaround):
    figures = fcfs(jobs)
    found = [each.waiting for each in figures]
    assert found == waiting, (
        f"{told(jobs)}: the waiting is {found}, it should be {waiting}: it begins with the arrival, not at 0"
    )
    found = [each.turnaround for each in figures]
    assert found == turnaround, (
        f"{told(jobs)}: the turnaround is {found}, it should be {turnaround}: from the arrival to the finish"
    )


@pytest.mark.task(4)
def test_figures_are_whole_numbers():
    for each in fcfs(GAP):
        kinds = {type(figure).__name__ for figure in each[1:]}
        assert kinds == {"int"}, (
            f"{told(GAP)}: the figures are {each}, whole numbers were given and whole numbers come out: reckon in "
            "int, a float has no room for large ones"
        )


@pytest.mark.task(4)
@always_the_same
@given(some_jobs())
def test_waiting_of_any_jobs(jobs):
    _, finish, waited = minute_by_minute(jobs)
    for job, each in zip(jobs, fcfs(jobs), strict=True):
        assert each.waiting == waited[job.name], (
            f"{told(jobs)}: {job.name} waits {each.waiting}, it should be {waited[job.name]}"
        )
        wanted = finish[job.name] - job.arrival
        assert each.turnaround == wanted, (
            f"{told(jobs)}: the turnaround of {job.name} is {each.turnaround}, should be {wanted}"
        )


@pytest.mark.task(5)
def test_the_mean():
    found = averages(QUEUE)
    assert found == pytest.approx((10 / 3, 19 / 3)), (
        f"waiting 0, 4, 6 and turnaround 5, 7, 7 have the means 10 / 3 and 19 / 3, not {found}: do not round them"
    )


@pytest.mark.task(5)
@pytest.mark.parametrize("jobs", [[], [Job("A", 0, 5)]], ids=["no jobs", "one job"])
def test_the_means_are_floats(jobs):
    try:
        found = averages(jobs)
    except ZeroDivisionError:
        raise AssertionError(f"averages of {len(jobs)} jobs divides by zero") from None
    assert [type(each) for each in found] == [float, float], (
        f"averages of {told(jobs) or 'no jobs'} is {found}: both are floats, also if they are whole"
    )


@pytest.mark.task(5)
def test_the_mean_of_nothing():
    try:
        found = averages([])
    except ZeroDivisionError:
        raise AssertionError("averages([]) divides by zero; it should be (0.0, 0.0)") from None
    assert found == (0, 0), f"averages([]) is {found}, it should be (0.0, 0.0)"

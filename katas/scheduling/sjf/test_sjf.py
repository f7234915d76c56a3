"""Shortest job first: the tests, worked examples first, then what Hypothesis thinks of."""

from itertools import permutations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sjf import Figures, Job, shortest_job, shortest_remaining

PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
always_the_same = settings(deadline=None, derandomize=True, database=None, max_examples=100, phases=PHASES)
EXAMPLE = [Job("A", 0, 6), Job("B", 1, 4), Job("C", 2, 1), Job("D", 3, 2)]
both = pytest.mark.parametrize("schedule", [shortest_job, shortest_remaining])


def told(jobs):
    """Say what the jobs are."""
    return ", ".join(f"{name} (comes {at}, needs {burst})" for name, at, burst in jobs)


def runs(schedule, jobs):
    """Map each job's name to start and finish."""
    found = schedule(list(jobs))
    plain = [each for each in found if not isinstance(each, Figures)]
    assert not plain, f"{schedule.__name__} returned {plain[0]!r} in its list: make Figures(…) of it"
    names, wanted = [each.name for each in found], [job.name for job in jobs]
    assert names == wanted, f"figures came for {names}, they should be for {wanted}, in this order"
    return {each.name: (each.start, each.finish) for each in found}


def unit_by_unit(jobs, interrupt):
    """Write down who has the CPU in each unit of time."""
    units = []
    while len(units) < 100:
        clock = len(units)
        there = [job for job in jobs if job.arrival <= clock and units.count(job.name) < job.burst]
        begun = [job for job in there if 0 < units.count(job.name)]
        if begun and not interrupt:
            there = begun
        there.sort(key=lambda job: job.arrival)
        there.sort(key=lambda job: job.burst - (units.count(job.name) if interrupt else 0))
        units.append(there[0].name if there else None)
    return units


def compare(schedule, jobs, interrupt):
    """Hold start and finish against the line of units."""
    units = unit_by_unit(jobs, interrupt)
    wanted = {job.name: (units.index(job.name), 100 - units[::-1].index(job.name)) for job in jobs}
    found = runs(schedule, jobs)
    line = "".join(name or "." for name in units[: max((end for _, end in wanted.values()), default=0)])
    assert found == wanted, (
        f"{told(jobs)}: {schedule.__name__} gives (start, finish) {found}, it should be {wanted}; "
        f"unit by unit the CPU belongs to {line}"
    )


@st.composite
def some_jobs(draw):
    """Up to five jobs, many of them equally long or at the same moment."""
    pairs = draw(st.lists(st.tuples(st.integers(0, 7), st.integers(1, 5)), max_size=5))
    names = draw(st.permutations("ABCDE"))
    return [Job(name, *pair) for name, pair in zip(names, pairs)]


@pytest.mark.task(1)
def test_who_is_not_there_is_not_chosen():
    jobs = [Job("A", 0, 6), Job("B", 1, 2)]
    found = runs(shortest_job, jobs)
    assert found["A"] == (0, 6), (
        f"{told(jobs)}: A runs from {found['A'][0]} to {found['A'][1]}, though at 0 it was alone: "
        "B is shorter, and not there yet; choose again whenever the CPU is free, among those who "
        "are there"
    )
    assert found["B"] == (6, 8), f"{told(jobs)}: B runs {found['B']}, it should be (6, 8)"


@pytest.mark.task(1)
def test_the_example_without_interruption():
    found = runs(shortest_job, EXAMPLE)
    wanted = {"A": (0, 6), "B": (9, 13), "C": (6, 7), "D": (7, 9)}
    assert found == wanted, f"{told(EXAMPLE)}: (start, finish) {found}, it should be {wanted}"


@pytest.mark.task(1)
@both
def test_the_cpu_idles_while_nobody_is_there(schedule):
    jobs = [Job("A", 2, 1), Job("B", 9, 1)]
    found = runs(schedule, jobs)
    wanted = {"A": (2, 3), "B": (9, 10)}
    assert found == wanted, f"{told(jobs)}: (start, finish) {found}, it should be {wanted}"
    assert schedule([]) == [], "no jobs, no figures"


@pytest.mark.task(1)
@both
@pytest.mark.parametrize("at", [0, 3])
def test_after_a_pause_the_shortest_is_first(schedule, at):
    jobs = [Job("long", at, 4), Job("short", at, 1)]
    found = runs(schedule, jobs)
    wanted = {"long": (at + 1, at + 5), "short": (at, at + 1)}
    assert found == wanted, (
        f"{told(jobs)}: (start, finish) {found}, it should be {wanted}; both come at {at}, and the shorter one goes "
        "first: let all of a moment in before you choose"
    )


@pytest.mark.task(1)
def test_who_comes_at_that_very_moment_is_there():
    jobs = [Job("first", 0, 2), Job("long", 0, 4), Job("short", 2, 1)]
    found = runs(shortest_job, jobs)
    wanted = {"first": (0, 2), "long": (3, 7), "short": (2, 3)}
    assert found == wanted, (
        f"{told(jobs)}: (start, finish) {found}, it should be {wanted}: short comes at 2, the very moment at which the "
        "CPU becomes free, and so is there"
    )


@pytest.mark.task(2)
@both
def test_among_equals_who_came_first(schedule):
    jobs = [Job("zoe", 0, 3), Job("ann", 2, 3), Job("max", 1, 3)]
    order = sorted(runs(schedule, jobs).items(), key=lambda pair: pair[1])
    names = [name for name, _ in order]
    assert names == ["zoe", "max", "ann"], (
        f"{told(jobs)}: all are equally long, and they run as {names}; who arrived earlier goes "
        "first, and nobody takes the CPU from an equal"
    )


@pytest.mark.task(2)
@both
def test_at_the_same_moment_the_list_decides(schedule):
    jobs = [Job("zoe", 1, 2), Job("ann", 1, 2), Job("bob", 1, 2)]
    order = sorted(runs(schedule, jobs).items(), key=lambda pair: pair[1])
    names = [name for name, _ in order]
    assert names == ["zoe", "ann", "bob"], (
        f"{told(jobs)}: all equal, and they run as {names}; then the order of the list decides, not the name"
    )


@pytest.mark.task(2)
@both
def test_the_same_jobs_in_another_order(schedule):
    jobs = [Job("zoe", 1, 2), Job("ann", 1, 2)]
    for order in (jobs, jobs[::-1]):
        found = runs(schedule, order)
        first = min(found, key=found.get)
        assert first == order[0].name, (
            f"{told(order)}: {first} runs first; also if the same jobs were there before in another order, this list "
            "decides"
        )


@pytest.mark.task(2)
@always_the_same
@given(some_jobs())
def test_any_jobs_without_interruption(jobs):
    compare(shortest_job, jobs, interrupt=False)


@pytest.mark.task(3)
@pytest.mark.parametrize("at", [0, 2])
def test_start_is_when_it_first_computes(at):
    jobs = [Job("A", at, 6), Job("B", at + 1, 2)]
    found = {name: start for name, (start, _) in runs(shortest_remaining, jobs).items()}
    assert found == {"A": at, "B": at + 1}, (
        f"{told(jobs)}: they start at {found}; start is when a job first computes, also if that is at 0, and stays "
        "when it is interrupted"
    )


@pytest.mark.task(3)
def test_the_interrupted_keeps_its_place():
    jobs = [Job("A", 0, 6), Job("B", 1, 5), Job("C", 1, 1)]
    found = {name: finish for name, (_, finish) in runs(shortest_remaining, jobs).items()}
    assert found == {"A": 7, "B": 12, "C": 2}, (
        f"{told(jobs)}: they finish at {found}, it should be A 7, B 12, C 2; at 2, A and B have 5 left each, and A "
        "came first: that it was interrupted puts it behind nobody"
    )


@pytest.mark.task(3)
@both
def test_many_units(schedule):
    jobs = [Job("long", 0, 1_500), Job("short", 0, 1)]
    try:
        found = runs(schedule, jobs)
    except RecursionError:
        raise AssertionError("1500 units are no reason to call so deep: use a loop") from None
    assert found == {"long": (1, 1_501), "short": (0, 1)}, f"{told(jobs)}: (start, finish) are {found}"


@pytest.mark.task(3)
@both
def test_a_long_pause(schedule):
    jobs = [Job("a", 0, 1), Job("b", 5_000, 1)]
    try:
        found = runs(schedule, jobs)
    except RecursionError:
        raise AssertionError("5000 units without a job are no reason to call so deep: use a loop") from None
    assert found == {"a": (0, 1), "b": (5_000, 5_001)}, f"{told(jobs)}: (start, finish) are {found}"


@pytest.mark.task(3)
def test_what_is_left_counts():
    jobs = [Job("A", 0, 6), Job("B", 4, 3)]
    found = {name: finish for name, (_, finish) in runs(shortest_remaining, jobs).items()}
    assert found == {"A": 6, "B": 9}, (
        f"{told(jobs)}: they finish at {found}; at 4, A has 2 left and B has 3, so A goes on "
        "until 6: compare what is left, not the whole burst"
    )


@pytest.mark.task(3)
@both
def test_a_name_may_be_empty(schedule):
    jobs = [Job("A", 0, 2), Job("", 0, 1)]
    found = runs(schedule, jobs)
    assert found == {"A": (1, 3), "": (0, 1)}, (
        f"{told(jobs)}: {schedule.__name__} gives (start, finish) {found}: a job whose name is empty is a job; do not "
        "ask whether a name is true"
    )


@pytest.mark.task(3)
def test_the_shorter_takes_the_cpu_away():
    jobs = [Job("A", 0, 6), Job("B", 1, 2)]
    found = {name: finish for name, (_, finish) in runs(shortest_remaining, jobs).items()}
    assert found == {"A": 8, "B": 3}, (
        f"{told(jobs)}: they finish at {found}; B has less left when it comes, so it takes the "
        "CPU at 1, and A goes on at 3"
    )


@pytest.mark.task(3)
@always_the_same
@given(some_jobs())
def test_any_jobs_with_interruption(jobs):
    compare(shortest_remaining, jobs, interrupt=True)


@pytest.mark.task(4)
def test_the_waiting_of_the_interrupted():
    found = {each.name: each.waiting for each in shortest_remaining(list(EXAMPLE))}
    wanted = {"A": 7, "B": 3, "C": 0, "D": 0}
    assert found == wanted, (
        f"{told(EXAMPLE)}: the waiting is {found}, it should be {wanted}: A was interrupted at 1 "
        "and waited again; count all the time that a job is there and does not compute"
    )


@pytest.mark.task(4)
@both
def test_figures_are_whole_numbers(schedule):
    for each in schedule(list(EXAMPLE)):
        kinds = {type(figure).__name__ for figure in each[1:]}
        assert kinds == {"int"}, f"{told(EXAMPLE)}: the figures are {each}, they should be whole numbers: reckon in int"


@pytest.mark.task(4)
@both
@always_the_same
@given(jobs=some_jobs())
def test_waiting_and_computing_are_the_turnaround(schedule, jobs):
    for job, each in zip(jobs, schedule(list(jobs)), strict=True):
        assert each.turnaround == each.finish - job.arrival, (
            f"{told(jobs)}: {job.name} finishes at {each.finish}, its turnaround should be "
            f"{each.finish - job.arrival}, not {each.turnaround}"
        )
        assert each.waiting == each.turnaround - job.burst, (
            f"{told(jobs)}: {job.name} is there for {each.turnaround}, computes for {job.burst} "
            f"and should wait {each.turnaround - job.burst}, not {each.waiting}"
        )


@pytest.mark.task(4)
@always_the_same
@given(st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_no_order_waits_less(bursts):
    jobs = [Job(name, 0, burst) for name, burst in zip("ABCDE", bursts)]
    found = sum(each.waiting for each in shortest_job(list(jobs)))
    best = min(sum(sum(order[:place]) for place in range(len(order))) for order in permutations(bursts))
    assert found == best, (
        f"bursts {bursts}, all there at 0: together they wait {found}, and another order waits only {best}"
    )


@pytest.mark.task(1)
@both
def test_the_callers_list_stays(schedule):
    jobs = [Job("late", 4, 2), Job("early", 0, 3)]
    schedule(jobs)
    names = [job.name for job in jobs]
    assert names == ["late", "early"], f"the caller's list was late, early; now it is {names}"


@pytest.mark.task(1)
@both
def test_the_answer_is_the_callers_own(schedule):
    jobs = list(EXAMPLE)
    first = schedule(jobs)
    wanted = list(first)
    schedule([Job("other", 0, 1)])
    assert first == wanted, (
        f"{schedule.__name__} was called with other jobs, and what it had returned before became {first} instead of "
        f"{wanted}: make a new list for each call"
    )
    first.clear()
    found = schedule(jobs)
    assert found == wanted, (
        f"whoever called emptied what {schedule.__name__} had returned, and the same jobs then gave {found} instead "
        f"of {wanted}: make a new list for each call"
    )

"""Round robin: the tests, worked examples first, then what Hypothesis thinks of."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from round_robin import Figures, Job, Slice, figures, timeline

PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
always_the_same = settings(deadline=None, derandomize=True, database=None, max_examples=100, phases=PHASES)
EXAMPLE = [Job("A", 0, 5), Job("B", 2, 2), Job("C", 3, 1)]


def told(jobs, quantum, switch=0):
    """Say what is asked."""
    parts = [f"{name} (comes {at}, needs {burst})" for name, at, burst in jobs]
    return f"{', '.join(parts)}, quantum {quantum}" + (f", switch {switch}" if switch else "")


def line(slices):
    """Write slices in short."""
    return ", ".join(f"{name} {start}-{end}" for name, start, end in slices)


def drawn(jobs, quantum, switch=0):
    """Write down the slices of the solution, in short."""
    slices = timeline(list(jobs), quantum, switch)
    plain = [each for each in slices if not isinstance(each, Slice)]
    assert not plain, f"timeline returned {plain[0]!r} in its list: make a Slice(name, start, end) of it"
    return line(slices)


def tick_by_tick(jobs, quantum, switch):
    """Turn the clock one unit at a time, and note who computes in which unit."""
    left = {job.name: job.burst for job in jobs}
    queue, slices, clock, last = [], [], 0, None
    current, used, pause = None, 0, 0
    while any(left.values()):
        queue += [job.name for job in jobs if job.arrival == clock]
        if current and (used == quantum or not left[current]):
            if left[current]:
                queue.append(current)
            current, used = None, 0
        if current is None and queue:
            current = queue.pop(0)
            pause = switch if last not in (None, current) else 0
            last = current
        if pause:
            pause -= 1
        elif current:
            if used == 0:
                slices.append([current, clock, clock])
            slices[-1][2] = clock + 1
            left[current] -= 1
            used += 1
        clock += 1
    return slices


@st.composite
def some_jobs(draw):
    """Up to four jobs, often arriving when a slice ends."""
    pairs = draw(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 6)), max_size=4))
    return [Job(name, *pair) for name, pair in zip("ABCD", pairs)]


@pytest.mark.task(1)
def test_in_turn():
    jobs = [Job("A", 0, 4), Job("B", 0, 2), Job("C", 0, 5)]
    wanted = "A 0-2, B 2-4, C 4-6, A 6-8, C 8-10, C 10-11"
    found = drawn(jobs, 2)
    assert found == wanted, f"{told(jobs, 2)}: the slices are {found}, they should be {wanted}"


@pytest.mark.task(1)
def test_who_is_through_does_not_use_up_its_slice():
    jobs = [Job("A", 0, 1), Job("B", 0, 3)]
    found = drawn(jobs, 2)
    assert found == "A 0-1, B 1-3, B 3-4", (
        f"{told(jobs, 2)}: the slices are {found}; A has finished at 1, and B begins at once: it "
        "should be A 0-1, B 1-3, B 3-4"
    )


@pytest.mark.task(1)
def test_many_turns():
    jobs = [Job("A", 0, 750), Job("B", 0, 750)]
    try:
        slices = timeline(jobs, 1)
    except RecursionError:
        raise AssertionError("1500 turns are no reason to call so deep: use a loop") from None
    assert len(slices) == 1_500, f"two jobs that need 750 units each, in turns of one: there were {len(slices)} turns"
    assert slices[-1].end == 1_500, f"two jobs that need 750 units each: the last turn ends at {slices[-1].end}"


@pytest.mark.task(1)
def test_a_long_pause():
    jobs = [Job("A", 0, 1), Job("B", 5_000, 1)]
    try:
        found = [tuple(each) for each in timeline(jobs, 1)]
    except RecursionError:
        raise AssertionError("5000 units without a job are no reason to call so deep: use a loop") from None
    assert found == [("A", 0, 1), ("B", 5_000, 5_001)], (
        f"A comes at 0 and B at 5000, each needs one unit: the slices are {found}"
    )


@pytest.mark.task(1)
def test_a_large_quantum_is_first_come_first_served():
    jobs = [Job("A", 0, 4), Job("B", 0, 3)]
    found = drawn(jobs, 10)
    assert found == "A 0-4, B 4-7", f"{told(jobs, 10)}: the slices are {found}, should be A 0-4, B 4-7"
    assert timeline([], 2) == [], "no jobs, no slices"


@pytest.mark.task(2)
def test_the_newcomer_stands_before_the_interrupted():
    jobs = [Job("A", 0, 4), Job("B", 2, 2)]
    found = drawn(jobs, 2)
    assert found == "A 0-2, B 2-4, A 4-6", (
        f"{told(jobs, 2)}: the slices are {found}; at 2 the slice of A ends and B arrives: B joins "
        "first, A behind it, so it should be A 0-2, B 2-4, A 4-6"
    )


@pytest.mark.task(2)
def test_the_example_without_a_cost():
    found, wanted = drawn(EXAMPLE, 2), "A 0-2, B 2-4, A 4-6, C 6-7, A 7-8"
    assert found == wanted, f"{told(EXAMPLE, 2)}: the slices are {found}, they should be {wanted}"


@pytest.mark.task(2)
@pytest.mark.parametrize(
    ("jobs", "wanted"),
    [
        pytest.param([Job("A", 0, 1), Job("B", 5, 3)], "A 0-1, B 5-7, B 7-8", id="in the middle"),
        pytest.param([Job("A", 3, 1)], "A 3-4", id="at the beginning"),
    ],
)
def test_the_cpu_idles_while_nobody_is_there(jobs, wanted):
    found = drawn(jobs, 2)
    assert found == wanted, (
        f"{told(jobs, 2)}: the slices are {found}, they should be {wanted}: nobody computes before it is there"
    )


@pytest.mark.task(2)
def test_the_order_of_arrival_counts():
    jobs = [Job("late", 3, 1), Job("early", 0, 6), Job("middle", 1, 1), Job("also", 1, 1)]
    found = drawn(jobs, 4)
    wanted = "early 0-4, middle 4-5, also 5-6, late 6-7, early 7-9"
    assert found == wanted, (
        f"{told(jobs, 4)}: the slices are {found}, they should be {wanted}: the queue is in the "
        "order of arrival, and of the list for those of the same moment"
    )


@pytest.mark.task(2)
def test_the_same_jobs_in_another_order():
    jobs = [Job("zoe", 1, 2), Job("ann", 1, 1)]
    for order, wanted in ((jobs, "zoe 1-3, ann 3-4"), (jobs[::-1], "ann 1-2, zoe 2-4")):
        found = drawn(order, 2)
        assert found == wanted, (
            f"{told(order, 2)}: the slices are {found}, they should be {wanted}; also if the same jobs were there "
            "before in another order, this list decides"
        )


@pytest.mark.task(2)
@always_the_same
@given(some_jobs(), st.integers(1, 4))
def test_any_jobs_without_a_cost(jobs, quantum):
    found, wanted = drawn(jobs, quantum), line(tick_by_tick(jobs, quantum, 0))
    assert found == wanted, f"{told(jobs, quantum)}: the slices are {found}, should be {wanted}"


@pytest.mark.task(3)
def test_each_change_has_its_price():
    jobs = [Job("A", 0, 2), Job("B", 0, 2)]
    found, wanted = drawn(jobs, 1, 1), "A 0-1, B 2-3, A 4-5, B 6-7"
    assert found != "A 0-1, B 1-2, A 2-3, B 3-4", (
        f"{told(jobs, 1, 1)}: the slices are {found}, as if changing cost nothing; it should be {wanted}"
    )
    assert found == wanted, f"{told(jobs, 1, 1)}: the slices are {found}, they should be {wanted}"


@pytest.mark.task(3)
def test_who_follows_itself_pays_nothing():
    jobs = [Job("A", 0, 3)]
    found = drawn(jobs, 1, 5)
    assert found == "A 0-1, A 1-2, A 2-3", (
        f"{told(jobs, 1, 5)}: the slices are {found}; A is alone and follows itself, nothing is "
        "changed: it should be A 0-1, A 1-2, A 2-3"
    )


@pytest.mark.task(3)
@pytest.mark.parametrize("at", [0, 3])
def test_the_very_first_costs_nothing(at):
    jobs = [Job("A", at, 1)]
    found, wanted = drawn(jobs, 1, 2), f"A {at}-{at + 1}"
    assert found == wanted, (
        f"{told(jobs, 1, 2)}: the slices are {found}, they should be {wanted}: nobody had the CPU before, whenever the "
        "very first comes"
    )


@pytest.mark.task(3)
def test_a_name_may_be_empty():
    jobs = [Job("", 0, 2), Job("B", 0, 1)]
    found = drawn(jobs, 1, 1)
    assert found == " 0-1, B 2-3,  4-5", (
        f"{told(jobs, 1, 1)}: the slices are {found!r}, they should be ' 0-1, B 2-3,  4-5': a job whose name is empty "
        "is a job, and a change from it has its price; do not ask whether a name is true"
    )


@pytest.mark.task(3)
def test_who_comes_during_a_change_stands_behind():
    jobs = [Job("A", 0, 4), Job("B", 0, 2), Job("C", 3, 1)]
    found, wanted = drawn(jobs, 2, 2), "A 0-2, B 4-6, A 8-10, C 12-13"
    assert found == wanted, (
        f"{told(jobs, 2, 2)}: the slices are {found}, they should be {wanted}: the slice of A ends at 2, and A joins "
        "the queue then; C comes at 3, during the change, and stands behind A"
    )


@pytest.mark.task(3)
def test_whom_the_change_is_for_is_settled():
    jobs = [Job("A", 0, 1), Job("B", 0, 1), Job("C", 2, 1)]
    found, wanted = drawn(jobs, 1, 3), "A 0-1, B 4-5, C 8-9"
    assert found == wanted, (
        f"{told(jobs, 1, 3)}: the slices are {found}, they should be {wanted}: at 1 the change to B begins, whoever "
        "comes while it lasts"
    )


@pytest.mark.task(3)
def test_after_a_pause_it_costs_the_same():
    jobs = [Job("A", 0, 1), Job("B", 5, 1)]
    found = drawn(jobs, 2, 2)
    assert found == "A 0-1, B 7-8", (
        f"{told(jobs, 2, 2)}: the slices are {found}; B comes at 5, the change from A to B begins then and "
        "takes 2: it should be A 0-1, B 7-8"
    )


@pytest.mark.task(3)
def test_the_example_with_a_cost():
    found, wanted = drawn(EXAMPLE, 2, 1), "A 0-2, B 3-5, A 6-8, C 9-10, A 11-12"
    assert found == wanted, f"{told(EXAMPLE, 2, 1)}: the slices are {found}, should be {wanted}"


@pytest.mark.task(3)
@always_the_same
@given(some_jobs(), st.integers(1, 4), st.integers(0, 3))
def test_any_jobs_at_any_cost(jobs, quantum, switch):
    found, wanted = drawn(jobs, quantum, switch), line(tick_by_tick(jobs, quantum, switch))
    assert found == wanted, f"{told(jobs, quantum, switch)}: the slices are {found}, should be {wanted}"


@pytest.mark.task(4)
def test_the_figures_of_the_example():
    found = figures(list(EXAMPLE), 2, 1)
    plain = [each for each in found if not isinstance(each, Figures)]
    assert not plain, f"figures returned {plain[0]!r} in its list: make Figures(…) of it, whose parts have names"
    found = [tuple(each) for each in found]
    waiting = [each[3] for each in found]
    assert waiting == [7, 1, 6], (
        f"{told(EXAMPLE, 2, 1)}: the waiting is {waiting}, it should be [7, 1, 6]: all the time that a job is there "
        "and does not compute, the changes included"
    )
    wanted = [("A", 0, 12, 7, 12), ("B", 3, 5, 1, 3), ("C", 9, 10, 6, 7)]
    assert found == wanted, f"{told(EXAMPLE, 2, 1)}: the figures are {found}, should be {wanted}"
    assert figures([], 2) == [], "no jobs, no figures"


@pytest.mark.task(4)
def test_figures_are_in_the_order_of_the_list():
    jobs = [Job("late", 4, 1), Job("early", 0, 2)]
    found = [tuple(each) for each in figures(list(jobs), 1, 1)]
    wanted = [("late", 5, 6, 1, 2), ("early", 0, 2, 0, 2)]
    assert found == wanted, (
        f"{told(jobs, 1, 1)}: the figures are {found}, should be {wanted}, in the order of the list; the change begins "
        "when late comes"
    )
    kinds = {type(figure).__name__ for each in found for figure in each[1:]}
    assert kinds == {"int"}, f"the figures are {found}, they should be whole numbers: reckon in int"


@pytest.mark.task(4)
@always_the_same
@given(some_jobs(), st.integers(1, 4), st.integers(0, 3))
def test_the_figures_of_any_jobs(jobs, quantum, switch):
    slices = tick_by_tick(jobs, quantum, switch)
    found = [tuple(each) for each in figures(list(jobs), quantum, switch)]
    for job, each in zip(jobs, found, strict=True):
        mine = [part for part in slices if part[0] == job.name]
        turnaround = mine[-1][2] - job.arrival
        wanted = (job.name, mine[0][1], mine[-1][2], turnaround - job.burst, turnaround)
        assert each == wanted, f"{told(jobs, quantum, switch)}: {each}, it should be {wanted}"


@pytest.mark.task(4)
def test_the_callers_list_stays():
    jobs = [Job("late", 4, 2), Job("early", 0, 3)]
    figures(jobs, 2, 1)
    timeline(jobs, 2, 1)
    assert jobs == [("late", 4, 2), ("early", 0, 3)], f"the caller's list was changed to {jobs}"


@pytest.mark.task(4)
@pytest.mark.parametrize("draw", [timeline, figures])
def test_the_answer_is_the_callers_own(draw):
    jobs = list(EXAMPLE)
    first = draw(jobs, 2, 1)
    wanted = list(first)
    draw([Job("other", 0, 1)], 1)
    assert first == wanted, (
        f"{draw.__name__} was called with other jobs, and what it had returned before became {first} instead of "
        f"{wanted}: make a new list for each call"
    )
    first.clear()
    found = draw(jobs, 2, 1)
    assert found == wanted, (
        f"whoever called emptied what {draw.__name__} had returned, and the same jobs then gave {found} instead "
        f"of {wanted}: make a new list for each call"
    )

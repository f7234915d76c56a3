"""Real time: the tests, worked examples first, then what Hypothesis thinks of."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from real_time import Job, earliest_deadline, met, time_slices

PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
always_the_same = settings(deadline=None, derandomize=True, database=None, max_examples=100, phases=PHASES)
EXAMPLE = [Job("film", 0, 6, 14), Job("music", 1, 4, 9), Job("airbag", 3, 2, 5)]


def shown(names):
    """Write a set in the same order in each run."""
    return f"{{{', '.join(map(repr, sorted(names, key=str)))}}}" if names and isinstance(names, set) else f"{names}"


def told(jobs):
    """Say what the jobs are."""
    return ", ".join(f"{name} (comes {at}, needs {need}, by {by})" for name, at, need, by in jobs)


def check(what, jobs, found, wanted, why=""):
    """Hold the moments of finishing against what they should be."""
    assert found == wanted, f"{told(jobs)}: by {what} they finish at {found}, it should be {wanted}{why and ': '}{why}"


def most_urgent_in_each_unit(jobs):
    """Write down for each unit of time who has the CPU; return the last unit of each."""
    units = []
    while len(units) < 80:
        there = [each for each in jobs if each.arrival <= len(units) and units.count(each.name) < each.burst]
        there.sort(key=lambda each: each.arrival)
        there.sort(key=lambda each: each.deadline)
        units.append(there[0].name if there else None)
    return {each.name: 80 - units[::-1].index(each.name) for each in jobs}


def turns_in_each_unit(jobs, quantum):
    """Turn the clock one unit at a time; return when each has finished."""
    left = {each.name: each.burst for each in jobs}
    queue, finish, clock, used = [], {}, 0, 0
    while len(finish) < len(jobs):
        arrived = [each.name for each in jobs if each.arrival == clock]
        if queue and used == quantum:
            queue, used = queue[1:] + arrived + queue[:1], 0
        else:
            queue += arrived
        clock += 1
        if queue:
            left[queue[0]] -= 1
            used += 1
            if not left[queue[0]]:
                finish[queue.pop(0)], used = clock, 0
    return finish


@st.composite
def some_jobs(draw):
    """Up to five jobs, some of which cannot be in time."""
    triples = draw(st.lists(st.tuples(st.integers(0, 8), st.integers(1, 5), st.integers(1, 16)), max_size=5))
    return [Job(name, at, need, at + room) for name, (at, need, room) in zip("dbeac", triples)]


@pytest.mark.task(1)
def test_the_earliest_deadline_is_first():
    jobs = [Job("film", 0, 1, 30), Job("music", 0, 5, 9), Job("airbag", 0, 3, 4)]
    wanted = {"film": 9, "music": 8, "airbag": 3}
    check("earliest deadline", jobs, earliest_deadline(list(jobs)), wanted, "the order is airbag, music, film")
    assert earliest_deadline([]) == {}, "no jobs, an empty dictionary"


@pytest.mark.task(1)
def test_the_same_jobs_in_another_order():
    jobs, why = [Job("z", 1, 1, 9), Job("a", 1, 1, 9)], "also if the same jobs were there before in another order"
    for order in (jobs, jobs[::-1]):
        first, second = [each.name for each in order]
        found = earliest_deadline(list(order))
        check("earliest deadline", order, found, {first: 2, second: 3}, f"{why}, this list decides")


@pytest.mark.task(1)
def test_among_equals_who_came_first():
    jobs = [Job("z", 0, 2, 9), Job("b", 1, 2, 9), Job("a", 1, 2, 9)]
    why = "equal deadlines, so the arrival decides, then the list; nobody takes the CPU from an equal"
    check("earliest deadline", jobs, earliest_deadline(list(jobs)), {"z": 2, "b": 4, "a": 6}, why)
    jobs = [Job("first", 0, 1, 1), Job("a", 2, 1, 9), Job("b", 1, 2, 9), Job("c", 0, 2, 3)]
    found = earliest_deadline(list(jobs))
    check("earliest deadline", jobs, found, {"first": 1, "c": 3, "b": 5, "a": 6}, "b came before a")


@pytest.mark.task(2)
def test_the_urgent_takes_the_cpu_away():
    jobs = [Job("film", 0, 6, 20), Job("airbag", 2, 1, 4)]
    found = earliest_deadline(list(jobs))
    assert found.get("airbag") != 7, (
        f"{told(jobs)}: by earliest deadline they finish at {found}: the airbag waits for the end of the film; the CPU "
        "is taken away as soon as somebody more urgent arrives"
    )
    check("earliest deadline", jobs, found, {"film": 7, "airbag": 3})


@pytest.mark.task(2)
def test_a_deadline_is_a_moment():
    jobs = [Job("early", 0, 4, 10), Job("late", 3, 3, 9)]
    why = "late is due at 9, early at 10; a deadline is a moment on the clock, not a length from the arrival"
    check("earliest deadline", jobs, earliest_deadline(list(jobs)), {"early": 7, "late": 6}, why)


@pytest.mark.task(2)
def test_the_cpu_idles_while_nobody_is_there():
    jobs = [Job("a", 2, 1, 4), Job("b", 8, 2, 30)]
    check("earliest deadline", jobs, earliest_deadline(list(jobs)), {"a": 3, "b": 10})
    check("time slices", jobs, time_slices(list(jobs), 3), {"a": 3, "b": 10})


@pytest.mark.task(2)
def test_who_is_late_still_finishes():
    jobs = [Job("lost", 0, 3, 1), Job("b", 1, 1, 2)]
    why = "lost cannot be in time, and still has the earliest deadline"
    check("earliest deadline", jobs, earliest_deadline(list(jobs)), {"lost": 3, "b": 4}, why)


@pytest.mark.task(2)
def test_the_interrupted_keeps_its_place():
    jobs = [Job("a", 0, 5, 9), Job("b", 1, 2, 9), Job("c", 2, 1, 3)]
    why = (
        "c takes the CPU from a at 2; at 3, a and b are equal and a came first, that it was interrupted changes nothing"
    )
    check("earliest deadline", jobs, earliest_deadline(list(jobs)), {"a": 6, "b": 8, "c": 3}, why)


@pytest.mark.task(2)
def test_who_waits_may_be_more_urgent_than_the_interrupted():
    jobs = [Job("film", 0, 4, 20), Job("airbag", 1, 2, 4), Job("music", 2, 2, 9)]
    check(
        "earliest deadline",
        jobs,
        earliest_deadline(list(jobs)),
        {"film": 8, "airbag": 3, "music": 5},
        "at 3 airbag is through, and music is more urgent than film, which was interrupted: choose anew each time",
    )


@pytest.mark.task(2)
def test_a_name_may_be_empty():
    jobs = [Job("film", 0, 3, 9), Job("", 1, 1, 3)]
    why = "a job whose name is empty is a job; do not ask whether a name is true"
    check("earliest deadline", jobs, earliest_deadline(list(jobs)), {"film": 4, "": 2}, why)
    check("slices", jobs, time_slices(list(jobs), 1), {"film": 4, "": 2}, why)
    assert met(jobs, {"film": 4, "": 2}) == {"film", ""}, f"both are in time: {why}"


@pytest.mark.task(2)
@pytest.mark.parametrize("deadline", [0, -3])
def test_a_deadline_may_have_passed_before(deadline):
    jobs = [Job("b", 0, 2, 9), Job("lost", 0, 2, deadline)]
    why = f"lost is due at {deadline}, which is the earliest, though it cannot be met"
    check("earliest deadline", jobs, earliest_deadline(list(jobs)), {"lost": 2, "b": 4}, why)


@pytest.mark.task(2)
@always_the_same
@given(some_jobs())
def test_any_jobs_by_deadline(jobs):
    check("earliest deadline", jobs, earliest_deadline(list(jobs)), most_urgent_in_each_unit(jobs))


@pytest.mark.task(3)
def test_slices_look_at_no_deadline():
    wanted = {"film": 12, "music": 10, "airbag": 8}
    check("time slices of 2", EXAMPLE, time_slices(list(EXAMPLE), 2), wanted)
    assert time_slices([], 2) == {}, "no jobs, an empty dictionary"


@pytest.mark.task(3)
def test_the_newcomer_stands_before_the_interrupted():
    jobs = [Job("a", 0, 4, 99), Job("b", 2, 2, 99)]
    why = "at 2 the turn of a ends and b arrives: b joins first"
    check("time slices of 2", jobs, time_slices(list(jobs), 2), {"a": 6, "b": 4}, why)


@pytest.mark.task(3)
def test_who_is_alone_has_turns_too():
    jobs = [Job("a", 0, 9, 99), Job("b", 5, 1, 99)]
    why = (
        "the second turn of a lasts from 4 to 8, and b comes at 5: a turn has its length also if nobody else was there"
    )
    check("time slices of 4", jobs, time_slices(list(jobs), 4), {"a": 10, "b": 9}, why)


@pytest.mark.task(3)
def test_who_comes_at_the_same_moment_in_the_order_of_the_list():
    jobs = [Job(name, 1, 2, 99 - number) for number, name in enumerate("zyxw")]
    why = "all come at 1, so they take their turns in the order of the list"
    check("time slices of 1", jobs, time_slices(list(jobs), 1), {"z": 6, "y": 7, "x": 8, "w": 9}, why)


@pytest.mark.task(3)
def test_many_turns():
    jobs = [Job("a", 0, 750, 750), Job("b", 0, 750, 1_500)]
    try:
        found = [earliest_deadline(list(jobs)), time_slices(list(jobs), 1)]
    except RecursionError:
        raise AssertionError("1500 units or turns are no reason to call so deep: use a loop") from None
    check("earliest deadline", jobs, found[0], {"a": 750, "b": 1_500})
    check("time slices of 1", jobs, found[1], {"a": 1_499, "b": 1_500})


@pytest.mark.task(3)
def test_a_long_pause():
    jobs = [Job("a", 0, 1, 1), Job("b", 5_000, 1, 1)]
    try:
        found = [earliest_deadline(list(jobs)), time_slices(list(jobs), 1)]
    except RecursionError:
        raise AssertionError("5000 units without a job are no reason to call so deep: use a loop") from None
    check("earliest deadline", jobs, found[0], {"a": 1, "b": 5_001})
    check("time slices of 1", jobs, found[1], {"a": 1, "b": 5_001})


@pytest.mark.task(3)
@always_the_same
@given(some_jobs(), st.integers(1, 4))
def test_any_jobs_by_slices(jobs, quantum):
    what = f"time slices of {quantum}"
    check(what, jobs, time_slices(list(jobs), quantum), turns_in_each_unit(jobs, quantum))


@pytest.mark.task(4)
def test_who_is_in_time():
    finish = {"film": 15, "music": 9, "airbag": 4}
    found = met(list(EXAMPLE), finish)
    assert "music" in found, (
        f"{told(EXAMPLE)}, finished at {finish}: met gives {shown(found)}; "
        "music is ready at the moment of its deadline, and so in time"
    )
    assert found == {"music", "airbag"}, (
        f"{told(EXAMPLE)}, finished at {finish}: met gives {shown(found)}, it should be music and airbag"
    )
    late = [Job("late", 10, 1, 12)]
    found = met(late, {"late": 13})
    assert found == set(), (
        f"{told(late)}, finished at 13: met gives {shown(found)}; a deadline is a moment, not a length"
    )


@pytest.mark.task(4)
@pytest.mark.parametrize(("deadline", "finish"), [(0, 0), (0, 1), (-3, 2), (1, 2), (7, 1)])
def test_in_time_is_not_after_the_deadline(deadline, finish):
    jobs = [Job("a", 0, 1, deadline)]
    found, wanted = met(jobs, {"a": finish}), {"a"} if finish <= deadline else set()
    assert found == wanted, (
        f"due at {deadline}, finished at {finish}: met gives {found}, it should be {wanted}; 0 is a moment like every "
        "other, and so is one before"
    )


@pytest.mark.task(4)
def test_both_schedules_on_the_example():
    found = met(list(EXAMPLE), earliest_deadline(list(EXAMPLE)))
    assert found == {"film", "music", "airbag"}, (
        f"{told(EXAMPLE)}: by earliest deadline only {shown(found)} are in time"
    )
    found = met(list(EXAMPLE), time_slices(list(EXAMPLE), 2))
    assert found == {"film"}, (
        f"{told(EXAMPLE)}: by time slices of 2 {shown(found)} are in time, it should be film alone"
    )


def can_be_met(jobs):
    """Tell whether any schedule meets all: what comes and is due in a stretch must fit into it."""
    return all(
        sum(each.burst for each in jobs if start <= each.arrival and each.deadline <= end) <= end - start
        for start in {each.arrival for each in jobs}
        for end in {each.deadline for each in jobs if each.deadline > start}
    )


@pytest.mark.task(5)
@always_the_same
@given(some_jobs())
def test_what_can_be_met_is_met(jobs):
    late = {each.name for each in jobs} - met(list(jobs), earliest_deadline(list(jobs)))
    possible = can_be_met(jobs)
    assert not (late and possible), f"{told(jobs)}: {shown(late)} are late, though a schedule exists in which nobody is"
    assert late or possible, (
        f"{told(jobs)}: nobody is late, though in some stretch of time more is due than fits into it: what is wrong, "
        "the schedule or met?"
    )


@pytest.mark.task(5)
def test_the_callers_list_stays():
    jobs = list(EXAMPLE)[::-1]
    earliest_deadline(jobs)
    time_slices(jobs, 2)
    finish = {"film": 15, "music": 1, "airbag": 1}
    met(jobs, finish)
    assert jobs == EXAMPLE[::-1], f"the caller's list was changed to {jobs}"
    wanted = {"film": 15, "music": 1, "airbag": 1}
    assert finish == wanted, f"met changed the caller's dictionary from {wanted} to {finish}: only look into it"


@pytest.mark.task(5)
@pytest.mark.parametrize("what", ["earliest_deadline", "time_slices", "met"])
def test_the_answer_is_the_callers_own(what):
    def answer(jobs=EXAMPLE, finish=(("film", 15), ("music", 9), ("airbag", 4))):
        if what == "met":
            return met(list(jobs), dict(finish))
        return earliest_deadline(list(jobs)) if what == "earliest_deadline" else time_slices(list(jobs), 2)

    first = answer()
    wanted = first.copy()
    answer([Job("other", 0, 1, 1)], [("other", 1)])
    assert first == wanted, (
        f"{what} was called with other jobs, and what it had returned before became {shown(first)} "
        f"instead of {shown(wanted)}: make a new one for each call"
    )
    first.clear()
    found = answer()
    assert found == wanted, (
        f"whoever called emptied what {what} had returned, and the same jobs then gave {shown(found)} instead "
        f"of {shown(wanted)}: make a new one for each call"
    )


@pytest.mark.task(1)
def test_of_two_that_are_late_the_earlier_deadline():
    jobs = [Job("a", 0, 3, -1), Job("b", 1, 2, -4), Job("c", 1, 1, 0)]
    why = "a deadline before 0 is one like others: b is more urgent than a, and takes the CPU away"
    check("earliest deadline", jobs, earliest_deadline(list(jobs)), {"b": 3, "a": 5, "c": 6}, why)

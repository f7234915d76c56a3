"""Feedback queue: the tests, worked examples first, then what Hypothesis thinks of."""

import pytest
from feedback_queue import Job, Slice, feedback
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
always_the_same = settings(deadline=None, derandomize=True, database=None, max_examples=100, phases=PHASES)


def told(jobs, quanta, boost=None):
    """Say what is asked."""
    parts = [f"{name} (comes {at}, needs {burst})" for name, at, burst in jobs]
    return f"{', '.join(parts)}, quanta {quanta}, " + (f"boost every {boost}" if boost else "no boost")


def line(slices):
    """Write slices in short: name, level, from-to."""
    return ", ".join(f"{name}{level} {start}-{end}" for name, level, start, end in slices)


def check(jobs, quanta, boost, wanted, why="name, level, from-to"):
    """Hold the slices against what they should be."""
    try:
        slices = feedback(list(jobs), list(quanta), boost)
    except IndexError as error:
        raise AssertionError(
            f"{told(jobs, quanta, boost)}: IndexError: {error}; is there a level below the lowest?"
        ) from None
    plain = [each for each in slices if not isinstance(each, Slice)]
    assert not plain, f"feedback returned {plain[0]!r} in its list: make a Slice(name, level, start, end) of it"
    found = line(slices)
    assert found == wanted, f"{told(jobs, quanta, boost)}: the slices are {found}, they should be {wanted} ({why})"


def without_queues(jobs, quanta, boost):
    """Find the slices in another way: no queues, but a level and a moment of joining for each job."""
    left = {job.name: job.burst for job in jobs}
    joined = {job.name: (job.arrival, 0, place) for place, job in enumerate(jobs)}
    level = dict.fromkeys(left, 0)
    clock, slices, number = 0, [], 0
    while any(left.values()):
        there = [job.name for job in jobs if job.arrival <= clock and left[job.name]]
        if not there:
            clock += 1
            continue
        name = min(there, key=lambda name: (level[name], joined[name]))
        began, clock = clock, clock + min(quanta[level[name]], left[name])
        slices.append((name, level[name], began, clock))
        left[name] -= clock - began
        number += 1
        joined[name] = (clock, 1, number)
        level[name] = min(level[name] + 1, len(quanta) - 1)
        if boost and clock // boost > began // boost:
            lifted = [job.name for job in jobs if job.arrival <= clock and left[job.name]]
            for name in sorted(lifted, key=lambda name: (level[name], joined[name])):
                number += 1
                joined[name] = (clock, 2, number)
                level[name] = 0
    return slices


@st.composite
def some_jobs(draw):
    """Up to four jobs, some of them long."""
    pairs = draw(st.lists(st.tuples(st.integers(0, 10), st.integers(1, 9)), max_size=4))
    return [Job(name, *pair) for name, pair in zip("abcd", pairs)]


QUANTA = st.lists(st.integers(1, 4), min_size=1, max_size=3)


@pytest.mark.task(1)
def test_who_is_not_through_steps_down():
    jobs = [Job("a", 0, 7), Job("b", 0, 2)]
    wanted = "a0 0-1, b0 1-2, a1 2-4, b1 4-5, a2 5-9"
    check(jobs, [1, 2, 4], None, wanted)


@pytest.mark.task(1)
def test_nobody_falls_out_of_the_lowest_level():
    jobs = [Job("a", 0, 4), Job("b", 0, 3)]
    wanted = "a0 0-1, b0 1-2, a1 2-3, b1 3-4, a1 4-5, b1 5-6, a1 6-7"
    check(jobs, [1, 1], None, wanted, "from the lowest level one joins the end of the lowest")


@pytest.mark.task(1)
def test_one_level_is_round_robin():
    check([Job("a", 0, 3), Job("b", 0, 2)], [2], None, "a0 0-2, b0 2-4, a0 4-5")


@pytest.mark.task(1)
def test_many_turns():
    jobs = [Job("A", 0, 750), Job("B", 0, 750)]
    try:
        slices = feedback(jobs, [1])
    except RecursionError:
        raise AssertionError("1500 turns are no reason to call so deep: use a loop") from None
    assert len(slices) == 1_500, f"two jobs that need 750 units each, in turns of one: there were {len(slices)} turns"
    assert slices[-1].end == 1_500, f"two jobs that need 750 units each: the last turn ends at {slices[-1].end}"


@pytest.mark.task(1)
def test_who_is_through_is_gone():
    check([Job("a", 0, 2), Job("b", 0, 1)], [2, 2], None, "a0 0-2, b0 2-3", "no turn is empty")
    assert feedback([], [1, 2]) == [], "no jobs, no slices"


@pytest.mark.task(2)
def test_a_newcomer_overtakes():
    jobs = [Job("a", 0, 6), Job("b", 2, 1)]
    why = "b comes on top, so it is next at the end of a's turn"
    check(jobs, [1, 2, 4], None, "a0 0-1, a1 1-3, b0 3-4, a2 4-7", why)


@pytest.mark.task(2)
def test_a_newcomer_of_the_same_moment_too():
    jobs = [Job("a", 0, 2), Job("b", 1, 2)]
    check(jobs, [1], None, "a0 0-1, b0 1-2, a0 2-3, b0 3-4", "newcomers join before the one whose turn has ended")


@pytest.mark.task(2)
def test_a_name_may_be_empty():
    jobs = [Job("", 0, 3), Job("b", 1, 1)]
    check(
        jobs, [1, 2], None, "0 0-1, b0 1-2, 1 2-4", "the first job's name is empty: do not ask whether a name is true"
    )


@pytest.mark.task(2)
def test_the_cpu_idles_while_nobody_is_there():
    check([Job("a", 2, 1), Job("b", 9, 2)], [1, 5], None, "a0 2-3, b0 9-10, b1 10-11")


@pytest.mark.task(2)
def test_a_long_pause():
    try:
        check([Job("a", 0, 1), Job("b", 5_000, 1)], [1], 3, "a0 0-1, b0 5000-5001")
    except RecursionError:
        raise AssertionError("5000 units without a job are no reason to call so deep: use a loop") from None


@pytest.mark.task(2)
def test_the_same_jobs_in_another_order():
    jobs, why = [Job("z", 1, 1), Job("a", 1, 1)], "also if the same jobs were there before in another order"
    check(jobs, [1], None, "z0 1-2, a0 2-3")
    check(jobs[::-1], [1], None, "a0 1-2, z0 2-3", f"{why}, this list decides")


@pytest.mark.task(2)
@always_the_same
@given(some_jobs(), QUANTA)
def test_any_jobs_without_a_boost(jobs, quanta):
    check(jobs, quanta, None, line(without_queues(jobs, quanta, None)))


STREAM = [Job("A", 0, 5), *(Job(name, at, 1) for at, name in enumerate("bcdefghi", 1))]


@pytest.mark.task(3)
def test_the_boost_of_the_readme():
    found = [(each[2], each[3]) for each in feedback(list(STREAM), [1, 2], 4) if each[0] == "A"]
    assert found[1:2] != [(9, 11)], (
        f"{told(STREAM, [1, 2], 4)}: A computes at {found}; it stepped down at 1 and was not "
        "lifted up at 4, so it waits until nobody is above it any more"
    )
    assert found == [(0, 1), (5, 6), (10, 11), (11, 13)], (
        f"{told(STREAM, [1, 2], 4)}: A computes at {found}; at 4 and at 8 it goes to level 0, behind who is there: "
        "it should be at (0, 1), (5, 6), (10, 11), (11, 13)"
    )


@pytest.mark.task(3)
def test_everybody_is_lifted_in_order():
    jobs = [Job("a", 0, 9), Job("b", 0, 3), Job("c", 0, 2)]
    wanted = "a0 0-1, b0 1-2, c0 2-3, a1 3-5, b0 5-6, c0 6-7, a0 7-8, b0 8-9, a0 9-10, a1 10-12, a0 12-13, a1 13-14"
    why = "at 5 the boost of 4 is due: b and c on level 1 are lifted, then a behind them"
    check(jobs, [1, 2, 4], 4, wanted, why)


@pytest.mark.task(3)
def test_level_1_is_lifted_before_level_2():
    jobs = [Job("a", 0, 5), Job("b", 1, 3), Job("c", 2, 1)]
    why = "at 4 the boost is due: b is on level 1 and a on level 2, so b goes to level 0 first, and a behind it"
    check(jobs, [1, 1, 1], 4, "a0 0-1, b0 1-2, c0 2-3, a1 3-4, b0 4-5, a0 5-6, b1 6-7, a1 7-8, a0 8-9", why)


@pytest.mark.task(3)
def test_a_boost_when_somebody_finishes():
    jobs = [Job("a", 0, 3), *(Job(name, at, 1) for at, name in enumerate("bcdef", 1))]
    why = "at 4 d finishes: the boost is due at the end of a turn, also if its job has finished; a is lifted behind e"
    check(jobs, [1, 2], 4, "a0 0-1, b0 1-2, c0 2-3, d0 3-4, e0 4-5, a0 5-6, f0 6-7, a1 7-8", why)


@pytest.mark.task(3)
def test_a_boost_between_two_turns_is_one():
    why = "a turn ends at 2, and the next one begins: the boost of 2 is due once, at the end of the first"
    check([Job("a", 0, 4)], [1, 1], 2, "a0 0-1, a1 1-2, a0 2-3, a1 3-4", why)
    late = [Job("a", 4, 3)]
    why = "the turn begins at 4, after a pause: the moment 4 does not lie in it, and passes by"
    check(late, [1, 1], 4, "a0 4-5, a1 5-6, a1 6-7", why)


@pytest.mark.task(3)
def test_boosts_that_pass_by():
    jobs = [Job("a", 0, 2), Job("b", 0, 9)]
    wanted = "a0 0-1, b0 1-2, a1 2-3, b1 3-9, b0 9-10, b1 10-11"
    check(jobs, [1, 6], 4, wanted, "4 and 8 both lie in one turn, and that is one boost")
    late = [Job("a", 6, 3)]
    check(late, [1, 1], 4, "a0 6-7, a1 7-8, a0 8-9", "the boost at 4 found nobody, the next is at 8, not at 10")


@pytest.mark.task(3)
@always_the_same
@given(some_jobs(), QUANTA, st.integers(1, 12))
def test_any_jobs_with_a_boost(jobs, quanta, boost):
    check(jobs, quanta, boost, line(without_queues(jobs, quanta, boost)))


@pytest.mark.task(4)
@always_the_same
@given(st.integers(2, 6), st.integers(2, 8))
def test_nobody_starves(burst, boost):
    stream = [Job(f"s{at}", at, 1) for at in range(1, 80)]
    jobs = [Job("long", 0, burst), *stream]
    ends = [each[3] for each in feedback(jobs, [1, 2], boost) if each[0] == "long"]
    assert ends[-1] < 80, (
        f"a job of {burst} units, boost every {boost}, and a job of one unit arrives each moment: "
        f"the long one has waited until all 79 of them were through, it ends at {ends[-1]}; lift it up "
        f"every {boost} units"
    )


@pytest.mark.task(4)
@always_the_same
@given(some_jobs(), QUANTA, st.one_of(st.none(), st.integers(1, 12)))
def test_everybody_gets_what_it_needs(jobs, quanta, boost):
    given = {job.name: 0 for job in jobs}
    before = 0
    for name, _, start, end in feedback(list(jobs), list(quanta), boost):
        assert start >= before, f"{told(jobs, quanta, boost)}: {name} starts at {start}, before {before}"
        given[name] += end - start
        before = end
    wanted = {job.name: job.burst for job in jobs}
    assert given == wanted, f"{told(jobs, quanta, boost)}: they compute for {given}, need {wanted}"


@pytest.mark.task(4)
def test_the_callers_lists_stay():
    jobs, quanta = [Job("late", 4, 2), Job("early", 0, 3)], [1, 2]
    feedback(jobs, quanta, 3)
    assert (jobs, quanta) == ([("late", 4, 2), ("early", 0, 3)], [1, 2]), "a list of the caller's was changed"


@pytest.mark.task(4)
def test_the_answer_is_the_callers_own():
    jobs = [Job("late", 4, 2), Job("early", 0, 3)]
    first = feedback(jobs, [1, 2], 3)
    wanted = list(first)
    feedback([Job("other", 0, 1)], [1])
    assert first == wanted, (
        f"feedback was called with other jobs, and what it had returned before became {first} instead of {wanted}: "
        "make a new list for each call"
    )
    first.clear()
    found = feedback(jobs, [1, 2], 3)
    assert found == wanted, (
        f"whoever called emptied what feedback had returned, and the same jobs then gave {found} instead "
        f"of {wanted}: make a new list for each call"
    )

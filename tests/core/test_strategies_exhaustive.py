"""The exhaustive strategies against brute force: equal outcomes and exact counts."""

import math
from collections import Counter

import pytest
from core.simulation import Program, Step, enumerate_all, explore
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_concurrency._core.errors import NotDeterministicError
from pytest_concurrency._core.operations import AWAIT, PASSES, WRITE, conflict
from pytest_concurrency._core.strategies.dfs import Dfs
from pytest_concurrency._core.strategies.dpor import Dpor
from pytest_concurrency._core.strategy import Redundant

LOCAL: Step = ("local", "")
UNKNOWN: Step = ("unknown", "")
LOCKED: tuple[Step, ...] = (("acquire", "l"), ("release", "l"))


def read(name: str) -> Step:
    return "read", name


def write(name: str) -> Step:
    return "write", name


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 5), (2, 3), (4, 4), (3, 6)])
def test_dfs_over_m_and_n_independent_steps_is_the_binomial_coefficient(m: int, n: int) -> None:
    program = ((LOCAL,) * m, (LOCAL,) * n)
    assert len(explore(program, Dfs())) == math.comb(m + n, n)


@pytest.mark.parametrize(("bound", "schedules"), [(0, 2), (1, 2 + 4), (2, 2 + 4 + 8), (None, 70)])
def test_dfs_counts_every_schedule_within_its_bound_once(bound: int | None, schedules: int) -> None:
    # Two tasks of four steps: without a preemption only who begins is open; each preemption more
    # is at one of the three places inside a task, or leaves nothing to come back to.
    program = ((LOCAL,) * 4, (LOCAL,) * 4)
    count = len(explore(program, Dfs(bound)))
    assert count == _schedules_within(4, 4, bound)
    assert bound is not None or count == schedules


def _schedules_within(m: int, n: int, bound: int | None) -> int:
    def count(left: tuple[int, int], current: int, spent: int) -> int:
        if bound is not None and spent > bound:
            return 0
        if left == (0, 0):
            return 1
        total = 0
        for task in (0, 1):
            if left[task]:
                rest = (left[0] - (task == 0), left[1] - (task == 1))
                total += count(rest, task, spent + (current >= 0 and task != current and left[current] > 0))
        return total

    return count((m, n), -1, 0)


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_dpor_completes_k_factorial_runs_for_k_workers_on_one_lock(k: int) -> None:
    strategy = Dpor()
    outcomes = explore((LOCKED,) * k, strategy)
    assert strategy.completed == math.factorial(k)
    assert strategy.redundant == outcomes.count(None)
    assert len({*outcomes} - {None}) == math.factorial(k)


@pytest.mark.parametrize("k", [2, 3, 4, 5])
def test_dpor_completes_k_factorial_runs_for_k_writers(k: int) -> None:
    strategy = Dpor()
    explore(((write("x"),),) * k, strategy)
    assert (strategy.completed, strategy.redundant) == (math.factorial(k), 0)


@pytest.mark.parametrize("k", [2, 3, 4, 5])
def test_dpor_runs_what_is_independent_once(k: int) -> None:
    program = tuple((read("x"), write(str(task)), LOCAL) for task in range(k))
    strategy = Dpor()
    assert len(explore(program, strategy)) == 1


@pytest.mark.parametrize("readers", [1, 2, 3, 4])
def test_dpor_completes_two_to_the_n_runs_for_one_writer_and_n_readers(readers: int) -> None:
    strategy = Dpor()
    explore(((write("x"),), *[(read("x"),)] * readers), strategy)
    assert strategy.completed == 2**readers


PROGRAMS: dict[str, Program] = {
    "lost update": ((read("x"), write("x")),) * 2,
    "lost update of three": ((read("x"), write("x")),) * 3,
    "store buffer": ((write("x"), read("y")), (write("y"), read("x"))),
    "lock order": ((("acquire", "a"), ("acquire", "b"), ("release", "b"), ("release", "a")),
                   (("acquire", "b"), ("acquire", "a"), ("release", "a"), ("release", "b"))),
    "deadlock of three": tuple((("acquire", f), ("acquire", s), ("release", s), ("release", f))
                               for f, s in ("ab", "bc", "ca")),
    "data and lock": ((read("x"), *LOCKED, write("x")), (*LOCKED, write("x"))),
    "access inside": ((("acquire", "l"), write("x"), ("release", "l")), (read("x"), *LOCKED)),
    "try": ((("try", "l"), ("release", "l")), LOCKED),
    "two tries": ((("try", "l"), ("release", "l")), (("try", "l"), ("release", "l"))),
    "try and two locked": ((("try", "l"), ("release", "l")), LOCKED, LOCKED),
    "locked twice": ((*LOCKED, *LOCKED), (*LOCKED, *LOCKED)),
    "unknown and data": ((UNKNOWN, write("x")), (write("x"), write("y"))),
    "unknown and local": ((UNKNOWN, LOCAL), (LOCAL, LOCAL), (LOCAL,)),
    "unknown inside a lock": ((("acquire", "l"), UNKNOWN, ("release", "l")),) * 2,
    "unknown beside a lock": ((UNKNOWN,), LOCKED, LOCKED),
    "unknown of three": ((UNKNOWN,),) * 3,
    "lock never given back": ((("acquire", "l"), write("x")), (("acquire", "l"), write("x")), (write("x"),)),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_dpor_and_dfs_show_what_brute_force_shows(name: str) -> None:
    _compare(PROGRAMS[name])


@st.composite
def programs(draw: st.DrawFn) -> Program:
    plain = st.sampled_from([read("x"), write("x"), read("y"), write("y"), LOCAL, UNKNOWN])
    locked = st.builds(
        lambda lock, inner: (("acquire", lock), *inner, ("release", lock)),
        st.sampled_from(["a", "b"]),
        st.lists(plain, max_size=1),
    )
    nested = st.builds(
        lambda first, second, inner: (("acquire", first), ("acquire", second), *inner, ("release", first)),
        st.just("a"), st.just("b"), st.lists(plain, max_size=1),
    )  # fmt: skip
    tried = st.sampled_from([(("try", "a"), ("release", "a")), (("try", "b"),)])
    block = st.one_of(st.builds(lambda step: (step,), plain), locked, nested, tried)
    tasks, left = [], 8
    for _ in range(draw(st.integers(2, 4))):
        steps = tuple(step for part in draw(st.lists(block, min_size=1, max_size=3)) for step in part)[:left]
        left -= len(steps)
        tasks.append(steps)
    return tuple(tasks)


@pytest.mark.slow
@given(programs())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_dpor_and_dfs_show_what_brute_force_shows_in_generated_programs(program: Program) -> None:
    _compare(program)


def _compare(program: Program) -> None:
    naive = Counter(enumerate_all(program))
    assert Counter(explore(program, Dfs())) == naive, "dfs runs every schedule once"
    search = Dpor()
    found = Counter(explore(program, search))
    found.pop(None, None)
    assert set(found) == set(naive), "dpor shows every outcome"
    assert search.completed == len(naive), "and each of them once"


def test_an_unknown_effect_conflicts_with_all_that_touches_anything() -> None:
    touching = [("read x", ((("object", "x"), 0),)), ("write x", ((("object", "x"), 1),)), ("call", None)]
    for operation in touching:
        assert conflict(("call", None), operation)
        assert conflict(operation, ("call", None))
    assert not conflict(("call", None), ("begin", ()))


def test_dpor_tries_every_pick() -> None:
    strategy, seen = Dpor(), []
    while strategy.start_run():
        strategy.choose([0], None, {0: ("notify", ())})
        first = strategy.pick(3)
        second = strategy.pick(2)
        seen.append((first, second))
        strategy.end_run(cut=False)
    assert seen == [(a, b) for a in range(3) for b in range(2)]


@pytest.mark.parametrize("make", [Dfs, Dpor])
def test_exhaustive_strategies_notice_that_a_program_changes(make: type[Dfs] | type[Dpor]) -> None:
    strategy = make()
    operations = {0: ("write x", ((("object", "x"), 1),)), 1: ("write x", ((("object", "x"), 1),))}
    strategy.start_run()
    strategy.choose([0, 1], None, operations)
    strategy.choose([1], None, {1: operations[1]})
    strategy.end_run(cut=False)
    assert strategy.start_run()
    with pytest.raises(NotDeterministicError):
        strategy.choose([0], None, {0: operations[0]})


def test_dpor_begins_anew_when_there_are_more_places() -> None:
    strategy = Dpor()
    program = ((write("x"),),) * 3
    strategy.start_run()
    explore(program, strategy, limit=3)
    strategy.widened()
    explore(program, strategy)
    assert strategy.completed == 6


@pytest.mark.parametrize(("waits_for", "runs"), [("the condition", 1), ("the event", 2)])
def test_the_release_of_an_events_lock_orders_only_those_who_wait_for_that_lock(waits_for: str, runs: int) -> None:
    box, released = ("write x", (("x", WRITE),)), ("release", (("the event", PASSES),))
    woken, other = ("acquire", ((waits_for, AWAIT),)), ("write y", (("y", WRITE),))
    strategy, count = Dpor(), 0
    while strategy.start_run():
        count += 1
        steps = {0: [box, released], 1: [other], 2: [woken, box]}
        while any(steps.values()):
            awake = [each for each, left in steps.items() if left and (each != 2 or not steps[0])]
            try:
                chosen = strategy.choose(awake, None, {each: left[0] for each, left in steps.items() if left})
            except Redundant:
                break
            steps[chosen].pop(0)
        strategy.end_run(cut=any(steps.values()))
    assert count == runs  # whoever is woken between the two writes can be nowhere else


def test_what_they_say_about_their_proof() -> None:
    strategy = Dpor()
    explore((LOCKED,) * 2, strategy)
    assert strategy.describe().startswith("all 2 interleavings that can differ")
    assert Dfs(2).describe().endswith("at most 2 preemptions")
    assert Dfs(1).describe().endswith("at most 1 preemption")


def test_one_interleaving_is_told_in_the_singular() -> None:
    strategy = Dpor()
    explore((LOCKED,), strategy)
    assert strategy.completed == 1
    assert strategy.describe() == "the only interleaving that can differ, without a bound"

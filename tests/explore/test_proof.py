"""Exhaustive search on real threads: the same outcomes as brute force, and a proof in words."""

import threading
from collections.abc import Callable, Mapping, Sequence
from itertools import count, permutations
from math import factorial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import small
from programs.program import Box, Program, together

from pytest_concurrency import Grade, Verdict, explore
from pytest_concurrency._core.operations import Operation
from pytest_concurrency._core.strategies.dfs import Dfs
from pytest_concurrency._core.strategies.dpor import Dpor
from pytest_concurrency._core.strategies.portfolio import Portfolio
from pytest_concurrency._core.strategy import Strategy, all_of

ALWAYS_IN_TIME = {"timed_wait_in_time"}
SMALL = {program.name: program for program in small.PROGRAMS}


class Naive(Strategy):
    """Every sequence of choices, as on an odometer; knows nothing of operations."""

    name = "naive"
    exhaustive = True

    def __init__(self) -> None:
        self._digits: list[tuple[int, int]] = []
        self._at = 0
        self._first = True

    def start_run(self) -> bool:
        self._at = 0
        if not self._first:
            while self._digits and self._digits[-1][0] + 1 == self._digits[-1][1]:
                self._digits.pop()
            if not self._digits:
                return False
            digit, base = self._digits[-1]
            self._digits[-1] = (digit + 1, base)
        self._first = False
        return True

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        return runnable[self.pick(len(runnable))]

    def pick(self, options: int) -> int:
        if self._at == len(self._digits):
            self._digits.append((0, options))
        digit, base = self._digits[self._at]
        assert base == options
        self._at += 1
        return digit

    def widened(self) -> None:
        self._digits.clear()
        self._first = True


def is_proved(verdict: Verdict, program: Program | None = None) -> bool:
    """Tell whether a verdict is a proof, or says that one wait of a program was always over in time."""
    if program is not None and program.name in ALWAYS_IN_TIME:
        return "no proof: the wait at " in verdict.reason and "all that are known to differ" in verdict.reason
    return verdict.grade is Grade.PROVED


def outcomes(scenario: Callable[[], object], strategy: Strategy | str, program: Program | None = None) -> set[str]:
    verdict = explore(scenario, strategy=strategy, schedules=50_000, seconds=60)
    assert is_proved(verdict, program), str(verdict)
    return set(verdict.outcomes)


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_dpor_shows_exactly_the_outcomes_worked_out_by_hand(name: str) -> None:
    program = SMALL[name]
    assert outcomes(program.scenario, "dpor", program) == set(map(repr, program.outcomes))


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_auto_proves_every_small_program_and_says_how_many_interleavings_there_are(name: str) -> None:
    program = SMALL[name]
    search = Dpor()
    explore(program.scenario, strategy=search, schedules=10_000, seconds=60)
    verdict = explore(program.scenario, schedules=20_000, seconds=60)
    assert is_proved(verdict, program)
    assert program.name in ALWAYS_IN_TIME or all_of(search.completed) in verdict.reason
    assert set(verdict.outcomes) == set(map(repr, program.outcomes))


BRIEF = ["attribute_deleted", "dict_iterated", "dict_methods", "iterator_shared", "list_unpacked", "slice_read",
         "slice_rebuilt"]  # fmt: skip


@pytest.mark.soak
@pytest.mark.parametrize("name", BRIEF)
def test_dfs_without_a_bound_and_brute_force_show_the_same(name: str) -> None:
    program: Program = SMALL[name]
    expected = set(map(repr, program.outcomes))
    assert outcomes(program.scenario, Naive()) == expected
    assert outcomes(program.scenario, Dfs()) == expected


@pytest.mark.slow
@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_k_workers_on_one_lock_are_k_factorial_interleavings(k: int) -> None:
    def scenario() -> str:
        lock, order = threading.Lock(), list[str]()

        def work(name: str) -> None:
            with lock:
                order.append(name)

        threads = [threading.Thread(target=work, args=(name,)) for name in "abcde"[:k]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return "".join(order)

    search = Dpor()
    assert outcomes(scenario, search) == {repr("".join(order)) for order in permutations("abcde"[:k])}
    assert search.completed == factorial(k)


def test_more_outcomes_than_interleavings_are_no_proof_but_an_error_of_ours() -> None:
    runs = count()

    def scenario() -> int:
        shared = Box()

        def write() -> None:
            shared.x = 1

        together(write, write)
        return next(runs)

    verdict = explore(scenario, strategy="dpor")
    assert verdict.grade is Grade.UNFINISHED, str(verdict)
    assert verdict.reason.startswith("internal error: 2 interleavings that can differ have 3 outcomes; either ")
    assert "please report it, with the scenario" in verdict.reason


def test_an_outcome_that_only_sampling_has_met_is_no_proof_but_an_error_of_ours() -> None:
    search = Portfolio()

    def scenario() -> str:
        shared = Box()

        def write() -> None:
            shared.x = 1

        together(write, write)
        return "usual" if search.searches else "strange"

    verdict = explore(scenario, strategy=search)
    assert verdict.grade is Grade.UNFINISHED, str(verdict)
    assert "sampling has met the outcome 'strange', and the search has not" in verdict.reason


@pytest.mark.parametrize("strategy", ["dpor", "auto"])
def test_the_address_of_an_outcome_is_none_of_its_kinds(strategy: str) -> None:
    def scenario() -> object:
        shared = Box()

        def write() -> None:
            shared.x = 1

        together(write, write)
        return object()

    assert explore(scenario, strategy=strategy).grade is Grade.PROVED


def test_what_is_independent_is_one_interleaving() -> None:
    def scenario() -> tuple[int, int, int]:
        boxes = [Box(), Box(), Box()]

        def work(box: Box) -> None:
            box.x += 1
            box.x += 1

        together(*[lambda box=box: work(box) for box in boxes])
        return boxes[0].x, boxes[1].x, boxes[2].x

    search = Dpor()
    assert outcomes(scenario, search) == {"(2, 2, 2)"}
    assert search.completed == 1


def test_captured_variables_of_separate_calls_are_independent() -> None:
    def scenario() -> None:
        def work() -> None:
            number = 0

            def add() -> None:
                nonlocal number
                number += 1

            add()
            add()
            assert number == 2

        together(work, work)

    search = Dpor()
    assert outcomes(scenario, search) == {"None"}
    assert search.completed == 1


def test_an_effect_that_is_unknown_is_a_conflict() -> None:
    def scenario() -> tuple[object, ...]:
        shared, got = Box(), Box()
        holder = [shared]

        def read() -> None:
            got.first = (lambda: holder)()[0].x  # of an object that cannot be told beforehand

        def write() -> None:
            shared.x = 1

        together(read, write)
        return (got.first,)

    assert outcomes(scenario, "dpor") == {"(0,)", "(1,)"}


def test_daemons_are_followed_to_every_point_they_may_come_to() -> None:
    def scenario() -> int:
        shared = Box()

        def work() -> None:
            shared.x = 1
            shared.x = 2

        threading.Thread(target=work, daemon=True).start()
        return shared.x

    assert outcomes(scenario, "dpor") == {"0", "1", "2"}


def test_a_failure_does_not_hide_the_outcomes_of_the_others() -> None:
    def scenario() -> int:
        shared = Box()

        def work() -> None:
            shared.y = 1
            shared.x = 1

        thread = threading.Thread(target=work)
        thread.start()
        if not shared.x:
            raise LookupError
        thread.join()
        return shared.x

    verdict = explore(scenario, strategy="dpor", stop_on_failure=False)
    assert verdict.grade is Grade.FAILED


Action = tuple[str, str]


def _scenario(tasks: Sequence[Sequence[Action]]) -> Callable[[], object]:
    """Make a scenario of tasks that read, write, add to and lock the parts of one box."""

    def scenario() -> object:
        shared, lock = Box(), threading.Lock()
        seen: list[list[object]] = [[] for _ in tasks]

        def act(number: int, what: str, name: str) -> None:
            if what == "read":
                seen[number].append(shared.x if name == "x" else shared.y)
            elif what == "write" and name == "x":
                shared.x = number + 1
            elif what == "write":
                shared.y = number + 1
            elif what == "add":
                shared.x += 10
            elif what == "append":
                shared.items.append(number)
            else:
                with lock:
                    shared.items.append(number)

        def work(number: int) -> None:
            for what, name in tasks[number]:
                act(number, what, name)

        together(*[lambda number=number: work(number) for number in range(len(tasks))])
        return seen, shared.x, shared.y, shared.items

    return scenario


actions = st.tuples(st.sampled_from(["read", "write", "add", "append", "locked"]), st.sampled_from(["x", "y"]))


@pytest.mark.soak
@given(st.lists(st.lists(actions, min_size=1, max_size=2), min_size=2, max_size=2))
@settings(max_examples=6, deadline=None, derandomize=True)
def test_dpor_shows_what_brute_force_shows_in_generated_programs(tasks: list[list[Action]]) -> None:
    scenario = _scenario(tasks)
    assert outcomes(scenario, "dpor") == outcomes(scenario, Naive())

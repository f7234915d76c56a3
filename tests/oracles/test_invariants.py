"""Invariants: what is false after a step is told with that step, and the look itself is no step."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from programs.program import together

from pytest_concurrency import BrokenInvariantFound, Grade, Verdict, explore, linearizable


class Bank:
    def __init__(self) -> None:
        self.ann, self.ben = 50, 50
        self.lock: Any = threading.Lock()

    def move(self, amount: int) -> None:
        self.ann -= amount
        self.ben += amount

    def move_locked(self, amount: int) -> None:
        with self.lock:
            self.ann -= amount
            self.ben += amount

    def total(self) -> int:
        return self.ann + self.ben


banks: list[Bank] = []


def scenario(name: str) -> Callable[[], None]:
    def run() -> None:
        banks[:] = [Bank()]
        move = getattr(banks[0], name)
        together(lambda: move(20), lambda: move(30))

    return run


def broken(verdict: Verdict) -> list[str]:
    assert verdict.grade is Grade.FAILED, str(verdict)
    assert type(verdict.error) is BrokenInvariantFound
    return str(verdict).splitlines()


def test_the_step_is_told_after_which_it_is_false() -> None:
    verdict = explore(scenario("move"), invariant=lambda: banks[0].total() == 100)
    lines = broken(verdict)
    assert lines[0].startswith("invariant broken by ")
    assert ": write ann at tests/oracles/test_invariants.py:" in lines[0]
    assert lines[1].endswith(": self.ann -= amount")
    assert "invariant=lambda: banks[0].total() == 100" in lines[2]
    assert lines[3] == "  it returned False"
    assert "interleaving" in lines
    assert any("write ann = 30" in line for line in lines[4:])


def test_an_assertion_that_fails_is_told() -> None:
    def never_low() -> None:
        assert banks[0].ann > 10, "Ann has nothing left"

    lines = broken(explore(scenario("move_locked"), invariant=never_low))
    assert lines[3].startswith("  it raised AssertionError: Ann has nothing left")
    assert any("write ann = 0" in line for line in lines[4:])


def test_another_error_is_told_likewise() -> None:
    lines = broken(explore(scenario("move_locked"), invariant=lambda: banks[1].ann))
    assert lines[3] == "  it raised IndexError: list index out of range"


def test_a_failure_is_replayed() -> None:
    def low() -> bool:
        return banks[0].ann > 0

    verdict = explore(scenario("move_locked"), invariant=low)
    again = explore(scenario("move_locked"), invariant=low, replay=verdict.replay)
    assert str(again) == str(verdict)
    assert again.schedules == 1


def whole_when_free() -> None:
    with banks[0].lock:
        assert banks[0].total() == 100


def test_one_that_needs_a_lock_is_looked_at_when_that_is_free() -> None:
    verdict = explore(scenario("move_locked"), invariant=whole_when_free, schedules=60)
    assert verdict.error is None, str(verdict)
    lines = broken(explore(scenario("move"), invariant=whole_when_free))
    assert "  it raised AssertionError" in "\n".join(lines)


def test_a_lock_that_it_takes_predicts_no_deadlock() -> None:
    def run() -> None:
        banks[:] = [Bank()]
        outer = threading.Lock()

        def inside() -> None:
            with outer:
                banks[0].ann += 1

        def outside() -> None:
            with banks[0].lock, outer:
                banks[0].ann += 1

        together(inside, outside)

    def free() -> None:
        with banks[0].lock:
            pass

    verdict = explore(run, invariant=free, schedules=60)
    assert (verdict.error, verdict.deadlocks) == (None, ())


def test_it_stands_between_any_two_writes() -> None:
    """Nobody reads what the other writes, so that no search for conflicts would try another order."""

    class Box:
        x = y = 0

    boxes: list[Box] = []

    def run() -> None:
        box = Box()
        boxes[:] = [box]

        def first() -> None:
            box.x = 1
            box.x = 0

        def second() -> None:
            box.y = 1
            box.y = 0

        together(first, second)

    lines = broken(explore(run, invariant=lambda: boxes[0].x + boxes[0].y < 2))
    assert ": write " in lines[0]


@pytest.mark.slow
def test_no_search_proves_an_invariant_and_the_verdict_says_why() -> None:
    verdict = explore(scenario("move_locked"), invariant=lambda: banks[0].ann <= 50, schedules=5000)
    assert verdict.grade is Grade.SAMPLED
    assert verdict.reason.endswith("but no proof: an invariant looks at what no search sees")
    assert explore(scenario("move_locked"), schedules=5000).grade is Grade.PROVED


def test_its_own_reads_are_no_steps() -> None:
    looks = []

    def look() -> None:
        looks.append(banks[0].total())

    one = explore(scenario("move_locked"), strategy="dpor", invariant=look)
    other = explore(scenario("move_locked"), strategy="dpor", invariant=lambda: True)
    assert one.schedules == other.schedules
    assert len(looks) > 4 * one.schedules


def test_several_are_all_looked_at() -> None:
    lines = broken(explore(scenario("move_locked"), invariant=[lambda: True, lambda: banks[0].ben < 100]))
    assert any("write ben = 100" in line for line in lines)


def test_what_is_left_at_the_end_is_looked_at() -> None:
    done: list[int] = []

    def run() -> None:
        done.clear()
        together(lambda: None)
        done.append(1)

    lines = broken(explore(run, invariant=lambda: not done))
    assert "call append" in lines[0]


def test_what_a_thread_does_last_is_looked_at() -> None:
    done: list[int] = []

    def run() -> None:
        done.clear()
        threading.Thread(target=lambda: done.append(1), name="Ann").start()

    lines = broken(explore(run, invariant=lambda: not done))
    assert lines[0].startswith("invariant broken by Ann: call append at ")


def test_for_calls_of_an_object_it_gets_the_object() -> None:
    def rich(bank: Bank) -> bool:
        return bank.ann > 10

    lines = broken(linearizable(Bank, [("move_locked", 20), ("move_locked", 30)], invariant=rich))
    assert "def rich(bank: Bank) -> bool:" in lines[2]
    assert linearizable(Bank, [("move_locked", 20)], invariant=rich).error is None


class Hall:
    def __init__(self) -> None:
        self.ann, self.ben = 50, 50

    async def move(self, amount: int) -> None:
        self.ann -= amount
        self.ben += amount

    async def move_slowly(self, amount: int) -> None:
        self.ann -= amount
        await asyncio.sleep(1)
        self.ben += amount


def test_a_step_of_an_event_loop_is_whole() -> None:
    def whole(hall: Hall) -> bool:
        return hall.ann + hall.ben == 100

    verdict = linearizable(Hall, [("move", 1), ("move", 2)], invariant=whole)
    assert verdict.error is None
    (seen,) = verdict.outcomes.values()
    assert linearizable(Hall, [("move", 1), ("move", 2)], invariant=whole, replay=seen.replay).error is None
    lines = broken(linearizable(Hall, [("move_slowly", 1), ("move", 2)], invariant=whole))
    assert lines[0].startswith("invariant broken by A: a step that ends at tests/oracles/test_invariants.py:")
    assert lines[1].endswith(": await asyncio.sleep(1)")


@pytest.mark.parametrize("given", [5, "total", [5]])
def test_what_cannot_be_called_is_refused(given: Any) -> None:
    with pytest.raises(ValueError, match=r"invariant must be a function, or a list of them, got ('total'|5)$"):
        explore(lambda: None, invariant=given)


class Vault(Bank):
    """Its lock may be taken again by who has it."""

    def __init__(self, lock: Any = None) -> None:
        super().__init__()
        self.lock: Any = threading.RLock() if lock is None else lock

    def total_locked(self) -> int:
        with self.lock:
            return self.total()


@pytest.mark.parametrize("make", [threading.RLock, threading.Condition])
def test_a_lock_that_may_be_taken_again_is_not_free_for_who_has_it(make: Callable[[], Any]) -> None:
    def whole(bank: Vault) -> bool:
        with bank.lock:
            return bank.total_locked() == 100

    def vault() -> Vault:
        return Vault(make())

    calls = [("move_locked", 20), ("move_locked", 30)]
    verdict = linearizable(vault, calls, invariant=whole)
    assert verdict.error is None, str(verdict)
    broken(linearizable(vault, [("move", 20), ("move_locked", 30)], invariant=whole))

    def whole_if_free(bank: Vault) -> bool:
        if not bank.lock.acquire(blocking=False):
            return True
        try:
            return bank.total() == 100
        finally:
            bank.lock.release()

    assert linearizable(vault, calls, invariant=whole_if_free).error is None


def test_one_that_waits_does_not_keep_the_others_from_being_looked_at() -> None:
    def always_whole() -> bool:
        return banks[0].total() == 100

    lines = broken(explore(scenario("move_locked"), invariant=[whole_when_free, always_whole]))
    assert "def always_whole() -> bool:" in lines[2]


class Own(BaseException):
    """No `Exception`."""


@pytest.mark.parametrize(
    "error", [Own("bad"), SystemExit("bad"), KeyboardInterrupt("bad"), pytest.skip.Exception("bad")]
)
def test_what_ends_a_test_is_told_where_an_invariant_raises_it(error: BaseException) -> None:
    def rich() -> None:
        if banks[0].ann < 50:
            raise error

    lines = broken(explore(scenario("move_locked"), invariant=rich, seconds=5))
    assert lines[3] == f"  it raised {type(error).__name__}: bad"


def test_an_answer_that_is_neither_true_nor_false_is_told() -> None:
    class Odd:
        def __bool__(self) -> bool:
            raise ValueError("ambiguous")

    lines = broken(explore(scenario("move_locked"), invariant=lambda: Odd()))
    assert lines[3] == "  it raised ValueError: ambiguous"


async def later() -> bool:
    return True


def test_an_answer_that_is_still_to_come_is_told() -> None:
    lines = broken(explore(scenario("move_locked"), invariant=lambda: later()))
    assert lines[3] == "  it returned <coroutine object later>"
    lines = broken(explore(scenario("move_locked"), invariant=lambda: (each for each in "a")))
    assert lines[3].startswith("  it returned <generator object ")


def test_an_invariant_starts_nobody() -> None:
    lines = broken(explore(scenario("move_locked"), invariant=lambda: together(later)))
    assert lines[3] == "  it starts a thread or a task; it can only look"


def test_one_that_can_never_be_looked_at_is_refused() -> None:
    never = threading.Event()
    with pytest.raises(ValueError, match=r"invariant must be a function that can be looked at, got that of .*: it had"):
        explore(scenario("move_locked"), invariant=[never.wait, lambda: never.wait()], schedules=20)


no_arguments: Any = lambda: True  # noqa: E731 - it is shown without types


def generates() -> Any:
    yield True


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (later, "a plain function, got the async function 'later() -> bool'"),
        (generates, "a plain function, got the generator 'generates() -> Any'"),
        (lambda x: x, "a function without arguments, got '<lambda>(x)'"),
    ],
)
def test_what_cannot_answer_is_refused(given: Any, why: str) -> None:
    with pytest.raises(ValueError, match="invariant must be ") as refused:
        explore(lambda: None, invariant=given)
    assert why in str(refused.value)
    with pytest.raises(ValueError, match="invariant must be a function of the object, got '<lambda>\\(\\)'"):
        linearizable(Bank, [("total",)], invariant=no_arguments)


def test_one_that_leaves_a_lock_taken_is_told() -> None:
    def takes(bank: Bank) -> bool:
        return bool(bank.lock.acquire())

    lines = broken(linearizable(Bank, [("move_locked", 20), ("move_locked", 30)], invariant=takes))
    assert lines[3] == "  it leaves Lock `self.lock` taken"


def test_a_look_that_had_to_wait_in_a_condition_leaves_nothing_taken() -> None:
    state: dict[str, Any] = {}

    def run() -> None:
        state.update(places=threading.Semaphore(1), n=0)

        def visit() -> None:
            with state["places"]:
                pass
            state["n"] += 1

        together(visit, visit)

    def place() -> None:
        with state["places"]:
            pass

    verdict = explore(run, invariant=place, kept_locks="fail", schedules=60)
    assert verdict.error is None
    held = [access.locks for race in verdict.races for access in race.accesses]
    assert held
    assert not any(held)

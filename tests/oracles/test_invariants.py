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
        self.lock = threading.Lock()

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

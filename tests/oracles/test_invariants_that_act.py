"""Invariants that do more than look: what they leave taken is told or given back, and nothing is proved."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from programs.program import together

from pytest_concurrency import BrokenInvariantFound, Grade, Verdict, explore


class Bank:
    def __init__(self, lock: Any) -> None:
        self.ann, self.ben = 50, 50
        self.lock = lock

    def move(self, amount: int) -> None:
        with self.lock:
            self.ann -= amount
            self.ben += amount


banks: list[Bank] = []


def scenario(make: Callable[[], Any] = threading.Lock) -> Callable[[], None]:
    def run() -> None:
        banks[:] = [Bank(make())]
        together(lambda: banks[0].move(20), lambda: banks[0].move(30))

    return run


def broken(verdict: Verdict) -> list[str]:
    assert verdict.grade is Grade.FAILED, str(verdict)
    assert type(verdict.error) is BrokenInvariantFound
    return str(verdict).splitlines()


def test_one_that_leaves_a_lock_taken_is_told() -> None:
    def takes() -> bool:
        return bool(banks[0].lock.acquire())

    lines = broken(explore(scenario(), invariant=takes))
    assert lines[0].startswith("invariant broken by ")
    assert lines[3].startswith("  it leaves Lock ")
    assert lines[3].endswith(" taken")


@pytest.mark.parametrize("make", [threading.Lock, threading.RLock])
def test_one_that_is_false_or_raises_before_it_gives_back_is_told_and_holds_up_nobody(make: Callable[[], Any]) -> None:
    def false() -> bool:
        banks[0].lock.acquire()
        if banks[0].ann < 50:
            return False
        banks[0].lock.release()
        return True

    def raises() -> None:
        if not false():
            raise ValueError("low")

    assert broken(explore(scenario(make), invariant=false))[3] == "  it returned False"
    assert broken(explore(scenario(make), invariant=raises))[3] == "  it raised ValueError: low"


@pytest.mark.parametrize("make", [threading.Lock, threading.RLock])
def test_one_that_has_to_wait_for_its_second_lock_gives_back_the_first(make: Callable[[], Any]) -> None:
    state: dict[str, Any] = {}

    def run() -> None:
        state.update(first=make(), second=make(), n=0)

        def count(lock: Any) -> None:
            with lock:
                state["n"] += 1

        together(lambda: count(state["first"]), lambda: count(state["second"]))

    def both() -> None:
        state["first"].acquire()
        state["second"].acquire()
        state["second"].release()
        state["first"].release()

    verdict = explore(run, invariant=both, schedules=60)
    assert verdict.error is None, str(verdict)


def test_what_it_changes_is_found_changed_and_proves_nothing() -> None:
    verdict = explore(scenario(), strategy="dpor", invariant=lambda: vars(banks[0]).update(seen=True))
    assert verdict.grade is Grade.SAMPLED, str(verdict)

    def run() -> bool:
        scenario()()
        return hasattr(banks[0], "seen")

    verdict = explore(run, strategy="dpor", invariant=lambda: vars(banks[0]).update(seen=True))
    assert list(verdict.outcomes) == ["True"]

"""What each schedule uses up of what the first has found would hide what only the first could show."""

import array
import ctypes
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_concurrency import Grade, explore
from pytest_concurrency._core import strategies


class Stock:
    """So many are left."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self) -> bool:
        if self.left > 0:
            self.left -= 1
            return True
        return False


class Notes(list[int]):
    """A list of one's own."""


class Table(dict[str, int]):
    """A dictionary of one's own."""


def with_a_note() -> None:
    """Have an attribute."""


STOCK, FLAG, COUNTER = Stock(5), False, 0
ARRAY, NUMBER, NOTES, TABLE = array.array("i", [1]), ctypes.c_int(1), Notes([1]), Table(a=1)
SPACE, ITERATOR = SimpleNamespace(n=1), iter([1])
vars(with_a_note)["n"] = 1


def both(*works: Callable[[], Any]) -> list[Any]:
    got: list[Any] = []
    threads = [threading.Thread(target=lambda work=work: got.append(work())) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_a_stock_that_lasts_for_some_schedules_is_found_wrong() -> None:
    def scenario() -> None:
        before = STOCK.left
        assert before - STOCK.left == 0
        got = both(STOCK.take, STOCK.take)
        assert before - STOCK.left == sum(got), "one is taken twice"

    assert explore(scenario).grade is Grade.FAILED


def test_a_flag_that_nobody_takes_back_is_found_wrong() -> None:
    def sets() -> None:
        global FLAG
        FLAG = True

    outcomes = explore(lambda: both(sets, lambda: FLAG)).outcomes
    assert outcomes.keys() == {"[None, True]", "[True, None]", "[None, False]", "[False, None]"}


def test_what_is_noted_for_oneself_stays_and_is_not_proved_less() -> None:
    seen: list[int] = []

    def scenario() -> None:
        global COUNTER
        COUNTER = 0

        def add() -> None:
            global COUNTER
            COUNTER += 1

        both(add, add)
        seen.append(COUNTER)

    verdict = explore(scenario, races="ignore")
    assert verdict.grade is Grade.PROVED, str(verdict)
    assert set(seen) == {1, 2}
    assert len(seen) >= verdict.schedules


USED: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "array": (lambda: ARRAY[0], lambda: ARRAY.__setitem__(0, 0)),
    "ctypes": (lambda: NUMBER.value, lambda: setattr(NUMBER, "value", 0)),
    "list of one's own": (lambda: NOTES[0], lambda: NOTES.__setitem__(0, 0)),
    "dictionary of one's own": (lambda: TABLE["a"], lambda: TABLE.__setitem__("a", 0)),
    "namespace": (lambda: SPACE.n, lambda: setattr(SPACE, "n", 0)),
    "function": (lambda: vars(with_a_note)["n"], lambda: vars(with_a_note).__setitem__("n", 0)),
    "iterator": (lambda: next(ITERATOR, 0), lambda: None),
}


@pytest.mark.parametrize(("read", "write"), USED.values(), ids=USED)
def test_of_whatever_kind_it_is_nothing_is_proved(read: Callable[[], Any], write: Callable[[], Any]) -> None:
    def use() -> bool:
        if read():
            write()
            return True
        return False

    verdict = explore(lambda: both(use, use))
    assert verdict.grade is Grade.SAMPLED, str(verdict)
    assert "survived the first of them" in verdict.reason or "shared state can" in verdict.reason


def test_what_lies_far_behind_in_a_list_is_looked_at_too() -> None:
    many = [Stock(1) for _ in range(1100)]
    verdict = explore(lambda: both(many[1050].take, many[1050].take))
    assert verdict.grade is Grade.SAMPLED, str(verdict)
    assert "many.left survived the first of them" in verdict.reason


def test_a_number_of_ctypes_is_shared_as_any_other() -> None:
    def scenario() -> int:
        number = ctypes.c_int(1)

        def take() -> int:
            if number.value:
                number.value = 0
                return 1
            return 0

        return sum(both(take, take))

    verdict = explore(scenario, races="ignore")
    assert verdict.grade is Grade.PROVED, str(verdict)
    assert verdict.outcomes.keys() == {"1", "2"}


def test_a_strategy_that_cannot_begin_anew_proves_nothing_of_it() -> None:
    flag = False

    def sets() -> None:
        nonlocal flag
        flag = True

    verdict = explore(
        lambda: both(sets, lambda: flag), strategy=strategies.make("dpor", seed=0, preemptions=None), races="ignore"
    )
    assert verdict.grade is Grade.SAMPLED, str(verdict)
    assert "flag survived the first of them" in verdict.reason

"""What code touches where no access shows: the race is found, or the verdict says that nothing is proved."""

import dataclasses
import functools
import io
import itertools
import json
import sys
import threading
import weakref
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from programs.program import together

from pytest_concurrency import Grade, explore


class Pair:
    """Two numbers that belong together."""

    def __init__(self) -> None:
        self.left = self.right = 0

    def move(self) -> None:
        self.left = 1
        self.right = 1

    def __repr__(self) -> str:
        return f"{self.left}{self.right}"


@dataclasses.dataclass
class Plain:
    """The same, compared by code that nobody wrote."""

    left: int = 0
    right: int = 0


class Meter:
    """Counts how often its value was worked out."""

    made = 0

    @functools.cached_property
    def value(self) -> int:
        Meter.made += 1
        return Meter.made


def printed_between() -> None:
    out = io.StringIO()

    def two() -> None:
        print("1", file=out)
        print("2", file=out)

    together(two, lambda: print("x", file=out))
    assert out.getvalue() != "1\nx\n2\n"


def turns_of_a_cycle() -> None:
    turn, got = itertools.cycle("ab"), []

    def take() -> None:
        first = next(turn)
        got.append((first, next(turn)))

    together(take, take)
    assert all(first != second for first, second in got)


def torn_match() -> None:
    pair, seen = [0, 0], []

    def write() -> None:
        pair[0] = 1
        pair[1] = 1

    def read() -> None:
        match pair:
            case [0, 1] | [1, 0]:
                seen.append("torn")
            case _:
                seen.append("whole")

    together(write, read)
    assert seen == ["whole"]


def torn_comparison() -> None:
    pair, seen = Plain(), []

    def write() -> None:
        pair.left = 1
        pair.right = 1

    together(write, lambda: seen.append(pair in (Plain(0, 0), Plain(1, 1))))
    assert seen == [True]


def torn_words() -> None:
    pair, seen = Pair(), []
    together(pair.move, lambda: seen.append(repr(pair)))
    assert seen[0] in ("00", "11")


def torn_format() -> None:
    pair, seen = Pair(), []
    together(pair.move, lambda: seen.append(f"{pair!r}"))
    assert seen[0] in ("00", "11")


def dead_between() -> None:
    box, seen = [Pair()], []
    known = weakref.ref(box[0])

    def use() -> None:
        if known() is not None:
            seen.append(known() is not None)

    together(box.clear, use)
    assert seen != [False]


def worked_out_twice() -> None:
    Meter.made = 0
    meter, seen = Meter(), []
    together(lambda: seen.append(meter.value), lambda: seen.append(meter.value))
    assert len(set(seen)) == 1


def set_by_name() -> None:
    pair, seen = Pair(), []

    def get() -> Pair:
        return pair

    def write() -> None:
        setattr(get(), "left", 1)  # noqa: B010 # as it is written here matters
        setattr(get(), "right", 1)  # noqa: B010

    def read() -> None:
        left = pair.left
        seen.append((left, pair.right))

    together(write, read)
    assert seen != [(0, 1)]


def set_through_a_call() -> None:
    pair, seen = Pair(), []

    def get() -> Pair:
        return pair

    def write() -> None:
        get().left = 1
        get().right = 1

    def read() -> None:
        left = pair.left
        seen.append((left, pair.right))

    together(write, read)
    assert seen != [(0, 1)]


def made_twice() -> None:
    lists: dict[str, list[int]] = defaultdict(lambda: list())  # noqa: C408 # a factory in Python

    def add() -> None:
        lists["k"].append(1)

    together(add, add)
    assert len(lists["k"]) == 2


def counted_on_a_function() -> None:
    def handler() -> None:
        handler.calls += 1  # type: ignore[attr-defined] # any attribute will do

    handler.calls = 0  # type: ignore[attr-defined]
    together(handler, handler)
    assert handler.calls == 2  # type: ignore[attr-defined]


def added_by_a_partial() -> None:
    items: list[int] = []
    add = functools.partial(items.append, 1)

    def work() -> None:
        if not items:
            add()

    together(work, work)
    assert len(items) == 1


def doubled_in_place() -> None:
    items = [1]

    def double() -> None:
        same = items
        same *= 2

    def append() -> None:
        number = len(items)
        items.append(number)

    together(double, append)
    assert items != [1, 1, 1]


def written_as_json() -> None:
    numbers, seen = {"left": 0, "right": 0}, []

    def write() -> None:
        numbers["left"] = 1
        numbers["right"] = 1

    together(write, lambda: seen.append(json.dumps(numbers)))
    assert seen[0] in ('{"left": 0, "right": 0}', '{"left": 1, "right": 1}')


def another_method_from_now_on() -> None:
    class Door:
        def ring(self) -> str:
            return "old"

    seen: list[str] = []

    def swap() -> None:
        Door.ring = lambda self: "new"  # type: ignore[method-assign]

    def ring() -> None:
        first = Door().ring()
        seen.append(first + Door().ring())

    together(swap, ring)
    assert seen != ["oldnew"]


WRONG = [
    printed_between, turns_of_a_cycle, torn_match, torn_comparison, torn_words, torn_format, dead_between,
    worked_out_twice, set_by_name, set_through_a_call, made_twice, counted_on_a_function, added_by_a_partial,
    doubled_in_place, written_as_json, another_method_from_now_on,
]  # fmt: skip
NOT_FOUND = {made_twice, written_as_json, another_method_from_now_on}  # several steps that do not show: no proof


@pytest.mark.soak
@pytest.mark.parametrize("scenario", WRONG, ids=lambda each: each.__name__)
def test_it_is_found_or_nothing_is_proved(scenario: Callable[[], Any]) -> None:
    verdict = explore(scenario, seconds=20)
    if scenario in NOT_FOUND or sys.version_info < (3, 12):
        assert verdict.grade is not Grade.PROVED, str(verdict)
    else:
        assert verdict.grade is Grade.FAILED, str(verdict)


@pytest.mark.parametrize("scenario", WRONG, ids=lambda each: each.__name__)
def test_an_exhaustive_search_proves_none_of_it(scenario: Callable[[], Any]) -> None:
    verdict = explore(scenario, strategy="dpor", schedules=200, seconds=10)
    assert verdict.grade is not Grade.PROVED, str(verdict)


def test_what_is_known_to_be_quiet_is_proved() -> None:
    def scenario() -> int:
        box = [0]
        lock = threading.Lock()

        def work() -> None:
            number = abs(-1) + len("a") + round(0.2) + max(0, 0)
            with lock:
                box[0] += number

        together(work, work)
        return box[0]

    verdict = explore(scenario, strategy="dpor")
    assert (str(verdict.grade), set(verdict.outcomes)) == ("proved", {"4"})

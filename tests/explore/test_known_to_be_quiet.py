"""Right programs that use what is common: they are proved, in few schedules."""

import copy
import dataclasses
import enum
import functools
import heapq
import json
import os
import pathlib
import threading
import uuid
from collections.abc import Callable
from os.path import expandvars
from typing import Any, NamedTuple

import pytest
from programs.program import together

from pytest_concurrency import Grade, explore

PROGRAMS: dict[str, Callable[[], None]] = {}


def program(scenario: Callable[[], None]) -> Callable[[], None]:
    PROGRAMS[scenario.__name__] = scenario
    return scenario


@program
def methods_of_a_class() -> None:
    class Once:
        lock = threading.Lock()
        made: Any = None

        @classmethod
        def get(cls) -> Any:
            with cls.lock:
                if cls.made is None:
                    cls.made = cls.fresh()
                return cls.made

        @staticmethod
        def fresh() -> Any:
            return object()

    seen: list[Any] = []
    together(lambda: seen.append(Once.get()), lambda: seen.append(Once.get()))
    assert seen[0] is seen[1]


@program
def methods_above() -> None:
    class Counter:
        def __init__(self) -> None:
            self.lock = threading.RLock()
            self.count = 0

        def add(self) -> None:
            with self.lock:
                self.count += 1

    class Twice(Counter):
        def __init__(self) -> None:
            super().__init__()
            self.calls = 0

        def add(self) -> None:
            with self.lock:
                super().add()
                super().add()
                self.calls += 1

    counter = Twice()
    together(counter.add, counter.add)
    assert (counter.count, counter.calls) == (4, 2)


@program
def a_list_below() -> None:
    class Rows(list[int]):
        def __init__(self) -> None:
            super().__init__()
            self.lock = threading.Lock()

        def append(self, row: int) -> None:
            with self.lock:
                super().append(row)

    rows = Rows()
    together(lambda: rows.append(1), lambda: rows.append(1))
    assert rows == [1, 1]


@dataclasses.dataclass
class Point:
    x: int = 0
    y: int = 0


@program
def patterns() -> None:
    found: list[int] = []
    lock = threading.Lock()

    def look(at: Any) -> None:
        match at:
            case {"x": int(x)}:
                value = x
            case [x, *_]:
                value = x
            case Point(0, y=x):
                value = x
            case _:
                value = -1
        with lock:
            found.append(value)

    together(lambda: look({"x": 1}), lambda: look(Point(0, 1)))
    together(lambda: look([1, 2]), lambda: look(Point(1, 1)))
    assert sorted(found) == [-1, 1, 1, 1]


class Row(NamedTuple):
    name: str
    size: int = 0


@program
def named_tuples() -> None:
    rows = [Row("a")]
    lock = threading.Lock()

    def add() -> None:
        with lock:
            rows[0] = rows[0]._replace(size=rows[0].size + 1)

    together(add, add)
    assert rows == [("a", 2)]


class Color(enum.Enum):
    RED = 1
    BLUE = 2


@program
def what_works_on_what_it_is_given() -> None:
    words: list[str] = []
    lock = threading.Lock()

    def tell(number: int) -> None:
        word = (pathlib.Path("a") / Color(number).name).name + str(uuid.UUID(int=number))[-1] + json.dumps(number)
        with lock:
            words.append(word)

    together(lambda: tell(1), lambda: tell(2))
    assert sorted(words) == ["BLUE22", "RED11"]


@program
def a_heap() -> None:
    heap: list[int] = []
    lock = threading.Lock()

    def push(number: int) -> None:
        with lock:
            heapq.heappush(heap, number)

    together(lambda: push(2), lambda: push(1))
    assert heapq.heappop(heap) == 1


@program
def partial_targets() -> None:
    seen: list[int] = []

    def put(number: int, *, twice: bool) -> None:
        seen.append(number + twice)

    together(functools.partial(put, 1, twice=False), functools.partial(put, twice=True, number=1))
    assert sorted(seen) == [1, 2]


@pytest.mark.parametrize("scenario", PROGRAMS.values(), ids=PROGRAMS)
def test_it_is_proved(scenario: Callable[[], None]) -> None:
    verdict = explore(scenario, strategy="dpor")
    assert verdict.grade is Grade.PROVED, verdict
    assert verdict.schedules <= 6, verdict


def torn(kind: Any) -> Any:
    """Return what a reader finds between two writes that belong together, made from what is shared."""
    seen: list[Any] = []

    def write(shared: Any) -> None:
        shared.x = 1
        shared.y = 1

    shared = kind()
    together(lambda: write(shared), lambda: seen.append(read(shared)))
    return seen


def read(shared: Any) -> Any:
    match shared:
        case Point(x=x, y=y):
            return x, y
    return None


def test_a_pattern_reads_the_attributes_that_it_asks_for() -> None:
    verdict = explore(lambda: torn(Point), strategy="dpor", stop_on_failure=False)
    assert len(verdict.outcomes) == 3, verdict


@dataclasses.dataclass
class Drawing:
    name: str
    rows: list[int] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Place:
    row: int
    column: int = 0


@program
def copies_of_dataclasses_of_ones_own() -> None:
    first, other = Drawing("a", [1]), Place(1)
    seen: list[Any] = []

    def copies() -> None:
        seen.append((dataclasses.asdict(first), dataclasses.astuple(first), copy.deepcopy([[1]]), copy.copy({1: 2})))

    together(copies, lambda: seen.append(dataclasses.replace(other, column=2)))
    assert len(seen) == 2


@pytest.mark.parametrize(
    "look",
    [dataclasses.asdict, dataclasses.astuple, lambda place: dataclasses.replace(place, column=2)],
    ids=["asdict", "astuple", "replace"],
)
def test_copies_are_made_attribute_by_attribute(look: Any) -> None:
    def scenario() -> list[Any]:
        place, seen = Place(0), list[Any]()
        together(lambda: setattr(place, "row", 1), lambda: seen.append(look(place)))
        return seen

    verdict = explore(scenario, strategy="dpor", stop_on_failure=False)
    assert (verdict.grade, len(verdict.outcomes)) == (Grade.SAMPLED, 2), verdict


@pytest.mark.parametrize(
    ("make", "change", "look"),
    [
        (dict, lambda shared: shared.update(x=1), lambda shared: asks_for_x(shared)),
        (list, lambda shared: shared.append(1), lambda shared: asks_for_one(shared)),
        (lambda: {"a": [1]}, lambda shared: shared["a"].append(2), lambda shared: json.dumps(shared)),
        (lambda: [[2], [3]], lambda shared: shared[1].insert(0, 1), lambda shared: heapq.nsmallest(1, shared) == [[2]]),
        (lambda: os.environ.pop("ROOM", None), lambda _: os.environ.update(ROOM="1"), lambda _: expandvars("$ROOM")),
        (lambda: [3, 2], lambda shared: shared.sort(), lambda shared: heapq.heappushpop(shared, 9)),
    ],
    ids=["keys", "length", "json", "compared in a heap", "environment", "heap"],
)
def test_what_can_change_is_not_quiet(make: Any, change: Any, look: Any) -> None:
    def scenario() -> list[Any]:
        shared, seen = make(), []
        together(lambda: change(shared), lambda: seen.append(look(shared)))
        return seen

    verdict = explore(scenario, strategy="dpor", stop_on_failure=False)
    assert verdict.grade is not Grade.PROVED or len(verdict.outcomes) == 2, verdict


def asks_for_x(shared: Any) -> bool:
    match shared:
        case {"x": _}:
            return True
    return False


def asks_for_one(shared: Any) -> bool:
    match shared:
        case [_]:
            return True
    return False

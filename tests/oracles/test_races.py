"""Races that no assertion sees: told from passing runs, with a schedule; and never in right programs."""

import threading
from collections.abc import Callable
from types import SimpleNamespace as Box
from typing import Any

import pytest
from programs import right
from programs.program import Program, together

from pytest_concurrency import Grade, RaceFound, explore

Scenario = Callable[[], Any]


def attribute_counter() -> None:
    box = Box()
    box.n = 0

    def add() -> None:
        box.n += 1

    together(add, add)


def counter_in_two_statements() -> None:
    box = Box()
    box.n = 0

    def add() -> None:
        seen = box.n
        box.n = seen + 1

    together(add, add)


_number = 0


def global_counter() -> None:
    global _number
    _number = 0

    def add() -> None:
        global _number
        _number += 1

    together(add, add)


def closure_counter() -> None:
    n = 0

    def add() -> None:
        nonlocal n
        n += 1

    together(add, add)


class Lazy:
    made: "Lazy | None" = None

    @classmethod
    def get(cls) -> "Lazy":
        if cls.made is None:
            cls.made = Lazy()
        return cls.made


def closure_that_calls_itself() -> None:
    """Its function is part of a cycle: those of earlier runs are there until they are collected."""
    n = 0

    def add(times: int) -> None:
        nonlocal n
        n += 1
        if times > 1:
            add(times - 1)

    together(lambda: add(2), lambda: add(2))


def lazy_singleton() -> None:
    Lazy.made = None
    together(Lazy.get, Lazy.get)


def reference_count() -> None:
    box = Box()
    box.references = 1

    def use() -> None:
        box.references += 1
        box.references -= 1

    together(use, use)


def check_then_act_on_a_dict() -> None:
    known: dict[str, int] = {}

    def register(number: int) -> None:
        if "name" not in known:
            known["name"] = number

    together(lambda: register(1), lambda: register(2))


def read_outside_written_inside() -> None:
    box, lock = Box(), threading.Lock()
    box.n = 0

    def add() -> None:
        seen = box.n
        with lock:
            box.n = seen + 1

    together(add, add)


def published_before_ready() -> list[object]:
    box, got = Box(), list[object]()
    box.ready, box.value = False, None

    def write() -> None:
        box.ready = True
        box.value = 42

    def read() -> None:
        if box.ready:
            got.append(box.value)

    together(write, read)
    return got


WRONG = [
    attribute_counter,
    counter_in_two_statements,
    global_counter,
    closure_counter,
    closure_that_calls_itself,
    lazy_singleton,
    reference_count,
    check_then_act_on_a_dict,
    read_outside_written_inside,
    published_before_ready,
]


@pytest.mark.slow
@pytest.mark.parametrize("scenario", WRONG)
def test_it_is_told_and_replayed(scenario: Scenario) -> None:
    verdict = explore(scenario, races="fail", schedules=50)
    assert type(verdict.error) is RaceFound
    assert verdict.races[0].is_alarm
    assert str(verdict).startswith("race: ")
    again = explore(scenario, races="fail", replay=verdict.replay)
    assert str(again) == str(verdict)


def test_one_passing_run_is_enough() -> None:
    verdict = explore(attribute_counter, races="fail", schedules=1)
    assert verdict.grade is Grade.FAILED


def test_report_tells_and_does_not_fail() -> None:
    verdict = explore(attribute_counter, schedules=50)
    assert verdict.grade in (Grade.PROVED, Grade.SAMPLED)
    assert [race.kind for race in verdict.races] == ["alarm"]
    (race,) = verdict.races
    assert race.headline.startswith("lost update: ")
    assert [access.what for access in race.accesses] == ["read n", "write n", "write n"]
    assert explore(attribute_counter, replay=race.replay).races[0].kind == "alarm"


def test_ignore_does_not_look() -> None:
    assert explore(attribute_counter, races="ignore", schedules=50).races == ()


def test_the_locks_that_were_held_and_the_one_that_was_not() -> None:
    verdict = explore(read_outside_written_inside, races="fail", schedules=50)
    text = str(verdict)
    assert "holding no lock" in text
    assert "holding Lock" in text
    assert "is not held at" in text


def locked_counter() -> None:
    box, lock = Box(), threading.Lock()
    box.n = 0

    def add() -> None:
        with lock:
            box.n += 1

    together(add, add)


def locked_lazy() -> None:
    box, lock = Box(), threading.Lock()
    box.made = None

    def get() -> object:
        with lock:
            if box.made is None:
                box.made = object()
            return box.made

    together(get, get)


def locked_reference_count() -> None:
    box, lock = Box(), threading.RLock()
    box.references = 1

    def use() -> None:
        with lock:
            box.references += 1
        with lock:
            box.references -= 1

    together(use, use)


def locked_dict() -> None:
    known: dict[str, int] = {}
    lock = threading.Lock()

    def register(number: int) -> None:
        with lock:
            if "name" not in known:
                known["name"] = number

    together(lambda: register(1), lambda: register(2))


def published_under_a_lock() -> list[object]:
    box, lock, got = Box(), threading.Lock(), list[object]()
    box.ready, box.value = False, None

    def write() -> None:
        with lock:
            box.ready = True
            box.value = 42

    def read() -> None:
        with lock:
            if box.ready:
                got.append(box.value)

    together(write, read)
    return got


def handed_over_by_an_event() -> None:
    box, done = Box(), threading.Event()
    box.n = 0

    def first() -> None:
        box.n += 1
        done.set()

    def second() -> None:
        done.wait()
        box.n += 1

    together(first, second)


@pytest.mark.slow
@pytest.mark.parametrize(
    "scenario",
    [
        locked_counter,
        locked_lazy,
        locked_reference_count,
        locked_dict,
        published_under_a_lock,
        handed_over_by_an_event,
    ],
)
def test_what_is_locked_or_handed_over_is_not_even_a_note(scenario: Scenario) -> None:
    assert explore(scenario, races="fail", schedules=100).races == ()


def double_checked() -> None:
    box, lock = Box(), threading.Lock()
    box.made = None

    def get() -> object:
        if box.made is None:
            with lock:
                if box.made is None:
                    box.made = object()
        return box.made

    together(get, get)


def peterson() -> None:
    box = Box()
    box.wants, box.turn, box.n = [False, False], 0, 0

    def work(me: int) -> None:
        box.wants[me] = True
        box.turn = 1 - me
        while box.wants[1 - me] and box.turn == 1 - me:
            pass
        box.n += 1
        box.wants[me] = False

    together(lambda: work(0), lambda: work(1))


def published_when_ready() -> list[object]:
    box, got = Box(), list[object]()
    box.ready, box.value = False, None

    def write() -> None:
        box.value = 42
        box.ready = True

    def read() -> None:
        if box.ready:
            got.append(box.value)

    together(write, read)
    return got


def set_flag_twice() -> None:
    box = Box()
    box.closed = False

    def close() -> None:
        if not box.closed:
            box.closed = True

    together(close, close)


def results_appended() -> object:
    results: list[int] = []
    together(lambda: results.append(1), lambda: results.append(2))
    return sorted(results)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", [double_checked, peterson, published_when_ready, set_flag_twice, results_appended])
def test_what_may_be_meant_so_is_a_note(scenario: Scenario) -> None:
    verdict = explore(scenario, races="fail", schedules=100)
    assert verdict.error is None
    assert {race.kind for race in verdict.races} == {"note"}
    assert "unordered: " in str(verdict.races[0])


def closures_of_one_function() -> None:
    def make() -> Callable[[], None]:
        n = 0

        def add() -> None:
            nonlocal n
            n += 1

        return add

    together(make(), make())


def captured_by_separate_calls() -> None:
    box: list[tuple[str, int]] = []

    def work(who: str) -> None:
        for number in range(2):
            value = (who, number)
            (lambda: box.append(value))()

    together(lambda: work("Ann"), lambda: work("Ben"))
    assert len(box) == 4


def properties() -> None:
    class Guarded:
        def __init__(self) -> None:
            self._lock, self._n = threading.Lock(), 0

        @property
        def n(self) -> int:
            with self._lock:
                return self._n

        @n.setter
        def n(self, value: int) -> None:
            with self._lock:
                self._n = max(self._n, value)

    guarded = Guarded()

    def raise_it() -> None:
        guarded.n = 1

    together(raise_it, raise_it)


def other_keys() -> None:
    known: dict[str, int] = {}

    def register(name: str) -> None:
        if name not in known:
            known[name] = 1

    together(lambda: register("a"), lambda: register("b"))


def thread_locals() -> None:
    local = threading.local()

    def work() -> None:
        local.n = 0
        local.n += 1

    together(work, work)


@pytest.mark.parametrize(
    "scenario", [closures_of_one_function, captured_by_separate_calls, properties, other_keys, thread_locals]
)
def test_a_wrong_guess_about_identity_is_no_alarm(scenario: Scenario) -> None:
    verdict = explore(scenario, races="fail", schedules=100)
    assert verdict.error is None
    assert not any(race.is_alarm for race in verdict.races)


@pytest.mark.slow
@pytest.mark.parametrize("program", [each for each in right.PROGRAMS], ids=lambda each: each.name)
def test_no_alarm_in_a_right_program(program: Program) -> None:
    verdict = explore(program.scenario, races="fail", schedules=40, seconds=5)
    assert not [str(race) for race in verdict.races if race.is_alarm]
    assert verdict.error is None, str(verdict.error)

"""A search that proves nothing, as not all of what a line does is seen, names the line: that is where to look."""

import copy
import functools
import json
import string
import threading
import types
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pytest_concurrency import Grade, explore
from pytest_concurrency._hangs.book import waits
from pytest_concurrency._machine import real
from pytest_concurrency._sight.stacks import shorten

HERE = Path(__file__).resolve()


def both(first: Callable[[], Any], second: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=each) for each in (first, second)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


class Thing:
    part = 0


def code_of_the_library() -> None:
    lock, seen = threading.Lock(), [1]

    def look() -> None:
        with lock:
            json.dumps(seen)  # not seen

    both(look, look)


def two_of_them() -> None:
    lock, thing = threading.Lock(), Thing()

    def first() -> None:
        with lock:
            copy.copy(thing)  # not seen

    def second() -> None:
        with lock:
            json.dumps([1])

    both(first, second)


def weak() -> None:
    lock, thing = threading.Lock(), Thing()
    reference = weakref.ref(thing)

    def look() -> None:
        with lock:
            reference()  # not seen

    both(look, look)


@dataclass
class Pair:
    first: int = 0
    second: int = 0


def moments() -> None:
    pair = Pair()

    def compare() -> None:
        assert pair != Pair(3, 3)  # not seen

    def change() -> None:
        pair.first = 1
        pair.second = 1

    both(compare, change)


def moments_of_a_call() -> None:
    found = [3, 1, 2]

    def sort() -> None:
        found.sort(key=lambda each: -each)  # not seen

    both(sort, lambda: len(found))


def a_finaliser() -> None:
    dropped: list[int] = []

    class Dying:
        def __del__(self) -> None:
            dropped.append(1)  # not seen

    def make() -> None:
        Dying()

    both(make, lambda: dropped.append(2))


def a_global_of_another_module() -> None:
    module = types.ModuleType("module")

    def write() -> None:
        module.part = 1  # type: ignore[attr-defined] # not seen

    both(write, lambda: None)


def line_of(program: Callable[[], Any]) -> tuple[int, str]:
    """Return the line of a program that says of itself that it is not seen."""
    lines = HERE.read_text().splitlines()
    first = program.__code__.co_firstlineno
    number = next(number for number in range(first, len(lines)) if "# not seen" in lines[number - 1])
    return number, lines[number - 1].strip()


@pytest.mark.parametrize(
    "program",
    [code_of_the_library, two_of_them, weak, moments, moments_of_a_call, a_finaliser, a_global_of_another_module],
)
def test_the_line_is_named(program: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE.parent)
    verdict = explore(program)
    number, text = line_of(program)
    assert str(verdict).endswith(
        f" schedules, all that are known to differ, but no proof: "
        f"not all that this does to shared state can be seen: {HERE.name}:{number}: {text}"
    ), str(verdict)


def test_of_a_target_that_is_not_watched_its_first_line_is_told() -> None:
    verdict = explore(lambda: both(string.Template("x").substitute, string.Template("x").substitute))
    where = string.Template.substitute.__code__
    named = f"not all that this does to shared state can be seen: {shorten(where.co_filename)}:{where.co_firstlineno}: "
    assert f"{named}def substitute(self" in str(verdict), str(verdict)


def asks_again_and_again() -> None:
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():  # not seen to end
            pass

    worker = threading.Thread(target=work)
    worker.start()
    stop.set()
    worker.join()


def test_of_a_task_that_only_asks_the_line_is_told_and_no_unknown_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE.parent)
    verdict = explore(asks_again_and_again)
    number, text = line_of(asks_again_and_again)
    assert verdict.grade is Grade.SAMPLED
    assert str(verdict).endswith(
        f" but no proof: a task asks again and again and gets nowhere, and then all take turns in one order: "
        f"{HERE.name}:{number}: {text}"
    ), str(verdict)


def test_where_no_line_does_it_none_is_named() -> None:
    verdict = explore(lambda: both(functools.partial(json.dumps, [1]), functools.partial(json.dumps, [1])))
    assert str(verdict).endswith(" but no proof: what some call does to shared state cannot be seen"), str(verdict)


def test_the_first_line_is_named_of_many() -> None:
    def look() -> None:
        json.dumps([1])
        copy.copy(Thing())

    verdict = explore(lambda: both(look, look))
    assert str(verdict).endswith(": json.dumps([1])"), str(verdict)


def beside(counts: Callable[[threading.Event], None], scenario: Callable[[], Any]) -> str:
    over = threading.Event()
    counter = threading.Thread(target=counts, args=(over,))
    counter.start()
    while waits.of(counter) is None:
        real.sleep(0)
    try:
        return str(explore(scenario))
    finally:
        over.set()
        counter.join()


def test_what_a_thread_that_was_there_before_may_change_of_its_own_accord_is_not_proved() -> None:
    seen, apart = [0], [0]

    def counts(over: threading.Event) -> None:
        while not over.wait(0.5):
            seen[0] += 1

    told = "but no proof: a thread that was there before may change seen"
    assert told in beside(counts, lambda: both(lambda: seen[0], lambda: seen[0]))
    assert beside(counts, lambda: both(lambda: apart[0], lambda: apart[0])).startswith("proved: ")


def test_what_it_may_change_once_it_is_woken_is_proved_where_nobody_wakes_it() -> None:
    seen = [0]

    def counts(over: threading.Event) -> None:
        over.wait()
        seen[0] += 1

    assert beside(counts, lambda: both(lambda: seen[0], lambda: seen[0])).startswith("proved: ")

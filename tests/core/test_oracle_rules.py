"""The rules of the oracles, from events alone; and which loops only ask."""

import pytest

from pytest_concurrency._core.detectors.busy import SPINS, BusyWaiting
from pytest_concurrency._core.detectors.loops import Loop, Loops
from pytest_concurrency._core.oracles import oracles


def asks(oracle: BusyWaiting, times: int, state: object = (), *, is_try: bool = False) -> list[str]:
    return [oracle.asks(1, "question", ("flag",), lambda: state, is_try=is_try) for _ in range(times)]


def test_so_many_equal_questions_are_a_spin() -> None:
    assert asks(BusyWaiting(), SPINS) == [""] * (SPINS - 1) + ["spin"]


def test_a_change_by_another_begins_anew() -> None:
    oracle = BusyWaiting()
    asks(oracle, SPINS - 1)
    oracle.changed(2, "flag")
    assert asks(oracle, 1) == [""]


def test_a_change_by_the_task_itself_is_none() -> None:
    oracle = BusyWaiting()
    asks(oracle, SPINS - 1)
    oracle.changed(1, "flag")
    assert asks(oracle, 1) == ["spin"]


def test_a_task_that_acts_or_gets_on_is_not_waiting() -> None:
    oracle = BusyWaiting()
    asks(oracle, SPINS - 1)
    oracle.acted(1)
    assert asks(oracle, SPINS - 1) == [""] * (SPINS - 1)
    assert asks(oracle, 1, state="another") == [""]


def test_a_sleep_between_two_questions_is_a_poll() -> None:
    oracle = BusyWaiting()
    asks(oracle, 1)
    oracle.slept(1)
    assert asks(oracle, 1) == ["poll"]


def test_who_gives_way_between_two_tries_is_no_poller() -> None:
    oracle = BusyWaiting()
    asks(oracle, 1, is_try=True)
    oracle.gave_way(1)
    oracle.slept(1)
    assert asks(oracle, 1, is_try=True) == [""]


SOURCE = """
def f(self, stop, queue, items):
    while not stop.is_set():
        sleep(1)
    while not stop.is_set():
        work()
    while True:
        if queue.empty():
            sleep(1)
            continue
        work(queue.get())
    while True:
        try:
            queue.get_nowait()
        except Empty:
            sleep(1)
        else:
            work()
    for item in items:
        look(item)
    while True:
        with self.lock:
            done = self.done
        if done:
            break
    while True:
        def inner():
            return stop.is_set()
    while (left := self.until - monotonic()) > 0:
        sleep(left)
    while monotonic() < self.until:
        sleep(max(0, self.until - monotonic()))
    while not self.end and (left := self.until - monotonic()) > 0:
        sleep(min(left, 1))
"""


@pytest.mark.parametrize(
    ("text", "nth", "expected"),
    [
        ("stop.is_set()", 0, [Loop(3, is_while=True, asks=True, works=False, rests=False)]),
        ("stop.is_set()", 1, [Loop(5, is_while=True, asks=True, works=True, rests=False)]),
        ("queue.empty()", 0, [Loop(7, is_while=True, asks=True, works=False, rests=False)]),
        ("queue.get_nowait()", 0, [Loop(12, is_while=True, asks=False, works=False, rests=False)]),
        ("look(item)", 0, [Loop(19, is_while=False, asks=False, works=True, rests=False)]),
        ("self.done", 0, [Loop(21, is_while=True, asks=True, works=False, rests=False)]),
        ("stop.is_set()", 2, []),
        ("self.until", 0, [Loop(29, is_while=True, asks=True, works=False, rests=True)]),
        ("self.until", 1, [Loop(31, is_while=True, asks=True, works=False, rests=True)]),
        ("self.end", 0, [Loop(33, is_while=True, asks=True, works=False, rests=False)]),
    ],
)
def test_loops_around_a_place(text: str, nth: int, expected: list[Loop]) -> None:
    places = [(number, line.index(text)) for number, line in enumerate(SOURCE.splitlines(), 1) if text in line]
    line, column = places[nth]
    assert Loops(SOURCE).around((line, column, line, column + len(text))) == expected


def test_functions_are_given_alone_or_in_a_list() -> None:
    assert oracles({"kept_locks": "fail", "inject": "work"}).extras["inject"] == ("work",)
    assert oracles({"kept_locks": "fail", "inject": ["work", len]}).extras["inject"] == ("work", len)
    assert not oracles({}).any
    assert oracles({"starvation": "fail"}).any

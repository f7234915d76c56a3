"""Runs whose time is up: nobody is struck where that would be the end of it, nobody stays behind, few runs follow."""

import itertools
import selectors
import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from controlled import TESTS, run

from pytest_concurrency import Grade, explore
from pytest_concurrency._core.strategy import Strategy
from pytest_concurrency._engine.lookout import LATE
from pytest_concurrency._engine.numbering import Numbering
from pytest_concurrency._engine.stage import Stage
from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads.baton import ThreadTask
from pytest_concurrency._runtimes.threads.kind import Threads
from pytest_concurrency._sight.watching import Watch


def test_a_thread_that_has_not_begun_is_not_struck() -> None:
    """What struck it in its first instruction would end it before it could hand over."""
    fake: Any = SimpleNamespace(tasks=[], numbering=Numbering())
    task = ThreadTask(fake, "young", None)
    began, goes_on = threading.Event(), threading.Event()
    seen: list[str] = []

    def work() -> None:
        try:
            began.set()
            goes_on.wait()
            task.begins()
            seen.append("begun")
            task.strike(Unwind)
            seen.append("struck")
        except Unwind:
            seen.append("unwound")

    thread = threading.Thread(target=work)
    thread.start()
    began.wait()
    assert thread.ident is not None
    task.runs_as(thread.ident)
    task.strike(Unwind)
    goes_on.set()
    thread.join()
    assert seen == ["begun", "unwound"]


@pytest.mark.slow
def test_every_thread_of_a_run_that_is_cut_hands_over() -> None:
    def work() -> None:
        for _ in range(300):
            pass

    def scenario() -> None:
        for _ in range(60):
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()

    with Stage(Watch([TESTS]), (Threads(),)) as stage:
        for number in range(60):
            soon = real.monotonic() - LATE + number * 0.0005
            assert stage.run(scenario, Strategy(), offered=set(), deadline=soon).parked == ()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("timeout", [None, 60.0])
def test_who_waits_for_a_socket_ends_with_the_run(
    pair: tuple[socket.socket, socket.socket], timeout: float | None
) -> None:
    began = real.monotonic()

    def scenario() -> None:
        def select() -> None:
            with selectors.DefaultSelector() as selector:
                selector.register(pair[0], selectors.EVENT_READ)
                begun.set()
                selector.select(timeout)

        begun = threading.Event()
        thread = threading.Thread(target=select)
        thread.start()
        begun.wait()
        raise ValueError("while the other waits")

    record = run(scenario)
    assert (str(record.error), record.parked) == ("while the other waits", ())
    assert real.monotonic() - began < 5
    assert threading.active_count() == 1


def test_of_further_runs_none_follows_one_that_is_cut() -> None:
    calls = itertools.count()

    def scenario() -> None:
        next(calls)
        lock = threading.Lock()
        for number in range(100_000):
            with lock:
                together.append(number)

    together: list[int] = []
    verdict = explore(scenario, seconds=0.01, finalisers="fail")
    assert (verdict.grade, verdict.schedules) == (Grade.UNFINISHED, 1)
    assert next(calls) <= 2 + 2  # the races look further, too

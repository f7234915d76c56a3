"""Threads of ours that do one thing after another."""

import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest

from pytest_concurrency._machine import real
from pytest_concurrency._machine.kept_threads import KeptThreads

TRIES = 50


def done(threads: KeptThreads, what: Callable[[], Any]) -> Any:
    """Let one of them do something; return what came of it."""
    ended, came = real.allocate_lock(), []
    ended.acquire()

    def job() -> None:
        came.append(what())
        ended.release()

    threads.do(job)
    ended.acquire()
    return came[0]


def test_who_has_nothing_to_do_is_given_the_next_thing() -> None:
    threads = KeptThreads()
    idents = [done(threads, threading.get_ident) for _ in range(TRIES)]
    threads.end()
    assert len(set(idents)) < TRIES
    assert threading.get_ident() not in idents


def test_two_things_at_a_time_are_done_by_two() -> None:
    threads, both = KeptThreads(), threading.Barrier(2)
    idents = list[int]()

    def other() -> None:
        idents.append(threading.get_ident())
        both.wait()

    def one() -> int:
        threads.do(other)
        both.wait()
        return threading.get_ident()

    assert [done(threads, one)] != idents
    threads.end()


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals that threads block are POSIX")
def test_they_get_no_signals_and_no_run_hears_of_that(monkeypatch: pytest.MonkeyPatch) -> None:
    ask: Any = signal.pthread_sigmask
    monkeypatch.setattr(signal, "pthread_sigmask", lambda *_: pytest.fail("a run takes that for a task's"))
    threads = KeptThreads()
    masked = done(threads, lambda: ask(signal.SIG_BLOCK, []))
    threads.end()
    assert signal.SIGUSR1 in masked
    assert signal.SIGUSR1 not in ask(signal.SIG_BLOCK, [])

"""A debugger that stops a task: what it makes for that is no part of the run, and it may end the session."""

import sys
import threading
import types
from collections.abc import Callable
from typing import Any

import pytest
from controlled import run, value_of

from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads.locks import LockDouble
from pytest_concurrency._runtimes.threads.together import run_together

STOPS = """
import threading

def stop():
    lock, again, news = threading.Lock(), threading.RLock(), threading.Event()
    with lock, again:
        news.wait(0.01)
        news.set()
        news.wait()
    return type(lock), type(again), type(news._cond._lock)
"""


def stop(file: str) -> Callable[[], Any]:
    """The way debugpy stops a task, as code of a file."""
    space: dict[str, Any] = {"__name__": "stops"}
    exec(compile(STOPS, file, "exec"), space)  # the name of the file is what counts
    found: Callable[[], Any] = space["stop"]
    return found


@pytest.fixture(autouse=True)
def debugger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let debugpy be loaded, as far as anybody asks."""
    monkeypatch.setitem(sys.modules, "pydevd", types.ModuleType("pydevd"))


def test_what_debugpy_makes_in_a_task_is_real() -> None:
    real_types = (real.LockType, type(real.make_rlock()), real.LockType)
    assert value_of(stop("/site-packages/debugpy/_vendored/pydevd/pydevd.py")) == real_types
    assert value_of(stop("/site-packages/other.py"))[0] is LockDouble


def steps(halt: Callable[[], Any]) -> int:
    """How many steps a run has in which a task is stopped."""

    def scenario() -> None:
        other = threading.Thread(target=bool)
        other.start()
        halt()
        other.join()

    return run(scenario).steps


def test_nobody_else_goes_on_while_debugpy_stops_a_task() -> None:
    assert steps(stop("/debugpy/_vendored/pydevd/pydevd.py")) == steps(bool) < steps(stop("/other.py"))


def test_whoever_ends_the_session_in_each_thread_ends_it() -> None:
    """Two threads stand at one breakpoint, and `q` is pressed twice."""

    def leave() -> None:
        pytest.exit("Quitting debugger")

    def fail() -> None:
        raise ValueError

    with pytest.raises(pytest.exit.Exception, match="Quitting debugger"):
        run_together((leave, leave))
    with pytest.raises(ExceptionGroup):
        run_together((leave, fail))

"""A debugger that stops a task: what it makes for that is no part of the run, and it may end the session."""

import io
import pdb
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

import pytest
from controlled import TESTS, run, value_of

from pytest_concurrency import explore
from pytest_concurrency._core.strategy import Strategy
from pytest_concurrency._engine.record import Record
from pytest_concurrency._engine.stage import Stage
from pytest_concurrency._machine import real
from pytest_concurrency._machine.watchdog import Watchdog
from pytest_concurrency._runtimes.threads.kind import Threads
from pytest_concurrency._runtimes.threads.locks import LockDouble
from pytest_concurrency._runtimes.threads.together import run_together
from pytest_concurrency._sight.watching import Watch

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


LOOKS = """
def look(until):
    while monotonic() < until:
        sleep(0.005)
"""


def look(file: str) -> Callable[[float], None]:
    """Somebody who looks at a task until that time, as code of a file."""
    space: dict[str, Any] = {"__name__": "looks", "monotonic": real.monotonic, "sleep": real.sleep}
    exec(compile(LOOKS, file, "exec"), space)
    found: Callable[[float], None] = space["look"]
    return found


@pytest.mark.parametrize("file", ["/lib/pdb.py", "/debugpy/_vendored/pydevd/pydevd.py"])
def test_no_time_passes_while_a_debugger_shows_a_task(file: str) -> None:
    def looked_at(file: str) -> Record:
        deadline = real.monotonic() + 0.2
        with Stage(Watch([]), (Threads(),)) as stage:
            return stage.run(lambda: look(file)(deadline + 0.5), Strategy(), offered=set(), deadline=deadline)

    record = looked_at(file)
    assert record.finding is None
    assert not record.uncontrolled
    assert record.debugged > 0
    assert looked_at("/lib/other.py").ended_by("cut")


def test_a_budget_is_put_off_while_a_debugger_shows_a_task() -> None:
    shown = look("/lib/pdb.py")
    first: list[float] = []

    def scenario() -> None:
        if not first:
            first.append(real.monotonic())
            shown(first[0] + 0.7)

    assert explore(scenario, schedules=2, seconds=0.5, strategy="random").schedules == 2


def test_debugpy_learns_whose_thread_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes whatever the target of a new thread is bound to for its `Thread`."""
    of: list[Any] = []
    start_joinable, start_new = real.start_joinable_thread, real.start_new_thread

    def start(start_thread: Callable[..., Any]) -> Callable[..., Any]:
        def started(target: Any, *args: Any, **kwargs: Any) -> Any:
            of.append(getattr(target, "__self__", None))
            return start_thread(target, *args, **kwargs)

        return started

    monkeypatch.setattr(real, "start_new_thread", start(start_new))
    if start_joinable is not None:
        monkeypatch.setattr(real, "start_joinable_thread", start(start_joinable))
    started: list[threading.Thread] = []

    def scenario() -> None:
        for _ in range(2):
            started.append(threading.Thread(target=bool))
            started[-1].start()
            started[-1].join()

    with Stage(Watch([TESTS]), (Threads(),)) as stage:
        for _ in range(2):  # the second schedule would use threads again
            stage.run(scenario, Strategy(), offered=set())
    assert [each for each in of if isinstance(each, threading.Thread)] == started


def test_the_watchdog_is_not_stopped_with_the_others() -> None:
    found: list[Any] = []
    watchdog = Watchdog(lambda: found.append(threading.current_thread()))
    watchdog.start()
    while not found:
        real.sleep(0.001)
    watchdog.stop()
    assert found[0].pydev_do_not_trace
    assert found[0] not in threading.enumerate()


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


class Count:
    n = 0


@pytest.mark.parametrize("steps", ["", "n\n", "n\nn\nn\n"])
def test_switches_are_offered_after_a_breakpoint_as_without(steps: str) -> None:
    def halt() -> None:
        debugger = pdb.Pdb(stdin=io.StringIO(f"{steps}c\n"), stdout=io.StringIO(), nosigint=True, readrc=False)
        debugger.set_trace(sys._getframe(1))

    def outcomes(halt: Callable[[], None]) -> set[str]:
        def scenario() -> int:
            count = Count()

            def add() -> None:
                found = count.n
                halt()
                count.n = found + 1

            def adds() -> None:
                add()
                count.n += 10

            run_together((adds, add))
            return count.n

        return set(explore(scenario, strategy="dpor").outcomes)

    assert outcomes(halt) == outcomes(lambda: None) == {"1", "11", "2", "12"}

"""The end of a run: everything is unwound, one task at a time, and nobody outside hears of it."""

import concurrent.futures.thread
import logging
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from controlled import failed, run

SWALLOWS = 100


def deadlocked(*tasks: Callable[[], object]) -> Callable[[], None]:
    """A scenario that is stopped while its tasks wait for ever."""

    def scenario() -> None:
        for task in tasks:
            threading.Thread(target=task).start()

    return scenario


def wait_for_ever() -> None:
    threading.Event().wait()


def test_nobody_outside_hears_of_a_stopped_task(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    said: list[object] = []
    monkeypatch.setattr(threading, "excepthook", said.append)
    monkeypatch.setattr(sys, "unraisablehook", said.append)

    def scenario() -> None:
        pool = concurrent.futures.ThreadPoolExecutor(2)
        pool.submit(wait_for_ever)
        pool.submit(wait_for_ever)
        threading.Thread(target=wait_for_ever).start()

    record = run(scenario)
    assert record.finding is not None
    assert record.finding.kind == "deadlock"
    assert record.errors == []
    assert said == []
    assert caplog.records == []


def test_a_stopped_task_that_logs_is_not_heard(caplog: pytest.LogCaptureFixture) -> None:
    def task() -> None:
        try:
            wait_for_ever()
        finally:
            logging.getLogger(__name__).critical("the pool is gone")

    run(deadlocked(task))
    assert caplog.records == []


def test_except_exception_does_not_catch_it_and_finally_runs() -> None:
    log: list[str] = []

    def task() -> None:
        try:
            wait_for_ever()
        except Exception:
            log.append("caught")
        finally:
            log.append("finally")

    run(deadlocked(task, task))
    assert log == ["finally", "finally"]


def test_tasks_unwind_one_after_the_other() -> None:
    log: list[str] = []

    def task() -> None:
        try:
            wait_for_ever()
        finally:
            name = threading.current_thread().name
            log.append(f"{name} begins")
            for _ in range(1000):
                sys.intern("x")
            log.append(f"{name} ends")

    run(deadlocked(task, task, task))
    names = [f"Thread-{n} (task)" for n in (1, 2, 3)]
    assert log == [f"{name} {what}" for name in names for what in ("begins", "ends")]


def attempts() -> dict[str, tuple[Callable[[], Any], bool]]:
    """What a task may try while it unwinds, and whether that raises."""
    lock, rlock, condition = threading.Lock(), threading.RLock(), threading.Condition()
    event, items, simple = threading.Event(), queue.Queue[int](), queue.SimpleQueue[int]()
    permits = threading.Semaphore(0)
    return {
        "acquire": (lock.acquire, True),
        "acquire with a limit": (lambda: lock.acquire(timeout=1), True),
        "try": (lambda: lock.acquire(blocking=False), True),
        "with": (lock.__enter__, True),
        "rlock": (rlock.acquire, True),
        "event": (event.wait, True),
        "semaphore": (permits.acquire, True),
        "queue": (items.get, True),
        "simple queue": (simple.get, True),
        "condition": (condition.acquire, True),
        "sleep": (lambda: time.sleep(1), True),
        "start": (threading.Thread(target=int).start, True),
        "release": (lock.release, False),
        "release again": (lock.release, False),
        "put": (lambda: simple.put(1), False),
        "locked": (lock.locked, False),
        "is_alive": (threading.current_thread().is_alive, False),
        "clock": (time.monotonic, False),
    }


def test_what_acquires_raises_and_what_releases_succeeds() -> None:
    raised: dict[str, bool] = {}

    def task() -> None:
        tried = attempts()
        try:
            wait_for_ever()
        finally:
            for name, (attempt, _) in tried.items():
                try:
                    attempt()
                except Exception as error:
                    raise AssertionError(name) from error
                except BaseException:
                    raised[name] = True
                else:
                    raised[name] = False

    record = run(deadlocked(task))
    assert raised == {name: raises for name, (_, raises) in attempts().items()}
    assert record.errors == []


def test_locks_are_given_back_on_the_way_out() -> None:
    lock, rlock, condition = threading.Lock(), threading.RLock(), threading.Condition()

    def task() -> None:
        with lock, rlock, rlock, condition:
            wait_for_ever()

    run(deadlocked(task))
    for each in (lock, rlock, condition):
        assert each.acquire(blocking=False)
        each.release()


@pytest.mark.parametrize("kind", ["Lock", "RLock"])
@pytest.mark.parametrize("woken", [False, True])
def test_who_is_unwound_out_of_a_condition_holds_its_lock(kind: str, *, woken: bool) -> None:
    owned: list[Any] = []

    def scenario() -> None:
        bell = threading.Condition(getattr(threading, kind)())

        def wait() -> None:
            with bell:
                try:
                    bell.wait()
                finally:
                    owned.append(bell._is_owned())  # type: ignore[attr-defined] # what notify asks
                    bell.notify_all()

        threading.Thread(target=wait, daemon=True).start()
        time.sleep(1)
        with bell:
            if woken:
                bell.notify()
            raise KeyError("x")

    record = run(scenario)
    assert type(record.error) is KeyError
    assert record.errors == []
    assert owned == [True]


def test_what_a_finally_raises_is_not_judged() -> None:
    def task() -> None:
        entered = False
        try:
            entered = threading.Event().wait()
        finally:
            if not entered:
                raise RuntimeError("cannot be")

    def scenario() -> None:
        threading.Thread(target=task, daemon=True).start()
        time.sleep(1)

    assert not run(scenario).failed


def test_what_the_scenario_makes_of_being_taken_down_is_not_judged() -> None:
    def scenario() -> None:
        try:
            wait_for_ever()
        except BaseException as error:
            raise ValueError("cannot be") from error

    record = run(scenario)
    assert record.error is None
    assert record.ended_by("deadlock")


def test_ctrl_c_while_the_scenario_is_taken_down_is_heard() -> None:
    def scenario() -> None:
        try:
            wait_for_ever()
        finally:
            raise KeyboardInterrupt

    assert type(run(scenario).error) is KeyboardInterrupt


def test_the_scenario_itself_is_unwound() -> None:
    log: list[str] = []

    def scenario() -> None:
        try:
            wait_for_ever()
        except Exception:
            log.append("caught")
        finally:
            log.append("finally")

    assert str(failed(scenario)).startswith("deadlock: main waits for ever")
    assert set(log) == {"finally"}


def test_a_failing_scenario_takes_its_tasks_down() -> None:
    log: list[str] = []

    def scenario() -> None:
        def task() -> None:
            try:
                time.sleep(10)
            finally:
                log.append("down")

        threading.Thread(target=task).start()
        time.sleep(1)
        raise KeyError("x")

    record = run(scenario)
    assert type(record.error) is KeyError
    assert log == ["down"]


CLOSING = """
    import io
    import threading
    import time
    from pytest_concurrency import explore

    class Silent(io.RawIOBase):
        def __init__(self):
            self.comes = threading.Event()

        def readable(self):
            return True

        def readinto(self, _buffer):
            self.comes.wait()

    def scenario():
        with io.BufferedReader(Silent()) as reader:
            thread = threading.Thread(target=reader.readline, name="reads")
            thread.start()
            thread.join()

    began = time.monotonic()
    print(explore(scenario, seconds=30))
    print(time.monotonic() - began)
"""


@pytest.mark.slow
def test_a_task_that_has_what_the_scenario_waits_for_at_its_end_is_unwound_beside_it(tmp_path: Path) -> None:
    """Who leaves the `with` waits for the reader's lock, which is C's: no signal ends that."""
    script = tmp_path / "scenario.py"
    script.write_text(dedent(CLOSING), encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=True)
    lines = done.stdout.splitlines()
    assert lines[0] == "deadlock: main, reads wait for ever"
    assert not [line for line in lines if "left behind" in line]
    assert float(lines[-1]) < 20, "not when the time is up"


SWALLOWING = """
    import threading
    from pytest_concurrency import explore

    swallowed = []

    def stubborn():
        lock = threading.Lock()
        lock.acquire()
        while True:
            try:
                lock.acquire()
            except BaseException as error:
                swallowed.append(type(error))

    def scenario():
        swallowed.clear()
        threading.Thread(target=stubborn, name="stubborn").start()

    print(explore(scenario))
    print(len(swallowed))
"""


@pytest.mark.soak
def test_a_task_that_always_swallows_it_is_parked_and_named(tmp_path: Path) -> None:
    """In a process of its own, which ends all the same: the thread cannot be ended."""
    script = tmp_path / "scenario.py"
    script.write_text(dedent(SWALLOWING), encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=30, check=True)
    lines = done.stdout.splitlines()
    assert lines[0] == "deadlock: stubborn waits for ever"
    assert "  note: could not be stopped and is left behind: stubborn" in lines
    assert lines[-1] == str(SWALLOWS)
    assert done.stderr == ""


@pytest.mark.slow
def test_one_that_swallows_it_less_often_ends() -> None:
    swallowed = [0]

    def slow() -> None:
        lock = threading.Lock()
        lock.acquire()
        for _ in range(SWALLOWS - 1):
            try:
                lock.acquire()
            except BaseException:
                swallowed[0] += 1

    record = run(deadlocked(slow))
    assert record.parked == ()
    assert swallowed[0] == SWALLOWS - 1


def test_a_generator_that_is_left_open_is_closed_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", said.append)

    def numbers() -> Any:
        lock = threading.Lock()
        with lock:
            yield 1
            wait_for_ever()

    def task() -> None:
        for _ in numbers():
            pass

    run(deadlocked(task))
    assert said == []


@pytest.mark.parametrize("make", [threading.Lock, threading.RLock])
@pytest.mark.parametrize("within", [False, True])
def test_a_generator_that_holds_a_lock_over_the_end_is_closed_in_silence(
    make: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, *, within: bool
) -> None:
    said: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", said.append)
    left: list[Any] = []

    def scenario() -> None:
        if within:
            left.clear()
        lock = make()

        def numbers() -> Any:
            with lock:
                yield 1

        left.append(numbers())
        next(left[-1])

    run(scenario)
    if within:
        run(scenario)
    left.clear()
    assert said == []


def test_who_releases_a_lock_twice_after_the_end_is_told() -> None:
    kept: list[Any] = []

    def scenario() -> None:
        kept[:] = [threading.Lock()]
        kept[0].acquire()

    run(scenario)
    kept[0].release()
    with pytest.raises(RuntimeError, match="release unlocked lock"):
        kept[0].release()

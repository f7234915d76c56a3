"""A signal's handler that raises while the main thread waits for its turn: that comes out of what it waits in."""

import asyncio
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pytest_concurrency import Grade, RaceFound, Verdict, explore
from pytest_concurrency._engine.current import here
from pytest_concurrency._machine import real

FAR = 60  # seconds: so long the engine expects a signal
pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no such timer here")


class TimeIsUpError(Exception):
    """What the handler raises."""


def ring(_number: int, _frame: Any) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
    raise TimeIsUpError("too slow")


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = signal.getsignal(signal.SIGALRM)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def soon() -> None:
    signal.signal(signal.SIGALRM, ring)
    ring_while_it_waits()


def ring_while_it_waits() -> None:
    """Send the signal as soon as the task waits: after a time it may not have come to that, on a busy machine."""
    signal.setitimer(signal.ITIMER_REAL, FAR)
    task = here.task
    assert task is not None

    def look() -> None:
        while task.waits_for is None or task.run.current is task:
            real.sleep(0.001)
        os.kill(os.getpid(), signal.SIGALRM)

    real.start_new_thread(look, ())


def tried(scenario: Callable[[], Any]) -> Verdict:
    return explore(scenario, schedules=1)


@pytest.mark.slow
def test_it_fails_the_schedule_at_the_line_where_the_task_waits() -> None:
    def scenario() -> None:
        stop = threading.Event()
        thread = threading.Thread(target=stop.wait)
        thread.start()
        soon()
        try:
            thread.join()
        finally:
            stop.set()

    verdict = tried(scenario)
    assert verdict.grade is Grade.FAILED
    assert isinstance(verdict.error, RaceFound)
    assert isinstance(verdict.error.__cause__, TimeIsUpError)
    told = str(verdict.error)
    assert told.startswith("main raised TimeIsUpError: too slow")
    assert "scenario: thread.join()" in told


def test_a_handler_from_before_the_run_is_one_too() -> None:
    signal.signal(signal.SIGALRM, ring)

    def scenario() -> None:
        ring_while_it_waits()
        threading.Event().wait()

    assert str(tried(scenario).error).startswith("main raised TimeIsUpError: too slow")


def held() -> tuple[Callable[[], object], Callable[[], object]]:
    lock = threading.Lock()
    lock.acquire()
    return lock.acquire, lock.release


def unset() -> tuple[Callable[[], object], Callable[[], object]]:
    event = threading.Event()
    return event.wait, event.set


def empty() -> tuple[Callable[[], object], Callable[[], object]]:
    jobs: queue.Queue[int] = queue.Queue()
    return jobs.get, lambda: jobs.put(1)


def empty_with_a_limit() -> tuple[Callable[[], object], Callable[[], object]]:
    jobs: queue.Queue[int] = queue.Queue()
    return lambda: jobs.get(timeout=60), lambda: jobs.put(1)


def running() -> tuple[Callable[[], object], Callable[[], object]]:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    return thread.join, stop.set


@pytest.mark.parametrize("made", [held, unset, empty, empty_with_a_limit, running])
def test_a_task_that_catches_it_goes_on_and_can_wait_there_again(
    made: Callable[[], tuple[Callable[[], object], Callable[[], object]]],
) -> None:
    def scenario() -> str:
        wait, end = made()
        soon()
        try:
            wait()
        except TimeIsUpError:
            thread = threading.Thread(target=end)
            thread.start()
            wait()
            thread.join()
            return "waited again"
        return "never too slow"

    verdict = tried(scenario)
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.UNCONTROLLED, {"'waited again'"}), str(verdict)


def test_it_comes_out_of_an_event_loop() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    def scenario() -> str:
        soon()
        try:
            asyncio.run(main())
        except TimeIsUpError:
            return asyncio.run(asyncio.sleep(0, "once more"))
        return "never too slow"

    verdict = tried(scenario)
    assert set(verdict.outcomes) == {"'once more'"}, str(verdict)


def test_control_c_in_the_same_place_still_ends_the_session() -> None:
    def press(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    def scenario() -> None:
        signal.signal(signal.SIGALRM, press)
        ring_while_it_waits()
        threading.Event().wait()

    with pytest.raises(KeyboardInterrupt):
        tried(scenario)


def test_who_asks_for_a_handler_gets_the_one_that_was_set() -> None:
    def scenario() -> bool:
        signal.signal(signal.SIGALRM, ring)
        return signal.getsignal(signal.SIGALRM) is ring and signal.signal(signal.SIGALRM, signal.SIG_DFL) is ring

    assert set(tried(scenario).outcomes) == {"True"}

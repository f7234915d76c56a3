"""A signal's handler that raises while the main thread waits for its turn: that comes out of what it waits in."""

import _thread
import asyncio
import itertools
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
from pytest_concurrency._runtimes.threads import handlers
from pytest_concurrency._runtimes.threads.baton import ThreadTask

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


class StopError(BaseException):
    """What no `except Exception` is to catch."""


@pytest.mark.parametrize("raised", [StopError, KeyboardInterrupt])
@pytest.mark.parametrize("made", [held, unset, empty, empty_with_a_limit, running])
def test_so_does_one_that_catches_what_is_no_exception(
    made: Callable[[], tuple[Callable[[], object], Callable[[], object]]], raised: type[BaseException]
) -> None:
    def stop(_number: int, _frame: Any) -> None:
        raise raised

    def scenario() -> str:
        wait, end = made()
        signal.signal(signal.SIGALRM, stop)
        ring_while_it_waits()
        try:
            wait()
        except raised:
            thread = threading.Thread(target=end)
            thread.start()
            wait()
            thread.join()
            return "waited again"
        return "never stopped"

    verdict = tried(scenario)
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.UNCONTROLLED, {"'waited again'"}), str(verdict)


def test_where_nobody_catches_that_it_goes_to_who_explores() -> None:
    def stop(_number: int, _frame: Any) -> None:
        raise StopError("enough")

    def scenario() -> None:
        signal.signal(signal.SIGALRM, stop)
        ring_while_it_waits()
        threading.Event().wait()

    with pytest.raises(StopError, match="enough"):
        tried(scenario)


class NeverBack(BaseException):
    """Ends a wait that does not end of itself."""


def test_it_may_come_just_when_the_task_has_been_given_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = itertools.count()
    wait_a_moment = ThreadTask.wait_a_moment

    def counted(task: ThreadTask, seconds: float) -> bool:
        if next(moments) > 20:
            raise NeverBack
        return wait_a_moment(task, seconds)

    monkeypatch.setattr(ThreadTask, "wait_a_moment", counted)

    def scenario() -> str:
        task: Any = here.task
        take = task.wait_for_turn

        def take_and_raise() -> None:
            take()
            task.wait_for_turn = take
            raise TimeIsUpError("too slow")

        task.wait_for_turn = take_and_raise
        thread = threading.Thread(target=lambda: None)
        thread.start()
        try:
            thread.join()
        except TimeIsUpError:
            return "caught"
        return "never too slow"

    assert set(tried(scenario).outcomes) == {"'caught'"}


def test_a_signal_that_has_come_just_before_the_wait_ends_it_all_the_same() -> None:
    def send(_process: int, number: int) -> None:
        _thread.interrupt_main(signal.Signals(number))  # the handler is to be called, and nothing wakes who waits in C

    calls: list[int] = []

    def ring_once(number: int, _frame: Any) -> None:
        calls.append(number)
        raise TimeIsUpError("too slow")

    def scenario() -> str:
        signal.signal(signal.SIGALRM, ring_once)
        sender = threading.Thread(target=handlers._sending(send), args=(os.getpid(), signal.SIGALRM))
        sender.start()
        try:
            threading.Event().wait()
        except TimeIsUpError:
            sender.join()
            return "caught"
        return "never too slow"

    verdict = tried(scenario)
    assert set(verdict.outcomes) == {"'caught'"}, str(verdict)
    assert len(calls) == verdict.outcomes["'caught'"].count


def test_who_sends_a_signal_to_the_main_thread_alone_goes_on_when_its_handler_has_been_called() -> None:
    main = threading.main_thread().ident
    assert main is not None

    def scenario() -> str:
        rung = threading.Event()
        signal.signal(signal.SIGALRM, lambda *_: rung.set())
        sender = threading.Thread(target=signal.pthread_kill, args=(main, signal.SIGALRM))
        sender.start()
        answer = f"rung: {rung.wait(60)}"
        sender.join()
        return answer

    verdict = explore(scenario, schedules=50)
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.UNCONTROLLED, {"'rung: True'"}), str(verdict)


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

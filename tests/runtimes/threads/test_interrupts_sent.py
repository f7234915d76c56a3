"""Ctrl-C that a task of the scenario sends itself is the program's own: uncaught it is a finding."""

import _thread
import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from pytest_concurrency import Grade, explore
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads import handlers


@pytest.fixture(autouse=True)
def _handler() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs in the background may ignore it
    yield
    signal.signal(signal.SIGINT, before)


def kill() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def to_the_main_thread() -> None:
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def in_itself() -> None:
    signal.raise_signal(signal.SIGINT)


def by_name() -> None:
    _thread.interrupt_main()


ways = pytest.mark.parametrize("send", [kill, to_the_main_thread, in_itself, by_name])


@ways
def test_what_a_thread_sends_comes_out_of_what_the_main_thread_waits_in(send: Callable[[], None]) -> None:
    def scenario() -> str:
        thread = threading.Thread(target=send)
        try:
            thread.start()
            thread.join()
            time.sleep(60)
        except KeyboardInterrupt:
            return "interrupted"
        return "never"

    verdict = explore(scenario, strategy="dfs", schedules=2)
    assert verdict.grade is not Grade.FAILED, str(verdict)
    assert set(verdict.outcomes) == {"'interrupted'"}


@ways
def test_what_the_main_thread_sends_itself_comes_out_there(send: Callable[[], None]) -> None:
    def scenario() -> None:
        with pytest.raises(KeyboardInterrupt):
            send_and_wait()

    def send_and_wait() -> None:
        send()
        time.sleep(60)

    assert explore(scenario, strategy="dfs", schedules=2).grade is not Grade.FAILED


@ways
@pytest.mark.parametrize("who", ["a thread", "main"])
def test_what_nobody_catches_fails_and_can_be_replayed(send: Callable[[], None], who: str) -> None:
    def scenario() -> None:
        if who == "a thread":
            thread = threading.Thread(target=send)
            thread.start()
            thread.join()
        else:
            send()
        time.sleep(60)

    verdict = explore(scenario)
    assert verdict.grade is Grade.FAILED
    assert "main raised KeyboardInterrupt" in str(verdict)
    again = explore(scenario, replay=verdict.replay)
    assert "main raised KeyboardInterrupt" in str(again)


def test_what_a_loop_makes_of_it_is_the_program_s_own_too() -> None:
    """The handler of asyncio cancels the main task, and the interrupt is raised when that has ended."""

    async def main() -> None:
        asyncio.get_running_loop().call_soon(kill)
        await asyncio.sleep(60)

    verdict = explore(lambda: asyncio.run(main()))
    assert verdict.grade is Grade.FAILED
    assert "main raised KeyboardInterrupt" in str(verdict)


def test_the_handler_is_what_it_was_when_the_exploration_is_over() -> None:
    def scenario() -> bool:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGINT, before)
        return before is signal.default_int_handler is signal.getsignal(signal.SIGINT)

    assert set(explore(scenario, schedules=2).outcomes) == {"True"}
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_one_that_comes_when_the_run_is_over_ends_nothing() -> None:
    """A thread raises it in itself and wakes nobody: the main thread may hear of it when it has gone on."""
    handler = handlers._Handler(signal.default_int_handler, from_before=True)
    handler.is_sent()
    assert handler(signal.SIGINT, None) is None
    with pytest.raises(KeyboardInterrupt):
        handler(signal.SIGINT, None)  # that of somebody at the keyboard


def test_ctrl_c_from_elsewhere_still_ends_it() -> None:
    def scenario() -> None:
        real.start_new_thread(kill, ())
        threading.Event().wait()

    with pytest.raises(KeyboardInterrupt):
        explore(scenario)


@pytest.mark.slow
def test_the_session_goes_on_after_a_test_that_interrupts_itself(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os, signal, threading
        import pytest

        signal.signal(signal.SIGINT, signal.default_int_handler)

        @pytest.mark.race
        def test_uncaught():
            thread = threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT))
            thread.start()
            thread.join()
            threading.Event().wait(1)

        @pytest.mark.race
        def test_caught():
            with pytest.raises(KeyboardInterrupt):
                thread = threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT))
                thread.start()
                thread.join()
                threading.Event().wait(1)

        def test_next():
            pass
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:asyncio")
    result.assert_outcomes(failed=1, passed=2)
    result.stdout.fnmatch_lines(["main raised KeyboardInterrupt", "replay", "  pytest *test_uncaught --race-replay=*"])

"""Whatever a scenario does, an exploration ends within its time, and says where it waited."""

import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from pytest_concurrency import Grade, NoProgressFound, explore

HEAD = """
import asyncio, os, multiprocessing, signal, socket, subprocess, sys, threading, time, _thread
from pytest_concurrency import explore

def both(*functions):
    threads = [threading.Thread(target=each) for each in functions]
    for each in threads: each.start()
    for each in threads: each.join()

"""
SECONDS = 3
TELLING = 10  # what a failure may take further
TAIL = f"""
began = time.monotonic()
verdict = explore(scenario, schedules=3, seconds={SECONDS})
print(str(verdict).splitlines()[0])
print(time.monotonic() - began)
"""
CASES = {  # scenario, what the verdict begins with
    "contended native lock": (
        """
        locks = [_thread.allocate_lock()]
        def scenario():
            box = [0]
            def add():
                with locks[0]:
                    time.sleep(1)  # so that the other one comes
                    box[0] += 1
            both(add, add)
            assert box[0] == 2
        """,
        "uncontrolled: Thread-",
    ),
    "deadlock of the main thread through a native lock": (
        """
        def scenario():
            lock = _thread.allocate_lock()
            lock.acquire()
            lock.acquire()
        """,
        "uncontrolled: main waited outside",
    ),
    "deadlock of a thread through a native lock": (
        """
        def scenario():
            lock = _thread.allocate_lock()
            with lock:
                thread = threading.Thread(target=lock.acquire, daemon=True)
                thread.start()
                thread.join()
        """,
        "uncontrolled: Thread-1",
    ),
    "fails while another is in a child": (
        """
        def scenario():
            started = threading.Event()
            def work():
                started.set()
                subprocess.run(["sleep", "0.1"])
            threading.Thread(target=work).start()
            started.wait()
            assert False
        """,
        "main raised AssertionError",
    ),
    "joins with a time-out while another is in a child": (
        """
        def scenario():
            thread = threading.Thread(target=lambda: subprocess.run(["sleep", "0.2"]))
            thread.start()
            thread.join(30)
            assert not thread.is_alive()
        """,
        "uncontrolled: Thread-1",
    ),
    "receives what nobody sends": (
        """
        def scenario():
            ends = socket.socketpair()
            both(lambda: ends[0].recv(1))
        """,
        "deadlock: main, Thread-1",
    ),
    "receives what nobody sends to a socket from elsewhere": (
        """
        ENDS = socket.socketpair()

        def scenario():
            both(lambda: ENDS[0].recv(1))
        """,
        "uncontrolled: Thread-1",
    ),
    "signal's handler sets the event": (
        """
        def scenario():
            event = threading.Event()
            old = signal.signal(signal.SIGUSR1, lambda *args: event.set())
            try:
                threading.Thread(target=lambda: os.kill(os.getpid(), signal.SIGUSR1)).start()
                assert event.wait(5)
            finally:
                signal.signal(signal.SIGUSR1, old)
        """,
        "uncontrolled: ",
    ),
    "timer of the system sets the event": (
        """
        def scenario():
            event = threading.Event()
            old = signal.signal(signal.SIGALRM, lambda *args: event.set())
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.1)
                assert event.wait(5)
            finally:
                signal.signal(signal.SIGALRM, old)
        """,
        "uncontrolled: everybody waited outside the engine's control: a timer of the system",
    ),
    "asyncio sleeps": (
        """
        def scenario():
            began = time.monotonic()
            asyncio.run(asyncio.sleep(0.3))
            assert round(time.monotonic() - began, 6) == 0.3
        """,
        "sampled: ",
    ),
    "asyncio hands work to threads": (
        """
        def scenario():
            async def main():
                await asyncio.gather(asyncio.to_thread(int), asyncio.to_thread(int))
            asyncio.run(main())
        """,
        "sampled: ",
    ),
    "waits for a file to go": (
        """
        def scenario():
            name = os.path.abspath("lock")
            open(name, "w").close()
            child = subprocess.Popen([sys.executable, "-c", f"import os, time; time.sleep(0.5); os.remove({name!r})"])
            while os.path.exists(name):
                time.sleep(0.01)
            child.wait()
        """,
        "uncontrolled: main",
    ),
    "polls a child": (
        """
        def scenario():
            child = subprocess.Popen(["sleep", "0.5"])
            while child.poll() is None:
                time.sleep(0.01)
        """,
        "uncontrolled: main",
    ),
    "waits for a child with a time-out": (
        """
        def scenario():
            subprocess.run(["sleep", "0.5"], timeout=10)
        """,
        "uncontrolled: main",
    ),
    "polls a socket": (
        """
        def scenario():
            mine, other = socket.socketpair()
            mine.setblocking(False)
            child = subprocess.Popen(["sh", "-c", f"sleep 0.5; echo x >&{other.fileno()}"], pass_fds=[other.fileno()])
            while True:
                try:
                    mine.recv(1)
                    break
                except BlockingIOError:
                    time.sleep(0.05)
            child.wait()
            mine.close()
            other.close()
        """,
        "uncontrolled: main",
    ),
    "swallows its end and runs on": (
        """
        def scenario():
            def work():
                while True:
                    try:
                        while True: pass
                    except BaseException: pass
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            thread.join()
        """,
        "Thread-1 (work) runs for ever at ",
    ),
    "a loop of the library": (
        """
        def scenario():
            import shutil
            with open("/dev/zero", "rb") as zeros, open("/dev/null", "wb") as nothing:
                thread = threading.Thread(target=shutil.copyfileobj, args=(zeros, nothing))
                thread.start()
                thread.join()
        """,
        f"Thread-1 (copyfileobj) runs for ever at {shutil.__file__}:",
    ),
}


@pytest.mark.soak
@pytest.mark.parametrize("name", CASES)
def test_it_ends_in_time_and_says_where(name: str, tmp_path: Path) -> None:
    body, expected = CASES[name]
    script = tmp_path / "scenario.py"
    script.write_text(HEAD + textwrap.dedent(body) + TAIL, encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=40, check=True)
    told, seconds = done.stdout.splitlines()
    assert told.startswith(expected), done
    assert float(seconds) < SECONDS + TELLING + 5, done  # on a machine that is busy


@pytest.mark.soak
def test_a_loop_without_a_yield_point_is_named() -> None:
    def scenario() -> None:
        while True:
            pass

    verdict = explore(scenario, seconds=3)
    assert type(verdict.error) is NoProgressFound
    assert verdict.error.report.headline.startswith("main runs for ever at tests/engine/test_never_hangs.py:")


@pytest.mark.soak
def test_a_loop_that_counts_and_does_not_end_is_named_too() -> None:
    def scenario() -> None:
        number = 0
        while True:
            number += 1

    verdict = explore(scenario, seconds=3)
    assert type(verdict.error) is NoProgressFound, str(verdict)


def test_a_loop_on_the_clock_gets_there() -> None:
    def scenario() -> float:
        began = time.monotonic()
        while time.monotonic() < began + 0.01:
            pass
        return time.monotonic()

    verdict = explore(scenario, schedules=2)
    assert verdict.grade is not Grade.FAILED, str(verdict)
    assert len(verdict.outcomes) == 1  # time moves by readings alone


def test_a_loop_on_the_clock_that_gives_way_is_no_lack_of_progress() -> None:
    def scenario() -> None:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            time.sleep(0)

    assert explore(scenario, schedules=1).grade is not Grade.FAILED


def test_few_readings_of_the_clock_do_not_move_it() -> None:
    def scenario() -> float:
        return sum(time.monotonic() for _ in range(200)) - 200 * time.monotonic()

    assert set(explore(scenario, schedules=1).outcomes) == {"0.0"}

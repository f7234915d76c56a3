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
import asyncio, os, multiprocessing, queue, select, signal, socket, subprocess, sys, threading, time, _thread
EARLY, RECURSIVE = threading.Lock(), threading.RLock()
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
    "a reader that another thread closes": (
        """
        def scenario():
            here, there = socket.socketpair()
            reader = there.makefile("rb")
            with here, there:
                reads = threading.Thread(target=reader.readline)
                reads.start()
                time.sleep(1)  # so that it waits for a line, and has the reader's own lock
                reader.close()
                reads.join()
        """,
        "uncontrolled: main waited outside",
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
    "contended lock of multiprocessing": (
        """
        def scenario():
            lock, box = multiprocessing.Lock(), [0]
            def add():
                with lock:
                    time.sleep(1)
                    box[0] += 1
            both(add, add)
            assert box[0] == 2
        """,
        "sampled: 3 schedules",
    ),
    "deadlock through locks of multiprocessing": (
        """
        def scenario():
            first, second = multiprocessing.Lock(), multiprocessing.Lock()
            def take(one, other):
                with one:
                    time.sleep(1)
                    with other: pass
            both(lambda: take(first, second), lambda: take(second, first))
        """,
        "deadlock: main, Thread-1",
    ),
    "recursive native lock": (
        """
        def scenario():
            lock = _thread.RLock()
            def work():
                with lock, lock:
                    time.sleep(1)
            both(work, work)
        """,
        "uncontrolled: Thread-",
    ),
    "locks made before": (
        """
        def scenario():
            def work():
                with EARLY, RECURSIVE, RECURSIVE:
                    time.sleep(1)
            both(work, work)
        """,
        "sampled: 3 schedules",
    ),
    "deadlock through locks made before": (
        """
        def scenario():
            def one():
                with EARLY:
                    time.sleep(1)
                    with RECURSIVE: pass
            def other():
                with RECURSIVE:
                    time.sleep(1)
                    with EARLY: pass
            both(one, other)
        """,
        "deadlock: main, Thread-1",
    ),
    "selects with a deadline": (
        """
        ENDS = socket.socketpair()

        def scenario():
            def work():
                assert select.select([ENDS[0]], [], [], 0.5) == ([], [], [])
            both(work, work)
        """,
        "uncontrolled: Thread-",
    ),
    "asyncio waits with a deadline": (
        """
        def scenario():
            async def main():
                try:
                    await asyncio.wait_for(asyncio.get_running_loop().create_future(), 3600)
                except TimeoutError:
                    pass
            both(lambda: asyncio.run(main()), lambda: asyncio.run(main()))
        """,
        "sampled: 3 schedules",
    ),
    "signal's handler fills a queue that main waits at": (
        """
        def scenario():
            items = queue.Queue()
            old = signal.signal(signal.SIGUSR1, lambda *args: items.put(1))
            try:
                thread = threading.Thread(target=lambda: os.kill(os.getpid(), signal.SIGUSR1))
                thread.start()
                items.get(timeout=5)
                thread.join()
            finally:
                signal.signal(signal.SIGUSR1, old)
        """,
        "deadlock: main waits for ever",
    ),
    "is cut while its tasks read": (
        """
        PIPE = os.pipe()

        def scenario():
            both(lambda: os.read(PIPE[0], 1), lambda: os.read(PIPE[0], 1))
        """,
        "uncontrolled: Thread-",
    ),
    "fails while another reads": (
        """
        PIPE = os.pipe()

        def scenario():
            def fail():
                raise ValueError("x")
            both(lambda: os.read(PIPE[0], 1), fail)
        """,
        "Thread-2 (fail) raised ValueError: x",
    ),
    "joins with a time-out while another reads": (
        """
        PIPE = os.pipe()

        def scenario():
            thread = threading.Thread(target=os.read, args=(PIPE[0], 1), daemon=True)
            thread.start()
            thread.join(2)
            assert thread.is_alive()
        """,
        "uncontrolled: Thread-1",
    ),
    "waits for the lock of a file": (
        """
        import fcntl, tempfile
        FILE = tempfile.NamedTemporaryFile()

        def scenario():
            def work():
                with open(FILE.name) as file:
                    fcntl.flock(file, fcntl.LOCK_EX)
            fcntl.flock(FILE, fcntl.LOCK_EX)
            both(work, work)
        """,
        "uncontrolled: Thread-",
    ),
    "a child takes a moment": (
        """
        def scenario():
            def work():
                subprocess.run(["sleep", "0.3"], check=True)
            both(work, work)
        """,
        "uncontrolled: Thread-",
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

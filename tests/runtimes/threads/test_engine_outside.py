"""What the engine does not control hangs no run: another task goes on, and the verdict says where."""

import asyncio
import multiprocessing
import os
import queue
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from controlled import run

from pytest_concurrency import Grade, explore
from pytest_concurrency._core.operations import Operation
from pytest_concurrency._core.strategy import Strategy
from pytest_concurrency._engine import turns
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.run import Run
from pytest_concurrency._engine.task import Task
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.processes.hangs import sockets as hangs_of_sockets
from pytest_concurrency._runtimes.threads import locks, simple_queue, starting, world
from pytest_concurrency._runtimes.threads.baton import ThreadTask
from pytest_concurrency._runtimes.threads.serving import workers
from pytest_concurrency._sight.watching import is_at_work


def together(*functions: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_task_in_a_socket_lets_another_go_on() -> None:
    first, second = socket.socketpair()  # before the scenario: who else has an end is not known

    def scenario() -> bytes:
        got: list[bytes] = []
        together(lambda: got.append(first.recv(10)), lambda: second.sendall(b"hello"))
        return got[0]

    with first, second:
        verdict = explore(scenario, schedules=3, strategy=Strategy())
    assert verdict.grade is Grade.UNCONTROLLED
    pattern = r"Thread-1 \(<lambda>\) waited outside the engine's control: \S*test_engine_outside\.py:\d+: together\(.*"
    assert re.fullmatch(pattern, verdict.reason), verdict.reason
    assert set(verdict.outcomes) <= {repr(b"hello")}


def test_a_task_at_a_native_lock_lets_another_go_on() -> None:
    native = real.allocate_lock()
    log: list[str] = []

    def scenario() -> None:
        log.clear()
        native.acquire()

        def wait() -> None:
            native.acquire()
            log.append("had it")
            native.release()

        def free() -> None:
            log.append("gave it")
            native.release()

        together(wait, free)

    record = run(scenario)
    assert log == ["gave it", "had it"]
    assert [name for name, _ in record.uncontrolled] == ["Thread-1 (wait)"]
    assert re.search(
        r"test_engine_outside\.py:\d+: native\.acquire\(\) \(a lock made before .+\)$", record.uncontrolled[0][1]
    )
    assert not record.failed


@pytest.mark.slow
def test_all_tasks_outside_wait_for_the_first_that_comes_back() -> None:
    def scenario() -> list[bytes]:
        got: list[bytes] = []
        first, second = os.pipe(), os.pipe()

        def read(pipe: int) -> None:
            got.append(os.read(pipe, 1))

        writer = Outsider(lambda: (os.write(second[1], b"2"), real.sleep(0.05), os.write(first[1], b"1")))
        threads = [threading.Thread(target=read, args=(pipe[0],)) for pipe in (first, second)]
        for thread in threads:
            thread.start()
        writer.go()
        for thread in threads:
            thread.join()
        writer.end()
        for end in (*first, *second):
            os.close(end)
        return got

    record = run(scenario)
    assert record.value == [b"2", b"1"]
    assert not record.failed


class Outsider:
    """A thread that no run controls; it acts a moment after it was told to."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._told, self._ended = real.allocate_lock(), real.allocate_lock()
        self._told.acquire()
        self._ended.acquire()
        self._act = act
        real.start_new_thread(self._main, ())

    def _main(self) -> None:
        self._told.acquire()
        real.sleep(0.1)
        self._act()
        self._ended.release()

    def go(self) -> None:
        self._told.release()

    def end(self) -> None:
        self._ended.acquire()


def test_a_lock_that_a_foreign_thread_holds_is_waited_for_in_real_time() -> None:
    lock, taken = threading.Lock(), threading.Event()
    outsider = Outsider(lock.release)

    def take() -> None:
        lock.acquire()
        taken.set()

    holder = threading.Thread(target=take)
    holder.start()
    taken.wait()
    holder.join()

    def scenario() -> str:
        outsider.go()
        with lock:
            return "had it"

    record = run(scenario)
    outsider.end()
    assert record.value == "had it"
    assert record.uncontrolled[0] == ("main", "a lock that another thread holds")


def test_a_foreign_thread_that_releases_a_lock_wakes_a_task() -> None:
    lock = threading.Lock()
    lock.acquire()

    def scenario() -> str:
        outsider = Outsider(lock.release)
        outsider.go()
        with lock:
            outsider.end()
            return "had it"

    record = run(scenario)
    assert record.value == "had it" or record.finding is not None


@pytest.mark.slow
def test_who_only_computes_is_not_outside() -> None:
    def scenario() -> None:
        began = real.monotonic()
        while real.monotonic() - began < 0.15:
            pass

    assert run(scenario, observe=False).uncontrolled == []


def test_a_thread_that_gets_no_processor_before_it_begins_is_not_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    began = ThreadTask.begins

    def begin_late(task: ThreadTask) -> None:
        real.sleep(0.2)  # as on a busy machine
        began(task)

    def scenario() -> list[int]:
        seen = list[int]()
        together(lambda: seen.append(1), lambda: seen.append(1))
        return seen

    monkeypatch.setattr(ThreadTask, "begins", begin_late)
    record = run(scenario)
    assert (record.value, record.uncontrolled) == ([1, 1], [])


@pytest.mark.slow
def test_time_goes_on_for_others_while_one_is_outside() -> None:
    def scenario() -> float:
        read, write = os.pipe()
        began = time.monotonic()

        def later() -> None:
            time.sleep(1000)
            os.write(write, b"x")

        together(lambda: os.read(read, 1), later)
        os.close(read)
        os.close(write)
        return time.monotonic() - began

    record = run(scenario)
    # The sleep is jumped over; what passes for real while somebody is outside counts as well, since it would there.
    assert 1000.0 <= record.value < 1001.0


LEFT = """
    import os, threading, time
    from pytest_concurrency import explore

    read, write = os.pipe()

    def scenario():
        threading.Thread(target=os.read, args=(read, 1), name="reader").start()
        time.sleep(1)
        raise ValueError("done")

    print(explore(scenario, strategy="dfs", seconds=2))
"""


@pytest.mark.slow
def test_a_task_that_never_comes_back_is_left_behind_and_named(tmp_path: Path) -> None:
    """In a process of its own, which ends all the same: nothing can end the thread."""
    script = tmp_path / "scenario.py"
    script.write_text(dedent(LEFT), encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=50, check=True)
    lines = done.stdout.splitlines()
    assert lines[0] == "main raised ValueError: done"
    assert "  note: could not be stopped and is left behind: reader" in lines
    assert done.stderr == ""


@pytest.mark.soak
def test_a_task_that_computes_for_ever_is_cut() -> None:
    def scenario() -> None:
        def spin() -> None:
            n = 0
            while True:
                n += 1

        together(spin)

    verdict = explore(scenario, schedules=2, seconds=0.3)
    assert verdict.grade in (Grade.UNFINISHED, Grade.FAILED)
    assert verdict.grade is Grade.FAILED or "ran too long without a yield point at" in verdict.reason


def test_who_comes_back_looks_only_in_its_turn_whether_it_has_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what it waits for may come between the look and the wait, and nobody wakes it."""
    original, turns = Task.stand_in_line, list[bool]()

    def stand_in_line(self: Task, *args: Any, **kwargs: Any) -> None:
        turns.append(self.run.current is self)
        original(self, *args, **kwargs)

    def outside_before(wait: Callable[[], Any]) -> None:
        task = here.task
        assert task is not None
        task.run.outside.seize(task, task.run.steps, "somewhere", at_work=True)
        assert task.run.current is None
        wait()

    def scenario() -> None:
        lock, items = threading.Lock(), queue.SimpleQueue[int]()
        items.put(1)
        outside_before(lock.acquire)
        outside_before(items.get)

    monkeypatch.setattr(Task, "stand_in_line", stand_in_line)
    assert explore(scenario, schedules=1).grade is Grade.UNCONTROLLED
    assert turns == [True, True]


def test_jobs_that_each_look_for_a_file_once_poll_nothing(tmp_path: Path) -> None:
    def scenario() -> None:
        def work(number: int) -> None:
            time.sleep(number % 3)
            assert os.path.exists(tmp_path)  # as a library does that makes a folder

        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(work, range(9))) == [None] * 9

    assert explore(scenario, schedules=2).grade is Grade.SAMPLED


def test_who_comes_back_while_the_last_one_begins_to_wait_is_no_deadlock() -> None:
    """It can go on, though nobody could when the last one looked."""
    ends, came_back = list[int](), list[bool]()

    class ComesBack(Strategy):
        """Lets the one outside come back after it was seen that nobody can go on."""

        def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
            return max(runnable)

        def standstill(self, pending: Mapping[int, Operation], *, left: bool) -> None:
            task = here.task
            if task is not None and task.run.outside.count and not came_back:
                came_back.append(True)
                os.write(ends.pop(), b"x")
                while task.run.outside.count:
                    real.sleep(0.001)

    def scenario() -> None:
        reads, writes = os.pipe()
        if came_back:
            os.write(writes, b"x")
        ends.append(writes)
        done = threading.Event()

        def read() -> None:
            task = here.task
            assert task is not None
            with task.run.outside.stepping(task, "somewhere"):
                os.read(reads, 1)
            done.set()

        thread = threading.Thread(target=read)
        thread.start()
        done.wait()
        thread.join()
        os.close(reads)
        os.close(writes)

    verdict = explore(scenario, schedules=1, strategy=ComesBack())
    assert verdict.error is None, verdict.error
    assert verdict.grade is Grade.UNCONTROLLED
    assert came_back


def test_nobody_loses_the_turn_in_the_midst_of_what_a_double_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has put the item, and not woken yet who waits for it."""
    seized: list[bool] = []
    original = Run.progressed

    def progressed(run: Any) -> None:
        task = here.task
        if task is not None and task.id and not seized:
            run.outside.seize(task, run.steps, "somewhere")
            seized.append(run.current is not task)
        original(run)

    def scenario() -> None:
        items = queue.SimpleQueue[int]()
        thread = threading.Thread(target=items.put, args=(1,))
        thread.start()
        assert items.get() == 1
        thread.join()

    monkeypatch.setattr(Run, "progressed", progressed)
    monkeypatch.setattr(ThreadTask, "is_at_work", lambda _: True)
    verdict = explore(scenario, schedules=1)
    assert seized == [False]
    assert verdict.grade is Grade.SAMPLED


@pytest.mark.parametrize(
    ("module", "is_so"),
    [
        (turns, True),
        (simple_queue, True),
        (locks, True),
        (workers, True),
        (starting, True),
        (hangs_of_sockets, False),
        (world, False),
        (threading, False),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_it_is_at_work_where_it_decides_or_keeps_books(module: Any, is_so: bool) -> None:  # noqa: FBT001
    """Not where it calls for the user what may wait for the world."""
    code = compile("here()", module.__file__, "eval")
    assert is_at_work(eval(code, {**vars(module), "here": lambda: sys._getframe(1)})) is is_so


@pytest.mark.slow
def test_a_run_that_has_failed_waits_for_nothing_outside_that_never_comes() -> None:
    reads, writes = os.pipe()

    def fail() -> None:
        raise ValueError("wrong")

    began = time.monotonic()
    verdict = explore(lambda: together(lambda: os.read(reads, 1), fail), seconds=60, schedules=2)
    assert time.monotonic() - began < 40
    assert verdict.reason == "Thread-2 (fail) raised ValueError: wrong (schedule 1)"
    os.write(writes, b"....")  # who was left behind goes
    os.close(writes)


def test_a_run_that_has_failed_waits_for_what_does_come() -> None:
    def fail() -> None:
        raise ValueError("wrong")

    def scenario() -> None:
        together(lambda: subprocess.run(["sleep", "0.5"], check=True), fail)
        raise KeyError("later")

    verdict = explore(scenario, schedules=1)
    assert verdict.grade is Grade.FAILED
    assert "KeyError: 'later'" in str(verdict)


def test_a_thread_from_elsewhere_that_is_woken_may_answer() -> None:
    asked: list[threading.Event] = []
    begun, over = threading.Semaphore(0), threading.Event()

    def answer() -> None:
        while begun.acquire() and not over.is_set():
            asked[-1].set()

    def ask() -> None:
        asked.append(threading.Event())
        begun.release()
        assert asked[-1].wait(60)

    foreign = threading.Thread(target=answer)
    foreign.start()
    try:
        verdict = explore(ask, schedules=5)
    finally:
        over.set()
        begun.release()
        foreign.join()
    assert verdict.reason == "everybody waited outside the engine's control: a foreign thread that main wakes"


def test_a_thread_from_elsewhere_that_waits_for_an_item_may_answer() -> None:
    asked: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def answer() -> None:
        while (answers := asked.get()) is not None:
            real.sleep(0.05)
            answers.put(3)

    def ask() -> int:
        answers: queue.Queue[int] = queue.Queue()
        asked.put(answers)
        return answers.get(timeout=60)

    foreign = threading.Thread(target=answer)
    foreign.start()
    try:
        verdict = explore(ask, schedules=5)
    finally:
        asked.put(None)
        foreign.join()
    assert set(verdict.outcomes) == {"3"}, str(verdict)
    assert verdict.reason == "everybody waited outside the engine's control: a foreign thread that main wakes"


def test_a_pool_of_threads_from_elsewhere_answers_and_lives_on() -> None:
    with ThreadPool(2) as pool:
        for _ in range(3):  # its threads may be in the midst of anything when a run ends
            verdict = explore(lambda: pool.map(abs, [-1, -2, -3]), schedules=5)
            assert set(verdict.outcomes) == {"[1, 2, 3]"}, str(verdict)
            assert verdict.grade is Grade.UNCONTROLLED
        assert pool.apply_async(abs, (-4,)).get(timeout=10) == 4


def test_a_lock_of_multiprocessing_that_a_thread_from_elsewhere_holds_stays_its_own() -> None:
    lock, waits, other = multiprocessing.Lock(), multiprocessing.Lock(), multiprocessing.Lock()
    begun, held, end = (real.allocate_lock() for _ in range(3))
    for each in (begun, held, end):
        each.acquire()
    errors: list[ValueError] = []

    def hold() -> None:
        begun.acquire()
        lock.acquire()
        held.release()
        end.acquire()
        try:
            lock.release()
        except ValueError as error:  # released already
            errors.append(error)

    runs: list[int] = []

    def scenario() -> None:
        runs.append(1)
        if len(runs) == 1:
            begun.release()
            held.acquire()
        waits.acquire()  # and is not given back by this run
        with other:
            pass

    foreign = threading.Thread(target=hold)
    foreign.start()
    explore(scenario, schedules=2)
    assert [each.acquire(block=False) for each in (lock, waits, other)] == [False, True, True]
    end.release()
    foreign.join()
    assert errors == []


def test_a_loop_in_a_thread_from_elsewhere_may_answer() -> None:
    loop = asyncio.new_event_loop()
    foreign = threading.Thread(target=loop.run_forever)
    foreign.start()

    async def answer() -> int:
        await asyncio.sleep(0.1)
        return 3

    try:
        verdict = explore(lambda: asyncio.run_coroutine_threadsafe(answer(), loop).result(timeout=60), schedules=5)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        foreign.join()
        loop.close()
    assert set(verdict.outcomes) == {"3"}, str(verdict)
    assert verdict.reason == "everybody waited outside the engine's control: a foreign thread that main wakes"


def test_one_that_says_nothing_lets_time_pass_all_the_same() -> None:
    begun = threading.Semaphore(0)
    foreign = threading.Thread(target=begun.acquire)
    foreign.start()

    def wake() -> bool:
        begun.release()
        return threading.Event().wait(3600)

    began = time.monotonic()
    verdict = explore(wake, schedules=1)
    foreign.join()
    assert set(verdict.outcomes) == {"False"}
    assert time.monotonic() - began < 30

"""Child processes of multiprocessing under control: who goes next is decided at every operation they meet at."""

import asyncio
import contextlib
import io
import mmap
import multiprocessing
import multiprocessing.shared_memory
import os
import queue
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import pytest
from programs.out_of_time import OUTCOMES, waits_of_two

from pytest_concurrency import DeadlockFound, Grade, RaceFound, Verdict, explore
from pytest_concurrency._engine import ending
from pytest_concurrency._oracles import deadlocks
from pytest_concurrency._runtimes.processes import children

FORK = multiprocessing.get_context("fork")
WATCH = [__name__]
pytestmark = pytest.mark.slow


def tried(scenario: Callable[[], Any], **settings: Any) -> Verdict:
    return explore(scenario, **{"watch": WATCH, "seconds": 30.0, **settings})


def start(*targets: Any) -> list[Any]:
    """Start one process for each (function, arguments)."""
    processes = [FORK.Process(target=target, args=arguments) for target, *arguments in targets]
    for process in processes:
        process.start()
    return processes


def join(processes: list[Any]) -> None:
    for process in processes:
        process.join()


def two(target: Callable[..., object], *arguments: Any) -> None:
    """Run a function in two processes, to their ends."""
    join(start((target, *arguments), (target, *arguments)))


def add_in_two_periods(lock: Any, total: Any) -> None:
    with lock:
        seen = total.value
    with lock:
        total.value = seen + 1


def lost_update() -> None:
    lock, total = FORK.Lock(), FORK.Value("i", 0, lock=False)
    two(add_in_two_periods, lock, total)
    assert total.value == 2, f"{total.value} of 2"


def test_a_lost_update_is_found_told_in_lanes_and_replayed() -> None:
    verdict = tried(lost_update)
    assert type(verdict.error) is RaceFound
    told = str(verdict.error)
    assert "main raised AssertionError: 1 of 2" in told
    assert re.search(r"^  main Process-1 Process-2$", told, re.MULTILINE)
    assert re.search(r"^  \.    \*         \. +test_processes\.py:\d+  seen = total\.value$", told, re.MULTILINE)
    assert "read total.value = 0" in told
    assert "write total.value = 1" in told
    assert "from the read to the write" in told
    assert verdict.replay is not None
    again = tried(lost_update, replay=verdict.replay)
    assert str(again.error) == told


def add_in_one_period(lock: Any, total: Any) -> None:
    with lock:
        total.value += 1


def test_one_critical_section_is_proved_right() -> None:
    def scenario() -> int:
        lock, total = FORK.Lock(), FORK.Value("i", 0, lock=False)
        two(add_in_one_period, lock, total)
        return int(total.value)

    verdict = tried(scenario, strategy="dpor")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, {"2"})
    assert verdict.schedules <= 13


# -- every primitive: what goes wrong without it is found, and with it nothing is


@pytest.mark.slow
@pytest.mark.parametrize("make", [threading.Lock, queue.SimpleQueue])
def test_a_thread_of_a_child_that_is_out_of_time_gives_up_though_another_was_quicker(make: Callable[[], Any]) -> None:
    """Its own process does not know yet that its time is up, when another thread there gets what both wait for."""

    def scenario() -> list[tuple[bool, float]]:
        found = FORK.SimpleQueue()
        (child,) = start((lambda: found.put(waits_of_two(make)),))
        told: list[tuple[bool, float]] = found.get()
        join([child])
        return told

    watch = [*WATCH, waits_of_two.__module__]
    verdict = tried(scenario, watch=watch, strategy="random", schedules=60, stop_on_failure=False)
    assert set(verdict.outcomes) == OUTCOMES, verdict


def took(lock: Any, total: Any) -> None:
    lock.acquire()
    total.value += 1
    lock.release()


def counted(make: Callable[[], Any]) -> Callable[[], int]:
    def scenario() -> int:
        lock, total = make(), FORK.Value("i", 0, lock=False)
        two(took, lock, total)
        return int(total.value)

    return scenario


EXCLUDES = (FORK.Lock, FORK.RLock, FORK.Semaphore, FORK.BoundedSemaphore, FORK.Condition)


@pytest.mark.parametrize("make", EXCLUDES, ids=lambda make: make.__name__)
def test_what_excludes_is_proved_to_exclude(make: Callable[[], Any]) -> None:
    verdict = tried(counted(make), strategy="dpor")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, {"2"})


def test_two_permits_exclude_nobody() -> None:
    verdict = tried(counted(lambda: FORK.Semaphore(2)), strategy="dpor")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, {"1", "2"})


def add_to_locked(total: Any) -> None:
    total.value += 1


def test_the_lock_of_a_value_is_no_critical_section() -> None:
    def scenario() -> int:
        total = FORK.Value("i", 0)
        two(add_to_locked, total)
        return int(total.value)

    verdict = tried(scenario, strategy="dpor")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, {"1", "2"})


def write_at(array: Any, index: int) -> None:
    array[index] = index + 1


def test_items_of_an_array_are_no_matter_to_each_other() -> None:
    def scenario() -> list[int]:
        array = FORK.Array("i", 3, lock=False)
        join(start(*((write_at, array, index) for index in range(3))))
        return list(array)

    verdict = tried(scenario, strategy="dpor")
    sees_views = sys.version_info >= (3, 12)
    assert verdict.grade is (Grade.PROVED if sees_views else Grade.SAMPLED)
    assert set(verdict.outcomes) == {"[1, 2, 3]"}
    assert verdict.schedules == 1, verdict.reason


def use_a_queue_alone() -> None:
    alone: queue.SimpleQueue[int] = queue.SimpleQueue()
    alone.put(1)
    alone.get()


def test_what_only_one_process_has_is_no_matter_to_others() -> None:
    verdict = tried(lambda: two(use_a_queue_alone), strategy="dpor")
    assert (verdict.grade, verdict.schedules) == (Grade.PROVED, 1)


def view(array: Any) -> None:
    memoryview(array).cast("B")[0] = 1


def raise_byte(memory: Any) -> None:
    memory[0] += 1


def raise_byte_of_file(handle: int) -> None:
    os.pwrite(handle, bytes([os.pread(handle, 1, 0)[0] + 1]), 0)


@contextlib.contextmanager
def shared_memory() -> Iterator[Any]:
    memory = multiprocessing.shared_memory.SharedMemory(create=True, size=1)
    yield memory.buf
    memory.close()
    memory.unlink()


@contextlib.contextmanager
def memory_file() -> Iterator[int]:
    handle = os.memfd_create("bytes")
    os.pwrite(handle, b"a", 0)
    yield handle
    os.close(handle)


@pytest.mark.parametrize(
    ("make", "target"),
    [
        (shared_memory, raise_byte),
        (lambda: mmap.mmap(-1, 1), raise_byte),
        (memory_file, raise_byte_of_file),
    ],
    ids=["shared_memory", "mmap", "file"],
)
def test_memory_and_files_that_are_older_than_the_scenario_take_the_proof_away(
    make: Callable[[], Any], target: Callable[[Any], None]
) -> None:
    with make() as older:
        verdict = tried(lambda: two(target, older), strategy="dpor", schedules=30)
    assert verdict.grade is Grade.SAMPLED
    assert "no proof" in verdict.reason
    multiprocessing.resource_tracker._resource_tracker._stop()  # type: ignore[attr-defined] # it is a child, too


def test_files_for_output_take_no_proof_away(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w"), tempfile.TemporaryFile("w+"):
        assert tried(lambda: two(use_a_queue_alone), strategy="dpor").grade is Grade.PROVED


def read_file(name: str) -> None:
    with io.FileIO(name) as file:  # what `open` builds on, and nobody else calls
        file.read()


def read_database(name: str) -> None:
    sqlite3.connect(f"{name}.sqlite").execute("SELECT 1").connection.close()


READS = {"a view": view, "a file": read_file, "a database": read_database}
LINES = {
    "a file": "with io.FileIO(name) as file:",
    "a database": 'sqlite3.connect(f"{name}.sqlite").execute("SELECT 1").connection.close()',
}


@pytest.mark.parametrize("how", READS)
def test_what_cannot_be_seen_is_no_proof(how: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("text", encoding="utf-8")

    def scenario() -> None:
        array = FORK.Array("i", 2, lock=False)
        join(start((READS[how], array if how == "a view" else str(file))))

    verdict = tried(scenario, strategy="dpor")
    assert (verdict.grade, verdict.schedules) == (Grade.SAMPLED, 1)
    assert "no proof" in verdict.reason
    assert LINES.get(how, "") in verdict.reason, verdict.reason


def wait_for(event: Any, total: Any) -> None:
    event.wait()
    total.value += 1


def test_an_event_lets_all_go_who_wait_for_it() -> None:
    def scenario() -> int:
        event, total = FORK.Event(), FORK.Value("i", 0, lock=False)
        processes = start((wait_for, event, total))
        before = int(total.value)
        event.set()
        join(processes)
        return before + int(total.value)

    assert set(tried(scenario, strategy="dpor").outcomes) == {"1"}


def fill(condition: Any, full: Any) -> None:
    with condition:
        full.value = 1
        condition.notify()


def test_a_condition_is_notified_or_its_predicate_is_true() -> None:
    def scenario() -> int:
        condition, full = FORK.Condition(), FORK.Value("i", 0, lock=False)
        processes = start((fill, condition, full))
        with condition:
            while not full.value:
                condition.wait()
        join(processes)
        return int(full.value)

    verdict = tried(scenario, strategy="dpor")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, {"1"})


def test_a_wait_without_a_predicate_misses_its_notification() -> None:
    def scenario() -> None:
        condition, full = FORK.Condition(), FORK.Value("i", 0, lock=False)
        processes = start((fill, condition, full))
        with condition:
            condition.wait()
        join(processes)

    verdict = tried(scenario)
    assert type(verdict.error) is DeadlockFound
    assert "waits in Condition.wait on Condition `condition`" in str(verdict.error)


def meet(barrier: Any, total: Any) -> None:
    with total.get_lock():
        total.value += 1
    barrier.wait()
    with total.get_lock():
        total.value += total.value * 10


def test_nobody_passes_a_barrier_before_all_have_come() -> None:
    def scenario() -> int:
        barrier, total = FORK.Barrier(2), FORK.Value("i", 0)
        two(meet, barrier, total)
        return int(total.value)

    assert set(tried(scenario, schedules=40).outcomes) == {str(2 * 11 * 11)}


def answer(end: Any) -> None:
    end.send(end.recv() + 1)
    end.close()


def test_a_pipe_brings_what_was_sent_and_then_its_end() -> None:
    def scenario() -> list[Any]:
        here, there = FORK.Pipe()
        processes = start((answer, there))
        there.close()
        here.send(1)
        got = [here.recv()]
        with suppress(EOFError):
            got.append(here.recv())
        join(processes)
        return got

    verdict = tried(scenario, strategy="dpor")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, {"[2]"})


def test_an_end_that_is_left_open_keeps_the_reader_waiting() -> None:
    def scenario() -> None:
        reader, writer = FORK.Pipe(duplex=False)
        processes = start((send_one, writer))
        reader.recv()
        with suppress(EOFError):
            reader.recv()
        join(processes)
        writer.close()

    verdict = tried(scenario)
    assert type(verdict.error) is DeadlockFound
    assert "waits in Connection.recv on Connection `reader, writer`" in str(verdict.error)


def send_one(end: Any) -> None:
    end.send(1)
    end.close()


def send_much(end: Any) -> None:
    end.send_bytes(bytes(300_000))
    end.close()


def test_a_full_pipe_waits_until_somebody_reads() -> None:
    def scenario() -> int:
        reader, writer = FORK.Pipe(duplex=False)
        processes = start((send_much, writer))
        writer.close()
        got = len(reader.recv_bytes())
        join(processes)
        return got

    assert set(tried(scenario, schedules=10).outcomes) == {"300000"}


def test_a_child_that_is_joined_before_its_pipe_is_drained_waits_for_ever() -> None:
    def scenario() -> None:
        reader, writer = FORK.Pipe(duplex=False)
        processes = start((send_much, writer))
        writer.close()
        join(processes)
        reader.recv_bytes()

    verdict = tried(scenario)
    assert type(verdict.error) is DeadlockFound
    assert "waits in Process.join on process ForkProcess-1" in str(verdict.error)
    assert "waits in Connection.send_bytes on Connection `reader, writer`" in str(verdict.error)


def put_two(queue: Any) -> None:
    queue.put(1)
    queue.put(2)


@pytest.mark.parametrize("make", [FORK.Queue, FORK.SimpleQueue], ids=["Queue", "SimpleQueue"])
def test_a_queue_keeps_the_order_of_one_producer(make: Callable[[], Any]) -> None:
    def scenario() -> list[int]:
        queue = make()
        processes = start((put_two, queue))
        got = [queue.get(), queue.get()]
        join(processes)
        return got

    assert set(tried(scenario, schedules=25).outcomes) == {"[1, 2]"}


def put_much(queue: Any) -> None:
    queue.put(bytes(300_000))


def test_a_child_is_joined_before_its_queue_is_drained() -> None:
    def scenario() -> None:
        queue = FORK.Queue()
        join(start((put_much, queue)))
        queue.get()

    told = str(tried(scenario).error)
    assert told.startswith("deadlock: main, ForkProcess-1, QueueFeederThread wait for ever")
    assert re.search(
        r"ForkProcess-1 +waits in Thread\.join on thread QueueFeederThread\n(?: +at .*process\.start\(\)\n)?  Q", told
    )
    assert "waits in Connection.send_bytes on Connection `queue`" in told


def meet_alone(barrier: Any) -> None:
    barrier.wait()


def test_a_party_that_does_not_come_keeps_the_barrier_shut() -> None:
    def scenario() -> None:
        barrier = FORK.Barrier(3)
        two(meet_alone, barrier)

    told = str(tried(scenario).error)
    assert told.count("waits in Barrier.wait on Barrier `barrier`") == 2
    assert "fewer tasks come to the barrier than it has parties" in " ".join(told.split())


def take(queue: Any) -> None:
    queue.get()


def test_one_end_marker_for_two_consumers_leaves_one_waiting() -> None:
    def scenario() -> None:
        queue = FORK.Queue()
        processes = start((take, queue), (take, queue))
        queue.put(None)
        join(processes)

    verdict = tried(scenario)
    assert type(verdict.error) is DeadlockFound
    assert "waits in Queue.get on Queue `queue`" in str(verdict.error)


def work_off(queue: Any) -> None:
    while queue.get() is not None:
        queue.task_done()
    queue.task_done()


def test_a_joinable_queue_is_joined_when_all_is_done() -> None:
    def scenario() -> str:
        queue = FORK.JoinableQueue()
        processes = start((work_off, queue))
        for item in (1, None):
            queue.put(item)
        queue.join()
        join(processes)
        return "joined"

    assert set(tried(scenario, schedules=15).outcomes) == {"'joined'"}


def test_who_never_says_that_it_is_done_keeps_the_join_waiting() -> None:
    def scenario() -> None:
        queue = FORK.JoinableQueue()
        processes = start((take, queue))
        queue.put(1)
        join(processes)
        queue.join()

    verdict = tried(scenario)
    assert type(verdict.error) is DeadlockFound
    assert "waits in JoinableQueue.join on JoinableQueue `queue`" in str(verdict.error)


def test_a_wait_for_several_answers_with_those_that_are_ready() -> None:
    def scenario() -> int:
        reader, writer = FORK.Pipe(duplex=False)
        (process,) = start((send_one, writer))
        writer.close()
        ready = wait([reader, process.sentinel])
        reader.recv()
        process.join()
        return len(ready)

    assert set(tried(scenario, strategy="random", schedules=40).outcomes) == {"1", "2"}


# -- the ends of processes


def hold_for_ever(lock: Any) -> None:
    with lock:
        time.sleep(1000)


def test_a_lock_that_a_killed_process_held_stays_taken() -> None:
    def scenario() -> None:
        lock = FORK.Lock()
        (process,) = start((hold_for_ever, lock))
        time.sleep(1)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        lock.acquire()

    verdict = tried(scenario)
    assert type(verdict.error) is DeadlockFound
    assert "held by ForkProcess-1, which has ended (killed by SIGKILL)" in str(verdict.error)


def cross(first: Any, second: Any) -> None:
    with first, second:
        pass


def test_a_deadlock_of_processes_names_who_holds_what() -> None:
    def scenario() -> None:
        left = FORK.Lock()
        right = FORK.Lock()
        join(start((cross, left, right), (cross, right, left)))

    verdict = tried(scenario)
    assert type(verdict.error) is DeadlockFound
    told = str(verdict.error)
    assert re.search(r"ForkProcess-1  waits in Lock\.acquire on Lock `right`\n +held by ForkProcess-2\n", told)
    assert re.search(r"ForkProcess-2  waits in Lock\.acquire on Lock `left`\n +held by ForkProcess-1\n", told)
    assert "take these in\n  the same order everywhere" in told


def test_locks_in_different_orders_are_predicted_with_their_places() -> None:
    def scenario() -> None:
        left = FORK.Lock()
        right = FORK.Lock()
        join(start((cross, left, right)))
        join(start((cross, right, left)))

    told = str(tried(scenario, schedules=3))
    assert re.search(r"predicted.*: Lock `left` .* and Lock `right` .* are taken in different orders", told)
    place = r"at \S+test_processes\.py:\d+"
    assert re.search(f"ForkProcess-1 takes Lock `left` {place}, then Lock `right` {place}", told)
    assert re.search(f"ForkProcess-2 takes Lock `right` {place}, then Lock `left` {place}", told)


def fail() -> None:
    raise ZeroDivisionError("on purpose")


def test_what_ends_a_child_is_told_with_its_place() -> None:
    verdict = tried(lambda: join(start((fail,))))
    told = str(verdict.error)
    assert told.startswith("ForkProcess-1 raised ZeroDivisionError: on purpose\n")
    assert re.search(r'test_processes\.py:\d+ in fail: raise ZeroDivisionError\("on purpose"\)', told)
    assert verdict.error is not None
    assert type(verdict.error.__cause__) is ZeroDivisionError


def test_who_asks_how_a_child_has_ended_judges_it_himself() -> None:
    def scenario() -> Any:
        (process,) = start((fail,))
        process.join()
        return process.exitcode

    assert set(tried(scenario, schedules=2).outcomes) == {"1"}


# -- time


def sleep_and_look(late: Any, began: float) -> None:
    time.sleep(3600)
    late.value = time.monotonic() - began


def test_virtual_time_spans_parent_and_children() -> None:
    def scenario() -> tuple[bool, float, float]:
        late, began = FORK.Value("d", 0, lock=False), time.monotonic()
        (process,) = start((sleep_and_look, late, began))
        process.join(1800)
        alive = process.is_alive()
        process.join()
        return alive, late.value, time.monotonic() - began

    assert set(tried(scenario, schedules=3).outcomes) == {"(True, 3600.0, 3600.0)"}


def take_late(lock: Any, got: Any) -> None:
    got.value = lock.acquire(timeout=10)


def test_a_lock_gives_up_in_virtual_time() -> None:
    def scenario() -> tuple[int, float]:
        lock, got, began = FORK.Lock(), FORK.Value("i", 5, lock=False), time.monotonic()
        lock.acquire()
        join(start((take_late, lock, got)))
        return got.value, time.monotonic() - began

    assert set(tried(scenario, schedules=3).outcomes) == {"(0, 10.0)"}


BEFORE = {"Lock": FORK.Lock(), "RLock": FORK.RLock()}
"""Made before any exploration, as a module makes them."""


def keep(which: str) -> None:
    BEFORE[which].acquire()
    time.sleep(1000)


@pytest.mark.parametrize("which", BEFORE)
def test_what_a_killed_process_held_of_an_earlier_schedule_is_free_in_the_next(which: str) -> None:
    def scenario() -> bool:
        free = BEFORE[which].acquire(block=False)
        if free:
            BEFORE[which].release()
        (process,) = start((keep, which))
        time.sleep(1)
        process.kill()
        process.join()
        return bool(free)

    verdict = tried(scenario, schedules=3)
    assert set(verdict.outcomes) == {"True"}
    assert BEFORE[which].acquire(block=False)
    BEFORE[which].release()


def take_before(which: str, total: Any) -> None:
    with BEFORE[which]:
        total.value += 1


def test_a_lock_of_the_module_is_under_control() -> None:
    def scenario() -> int:
        total = FORK.Value("i", 0, lock=False)
        two(take_before, "Lock", total)
        return int(total.value)

    verdict = tried(scenario, strategy="dpor")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, {"2"})


def start_another(total: Any) -> None:
    join(start((add_to_locked, total)))


def test_grandchildren_are_under_control() -> None:
    def scenario() -> int:
        total = FORK.Value("i", 0, lock=False)
        two(start_another, total)
        return int(total.value)

    verdict = tried(scenario, strategy="dpor")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, {"1", "2"})


def leave(status: int) -> None:
    os._exit(status)


def end_itself(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    ("target", "argument", "code"), [(sys.exit, 5, 5), (leave, 4, 4), (end_itself, signal.SIGKILL, -9)]
)
def test_how_a_process_ends_is_its_exit_code(target: Any, argument: int, code: int) -> None:
    def scenario() -> Any:
        (process,) = start((target, argument))
        process.join()
        return process.exitcode

    assert set(tried(scenario, schedules=2).outcomes) == {str(code)}


def raise_exit(*_: Any) -> None:
    raise SystemExit(3)


def clean_up_at_the_end(ready: Any, clean: Any) -> None:
    signal.signal(signal.SIGTERM, raise_exit)
    ready.set()
    try:
        time.sleep(1000)
    finally:
        clean.value = 1


def test_who_handles_a_signal_ends_as_its_handler_says() -> None:
    def scenario() -> tuple[Any, int]:
        ready, clean = FORK.Event(), FORK.Value("i", 0, lock=False)
        (process,) = start((clean_up_at_the_end, ready, clean))
        ready.wait()
        process.terminate()
        process.join()
        return process.exitcode, clean.value

    verdict = tried(scenario, schedules=5)
    assert set(verdict.outcomes) == {"(3, 1)"}
    assert verdict.grade is Grade.SAMPLED


# -- what is not under control


def square(number: int) -> int:
    return number * number


def with_a_pool() -> list[int]:
    with FORK.Pool(2) as pool:
        return pool.map(square, [1, 2, 3])


def with_an_executor() -> list[int]:
    with ProcessPoolExecutor(2, mp_context=FORK) as pool:
        return list(pool.map(square, [1, 2, 3]))


def with_a_manager() -> list[int]:
    with FORK.Manager() as manager:
        return list(manager.list([1, 4, 9]))


@pytest.mark.parametrize("scenario", [with_a_pool, with_an_executor, with_a_manager])
def test_a_pool_is_not_under_control_and_says_so(scenario: Callable[[], list[int]]) -> None:
    verdict = tried(scenario, schedules=2, races="ignore")
    assert verdict.grade is Grade.UNCONTROLLED
    assert set(verdict.outcomes) == {"[1, 4, 9]"}
    assert re.search(
        r"main waited outside the engine's control: .*test_processes\.py:\d+: (with|return) ", verdict.reason
    )


def test_a_pool_beside_processes_under_control_ends_the_run() -> None:
    def scenario() -> None:
        lock = FORK.Lock()
        lock.acquire()
        start((cross, lock, FORK.Lock()))
        with_a_pool()

    verdict = tried(scenario, schedules=2, races="ignore")
    assert (verdict.grade, verdict.schedules) == (Grade.UNCONTROLLED, 1)


def wait_in_the_world(seconds: str) -> None:
    subprocess.run(["sleep", seconds], check=True)


def test_a_child_that_waits_outside_is_told_with_its_place() -> None:
    verdict = tried(lambda: join(start((wait_in_the_world, "0.5"))), schedules=1, races="ignore")
    assert verdict.grade is Grade.UNCONTROLLED
    assert re.search(r"^ForkProcess-1 waited outside .*test_processes\.py:\d+: def wait_in_the_world", verdict.reason)


def run_for_ever() -> None:
    while True:
        pass


def wait_for_ever() -> None:
    subprocess.run(["cat"], stdin=os.pipe()[0], check=True)  # ends with this process, which has the other end


def wait_without_a_line() -> None:
    os.closerange(3, 256)
    signal.sigwait([signal.SIGUSR1])


def test_a_queue_takes_its_own_locks_in_an_order_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def tries(_seed: int) -> None:
        pytest.fail("an order of the locks inside a queue was tried")

    monkeypatch.setattr(deadlocks, "Meet", tries)

    def scenario() -> None:
        letters = FORK.Queue()
        children = start((letters.put, 1))
        assert letters.get() == 1
        join(children)

    assert tried(scenario, schedules=3).schedules == 3


def put_under(lock: Any, letters: Any) -> None:
    with lock:
        letters.put(1)


def test_the_order_of_a_lock_and_a_queue_is_tried() -> None:
    def scenario() -> None:
        lock = FORK.Lock()
        letters = FORK.SimpleQueue()
        children = start((put_under, lock, letters))
        children[0].join(0)
        with lock:
            letters.get()
        join(children)

    assert tried(scenario, schedules=30).grade is Grade.FAILED


def ends_its_own_child() -> None:
    child = FORK.Process(target=time.sleep, args=(1000,))
    child.start()
    child.terminate()
    child.join()
    assert child.exitcode == -signal.SIGTERM


def test_a_child_ends_its_own() -> None:
    def scenario() -> None:
        (child,) = start((ends_its_own_child,))
        child.join()
        assert child.exitcode == 0

    assert tried(scenario, schedules=2).grade is not Grade.FAILED


@pytest.mark.parametrize("target", [run_for_ever, wait_for_ever, wait_without_a_line])
def test_a_child_that_never_ends_is_ended_with_the_run(target: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "BACK_WITHIN", 30.0)  # what can be ended at once is not waited for
    monkeypatch.setattr(children, "DIES_WITHIN", 30.0)
    began = time.monotonic()
    verdict = tried(lambda: join(start((target,))), seconds=1.0, races="ignore")
    assert verdict.grade in (Grade.UNFINISHED, Grade.UNCONTROLLED)
    assert time.monotonic() - began < 3  # it would wait for ever


def open_a_loop() -> None:
    asyncio.run(asyncio.sleep(1))


def test_an_event_loop_in_a_child_is_not_under_control() -> None:
    verdict = tried(lambda: join(start((open_a_loop,))), races="ignore")
    assert verdict.grade is Grade.UNCONTROLLED


def add_in_threads(total: Any) -> None:
    threads = [threading.Thread(target=add_to_locked, args=(total,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_threads_of_a_child_are_tasks_too_and_prove_nothing() -> None:
    def scenario() -> int:
        total = FORK.Value("i", 0, lock=False)
        join(start((add_in_threads, total)))
        return int(total.value)

    verdict = tried(scenario, strategy="dpor", schedules=30)
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.SAMPLED, {"1", "2"})


def leave_a_thread(ended: Any, *, daemon: bool = False) -> None:
    def work() -> None:
        time.sleep(1000)
        ended.value += 1

    def start_another() -> None:
        time.sleep(10)
        threading.Thread(target=work, daemon=daemon).start()

    threading.Thread(target=start_another, daemon=daemon).start()


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.parametrize("daemon", [False, True])
def test_the_end_of_a_child_waits_for_its_threads_and_not_for_daemons(method: str, *, daemon: bool) -> None:
    context: Any = multiprocessing.get_context(method)

    def scenario() -> tuple[int, float, int | None]:
        ended, began = context.Value("i", 0), time.monotonic()
        child = context.Process(target=leave_a_thread, args=(ended,), kwargs={"daemon": daemon})
        child.start()
        child.join()
        return int(ended.value), time.monotonic() - began, child.exitcode

    verdict = tried(scenario, schedules=3)
    assert set(verdict.outcomes) == ({"(0, 0.0, 0)"} if daemon else {"(1, 1010.0, 0)"})


def test_a_process_that_starts_beside_threads_is_no_proof() -> None:
    def scenario() -> int:
        lock, total = FORK.Lock(), FORK.Value("i", 0, lock=False)
        thread = threading.Thread(target=add_in_one_period, args=(lock, total))
        thread.start()
        join(start((add_in_one_period, lock, total)))
        thread.join()
        return int(total.value)

    verdict = tried(scenario, strategy="dpor")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.SAMPLED, {"2"})


def test_who_uses_no_processes_loads_nothing_of_them(tmp_path: Path) -> None:
    script = (
        "import sys, threading; before = set(sys.modules)\n"
        "from pytest_concurrency import explore\n"
        "explore(lambda: threading.Thread(target=int).start(), schedules=2)\n"
        "print([n for n in sys.modules if n.partition('.')[0] == 'multiprocessing' and n not in before])\n"
        "print([n for n in sys.modules if n == 'pytest_concurrency._runtimes.processes.staged'])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == ("[]\n[]\n", 0)


def test_the_same_schedule_reads_the_same_every_time() -> None:
    verdict = tried(lost_update, races="ignore")
    told = {str(tried(lost_update, races="ignore", replay=verdict.replay).error) for _ in range(20)}
    assert told == {str(verdict.error)}

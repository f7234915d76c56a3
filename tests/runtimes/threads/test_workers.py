"""Threads of the system that serve one schedule after the other: no task can tell one from a new thread."""

import _thread
import asyncio
import contextvars
import os
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from controlled import TESTS

from pytest_concurrency import Grade, Verdict, explore
from pytest_concurrency._core.strategies.random_walk import RandomWalk
from pytest_concurrency._engine.stage import Stage
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads.kind import Threads
from pytest_concurrency._runtimes.threads.serving import workers
from pytest_concurrency._runtimes.threads.serving.keepers import Keepers
from pytest_concurrency._runtimes.threads.serving.leavings import Leavings
from pytest_concurrency._sight.watching import Watch

USUAL = os.getpriority(os.PRIO_PROCESS, 0)
here = threading.local()
told: contextvars.ContextVar[str] = contextvars.ContextVar("told", default="nothing")


def tried(*targets: Callable[[], object], schedules: int = 12) -> Verdict:
    """Let threads with these targets run in several schedules; one that raises fails."""

    def scenario() -> None:
        threads = [threading.Thread(target=target) for target in targets]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

    verdict = explore(scenario, strategy="random", schedules=schedules, seconds=60)
    assert verdict.grade is not Grade.FAILED, str(verdict)
    return verdict


@pytest.fixture
def natives(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    monkeypatch.setattr(Keepers, "are_there", lambda _: False)  # another test may have imported one
    return []


def test_they_are_used_again(natives: list[int]) -> None:
    tried(lambda: natives.append(threading.get_native_id()), lambda: natives.append(threading.get_native_id()))
    assert len(natives) >= 24
    assert len(set(natives)) <= 4  # two of the first schedule, and two from then on


def test_bare_ones_too(natives: list[int]) -> None:
    def scenario() -> None:
        done = _thread.allocate_lock()
        done.acquire()

        def work() -> None:
            natives.append(threading.get_native_id())
            assert isinstance(threading.current_thread(), threading._DummyThread)
            done.release()

        _thread.start_new_thread(work, ())
        done.acquire()

    verdict = explore(scenario, strategy="random", schedules=8, seconds=60)
    assert verdict.grade is not Grade.FAILED, str(verdict)
    assert len(natives) >= 8


def leave_a_local() -> None:
    assert not hasattr(here, "value")
    here.value = 1


def leave_a_context() -> None:
    assert told.get() == "nothing"
    told.set("something")


def leave_a_tracer() -> None:
    assert sys.gettrace() is None or sys.version_info < (3, 12)  # which is watched by a tracer
    sys.settrace(lambda *_: None)


def leave_a_profiler() -> None:
    assert sys.getprofile() is None
    sys.setprofile(lambda *_: None)


def leave_hooks() -> None:
    assert sys.get_asyncgen_hooks().firstiter is None
    sys.set_asyncgen_hooks(firstiter=lambda _: None)


def leave_origins() -> None:
    assert sys.get_coroutine_origin_tracking_depth() == 0
    sys.set_coroutine_origin_tracking_depth(3)


def leave_a_loop() -> None:
    assert asyncio._get_running_loop() is None
    asyncio._set_running_loop(SimpleNamespace())  # type: ignore[arg-type]


def leave_a_blocked_signal() -> None:
    assert signal.SIGUSR1 not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGUSR1,))


def leave_a_priority() -> None:
    native = threading.get_native_id()
    assert os.getpriority(os.PRIO_PROCESS, native) == USUAL
    os.setpriority(os.PRIO_PROCESS, native, USUAL + 1)


def leave_an_error_number() -> None:
    import ctypes

    assert ctypes.get_errno() == 0
    ctypes.set_errno(7)


@pytest.mark.parametrize(
    "leave",
    [
        leave_a_local,
        leave_a_context,
        leave_a_tracer,
        leave_a_profiler,
        leave_hooks,
        leave_origins,
        leave_a_loop,
        leave_a_blocked_signal,
        leave_a_priority,
        leave_an_error_number,
    ],
)
def test_nothing_that_a_task_leaves_is_found_by_the_next(natives: list[int], leave: Callable[[], None]) -> None:
    tried(leave, leave)


def test_what_a_task_keeps_for_its_thread_ends_with_it() -> None:
    class Kept:
        pass

    kept: list[Any] = []

    def keep() -> None:
        end = real.monotonic() + 30
        while any(each() is not None for each in kept) and real.monotonic() < end:
            real.sleep(0)  # a thread of the system takes a moment to end
        assert [each() for each in kept] == [None] * len(kept)
        here.value = Kept()
        kept.append(weakref.ref(here.value))

    tried(keep)
    assert len(kept) >= 10


def test_numbers_and_names_are_those_of_the_running_thread() -> None:
    def ask() -> None:
        current = threading.current_thread()
        assert current.ident == threading.get_ident()
        assert current.native_id == threading.get_native_id()
        assert current.name.startswith("Thread-")
        assert current in threading.enumerate()
        assert current.is_alive()
        assert threading.active_count() >= 2

    tried(ask, ask, ask)


def test_those_who_live_at_the_same_time_have_numbers_of_their_own() -> None:
    def scenario() -> int:
        barrier, idents = threading.Barrier(3), set()

        def work() -> None:
            barrier.wait()
            idents.add((threading.get_ident(), threading.get_native_id()))
            barrier.wait()

        threads = [threading.Thread(target=work) for _ in range(3)]
        for each in threads:
            each.start()
        assert [each.native_id for each in threads if each.native_id is None] == []
        for each in threads:
            each.join()
        return len(idents)

    assert set(explore(scenario, strategy="random", schedules=10, seconds=60).outcomes) == {"3"}


def test_one_that_begins_when_another_has_ended_has_its_number(natives: list[int]) -> None:
    same: list[bool] = []

    def scenario() -> None:
        idents = []
        for _ in range(2):
            thread = threading.Thread(target=lambda: natives.append(threading.get_native_id()))
            thread.start()
            thread.join()
            idents.append(thread.ident)
        same.append(idents[0] == idents[1])

    explore(scenario, strategy="random", schedules=8, seconds=60)
    assert same[2:] == [True] * len(same[2:])
    assert len(set(natives[4:])) == 1


@pytest.mark.parametrize("clock", ["thread_time_ns", "clock_gettime_ns", "clock_gettime"])
def test_a_thread_counts_the_processor_time_of_its_task_alone(natives: list[int], clock: str) -> None:
    spent: list[float] = []

    def ask() -> float:
        if clock == "thread_time_ns":
            return time.thread_time_ns()
        told: float = getattr(time, clock)(time.CLOCK_THREAD_CPUTIME_ID)
        return told * 1e9 if clock == "clock_gettime" else told

    def work() -> None:
        spent.append(ask())
        end = ask() + 3_000_000
        while ask() < end:
            pass

    tried(work, schedules=10)
    assert max(spent) < 3_000_000 * 5  # and not that of ten


def test_what_ends_a_task_is_not_found_by_the_next() -> None:
    class Own(BaseException):
        pass

    def scenario() -> None:
        def work() -> None:
            assert sys.exc_info() == (None, None, None)
            raise Own

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    verdict = explore(scenario, strategy="random", schedules=5, seconds=60, stop_on_failure=False)
    assert "Own" in str(verdict)


def test_a_run_that_ends_in_a_deadlock_leaves_threads_that_serve_on(natives: list[int]) -> None:
    def scenario() -> None:
        first, second = threading.Lock(), threading.Lock()

        def take(one: Any, other: Any) -> None:
            natives.append(threading.get_native_id())
            with one, other:
                pass

        threads = [threading.Thread(target=take, args=locks) for locks in ((first, second), (second, first))]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

    strategy = RandomWalk(1)
    with Stage(Watch([TESTS]), (Threads(),)) as stage:
        ends = [stage.run(scenario, strategy, offered=set()).ended_by("deadlock") for _ in range(60)]
    assert True in ends
    assert False in ends
    assert len(natives) == 2 * len(ends)
    assert len(set(natives)) <= 4


def test_none_is_left_when_an_exploration_is_over() -> None:
    def count() -> int:
        return len(os.listdir("/proc/self/task"))

    if not os.path.isdir("/proc/self/task"):
        pytest.skip("only Linux tells")
    before = count()
    tried(int, int, leave_a_local)
    end = time.monotonic() + 30
    while count() > before and time.monotonic() < end:
        real.sleep(0)
    assert count() <= before


def test_beside_code_whose_marks_are_not_seen_each_task_has_a_thread_of_its_own(
    monkeypatch: pytest.MonkeyPatch, natives: list[int]
) -> None:
    monkeypatch.setattr(Keepers, "are_there", lambda _: True)
    tried(lambda: natives.append(threading.get_native_id()))
    assert len(set(natives)) == len(natives)


def test_another_size_of_stacks_is_had_at_once(natives: list[int]) -> None:
    before = threading.stack_size()
    try:

        def scenario() -> None:
            thread = threading.Thread(target=lambda: natives.append(threading.get_native_id()))
            thread.start()
            thread.join()
            threading.stack_size(1 << 20)

        explore(scenario, strategy="random", schedules=6, seconds=60)
    finally:
        threading.stack_size(before)
    assert len(set(natives)) == len(natives)


def test_one_that_was_struck_serves_nobody_any_more() -> None:
    worker = workers.Worker()
    begun, goes_on = _thread.allocate_lock(), _thread.allocate_lock()
    begun.acquire()
    goes_on.acquire()

    def job() -> None:
        begun.release()
        goes_on.acquire()
        worker.rests()

    worker.give(job)
    worker.baton.release()
    begun.acquire()
    worker.ends()
    goes_on.release()
    assert worker.ended.acquire(timeout=30)
    assert not worker.is_free


def test_one_of_which_nothing_can_be_told_serves_once(monkeypatch: pytest.MonkeyPatch, natives: list[int]) -> None:
    monkeypatch.setattr(Leavings, "is_gone", lambda _: True)  # though a `threading.local` has just been given a value
    tried(lambda: natives.append(threading.get_native_id()))
    assert len(set(natives)) == len(natives)

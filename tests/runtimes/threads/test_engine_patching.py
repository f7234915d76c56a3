"""What a stage puts in place, and takes away again."""

import concurrent.futures.thread
import functools
import gc
import importlib
import logging
import os
import queue
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from controlled import TESTS, run, value_of
from leaks import process_wide_settings

from pytest_concurrency._core.strategy import Strategy
from pytest_concurrency._engine.stage import Stage
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads.kind import Threads
from pytest_concurrency._runtimes.threads.locks import LockDouble
from pytest_concurrency._sight.watching import Watch


def test_nothing_is_left_when_a_harness_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    before = process_wide_settings()

    def fail() -> None:
        raise OSError("no more threads")

    stage = Stage(Watch([TESTS]), (Threads(),))
    monkeypatch.setattr(stage._watchdog, "start", fail)
    with pytest.raises(OSError, match="no more threads"):
        stage.__enter__()
    assert process_wide_settings() == before


def test_everything_is_as_before_after_a_run() -> None:
    before = process_wide_settings()
    handle, find = logging.Handler.handle, importlib._bootstrap._find_and_load  # type: ignore[attr-defined] # private
    run(lambda: time.sleep(1))
    assert process_wide_settings() == before
    assert logging.Handler.handle is handle
    assert importlib._bootstrap._find_and_load is find  # type: ignore[attr-defined]


def test_gc_is_off_inside_and_as_before_outside() -> None:
    assert gc.isenabled()
    assert value_of(gc.isenabled) is False
    assert gc.isenabled()
    gc.disable()
    try:
        value_of(int)
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the platform cannot pin")
def test_a_run_is_pinned_to_one_cpu_and_does_not_tell() -> None:
    allowed, original = os.sched_getaffinity(0), os.sched_getaffinity

    def scenario() -> tuple[int, set[int]]:
        return len(original(0)), os.sched_getaffinity(0)

    assert value_of(scenario) == (1, allowed)
    assert original(0) == allowed


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="the platform has no policies")
def test_who_is_woken_waits_for_who_wakes_and_it_does_not_tell() -> None:
    usual, original = os.sched_getscheduler(0), os.sched_getscheduler
    if usual != os.SCHED_OTHER:
        pytest.skip("somebody has chosen a policy")

    def scenario() -> tuple[int, int, int]:
        found: list[int] = []
        thread = threading.Thread(target=lambda: found.append(original(0)))
        thread.start()
        thread.join()
        return original(0), found[0], os.sched_getscheduler(0)

    assert value_of(scenario) == (os.SCHED_BATCH, os.SCHED_BATCH, usual)
    assert original(0) == usual
    assert os.sched_getscheduler is original


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the platform cannot pin")
def test_it_stays_on_the_cpu_where_it_is_and_workers_take_theirs_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed, original = os.sched_getaffinity(0), os.sched_getaffinity
    if len(allowed) < 2:
        pytest.skip("a machine with one CPU leaves no choice")
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    for cpu in allowed:
        monkeypatch.setattr("pytest_concurrency._machine.cpu.thread_cpu", lambda _native, cpu=cpu: cpu)
        assert value_of(lambda: original(0)) == {cpu}
    monkeypatch.setattr("pytest_concurrency._machine.cpu.thread_cpu", lambda _native: None)
    assert len(value_of(lambda: original(0))) == 1
    for number, cpu in enumerate(sorted(allowed)):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", f"gw{number}")
        assert value_of(lambda: original(0)) == {cpu}


def test_random_begins_equally_in_every_run_and_goes_on_outside() -> None:
    random.seed(5)
    expected = [random.random() for _ in range(2)]
    random.seed(5)
    first = random.random()
    assert value_of(random.random) == value_of(random.random)
    assert [first, random.random()] == expected


MODULE = """
import threading
from _thread import allocate_lock
from queue import SimpleQueue
from threading import Lock, RLock
from time import monotonic, sleep

lock = allocate_lock()
same = lock

def types():
    return [type(Lock()), type(RLock()), type(SimpleQueue()), type(lock)]

def is_same():
    return lock is same
"""


def test_names_that_a_watched_module_imported_earlier_are_rebound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "early_module.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    early: Any = importlib.import_module("early_module")
    before = dict(vars(early))

    def scenario() -> float:
        names = [kind.__name__ for kind in early.types()]
        assert names == ["LockDouble", "RLockDouble", "SimpleQueueDouble", "LockDouble"]
        assert early.is_same()
        began = early.monotonic()
        early.sleep(7)
        return float(early.monotonic() - began)

    try:
        with Stage(Watch([tmp_path]), (Threads(),)) as stage:
            record = stage.run(scenario, Strategy(), offered=set())
        assert record.value == 7.0
        after = {name: value for name, value in vars(early).items() if name != "__warningregistry__"}
        assert after == before
    finally:
        del sys.modules["early_module"]


def test_locks_of_the_standard_library_are_doubled_for_the_run() -> None:
    def scenario() -> type:
        lock: object = concurrent.futures.thread._global_shutdown_lock
        return type(lock)

    assert value_of(scenario) is LockDouble


def test_a_cached_property_works_in_tasks() -> None:
    class Thing:
        @functools.cached_property
        def value(self) -> int:
            time.sleep(1)
            return 3

    def scenario() -> int:
        thing = Thing()
        threads = [threading.Thread(target=lambda: thing.value) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return thing.value

    assert value_of(scenario) == 3


def test_the_names_that_threads_and_pools_use_are_virtual_in_a_run() -> None:
    def scenario() -> list[bool]:
        return [threading._time() == time.monotonic(), queue.time() == time.monotonic()]  # type: ignore[attr-defined]

    assert value_of(scenario) == [True, True]
    assert threading._time is real.monotonic  # type: ignore[attr-defined]


def test_no_thread_of_ours_lives_between_explorations() -> None:
    before = set(sys._current_frames())
    run(lambda: None)
    assert set(sys._current_frames()) == before


@pytest.mark.slow
def test_a_file_descriptor_is_not_left_open() -> None:
    def count() -> int:
        gc.collect()  # of what tests before this have left
        return len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0

    run(int)
    before = count()
    for _ in range(20):
        run(lambda: None)
    assert count() == before

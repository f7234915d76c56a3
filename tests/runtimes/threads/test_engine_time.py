"""Virtual time: exact, shared by all clocks of a run, and real again outside it."""

import multiprocessing
import queue
import threading
import time
from collections.abc import Callable
from time import monotonic as monotonic_by_name
from time import sleep as sleep_by_name
from typing import Any

import pytest
from controlled import outcomes, run, value_of
from programs.out_of_time import OUTCOMES, waits_of_two

from pytest_concurrency import Grade, explore
from pytest_concurrency._machine import real

CLOCKS = ["monotonic", "perf_counter", "time"]


def together(*functions: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("name", CLOCKS)
def test_two_sleeps_side_by_side_take_as_long_as_the_longer(name: str) -> None:
    def scenario() -> tuple[float, int]:
        clock, clock_ns = getattr(time, name), getattr(time, f"{name}_ns")
        began, began_ns = clock(), clock_ns()
        together(lambda: time.sleep(3), lambda: time.sleep(5))
        return clock() - began, clock_ns() - began_ns

    assert value_of(scenario) == (5.0, 5_000_000_000)


@pytest.mark.soak
def test_it_takes_next_to_no_real_time() -> None:
    """A bound on real time, the best of several: a busy machine may delay some of them."""
    took = []

    def scenario() -> None:
        began = real.perf_counter()
        together(lambda: time.sleep(3), lambda: time.sleep(5))
        took.append(real.perf_counter() - began)

    explore(scenario, schedules=20)
    assert min(took) < 0.02


def test_sleeps_one_after_the_other_add_up_exactly() -> None:
    def scenario() -> float:
        began = time.monotonic()
        for _ in range(10):
            time.sleep(0.1)
        return time.monotonic() - began

    assert value_of(scenario) == 1.0


def test_ten_sleeps_side_by_side_take_one() -> None:
    def scenario() -> float:
        began = time.perf_counter()
        together(*[lambda: time.sleep(1)] * 10)
        return time.perf_counter() - began

    assert value_of(scenario) == 1.0


def test_names_imported_from_time_are_virtual_too() -> None:
    def scenario() -> float:
        began = monotonic_by_name()
        sleep_by_name(1000)
        return monotonic_by_name() - began

    assert value_of(scenario) == 1000.0
    assert sleep_by_name is real.sleep
    assert monotonic_by_name is real.monotonic


def test_no_time_passes_while_somebody_can_run() -> None:
    def scenario() -> list[float]:
        seen: list[float] = []

        def work() -> None:
            for _ in range(10):
                time.sleep(0)
                seen.append(time.monotonic())

        together(work, work)
        return seen

    assert len(set(value_of(scenario))) == 1


@pytest.mark.slow
def test_sleeps_end_in_the_order_of_their_deadlines() -> None:
    def scenario() -> list[tuple[int, float]]:
        log: list[tuple[int, float]] = []

        def work(seconds: int) -> None:
            time.sleep(seconds)
            log.append((seconds, time.monotonic() % 1000))

        together(*[lambda s=s: work(s) for s in (5, 1, 4, 2, 3)])
        return log

    verdict = explore(lambda: scenario(), schedules=30, strategy="random")
    assert set(verdict.outcomes) == {repr([(n, float(n)) for n in range(1, 6)])}


def test_equal_deadlines_fire_in_any_order() -> None:
    def scenario() -> str:
        log: list[str] = []

        def work(name: str) -> None:
            time.sleep(1)
            log.append(name)

        together(lambda: work("a"), lambda: work("b"))
        return "".join(log)

    assert outcomes(scenario) == {"'ab'", "'ba'"}


def test_with_any_clock_time_may_pass_at_any_step() -> None:
    def scenario() -> str:
        log: list[str] = []

        def sleeper() -> None:
            time.sleep(1)
            log.append("slept")

        def worker() -> None:
            log.append("worked")

        together(sleeper, worker)
        return " ".join(log)

    assert outcomes(scenario) == {"'worked slept'"}
    assert outcomes(scenario, clock="any") == {"'worked slept'", "'slept worked'"}


@pytest.mark.slow
@pytest.mark.parametrize("clock", ["exact", "any"])
def test_a_timeout_never_fires_before_its_deadline(clock: str) -> None:
    def scenario() -> None:
        lock, began = threading.Lock(), time.monotonic()
        lock.acquire()

        def wait() -> None:
            assert not lock.acquire(timeout=2.5)
            assert time.monotonic() - began >= 2.5

        def wait_for_item() -> None:
            with pytest.raises(queue.Empty):
                queue.Queue[int]().get(timeout=0.5)
            assert time.monotonic() - began >= 0.5

        together(wait, wait_for_item, lambda: time.sleep(1))

    verdict = explore(scenario, clock=clock, schedules=50, strategy="random")
    assert verdict.grade is Grade.SAMPLED, str(verdict)


@pytest.mark.parametrize("seconds", [-1, -0.001])
def test_a_negative_sleep_is_refused_as_by_the_real_one(seconds: float) -> None:
    with pytest.raises(ValueError, match="sleep length must be non-negative"):
        value_of(lambda: time.sleep(seconds))


def test_a_timer_fires_after_its_interval_or_not_at_all() -> None:
    def scenario() -> list[tuple[str, float]]:
        log: list[tuple[str, float]] = []
        began = time.monotonic()
        timers = [
            threading.Timer(n, lambda n=n: log.append((f"timer {n}", time.monotonic() - began))) for n in (2, 1, 3)
        ]
        for timer in timers:
            timer.start()
        time.sleep(1.5)
        timers[2].cancel()
        for timer in timers:
            timer.join()
        return log

    assert value_of(scenario) == [("timer 1", 1.0), ("timer 2", 2.0)]


def test_wall_time_starts_near_the_real_one_and_moves_with_the_others() -> None:
    before = real.wall()

    def scenario() -> tuple[float, float]:
        first = time.time()
        time.sleep(100)
        return first, time.time()

    first, second = value_of(scenario)
    assert abs(first - before) < 30
    assert second - first == 100.0


def test_clocks_start_at_a_whole_second_and_equally_in_every_run() -> None:
    def scenario() -> tuple[float, float]:
        return time.monotonic(), time.perf_counter()

    first, second = value_of(scenario), value_of(scenario)
    assert first == second
    assert first[0] % 1 == first[1] % 1 == 0


def test_all_clocks_are_real_again_after_a_run() -> None:
    run(lambda: time.sleep(1000))
    for name in [*CLOCKS, *(f"{name}_ns" for name in CLOCKS), "sleep"]:
        kept = {"time": "wall", "time_ns": "wall_ns"}.get(name, name)
        assert getattr(time, name) is getattr(real, kept)
    assert abs(time.monotonic() - real.monotonic()) < 5


def test_a_thread_from_outside_sees_real_time_during_a_run() -> None:
    seen: list[float] = []
    asked, answered = real.allocate_lock(), real.allocate_lock()
    asked.acquire()
    answered.acquire()

    def ask() -> None:
        asked.acquire()
        seen.append(time.monotonic() - real.monotonic())
        answered.release()

    thread = threading.Thread(target=ask)
    thread.start()

    def scenario() -> None:
        time.sleep(1_000_000)
        asked.release()
        while not answered.acquire(timeout=0):  # not watched: a real lock
            real.sleep(0.001)

    run(scenario)
    thread.join()
    assert abs(seen[0]) < 5


def test_what_was_patched_before_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[float] = []
    monkeypatch.setattr(time, "sleep", calls.append)
    monkeypatch.setattr(time, "time", lambda: 12.5)

    def scenario() -> float:
        time.sleep(3)
        return time.time()

    assert value_of(scenario) == 12.5
    assert calls == [3]


def test_what_is_patched_inside_wins_and_stays_until_undone() -> None:
    calls: list[float] = []

    def scenario() -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(time, "sleep", calls.append)
            time.sleep(3)
        began = time.monotonic()
        time.sleep(2)
        assert time.monotonic() - began == 2

    value_of(scenario)
    assert calls == [3]


@pytest.mark.parametrize("make", [threading.Lock, multiprocessing.Lock, queue.SimpleQueue])
def test_who_is_out_of_time_gives_up_though_another_was_quicker(make: Callable[[], Any]) -> None:
    """Time is up for one at the moment at which another, who waits for longer, gets what both wait for."""

    assert outcomes(lambda: waits_of_two(make), watch=[__name__, waits_of_two.__module__]) == OUTCOMES

"""Threads from before whose code is a library's: what they will call one day is at hand to them, wherever it lies."""

import asyncio
import multiprocessing
import sched
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.pool import ThreadPool
from typing import Any

import pytest
from controlled import failed

from pytest_concurrency import Grade, Verdict, explore
from pytest_concurrency._machine import real

SOON = 0.5  # seconds
LATE = 3600.0
Jobs = list[Callable[[], object]]
Later = Callable[[float, Callable[..., Any]], None]
RUNG = 0
BELL = threading.Event()


class Gate:
    def __init__(self) -> None:
        self.is_open = False

    def opens(self) -> None:
        self.is_open = True


class Bells:
    def swing(self) -> None:
        self._ring()

    def _ring(self) -> None:
        global RUNG
        RUNG += 1
        BELL.set()


def in_a_scheduler(ends: Jobs, seconds: float, function: Callable[[], Any]) -> None:
    over = threading.Event()
    plan = sched.scheduler(delayfunc=over.wait)
    job = plan.enter(seconds, 1, function)
    thread = threading.Thread(target=plan.run, daemon=True)
    thread.start()

    def end() -> None:
        if job in plan.queue:
            plan.cancel(job)

    ends += [end, over.set, thread.join]


def _loop(ends: Jobs) -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def end() -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for each in others:
            each.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    ends += [lambda: asyncio.run_coroutine_threadsafe(end(), loop).result()]
    ends += [lambda: loop.call_soon_threadsafe(loop.stop), thread.join, loop.close]
    return loop


def in_a_loop(ends: Jobs, seconds: float, function: Callable[[], Any]) -> None:
    loop = _loop(ends)
    loop.call_soon_threadsafe(loop.call_later, seconds, function)


def in_a_coroutine(ends: Jobs, seconds: float, function: Callable[[], Any]) -> None:
    async def later() -> None:
        await asyncio.sleep(seconds)
        function()

    asyncio.run_coroutine_threadsafe(later(), _loop(ends))


def behind_a_job(ends: Jobs, seconds: float, function: Callable[[], Any]) -> None:
    over, pool = threading.Event(), ThreadPoolExecutor(1)
    pool.submit(over.wait, seconds)
    pool.submit(function)
    ends += [over.set, pool.shutdown]


def behind_a_call(ends: Jobs, seconds: float, function: Callable[[], Any]) -> None:
    over, pool = threading.Event(), ThreadPool(1)
    pool.apply_async(over.wait, (seconds,))
    pool.apply_async(function)
    ends += [over.set, pool.close, pool.join]


WAYS = [in_a_scheduler, in_a_loop, in_a_coroutine, behind_a_job, behind_a_call]


@pytest.fixture
def ends() -> Iterator[Jobs]:
    jobs: Jobs = []
    yield jobs
    for job in jobs:
        job()


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def later(request: pytest.FixtureRequest, ends: Jobs) -> Later:
    """Call a function after so many seconds, in a thread whose code is a library's."""
    return lambda seconds, function: request.param(ends, seconds, function)


def passed(scenario: Callable[[], None]) -> Verdict:
    verdict = explore(scenario, schedules=3, seconds=30)
    assert verdict.error is None, str(verdict.error)
    return verdict


@pytest.mark.parametrize("timeout", [None, 60.0])
def test_it_sets_what_is_waited_for(later: Later, timeout: float | None) -> None:
    opened = threading.Event()
    later(SOON, opened.set)

    def scenario() -> None:
        assert opened.wait(timeout)

    passed(scenario)


def test_what_it_calls_may_name_what_is_waited_for(later: Later) -> None:
    BELL.clear()
    later(SOON, Bells().swing)

    def scenario() -> None:
        BELL.wait()

    passed(scenario)


@pytest.mark.parametrize("timeout", [None, 60.0])
def test_a_job_from_before_may_have_a_result_yet(ends: Jobs, timeout: float | None) -> None:
    pool = ThreadPoolExecutor(1)
    ends.append(pool.shutdown)
    promise = pool.submit(real.sleep, SOON)

    def scenario() -> None:
        assert promise.result(timeout) is None

    passed(scenario)


def test_nothing_is_proved_of_what_it_will_change(later: Later) -> None:
    gate = Gate()
    later(LATE, gate.opens)

    def scenario() -> None:
        assert not gate.is_open

    verdict = explore(scenario)
    assert (verdict.grade, "there before may change gate" in verdict.reason) == (Grade.SAMPLED, True), str(verdict)


def test_nor_of_a_global_that_it_will_bind(later: Later) -> None:
    later(LATE, Bells().swing)

    def scenario() -> None:
        assert RUNG >= 0

    verdict = explore(scenario)
    assert (verdict.grade, f"{__name__}.RUNG" in verdict.reason) == (Grade.SAMPLED, True), str(verdict)


def test_who_has_nothing_to_do_hides_no_deadlock_and_no_proof(ends: Jobs) -> None:
    loop, pool = _loop(ends), ThreadPoolExecutor(1)
    ends.append(pool.shutdown)
    done: Future[None] = asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop)
    assert (pool.submit(int).result(), done.result()) == (0, None)

    def stuck() -> None:
        threading.Event().wait()

    def right() -> None:
        gate = Gate()
        visitors = [threading.Thread(target=gate.opens) for _ in range(2)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        assert gate.is_open

    assert str(failed(stuck)).startswith("deadlock: main waits for ever")
    assert explore(right).grade is Grade.PROVED


def test_the_objects_of_who_runs_the_tests_lead_nowhere(ends: Jobs, request: pytest.FixtureRequest) -> None:
    """They lead to every fixture: a thread of xdist's, or a limit of pytest-timeout's, has them at hand."""
    in_a_loop(ends, LATE, request.node.listextrakeywords)

    def scenario() -> None:
        assert not hidden.is_open

    hidden = Gate()
    request.node.hidden = hidden
    verdict = explore(scenario)
    assert verdict.grade is Grade.PROVED, str(verdict)


def test_a_pool_of_processes_from_before_is_waited_for_and_hides_no_deadlock() -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # a runner of tests may have threads of its own
            assert pool.submit(abs, 0).result() == 0

        def scenario() -> None:
            assert pool.submit(abs, -1).result() == 1

        def stuck() -> None:
            threading.Event().wait()

        passed(scenario)
        assert str(failed(stuck)).startswith("deadlock: main waits for ever")

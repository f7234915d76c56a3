"""Locks and queues: the real thing outside a run, the controller's inside it, the same answers in both."""

import _thread
import contextlib
import copy
import pickle
import queue
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from controlled import outcomes, run, value_of

from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads.locks import LockDouble, RLockDouble
from pytest_concurrency._runtimes.threads.simple_queue import SimpleQueueDouble

INSIDE = pytest.param(value_of, id="inside a run")
OUTSIDE = pytest.param(lambda scenario: scenario(), id="outside")
everywhere = pytest.mark.parametrize("within", [INSIDE, OUTSIDE])
Within = Callable[[Callable[[], Any]], Any]


def start(*functions: Callable[[], Any]) -> list[threading.Thread]:
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    return threads


def together(*functions: Callable[[], Any]) -> None:
    for thread in start(*functions):
        thread.join()


@everywhere
def test_what_watched_code_makes_is_a_double(within: Within) -> None:
    def scenario() -> list[type]:
        return [type(threading.Lock()), type(threading.RLock()), type(queue.SimpleQueue())]

    assert within(scenario) == [LockDouble, RLockDouble, SimpleQueueDouble]


@everywhere
def test_a_double_answers_as_the_real_type(within: Within) -> None:
    def scenario() -> None:
        lock, rlock, simple = threading.Lock(), threading.RLock(), queue.SimpleQueue[int]()
        assert lock.__class__ is _thread.LockType is type(real.allocate_lock())
        assert isinstance(lock, _thread.LockType)
        assert isinstance(rlock, type(real.make_rlock()))
        assert isinstance(simple, queue.SimpleQueue)

    within(scenario)


def test_a_real_lock_is_an_instance_of_the_replaced_name() -> None:
    if isinstance(threading.Lock, type):
        assert isinstance(real.allocate_lock(), threading.Lock)
    assert isinstance(real.SimpleQueue(), queue.SimpleQueue)
    assert not isinstance(threading.RLock(), _thread.LockType)


@everywhere
def test_repr_is_that_of_the_real_thing(within: Within) -> None:
    def scenario() -> None:
        lock, rlock = threading.Lock(), threading.RLock()
        assert re.fullmatch(r"<unlocked _thread\.lock object at 0x[0-9a-f]+>", repr(lock))
        with lock:
            assert re.fullmatch(r"<locked _thread\.lock object at 0x[0-9a-f]+>", repr(lock))
        with rlock, rlock:
            assert re.fullmatch(r"<locked _thread\.RLock object owner=\d+ count=2 at 0x[0-9a-f]+>", repr(rlock))
        assert repr(rlock).startswith("<unlocked _thread.RLock object owner=0 count=0")

    within(scenario)


@everywhere
@pytest.mark.parametrize("make", [threading.Lock, threading.RLock])
def test_a_lock_can_neither_be_copied_nor_pickled(within: Within, make: Callable[[], Any]) -> None:
    def scenario() -> None:
        lock = make()
        for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match=r"cannot pickle .*[lL]ock"):
                attempt(lock)

    within(scenario)


@everywhere
def test_lock(within: Within) -> None:
    def scenario() -> None:
        lock = threading.Lock()
        assert not lock.locked()
        assert lock.acquire() is True
        assert lock.locked()
        assert lock.acquire(blocking=False) is False
        assert lock.acquire(timeout=0) is False
        assert lock.acquire(timeout=0.001) is False
        lock.release()
        with pytest.raises(RuntimeError, match="release unlocked lock"):
            lock.release()
        with lock as got:
            assert got is True
        assert not lock.locked()

    within(scenario)


@everywhere
@pytest.mark.parametrize("make", [real.allocate_lock, real.make_rlock])
@pytest.mark.parametrize("arguments", [(False, 1), (True, -2), (True, 1e12)])
def test_unusable_timeouts_are_refused_as_by_the_real_lock(
    within: Within, make: Callable[[], Any], arguments: tuple[Any, ...]
) -> None:
    with pytest.raises((ValueError, OverflowError)) as expected:
        make().acquire(*arguments)

    def scenario() -> None:
        double = threading.Lock() if make is real.allocate_lock else threading.RLock()
        with pytest.raises(type(expected.value)) as caught:
            double.acquire(*arguments)
        assert str(caught.value) == str(expected.value)

    within(scenario)


@everywhere
def test_a_lock_may_be_released_by_another_thread(within: Within) -> None:
    def scenario() -> bool:
        lock = threading.Lock()
        lock.acquire()
        together(lock.release)
        return lock.acquire(blocking=False)

    assert within(scenario) is True


@everywhere
def test_rlock_counts(within: Within) -> None:
    def scenario() -> list[bool]:
        lock, seen = threading.RLock(), []

        def look() -> None:
            seen.append(lock.acquire(blocking=False))
            if seen[-1]:
                lock.release()

        with lock:
            with lock:
                assert lock.acquire(blocking=False)
                lock.release()
                together(look)
            together(look)
        together(look)
        return seen

    assert within(scenario) == [False, False, True]


@everywhere
def test_an_rlock_is_released_by_its_owner_only(within: Within) -> None:
    def scenario() -> list[str]:
        lock, seen = threading.RLock(), []

        def release() -> None:
            try:
                lock.release()
            except RuntimeError as error:
                seen.append(str(error))

        release()
        with lock:
            together(release)
            assert lock._is_owned()  # type: ignore[attr-defined] # what Condition asks
        assert not lock._is_owned()  # type: ignore[attr-defined]
        return seen

    assert within(scenario) == ["cannot release un-acquired lock"] * 2


@everywhere
@pytest.mark.parametrize("make", [threading.Lock, threading.RLock, threading.Condition])
def test_a_lock_excludes(within: Within, make: Callable[[], Any]) -> None:
    def scenario() -> list[str]:
        lock, log = make(), []

        def work(name: str) -> None:
            with lock:
                log.append(f"{name} in")
                time.sleep(0)
                log.append(f"{name} out")

        together(lambda: work("a"), lambda: work("b"))
        return log

    assert within(scenario) in (["a in", "a out", "b in", "b out"], ["b in", "b out", "a in", "a out"])


@everywhere
def test_condition(within: Within) -> None:
    def scenario() -> list[str]:
        condition = threading.Condition()
        items: list[str] = []
        log: list[str] = []

        def consume() -> None:
            with condition:
                assert condition.wait_for(lambda: items, timeout=60)
                log.append(f"got {items.pop()}")

        threads = start(consume, consume)
        for item in ("x", "y"):
            with condition:
                items.append(item)
                condition.notify()
        for thread in threads:
            thread.join()
        return sorted(log)

    assert within(scenario) == ["got x", "got y"]


@everywhere
def test_condition_gives_a_recursive_lock_back_completely(within: Within) -> None:
    def scenario() -> str:
        condition, told = threading.Condition(threading.RLock()), []

        def tell() -> None:
            with condition:
                told.append("news")
                condition.notify_all()

        with condition, condition:
            thread = start(tell)[0]
            while not told:
                assert condition.wait(60)
            assert repr(condition).count("count=2") == 1
        thread.join()
        return told[0]

    assert within(scenario) == "news"


@everywhere
def test_condition_needs_its_lock(within: Within) -> None:
    def scenario() -> None:
        for make in (threading.Lock, threading.RLock):
            condition = threading.Condition(make())
            with pytest.raises(RuntimeError, match="cannot wait on un-acquired lock"):
                condition.wait()
            with pytest.raises(RuntimeError, match="cannot notify on un-acquired lock"):
                condition.notify()

    within(scenario)


@everywhere
def test_event(within: Within) -> None:
    def scenario() -> list[bool]:
        event = threading.Event()
        seen = [event.is_set(), event.wait(0), event.wait(0.001)]
        thread = start(event.set)[0]
        seen.append(event.wait(60))
        thread.join()
        seen.append(event.is_set())
        event.clear()
        return [*seen, event.is_set()]

    assert within(scenario) == [False, False, False, True, True, False]


@everywhere
def test_semaphore(within: Within) -> None:
    def scenario() -> int:
        permits, inside, most = threading.Semaphore(2), [0], [0]

        def work() -> None:
            with permits:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0)
                inside[0] -= 1

        together(work, work, work)
        assert permits.acquire(blocking=False)
        assert permits.acquire(blocking=False)
        assert not permits.acquire(blocking=False)
        assert not permits.acquire(timeout=0.001)
        return most[0]

    assert within(scenario) <= 2


@pytest.mark.slow
@everywhere
def test_bounded_semaphore(within: Within) -> None:
    def scenario() -> None:
        permits = threading.BoundedSemaphore(1)
        with permits:
            pass
        with pytest.raises(ValueError, match="Semaphore released too many times"):
            permits.release()

    within(scenario)


@everywhere
def test_barrier(within: Within) -> None:
    def scenario() -> tuple[list[int], bool]:
        barrier, places = threading.Barrier(3), []
        together(*[lambda: places.append(barrier.wait(60))] * 3)
        with pytest.raises(threading.BrokenBarrierError):
            barrier.wait(0.001)
        return sorted(places), barrier.broken

    assert within(scenario) == ([0, 1, 2], True)


@everywhere
@pytest.mark.parametrize("make", [queue.Queue, queue.LifoQueue, queue.PriorityQueue, queue.SimpleQueue])
def test_queues(within: Within, make: Callable[[], Any]) -> None:
    def scenario() -> list[int]:
        items, got = make(), []
        assert items.empty()
        with pytest.raises(queue.Empty):
            items.get_nowait()
        with pytest.raises(queue.Empty):
            items.get(timeout=0.001)
        with pytest.raises(queue.Empty):
            items.get(block=False)
        with pytest.raises(ValueError, match="'timeout' must be a non-negative number"):
            items.get(timeout=-1)
        threads = start(lambda: got.append(items.get()), lambda: got.append(items.get(timeout=60)))
        items.put(1)
        items.put_nowait(2)
        for thread in threads:
            thread.join()
        items.put(3, block=True, timeout=5)
        assert items.qsize() == 1
        return sorted(got)

    assert within(scenario) == [1, 2]


@everywhere
def test_a_full_queue(within: Within) -> None:
    def scenario() -> list[int]:
        items, got = queue.Queue[int](1), []
        items.put(1)
        with pytest.raises(queue.Full):
            items.put(2, timeout=0.001)
        with pytest.raises(queue.Full):
            items.put_nowait(2)

        def consume() -> None:
            for _ in range(2):
                got.append(items.get())
                items.task_done()

        thread = start(consume)[0]
        items.put(2)
        items.join()
        thread.join()
        return got

    assert within(scenario) == [1, 2]


def test_timeouts_last_exactly_as_long_in_virtual_time() -> None:
    def scenario() -> list[float]:
        lock, condition, event = threading.Lock(), threading.Condition(), threading.Event()
        permits, items, simple = threading.Semaphore(0), queue.Queue[int](), queue.SimpleQueue[int]()
        forever = threading.Thread(target=event.wait, args=(1000,))
        forever.start()
        lock.acquire()
        took = []

        def timed(wait: Callable[[], Any]) -> None:
            began = time.monotonic()
            with contextlib.suppress(queue.Empty):
                assert not wait()
            took.append(time.monotonic() - began)

        def in_condition(wait: Callable[[], Any]) -> bool:
            with condition:
                return bool(wait())

        timed(lambda: lock.acquire(timeout=1.5))
        timed(lambda: in_condition(lambda: condition.wait(2.5)))
        timed(lambda: in_condition(lambda: condition.wait_for(lambda: False, 3.5)))
        timed(lambda: event.wait(4.5))
        timed(lambda: permits.acquire(timeout=5.5))
        timed(lambda: items.get(timeout=6.5))
        timed(lambda: simple.get(timeout=7.5))
        timed(lambda: forever.join(8.5))
        event.set()
        return took

    assert value_of(scenario) == [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5]


def test_a_timed_wait_that_is_served_takes_as_long_as_it_took() -> None:
    def scenario() -> list[float]:
        lock, event, items = threading.Lock(), threading.Event(), queue.Queue[int]()
        lock.acquire()

        def serve() -> None:
            time.sleep(1)
            lock.release()
            time.sleep(1)
            event.set()
            time.sleep(1)
            items.put(1)

        thread = start(serve)[0]
        assert lock.acquire(timeout=100)
        took = [time.monotonic()]
        assert event.wait(100)
        took.append(time.monotonic())
        assert items.get(timeout=100) == 1
        took.append(time.monotonic())
        thread.join(100)
        took.append(time.monotonic())
        time.sleep(200)  # the deadlines of before are forgotten
        took.append(time.monotonic())
        return [each - took[0] for each in took]

    assert value_of(scenario) == [0, 1, 2, 2, 202]


def test_who_is_notified_is_explored() -> None:
    def scenario() -> str:
        condition, order = threading.Condition(), []

        def wait(name: str) -> None:
            with condition:
                order.append(name.upper())
                condition.wait()
                order.append(name)

        threads = start(lambda: wait("a"), lambda: wait("b"))
        for _ in range(2):
            time.sleep(1)
            with condition:
                condition.notify()
        for thread in threads:
            thread.join()
        return "".join(order)

    assert outcomes(scenario) == {f"'{order}'" for order in ("ABab", "ABba", "BAab", "BAba")}


def test_all_are_notified_if_as_many_are_to_be() -> None:
    def scenario() -> int:
        condition, woken = threading.Condition(), []

        def wait() -> None:
            with condition:
                condition.wait()
                woken.append(1)

        threads = start(wait, wait)
        time.sleep(1)
        with condition:
            condition.notify(5)
        for thread in threads:
            thread.join()
        return len(woken)

    assert value_of(scenario) == 2


def test_both_orders_of_a_contended_lock_are_explored() -> None:
    def scenario() -> str:
        lock, order = threading.Lock(), []

        def work(name: str) -> None:
            with lock:
                order.append(name)

        together(lambda: work("a"), lambda: work("b"), lambda: work("c"))
        return "".join(order)

    assert len(outcomes(scenario)) == 6


def test_a_lock_from_outside_the_run_keeps_its_state() -> None:
    lock, rlock = threading.Lock(), threading.RLock()
    lock.acquire()
    rlock.acquire()

    def scenario() -> list[bool]:
        seen = [lock.locked(), lock.acquire(blocking=False), lock.acquire(timeout=1)]
        together(lambda: seen.append(rlock.acquire(timeout=1)))
        seen.append(rlock.acquire())
        rlock.release()
        lock.release()
        seen.append(lock.acquire(timeout=1))
        return seen

    assert value_of(scenario) == [True, False, False, False, True, True]
    assert lock.locked()
    lock.release()
    rlock.release()
    with pytest.raises(RuntimeError, match="cannot release un-acquired lock"):
        rlock.release()


def test_an_rlock_taken_before_the_run_is_held_by_the_scenario() -> None:
    lock = threading.RLock()

    def scenario() -> object:
        def ask() -> None:
            got.append(lock.acquire(timeout=1))

        got: list[bool] = []
        with lock:
            pass
        asker = threading.Thread(target=ask)
        asker.start()
        asker.join()
        return got

    with lock, lock:
        record = run(scenario)
        assert lock._is_owned()  # type: ignore[attr-defined]
    assert not lock._is_owned()  # type: ignore[attr-defined]
    assert (record.value, record.uncontrolled) == ([False], [])


def test_a_double_is_free_after_a_run_that_left_it_taken() -> None:
    kept: list[Any] = []

    def scenario() -> None:
        kept.extend([threading.RLock(), threading.RLock()])
        kept[0].acquire()
        thread = threading.Thread(target=kept[1].acquire)
        thread.start()
        thread.join()

    value_of(scenario)
    for lock in kept:
        assert lock.acquire(blocking=False)


def test_a_waiter_sees_a_queue_item_put_from_outside() -> None:
    items = queue.SimpleQueue[str]()
    items.put("before")
    assert value_of(items.get) == "before"


def test_the_maker_of_an_object_is_the_line_of_the_user() -> None:
    lock = threading.Lock()
    event = threading.Event()
    inner: Any = event._cond._lock  # type: ignore[attr-defined] # the double inside
    line = lock.made[1]  # type: ignore[attr-defined] # a double
    assert lock.made == (__file__, line)  # type: ignore[attr-defined]
    assert inner.made == (__file__, line + 1)
    assert inner.part_of is event
    assert lock.part_of is None  # type: ignore[attr-defined]


def test_a_lock_that_unwatched_code_makes_is_the_real_one() -> None:
    space: dict[str, Any] = {"threading": threading}
    exec(compile("lock = threading.Lock()", "<elsewhere>", "exec"), space)
    assert type(space["lock"]) is real.LockType


def test_a_lock_that_a_task_makes_is_a_double_whoever_asks() -> None:
    def scenario() -> type:
        space: dict[str, Any] = {"threading": threading}
        exec(compile("lock = threading.Lock()", "<elsewhere>", "exec"), space)
        return type(space["lock"])

    assert value_of(scenario) is LockDouble


def test_no_yield_point_no_steps() -> None:
    """Operations of synchronisation, and nothing else, are steps where nothing is watched."""

    def scenario() -> None:
        lock = threading.Lock()
        with lock:
            pass

    assert run(scenario, observe=False).steps - run(lambda: None, observe=False).steps == 2

"""Tiny programs that synchronise, with every outcome that they can have (clock="exact")."""

import queue
import threading
import time

from .program import TICK, Box, Program, Scenario, together


def locked_counter() -> object:
    """Two locked additions: one outcome."""
    lock, shared = threading.Lock(), Box()

    def work() -> None:
        with lock:
            shared.x += 1

    together(work, work)
    return shared.x


def lock_order_of_two() -> object:
    """Two on one lock: both orders."""
    lock, order = threading.Lock(), list[str]()

    def work(name: str) -> None:
        with lock:
            order.append(name)

    together(lambda: work("a"), lambda: work("b"))
    return "".join(order)


def lock_order_of_three() -> object:
    """Three on one lock: all six orders."""
    lock, order = threading.Lock(), list[str]()

    def work(name: str) -> None:
        with lock:
            order.append(name)

    together(lambda: work("a"), lambda: work("b"), lambda: work("c"))
    return "".join(order)


def two_locked_halves() -> object:
    """Read under the lock, write under the lock, and another may come in between."""
    lock, shared = threading.Lock(), Box()

    def work() -> None:
        with lock:
            n = shared.x
        with lock:
            shared.x = n + 1

    together(work, work)
    return shared.x


def two_locks() -> object:
    """Two locks that guard nothing in common: one outcome."""
    a, b, shared = threading.Lock(), threading.Lock(), Box()

    def one() -> None:
        with a:
            shared.x += 1

    def other() -> None:
        with b:
            shared.y += 1

    together(one, other)
    return shared.x, shared.y


def try_lock() -> object:
    """Acquire without blocking: whether it succeeds depends on the other."""
    lock, got = threading.Lock(), Box()

    def hold() -> None:
        with lock:
            pass

    def attempt() -> None:
        got.first = lock.acquire(blocking=False)
        if got.first:
            lock.release()

    together(hold, attempt)
    return "taken" if got.first else "missed"


def lock_locked() -> object:
    """Asked twice whether a lock is held."""
    lock, got = threading.Lock(), Box()

    def hold() -> None:
        with lock:
            pass

    def ask() -> None:
        got.first = lock.locked()
        got.second = lock.locked()

    together(hold, ask)
    return got.first, got.second


def reentrant() -> object:
    """An RLock taken twice keeps the other out until it is given back twice."""
    lock, shared, got = threading.RLock(), Box(), Box()

    def twice() -> None:
        with lock:
            with lock:
                shared.x = 1
            shared.x = 2

    def once() -> None:
        with lock:
            got.first = shared.x

    together(twice, once)
    return got.first


def condition_hand_over() -> object:
    """A condition with its predicate: the value always arrives."""
    condition, shared, got = threading.Condition(), Box(), Box()

    def take() -> None:
        with condition:
            while not shared.x:
                condition.wait()
            got.first = shared.x

    def give() -> None:
        with condition:
            shared.x = 7
            condition.notify()

    together(take, give)
    return got.first


def condition_who_is_woken() -> object:
    """Two want one thing each, of which there are two: any order."""
    condition, shared, order = threading.Condition(), Box(), list[str]()

    def take(name: str) -> None:
        with condition:
            while not shared.x:
                condition.wait()
            shared.x -= 1
            order.append(name)

    def give() -> None:
        with condition:
            shared.x = 2
            condition.notify(2)

    together(lambda: take("a"), lambda: take("b"), give)
    return "".join(order)


def event_asked() -> object:
    """`is_set` before or after `set`; after `wait` the value is there."""
    event, shared, got = threading.Event(), Box(), Box()

    def ask() -> None:
        got.first = event.is_set()
        event.wait()
        got.second = shared.x

    def announce() -> None:
        shared.x = 1
        event.set()

    together(ask, announce)
    return got.first, got.second


def semaphore_of_one() -> object:
    """A semaphore keeps out whoever comes without blocking."""
    permits, got = threading.Semaphore(1), Box()

    def attempt_and_keep() -> bool:
        return permits.acquire(blocking=False)

    def one() -> None:
        got.first = attempt_and_keep()

    def other() -> None:
        got.second = attempt_and_keep()

    together(one, other)
    return got.first, got.second


def barrier_indices() -> object:
    """Each of two gets a number, 0 or 1."""
    barrier, got = threading.Barrier(2), Box()

    def one() -> None:
        got.first = barrier.wait()

    def other() -> None:
        got.second = barrier.wait()

    together(one, other)
    return got.first, got.second


def queue_of_two_producers() -> object:
    """First come, first served."""
    jobs: queue.Queue[str] = queue.Queue()
    together(lambda: jobs.put("a"), lambda: jobs.put("b"))
    return jobs.get() + jobs.get()


def queue_without_waiting() -> object:
    """`get_nowait` comes in time or not."""
    jobs: queue.Queue[str] = queue.Queue()
    got = Box()

    def take() -> None:
        try:
            got.first = jobs.get_nowait()
        except queue.Empty:
            got.first = "empty"

    together(take, lambda: jobs.put("a"))
    return got.first, jobs.qsize()


def simple_queue_of_two() -> object:
    """Two put, the third takes both."""
    channel: queue.SimpleQueue[str] = queue.SimpleQueue()
    got = Box()

    def take() -> None:
        got.first = channel.get() + channel.get()

    together(lambda: channel.put("a"), lambda: channel.put("b"), take)
    return got.first


def join_orders() -> object:
    """What one worker sees of another that may have ended, and what its joiner sees."""
    shared, got = Box(), Box()

    def write() -> None:
        shared.x = 1

    writer = threading.Thread(target=write)

    def look() -> None:
        got.first = shared.x
        writer.join()
        got.second = shared.x

    writer.start()
    together(look)
    writer.join()
    return got.first, got.second


def sleeps_of_one_length() -> object:
    """Equal deadlines: both orders."""
    order: list[str] = []

    def work(name: str) -> None:
        time.sleep(TICK)
        order.append(name)

    together(lambda: work("a"), lambda: work("b"))
    return "".join(order)


def sleeps_of_two_lengths() -> object:
    """Time moves only when nobody can run: the shorter sleep ends first."""
    order: list[str] = []

    def work(name: str, seconds: float) -> None:
        time.sleep(seconds)
        order.append(name)

    together(lambda: work("a", 2 * TICK), lambda: work("b", TICK))
    return "".join(order)


def timed_wait_in_time() -> object:
    """The other can run, so that the wait never times out."""
    event, got = threading.Event(), Box()

    def wait() -> None:
        got.first = event.wait(timeout=TICK)

    together(wait, event.set)
    return "told" if got.first else "timed out"


def timed_wait_too_short() -> object:
    """The event comes after the deadline."""
    event, got = threading.Event(), Box()

    def wait() -> None:
        got.first = event.wait(timeout=TICK)

    def announce() -> None:
        time.sleep(2 * TICK)
        event.set()

    together(wait, announce)
    return "told" if got.first else "timed out"


def timed_wait_and_sleep_of_one_length() -> object:
    """The deadline of the wait is the end of the sleep: either may come first."""
    event, got = threading.Event(), Box()

    def wait() -> None:
        got.first = event.wait(timeout=TICK)

    def announce() -> None:
        time.sleep(TICK)
        event.set()

    together(wait, announce)
    return "told" if got.first else "timed out"


def timed_lock() -> object:
    """A lock that is held across a sleep longer than the other is ready to wait."""
    lock, got = threading.Lock(), Box()

    def hold() -> None:
        with lock:
            time.sleep(2 * TICK)

    def attempt() -> None:
        got.first = lock.acquire(timeout=TICK)
        if got.first:
            lock.release()

    together(hold, attempt)
    return "taken" if got.first else "missed"


def timer_and_write() -> object:
    """A timer overwrites what is written meanwhile, as its time comes only when nobody can run."""
    shared = Box()
    timer = threading.Timer(TICK, lambda: setattr(shared, "x", 1))
    timer.start()
    shared.x = 2
    timer.join()
    return shared.x


def _small(scenario: Scenario, threads: int, *outcomes: object, timed: bool = False) -> Program:
    return Program(scenario.__name__, scenario, threads, "small", outcomes=outcomes, plain=not timed)


PROGRAMS = (
    _small(locked_counter, 2, 2),
    _small(lock_order_of_two, 2, "ab", "ba"),
    _small(lock_order_of_three, 3, "abc", "acb", "bac", "bca", "cab", "cba"),
    _small(two_locked_halves, 2, 1, 2),
    _small(two_locks, 2, (1, 1)),
    _small(try_lock, 2, "taken", "missed"),
    _small(lock_locked, 2, (False, False), (False, True), (True, False), (True, True)),
    _small(reentrant, 2, 0, 2),
    _small(condition_hand_over, 2, 7),
    _small(condition_who_is_woken, 3, "ab", "ba"),
    _small(event_asked, 2, (False, 1), (True, 1)),
    _small(semaphore_of_one, 2, (True, False), (False, True)),
    _small(barrier_indices, 2, (0, 1), (1, 0)),
    _small(queue_of_two_producers, 2, "ab", "ba"),
    _small(queue_without_waiting, 2, ("a", 0), ("empty", 1)),
    _small(simple_queue_of_two, 3, "ab", "ba"),
    _small(join_orders, 2, (0, 1), (1, 1)),
    _small(sleeps_of_one_length, 2, "ab", "ba", timed=True),
    _small(sleeps_of_two_lengths, 2, "ba", timed=True),
    _small(timed_wait_in_time, 2, "told", timed=True),
    _small(timed_wait_too_short, 2, "timed out", timed=True),
    _small(timed_wait_and_sleep_of_one_length, 2, "told", "timed out", timed=True),
    _small(timed_lock, 2, "taken", "missed", timed=True),
    _small(timer_and_write, 1, 1, timed=True),
)

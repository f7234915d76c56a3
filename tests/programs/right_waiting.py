"""Right programs around conditions, events, barriers and semaphores."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .program import TICK, Box, Program, Scenario, together


def condition_buffer() -> None:
    """A bounded buffer with one lock and two conditions."""

    class Buffer:
        def __init__(self, size: int) -> None:
            self.size = size
            self.items: list[int] = []
            lock = threading.Lock()
            self.not_empty = threading.Condition(lock)
            self.not_full = threading.Condition(lock)

        def put(self, item: int) -> None:
            with self.not_full:
                while len(self.items) >= self.size:
                    self.not_full.wait()
                self.items.append(item)
                self.not_empty.notify()

        def get(self) -> int:
            with self.not_empty:
                while not self.items:
                    self.not_empty.wait()
                item = self.items.pop(0)
                self.not_full.notify()
                return item

    buffer, got = Buffer(1), list[int]()

    def produce() -> None:
        for item in range(3):
            buffer.put(item)

    def consume() -> None:
        for _ in range(3):
            got.append(buffer.get())

    together(produce, consume)
    assert got == [0, 1, 2]


def wait_for_with_timeout() -> None:
    """Whether the news came in time or not is looked at, and both is all right."""
    condition, shared, got = threading.Condition(), Box(), Box()

    def waiter() -> None:
        with condition:
            got.first = condition.wait_for(lambda: shared.x == 1, timeout=TICK)

    def notifier() -> None:
        with condition:
            shared.x = 1
            condition.notify_all()

    together(waiter, notifier)
    assert got.first in {True, False}
    assert shared.x == 1


def notify_all_turns() -> None:
    """Two tasks take turns by a condition and a number."""
    condition, shared, said = threading.Condition(), Box(), list[int]()

    def speak(number: int) -> None:
        for _ in range(2):
            with condition:
                condition.wait_for(lambda: shared.x == number)
                said.append(number)
                shared.x = 1 - number
                condition.notify_all()

    together(lambda: speak(0), lambda: speak(1))
    assert said == [0, 1, 0, 1]


def event_start_line() -> None:
    """Nobody runs before the start."""
    start, shared = threading.Event(), Box()
    lock = threading.Lock()

    def run() -> None:
        start.wait()
        assert shared.y == 1
        with lock:
            shared.x += 1

    runners = [threading.Thread(target=run) for _ in range(2)]
    for runner in runners:
        runner.start()
    shared.y = 1
    start.set()
    for runner in runners:
        runner.join()
    assert shared.x == 2


def event_hand_over() -> None:
    """What is written before `set` is there after `wait`, without any lock."""
    ready, shared = threading.Event(), Box()

    def write() -> None:
        shared.x = 42
        ready.set()

    def read() -> None:
        ready.wait()
        assert shared.x == 42

    together(write, read)


def barrier_phases() -> None:
    """Nobody reads the second phase before all have written the first."""
    barrier, cells = threading.Barrier(3), [0, 0, 0]

    def work(own: int) -> None:
        cells[own] = own + 1
        barrier.wait()
        total = sum(cells)
        barrier.wait()
        cells[own] = total

    together(lambda: work(0), lambda: work(1), lambda: work(2))
    assert cells == [6, 6, 6]


def bounded_semaphore_pool() -> None:
    """Never more than two inside."""
    permits, lock = threading.BoundedSemaphore(2), threading.Lock()
    inside, most = Box(), Box()

    def work() -> None:
        with permits:
            with lock:
                inside.x += 1
                most.x = max(most.x, inside.x)
            with lock:
                inside.x -= 1

    together(work, work, work)
    assert inside.x == 0
    assert 1 <= most.x <= 2


def readers_and_writers() -> None:
    """A reader-writer lock by hand: readers together, a writer alone."""

    class ReadWriteLock:
        def __init__(self) -> None:
            self.changed = threading.Condition()
            self.readers = 0
            self.writing = False

        @contextmanager
        def reading_allowed(self) -> Iterator[None]:
            with self.changed:
                self.changed.wait_for(lambda: not self.writing)
                self.readers += 1
            try:
                yield
            finally:
                with self.changed:
                    self.readers -= 1
                    self.changed.notify_all()

        @contextmanager
        def writing_allowed(self) -> Iterator[None]:
            with self.changed:
                self.changed.wait_for(lambda: not self.writing and not self.readers)
                self.writing = True
            try:
                yield
            finally:
                with self.changed:
                    self.writing = False
                    self.changed.notify_all()

    lock, shared = ReadWriteLock(), Box()

    def read() -> None:
        with lock.reading_allowed():
            assert shared.x == shared.y

    def write() -> None:
        with lock.writing_allowed():
            shared.x += 1
            shared.y += 1

    together(read, write, read)
    assert shared.x == shared.y == 1


def _right(scenario: Scenario, threads: int, note: str = "") -> Program:
    return Program(scenario.__name__, scenario, threads, "right", note=note)


PROGRAMS = (
    _right(condition_buffer, 2),
    _right(wait_for_with_timeout, 2),
    _right(notify_all_turns, 2),
    _right(event_start_line, 2),
    _right(event_hand_over, 2),
    _right(barrier_phases, 3),
    _right(bounded_semaphore_pool, 3),
    _right(readers_and_writers, 3),
)

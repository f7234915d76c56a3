"""Right programs around threads themselves: time, ends, privacy, logging and imports."""

import logging
import sys
import threading
import time
from contextvars import ContextVar

from .program import TICK, Box, Program, Scenario, together

LOG = logging.getLogger(__name__)
NAME: ContextVar[str] = ContextVar("NAME", default="nobody")


def thread_locals() -> None:
    """Each task has its own."""
    private = threading.local()

    def work(number: int) -> None:
        assert not hasattr(private, "number")
        private.number = number
        private.number += 1
        assert private.number == number + 1

    together(lambda: work(1), lambda: work(2))
    assert not hasattr(private, "number")


def subclassed_thread_local() -> None:
    """A subclass of `local` is made anew for each task."""

    class Private(threading.local):
        def __init__(self) -> None:
            self.items: list[int] = []

    private = Private()

    def work(number: int) -> None:
        private.items.append(number)
        assert private.items == [number]

    together(lambda: work(1), lambda: work(2))
    assert private.items == []


def context_variables() -> None:
    """What a task sets in its context is its own."""

    def work(name: str) -> None:
        token = NAME.set(name)
        assert NAME.get() == name
        NAME.reset(token)

    together(lambda: work("ann"), lambda: work("bob"))
    assert NAME.get() == "nobody"


def subclassed_thread() -> None:
    """A thread that keeps its result."""

    class Square(threading.Thread):
        def __init__(self, n: int) -> None:
            super().__init__()
            self.n = n
            self.result = 0

        def run(self) -> None:
            self.result = self.n * self.n

    threads = [Square(2), Square(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [thread.result for thread in threads] == [4, 9]


def handed_on_by_start_and_join() -> None:
    """What came before `start` and what comes after `join` needs no lock."""
    shared = Box()

    def work() -> None:
        assert shared.x == 1
        shared.x += 1

    shared.x = 1
    together(work)
    shared.x += 1
    assert shared.x == 3


def threads_that_start_threads() -> None:
    """A worker that waits for its own worker."""
    shared = Box()

    def inner() -> None:
        shared.x = 1

    def outer() -> None:
        together(inner)
        assert shared.x == 1

    together(outer)


def own_attributes() -> None:
    """Each task writes its own attribute, its own item and its own key."""
    shared, cells, table = Box(), [0, 0], {"a": 0, "b": 0}

    def one() -> None:
        shared.x += 1
        cells[0] += 1
        table["a"] += 1

    def other() -> None:
        shared.y += 1
        cells[1] += 1
        table["b"] += 1

    together(one, other)
    assert (shared.x, shared.y, cells, table) == (1, 1, [1, 1], {"a": 1, "b": 1})


def read_only() -> None:
    """Nobody writes what all read."""
    table, cells = {"a": 1, "b": 2}, (3, 4)

    def work() -> None:
        assert sum(table.values()) + sum(cells) == 10
        assert [key for key in table if table[key] > 1] == ["b"]

    together(work, work, work)


def timer_fires() -> None:
    """A timer that is waited for has fired."""
    shared = Box()

    def fire() -> None:
        shared.x = 1

    timer = threading.Timer(TICK, fire)
    timer.start()
    timer.join()
    assert shared.x == 1


def timer_cancelled() -> None:
    """A timer that is cancelled long before its time never fires."""
    shared = Box()

    def fire() -> None:
        shared.x = 1

    timer = threading.Timer(3600, fire)
    timer.start()
    timer.cancel()
    timer.join()
    assert shared.x == 0


def timer_fires_or_is_cancelled() -> None:
    """A timer that is cancelled at about its time fires once or never."""
    shared = Box()

    def fire() -> None:
        shared.x += 1

    timer = threading.Timer(TICK, fire)
    timer.start()
    together(timer.cancel)
    timer.join()
    assert shared.x in {0, 1}


def join_with_timeout() -> None:
    """`is_alive` is asked after a join with a limit."""
    door = threading.Event()
    worker = threading.Thread(target=door.wait)
    worker.start()
    worker.join(timeout=TICK)
    assert worker.is_alive()
    door.set()
    worker.join()
    assert not worker.is_alive()


def sleep_and_join() -> None:
    """However long the worker sleeps, `join` waits for it."""
    shared = Box()

    def work() -> None:
        time.sleep(TICK)
        shared.x = 1

    together(work)
    assert shared.x == 1


def sleeps_side_by_side() -> None:
    """Sleeping takes at least as long as it says."""

    def work(seconds: float) -> None:
        begin = time.monotonic()
        time.sleep(seconds)
        assert time.monotonic() - begin >= seconds

    together(lambda: work(TICK), lambda: work(2 * TICK))


def event_with_timeout() -> None:
    """A wait that times out again and again until the event is set."""
    ready, shared = threading.Event(), Box()

    def wait() -> None:
        while not ready.wait(timeout=TICK):
            pass
        assert shared.x == 1

    def write() -> None:
        time.sleep(1.5 * TICK)
        shared.x = 1
        ready.set()

    together(wait, write)


def logging_from_tasks() -> None:
    """Two tasks log to the module's logger, with whatever handlers there are."""

    def work() -> None:
        for i in range(2):
            LOG.info("step %d", i)

    together(work, work)


def logging_to_own_handler() -> None:
    """A handler's lock keeps the records apart."""

    class Keep(logging.Handler):
        def __init__(self) -> None:
            super().__init__()
            self.messages: list[str] = []

        def emit(self, record: logging.LogRecord) -> None:
            self.messages.append(record.getMessage())

    handler, log = Keep(), logging.Logger("own")
    log.addHandler(handler)

    def work(name: str) -> None:
        log.info("%s begins", name)
        log.info("%s ends", name)

    together(lambda: work("ann"), lambda: work("bob"))
    for name in ("ann", "bob"):
        own = [message for message in handler.messages if message.startswith(name)]
        assert own == [f"{name} begins", f"{name} ends"]


def lazy_import() -> None:
    """Two tasks import a module at once: it is executed once."""
    sys.modules.pop(f"{__package__}._lazy", None)
    got = Box()

    def one() -> None:
        from ._lazy import MADE

        got.first = MADE

    def other() -> None:
        from ._lazy import MADE

        got.second = MADE

    together(one, other)
    assert got.first is got.second


def error_carried_by_hand() -> None:
    """A worker's exception is kept and seen by whoever joins."""
    errors: list[ValueError] = []

    def work() -> None:
        try:
            int("x")
        except ValueError as error:
            errors.append(error)

    together(work)
    assert len(errors) == 1


def stop_flag() -> None:
    """A flag that goes up once and is read until it is up, with a wait that yields."""
    stop, rounds = threading.Event(), Box()

    def work() -> None:
        while not stop.is_set():
            rounds.x += 1
            stop.wait(TICK)

    worker = threading.Thread(target=work)
    worker.start()
    stop.set()
    worker.join()
    assert not worker.is_alive()


def _right(scenario: Scenario, threads: int, note: str = "") -> Program:
    return Program(scenario.__name__, scenario, threads, "right", note=note)


PROGRAMS = (
    _right(thread_locals, 2),
    _right(subclassed_thread_local, 2),
    _right(context_variables, 2),
    _right(subclassed_thread, 2),
    _right(handed_on_by_start_and_join, 1),
    _right(threads_that_start_threads, 2),
    _right(own_attributes, 2),
    _right(read_only, 3),
    _right(timer_fires, 1),
    _right(timer_cancelled, 1, note='with clock="exact"'),
    _right(timer_fires_or_is_cancelled, 2),
    _right(join_with_timeout, 1),
    _right(sleep_and_join, 1),
    _right(sleeps_side_by_side, 2),
    _right(event_with_timeout, 2),
    _right(logging_from_tasks, 2),
    _right(logging_to_own_handler, 2),
    _right(lazy_import, 2),
    _right(error_carried_by_hand, 1),
    _right(stop_flag, 1),
)

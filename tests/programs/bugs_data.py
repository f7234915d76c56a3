"""Small wrong programs whose tasks get in each other's way over shared data."""

import queue
import threading
from collections.abc import Iterator

from .program import Box, Program, together


class Service:
    """Something to have only one of."""


class Registry:
    """Makes its service on demand."""

    def __init__(self) -> None:
        self.service: Service | None = None

    def get(self) -> Service:
        if self.service is None:
            self.service = Service()
        return self.service


def lazy_singleton() -> None:
    """Two tasks both find that there is none yet."""
    registry, got = Registry(), Box()

    def one() -> None:
        got.first = registry.get()

    def other() -> None:
        got.second = registry.get()

    together(one, other)
    assert got.first is got.second


def cache_fills_twice() -> None:
    """Check-then-act on a dict: the value is computed twice."""
    cache: dict[str, int] = {}
    computed: list[str] = []

    def look_up() -> None:
        if "key" not in cache:
            computed.append("key")
            cache["key"] = 1

    together(look_up, look_up)
    assert computed == ["key"]


def dict_deleted_twice() -> None:
    """Check-then-act on a dict: the key that was there is gone."""
    sessions = {"ann": 1}

    def log_out() -> None:
        if "ann" in sessions:
            del sessions["ann"]  # noqa: RUF051 - `pop` would be right

    together(log_out, log_out)


def list_popped_empty() -> None:
    """Check-then-act on a list: the last item is taken by another."""
    items = [1]

    def take() -> None:
        if items:
            items.pop()

    together(take, take)


def overdrawn() -> None:
    """Enough money when asked, not enough when taken: both calls are locked, the pair is not."""
    lock, account = threading.Lock(), Box(x=100)

    def balance() -> int:
        with lock:
            return account.x

    def take(amount: int) -> None:
        with lock:
            account.x -= amount

    def withdraw() -> None:
        if balance() >= 70:
            take(70)

    together(withdraw, withdraw)
    assert account.x >= 0


def published_before_ready() -> None:
    """The flag goes up before the value is there."""
    shared = Box()

    def publish() -> None:
        shared.y = 1
        shared.x = 42

    def read() -> None:
        if shared.y:
            assert shared.x == 42

    together(publish, read)


def started_before_ready() -> None:
    """An object that starts its thread before it has all its attributes."""

    class Worker:
        def __init__(self) -> None:
            self.thread = threading.Thread(target=self.work)
            self.thread.start()
            self.greeting = "hello"

        def work(self) -> None:
            assert self.greeting

    Worker().thread.join()


def dict_changed_while_iterated() -> None:
    """One task walks through a dict, another puts a key in."""
    table = {1: "a", 2: "b", 3: "c"}

    def walk() -> None:
        for key in table:
            assert key

    def insert() -> None:
        table[4] = "d"

    together(walk, insert)


def list_changed_while_iterated() -> None:
    """Removing from a list under a reader's feet makes the reader skip an item."""
    items, seen = [1, 2, 3], set[int]()

    def walk() -> None:
        for item in items:
            seen.add(item)

    def remove() -> None:
        items.remove(1)

    together(walk, remove)
    assert {2, 3} <= seen


def shared_generator() -> None:
    """A generator cannot be entered by two tasks at once: ValueError."""
    shared = Box()

    def numbers() -> Iterator[int]:
        while True:
            shared.x = shared.x + 1
            yield shared.x

    generator = numbers()
    together(lambda: next(generator), lambda: next(generator))


def queue_check_then_put() -> None:
    """Both find the queue empty, so both put the one job."""
    jobs: queue.Queue[str] = queue.Queue()

    def refill() -> None:
        if jobs.empty():
            jobs.put("job")

    together(refill, refill)
    assert jobs.qsize() == 1


def queue_check_then_put_nowait() -> None:
    """Both find room for one more: queue.Full."""
    jobs: queue.Queue[str] = queue.Queue(maxsize=1)

    def put() -> None:
        if not jobs.full():
            jobs.put_nowait("job")

    together(put, put)


def lock_released_twice() -> None:
    """Both find the lock held and release it: RuntimeError."""
    lock = threading.Lock()
    lock.acquire()

    def release() -> None:
        if lock.locked():
            lock.release()

    together(release, release)


PROGRAMS = (
    Program("lazy_singleton", lazy_singleton, 2, "check then act", "assertion"),
    Program("cache_fills_twice", cache_fills_twice, 2, "check then act", "assertion"),
    Program("dict_deleted_twice", dict_deleted_twice, 2, "check then act", "exception", note="KeyError"),
    Program("list_popped_empty", list_popped_empty, 2, "check then act", "exception", note="IndexError"),
    Program("overdrawn", overdrawn, 2, "check then act", "assertion", note="no data race"),
    Program("published_before_ready", published_before_ready, 2, "order", "assertion"),
    Program("started_before_ready", started_before_ready, 1, "order", "exception", note="AttributeError"),
    Program(
        "dict_changed_while_iterated",
        dict_changed_while_iterated,
        2,
        "order",
        "exception",
        note="RuntimeError",
    ),
    Program("list_changed_while_iterated", list_changed_while_iterated, 2, "order", "assertion"),
    Program("shared_generator", shared_generator, 2, "order", "exception", note="ValueError"),
    Program(
        "queue_check_then_put",
        queue_check_then_put,
        2,
        "check then act",
        "assertion",
        note="no data race",
    ),
    Program(
        "queue_check_then_put_nowait",
        queue_check_then_put_nowait,
        2,
        "check then act",
        "exception",
        note="queue.Full; no data race",
    ),
    Program(
        "lock_released_twice",
        lock_released_twice,
        2,
        "check then act",
        "exception",
        note="RuntimeError",
    ),
)

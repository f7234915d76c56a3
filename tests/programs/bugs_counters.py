"""Small wrong programs that lose an update."""

import threading

from .program import Box, Program, together

_total = 0


def counter_attribute() -> None:
    """The textbook race on an attribute."""
    shared = Box(x=5)

    def work() -> None:
        shared.x -= 1

    together(*[work] * 5)
    assert shared.x == 0


def counter_global() -> None:
    """The textbook race on a global."""
    global _total
    _total = 5

    def work() -> None:
        global _total
        _total -= 1

    together(*[work] * 5)
    assert _total == 0


def counter_closure() -> None:
    """The textbook race on a closure variable."""
    total = 5

    def work() -> None:
        nonlocal total
        total -= 1

    together(*[work] * 5)
    assert total == 0


def counter_list_item() -> None:
    """The textbook race on the item of a list."""
    totals = [5]

    def work() -> None:
        totals[0] -= 1

    together(*[work] * 5)
    assert totals[0] == 0


def counter_dict_item() -> None:
    """The textbook race on the item of a dict."""
    totals = {"n": 5}

    def work() -> None:
        totals["n"] -= 1

    together(*[work] * 5)
    assert totals["n"] == 0


def counter_in_a_loop() -> None:
    """Two tasks that count to three each."""
    shared = Box()

    def work() -> None:
        for _ in range(3):
            shared.x += 1

    together(work, work)
    assert shared.x == 6


def counter_lock_made_per_call() -> None:
    """A lock that nobody else can hold, because each call makes its own."""
    shared = Box()

    def work() -> None:
        with threading.Lock():
            shared.x += 1

    together(work, work)
    assert shared.x == 2


def counter_two_locked_halves() -> None:
    """Each access is locked, but not the two together: no data race, and still a lost update."""
    lock, shared = threading.Lock(), Box()

    def work() -> None:
        with lock:
            n = shared.x
        with lock:
            shared.x = n + 1

    together(work, work)
    assert shared.x == 2


def counter_one_task_unlocked() -> None:
    """All but one take the lock."""
    lock, shared = threading.Lock(), Box()

    def careful() -> None:
        with lock:
            shared.x += 1

    def careless() -> None:
        shared.x += 1

    together(careful, careful, careless)
    assert shared.x == 3


def swap_by_unpacking() -> None:
    """Swapping in one statement is not one step: one of the two values may be lost."""
    shared = Box(x=1, y=2)

    def work() -> None:
        shared.x, shared.y = shared.y, shared.x

    together(work, work)
    assert sorted([shared.x, shared.y]) == [1, 2]


def list_rebuilt() -> None:
    """A list that is replaced as a whole, by slice assignment, forgets what came in between."""
    items: list[int] = []

    def work(item: int) -> None:
        items[:] = [*items, item]

    together(lambda: work(1), lambda: work(2))
    assert sorted(items) == [1, 2]


class Handle:
    """Closed by whoever is last to let go of it."""

    def __init__(self, references: int) -> None:
        self.references = references
        self.closed = 0

    def release(self) -> None:
        self.references -= 1
        if self.references == 0:
            self.closed += 1


def reference_count() -> None:
    """Unlocked reference count: closed twice, or never."""
    handle = Handle(2)
    together(handle.release, handle.release)
    assert handle.closed == 1


PROGRAMS = (
    Program("counter_attribute", counter_attribute, 5, "lost update", "assertion"),
    Program("counter_global", counter_global, 5, "lost update", "assertion"),
    Program("counter_closure", counter_closure, 5, "lost update", "assertion"),
    Program("counter_list_item", counter_list_item, 5, "lost update", "assertion"),
    Program("counter_dict_item", counter_dict_item, 5, "lost update", "assertion"),
    Program("counter_in_a_loop", counter_in_a_loop, 2, "lost update", "assertion"),
    Program("counter_lock_made_per_call", counter_lock_made_per_call, 2, "lost update", "assertion"),
    Program(
        "counter_two_locked_halves",
        counter_two_locked_halves,
        2,
        "lost update",
        "assertion",
        note="no data race",
    ),
    Program("counter_one_task_unlocked", counter_one_task_unlocked, 3, "lost update", "assertion"),
    Program("swap_by_unpacking", swap_by_unpacking, 2, "lost update", "assertion"),
    Program("list_rebuilt", list_rebuilt, 2, "lost update", "assertion"),
    Program("reference_count", reference_count, 2, "lost update", "assertion"),
)

"""Right programs around locks, conditions and what is built from them."""

import threading

from ._locks import LOCK
from .program import TICK, Box, Program, Scenario, together

_total = 0


def locked_attribute() -> int:
    """A locked counter in an attribute."""
    lock, shared = threading.Lock(), Box()

    def work() -> None:
        for _ in range(2):
            with lock:
                shared.x += 1

    together(work, work, work)
    assert shared.x == 6
    return shared.x


def locked_global() -> int:
    """A locked counter in a global, and the lock a module's, imported by name."""
    global _total
    _total = 0

    def work() -> None:
        global _total
        for _ in range(2):
            with LOCK:
                _total += 1

    together(work, work, work)
    assert _total == 6
    return _total


def locked_closure() -> int:
    """A locked counter in a closure variable."""
    lock, total = threading.Lock(), 0

    def work() -> None:
        nonlocal total
        for _ in range(2):
            with lock:
                total += 1

    together(work, work, work)
    assert total == 6
    return total


def closure_read_by_its_owner() -> int:
    """The function that owns a closure variable goes on with it after the join."""
    lock, total = threading.Lock(), 0

    def work() -> None:
        nonlocal total
        with lock:
            total += 1

    for _ in range(2):
        together(work, work)
        total *= 10
    assert total == 220
    return total


def locked_without_with() -> int:
    """Acquire and release by hand, in try and finally."""
    lock, shared = threading.Lock(), Box()

    def work() -> None:
        lock.acquire()
        try:
            shared.x += 1
        finally:
            lock.release()

    together(work, work)
    assert shared.x == 2
    return shared.x


def try_lock() -> None:
    """Whoever does not get the lock does something else."""
    lock, shared = threading.Lock(), Box()

    def work() -> None:
        if lock.acquire(blocking=False):
            try:
                shared.x += 1
            finally:
                lock.release()

    together(work, work)
    assert shared.x in {1, 2}


def lock_with_timeout() -> None:
    """A lock that is waited for with a limit, and the result is looked at."""
    lock, shared = threading.Lock(), Box()

    def work() -> None:
        while not lock.acquire(timeout=TICK):
            pass
        shared.x += 1
        lock.release()

    together(work, work)
    assert shared.x == 2


def reentrant_lock() -> int:
    """A method that holds an RLock calls another that takes it."""
    lock, shared = threading.RLock(), Box()

    def add() -> None:
        with lock:
            shared.x += 1

    def add_two() -> None:
        with lock:
            add()
            add()

    together(add_two, add_two)
    assert shared.x == 4
    return shared.x


def ordered_transfer() -> None:
    """Both accounts are locked, always in the order of their numbers."""

    class Account:
        def __init__(self, number: int) -> None:
            self.number = number
            self.lock = threading.Lock()
            self.balance = 10

    def transfer(source: Account, target: Account) -> None:
        low, high = sorted([source, target], key=lambda account: account.number)
        with low.lock, high.lock:
            source.balance -= 1
            target.balance += 1

    ann, bob = Account(1), Account(2)
    together(lambda: transfer(ann, bob), lambda: transfer(bob, ann), lambda: transfer(ann, bob))
    assert (ann.balance, bob.balance) == (9, 11)


def gate_lock() -> None:
    """Opposite orders below a third lock that both hold: no deadlock."""
    gate, a, b, shared = threading.Lock(), threading.Lock(), threading.Lock(), Box()

    def forth() -> None:
        with gate, a, b:
            shared.x += 1

    def back() -> None:
        with gate, b, a:
            shared.x += 1

    together(forth, back)
    assert shared.x == 2


def locks_of_one_class_in_order() -> None:
    """A chain of nodes, hand over hand: locks made in one line, taken in a fixed order."""
    locks = [threading.Lock() for _ in range(3)]
    visits = [0, 0, 0]

    def walk() -> None:
        locks[0].acquire()
        visits[0] += 1
        for i in (1, 2):
            locks[i].acquire()
            locks[i - 1].release()
            visits[i] += 1
        locks[2].release()

    together(walk, walk)
    assert visits == [2, 2, 2]


def philosophers_ordered() -> None:
    """The last philosopher takes the right fork first."""
    forks = [threading.Lock() for _ in range(3)]
    meals = [0] * 3

    def eat(seat: int) -> None:
        low, high = sorted([seat, (seat + 1) % 3])
        with forks[low], forks[high]:
            meals[seat] += 1

    together(lambda: eat(0), lambda: eat(1), lambda: eat(2))
    assert meals == [1, 1, 1]


def double_checked() -> None:
    """A look without the lock, a second one with it."""

    class Lazy:
        def __init__(self) -> None:
            self.lock = threading.Lock()
            self.value: object = None
            self.made = 0

        def get(self) -> object:
            if self.value is None:
                with self.lock:
                    if self.value is None:
                        self.made += 1
                        self.value = object()
            return self.value

    lazy, got = Lazy(), Box()

    def one() -> None:
        got.first = lazy.get()

    def other() -> None:
        got.second = lazy.get()

    together(one, other)
    assert got.first is got.second
    assert lazy.made == 1


def _right(scenario: Scenario, threads: int, note: str = "") -> Program:
    return Program(scenario.__name__, scenario, threads, "right", note=note)


PROGRAMS = (
    _right(locked_attribute, 3),
    _right(locked_global, 3, note="a module-level lock, imported by name"),
    _right(locked_closure, 3),
    _right(closure_read_by_its_owner, 4),
    _right(locked_without_with, 2),
    _right(try_lock, 2),
    _right(lock_with_timeout, 2),
    _right(reentrant_lock, 2),
    _right(ordered_transfer, 3),
    _right(gate_lock, 2),
    _right(locks_of_one_class_in_order, 2),
    _right(philosophers_ordered, 3),
    _right(double_checked, 2, note="unordered accesses on purpose: a note, no alarm"),
)

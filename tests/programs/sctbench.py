"""Own Python versions of the published SCTBench programs that share a few variables.

Structure after SCTBench (Thomson, Donaldson, Betts: "Concurrency testing using controlled
schedulers", TOPC 2016), where their origin is named too; the code is ours.
"""

import threading

from .program import Box, Program, together
from .sctbench_structures import PROGRAMS as STRUCTURES


class Account:
    """A balance and what has been done to it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.start, self.paid_in, self.taken = 1, 2, 4
        self.balance = self.start
        self.deposit_done = False
        self.withdraw_done = False


def account() -> None:
    """SCTBench CS.account_bad: the checker, if it comes last, knows a wrong formula; 3 threads."""
    shared = Account()

    def check() -> None:
        with shared.lock:
            if shared.deposit_done and shared.withdraw_done:
                assert shared.balance == (shared.start - shared.paid_in) - shared.taken

    def deposit() -> None:
        with shared.lock:
            shared.balance = shared.balance + shared.paid_in
            shared.deposit_done = True

    def withdraw() -> None:
        with shared.lock:
            shared.balance = shared.balance - shared.taken
            shared.withdraw_done = True

    together(check, deposit, withdraw)


def lazy01() -> None:
    """SCTBench CS.lazy01_bad: +1, +2 and a checker that must not come last; 3 threads."""
    lock, shared = threading.Lock(), Box()

    def add_one() -> None:
        with lock:
            shared.x += 1

    def add_two() -> None:
        with lock:
            shared.x += 2

    def check() -> None:
        with lock:
            assert not shared.x >= 3

    together(add_one, add_two, check)


class Ring:
    """Three values, handed on in a ring, and which of them has been."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.x1, self.x2, self.x3 = 1, 2, 1
        self.done1 = self.done2 = self.done3 = False


def token_ring() -> None:
    """SCTBench CS.token_ring_bad: right for one order of the hand-overs only; 4 threads."""
    ring = Ring()

    def first() -> None:
        with ring.lock:
            ring.x1 = (ring.x3 + 1) % 4
            ring.done1 = True

    def second() -> None:
        with ring.lock:
            ring.x2 = ring.x1
            ring.done2 = True

    def third() -> None:
        with ring.lock:
            ring.x3 = ring.x2
            ring.done3 = True

    def check() -> None:
        with ring.lock:
            if ring.done1 and ring.done2 and ring.done3:
                assert ring.x1 == ring.x2 == ring.x3

    together(first, second, third, check)


def deadlock01() -> None:
    """SCTBench CS.deadlock01_bad: two locks taken in opposite orders; 2 threads."""
    a, b, shared = threading.Lock(), threading.Lock(), Box(x=1)

    def up() -> None:
        with a, b:
            shared.x += 1

    def down() -> None:
        with b, a:
            shared.x -= 1

    together(up, down)


def _reorder(setters: int, checkers: int) -> None:
    shared = Box()

    def set_both() -> None:
        shared.x = 1
        shared.y = -1

    def check() -> None:
        neither_or_both = (shared.x == 0 and shared.y == 0) or (shared.x == 1 and shared.y == -1)
        assert neither_or_both

    together(*[set_both] * setters, *[check] * checkers)


def reorder_3() -> None:
    """SCTBench CS.reorder_3_bad: two fields set without a lock; 2 setters, 1 checker."""
    _reorder(2, 1)


def reorder_5() -> None:
    """SCTBench CS.reorder_5_bad: two fields set without a lock; 4 setters, 1 checker."""
    _reorder(4, 1)


def reorder_10() -> None:
    """SCTBench CS.reorder_10_bad: two fields set without a lock; 9 setters, 1 checker."""
    _reorder(9, 1)


def reorder_20() -> None:
    """SCTBench CS.reorder_20_bad: two fields set without a lock; 10 setters, 10 checkers."""
    _reorder(10, 10)


def _twostage(writers: int, readers: int) -> None:
    first_lock, second_lock, shared = threading.Lock(), threading.Lock(), Box()

    def write() -> None:
        with first_lock:
            shared.x = 1
        with second_lock:
            shared.y = shared.x + 1

    def read() -> None:
        with first_lock:
            if shared.x == 0:
                return
            x = shared.x
        with second_lock:
            y = shared.y
        assert y == x + 1

    together(*[write] * writers, *[read] * readers)


def twostage() -> None:
    """SCTBench CS.twostage_bad: a reader between the writer's two locks; 1 writer, 1 reader."""
    _twostage(1, 1)


def twostage_20() -> None:
    """SCTBench CS.twostage_20_bad: a reader before any second stage; 10 writers, 10 readers."""
    _twostage(10, 10)


def _wronglock(others: int) -> None:
    right_lock, wrong_lock, shared = threading.Lock(), threading.Lock(), Box()

    def guarded() -> None:
        with right_lock:
            x = shared.x
            shared.x += 1
            assert shared.x == x + 1

    def misguarded() -> None:
        with wrong_lock:
            shared.x += 1

    together(guarded, *[misguarded] * others)


def wronglock() -> None:
    """SCTBench CS.wronglock_bad: one thread on lock A, seven on lock B; 8 threads."""
    _wronglock(7)


def wronglock_3() -> None:
    """SCTBench CS.wronglock_3_bad: one thread on lock A, three on lock B; 4 threads."""
    _wronglock(3)


PROGRAMS = (
    Program("account", account, 3, "order", "assertion"),
    Program("lazy01", lazy01, 3, "order", "assertion"),
    Program("token_ring", token_ring, 4, "order", "assertion"),
    Program("deadlock01", deadlock01, 2, "deadlock", "deadlock", plain=False),
    Program("reorder_3", reorder_3, 3, "order", "assertion"),
    Program("reorder_5", reorder_5, 5, "order", "assertion"),
    Program("reorder_10", reorder_10, 10, "order", "assertion"),
    Program("reorder_20", reorder_20, 20, "order", "assertion"),
    Program("twostage", twostage, 2, "order", "assertion"),
    Program("twostage_20", twostage_20, 20, "order", "assertion"),
    Program("wronglock", wronglock, 8, "lost update", "assertion"),
    Program("wronglock_3", wronglock_3, 4, "lost update", "assertion"),
    *STRUCTURES,
)

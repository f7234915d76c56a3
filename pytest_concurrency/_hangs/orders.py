"""Locks taken in real time: their orders are kept, and a cycle is told to the thread that closes it."""

from __future__ import annotations

import itertools
import sys
import threading
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from pytest_concurrency._core.detectors import wait_graph as waitgraph
from pytest_concurrency._core.detectors.lock_order import Held, LockOrder
from pytest_concurrency._core.errors import DeadlockFound
from pytest_concurrency._engine import explain, naming
from pytest_concurrency._engine.inversions import Inversion, told
from pytest_concurrency._hangs import telling
from pytest_concurrency._hangs.book import Mark, Wait, mine, silence, waits
from pytest_concurrency._machine import real
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from pytest_concurrency._core.telling.report import Place
    from pytest_concurrency._sight.watching import Watch

CONFIRM: Final = 0.02  # seconds after which a cycle must still be there


class _Hand(threading.local):
    """The locks that the running thread holds, in order, and how often."""

    def __init__(self) -> None:
        self.held: list[Held] = []
        self.counts: dict[int, int] = {}


class Recorder:
    """Is told of every lock outside a run while somebody wants to know.

    Attributes:
        books: What to keep the orders in.
    """

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.books: list[LockOrder] = []
        self._at_once = 0
        self._hand = _Hand()
        self._numbers: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self._next = itertools.count(1)
        self._names: dict[Any, tuple[str, Place | None]] = {}
        self._in_hand_of: dict[int, _HandOf] = {}
        self._handed_over: set[int] = set()
        self._mutex = real.allocate_lock()

    def begin(self, book: LockOrder, *, at_once: bool = False) -> None:
        """Keep orders in a book too; with `at_once` a thread that closes a cycle is told so instead of waiting."""
        self.books.append(book)
        self._at_once += at_once
        waits.tell_orders(self)

    def end(self, book: LockOrder, *, at_once: bool = False) -> None:
        """Take back one `begin`; where it was the last, nobody is told of locks any more."""
        self._at_once -= at_once
        self.books.remove(book)
        if not self.books:
            waits.tell_orders(None)

    # -- what the doubles tell

    def took(self, lock: Any, *, may_wait: bool) -> None:
        """Note that the running thread has a lock now."""
        if lock.inner:
            return
        hand = self._hand
        held = self._as_held(lock)
        count = hand.counts.get(held.number, 0)
        hand.counts[held.number] = count + 1
        if count:
            return
        if may_wait and hand.held:
            self._note(hand.held, held)
        hand.held.append(held)
        self._in_hand_of[held.number] = (mine.mark, hand.held, hand.counts)

    def gave(self, lock: Any) -> None:
        """Note that a lock was released once, perhaps one that another thread had taken."""
        number = self._numbers.get(lock)
        if number is None or number not in self._in_hand_of:
            return
        mark, held, counts = self._in_hand_of[number]
        if mark is not mine.mark:
            self._handed_over.add(number)
        if counts.get(number, 0) > 1:
            counts[number] -= 1
            return
        self._drop(number, held, counts)

    def gave_up(self, lock: Any) -> None:
        """Note that a condition's wait released a lock altogether."""
        number = self._numbers.get(lock)
        if number is not None and number in self._in_hand_of:
            _, held, counts = self._in_hand_of[number]
            self._drop(number, held, counts)

    def _drop(self, number: int, held: list[Held], counts: dict[int, int]) -> None:
        self._in_hand_of.pop(number, None)
        counts.pop(number, None)
        held[:] = [each for each in held if each.number != number]

    def about_to_wait(self, wait: Wait) -> None:
        """Note that the running thread wants a lock that another has; tell it if that never ends.

        Raises:
            DeadlockFound: The thread would close a cycle.
        """
        lock = wait.target
        if lock.inner:
            return
        if self._hand.held:
            self._note(self._hand.held, self._as_held(lock))
        if self._at_once:
            with self._mutex:
                stuck = self._cycle(wait)
                if stuck:
                    real.sleep(CONFIRM)
                    if self._cycle(wait) == stuck:
                        raise self._found(wait, stuck)

    # -- orders

    def _note(self, held: list[Held], taken: Held) -> None:
        for book in self.books:
            book.took((mine.mark.serial, mine.mark.name), held, taken)

    def _as_held(self, lock: Any) -> Held:
        number = self._numbers.get(lock)
        if number is None:
            number = self._numbers[lock] = next(self._next)
        kind = lock.lock_class(number)
        if kind not in self._names:
            self._names[kind] = naming.describe(lock)
        frame = stacks.user_frame(sys._getframe(3), self.watch)
        place = ("", 0) if frame is None else (frame.f_code, frame.f_lineno)
        return Held(number, kind, place)

    def inversions(self, book: LockOrder) -> list[Inversion]:
        """Return what a book shows, in words."""
        return [told(witnesses, self._names) for witnesses in book.inversions()]

    # -- cycles at once

    def _cycle(self, wait: Wait) -> list[tuple[Wait, Mark | None]]:
        """Return the waits of the cycle that a wait closes; [] where there is none for certain."""
        edges: dict[int, list[int]] = {}
        known = {}
        for each in list(waits.now.values()):
            holder = self._holder(each.target)
            if holder is not None:
                edges[id(each.ident)] = [id(holder)]
                known[id(each.ident)] = (each, holder)
        found = waitgraph.cycle_through(edges, id(wait.ident))
        return [known[mark] for mark in found] if len(found) > 1 else []

    def _holder(self, target: Any) -> Mark | None:
        """Return the thread without which a wait cannot end; None where others could end it."""
        if isinstance(target, threading.Thread):
            other = waits.now.get(target.ident or 0)
            return other.ident if other is not None and other.ident.thread is target else None
        if self._numbers.get(target, 0) in self._handed_over:
            return None
        holder = target.holder_now()
        return holder if isinstance(holder, Mark) else None

    def _found(self, wait: Wait, stuck: list[tuple[Wait, Mark | None]]) -> DeadlockFound:
        states = telling.wait_states(waits, [each for each, _ in stuck], self.watch)
        report = explain.waits(states)
        waits.give(report)
        if not wait.ident.runs_the_tests:
            silence(wait.ident.thread, DeadlockFound)
        return DeadlockFound(report)


_HandOf = tuple[Mark, list[Held], dict[int, int]]

"""The door that shuts by itself: the worked solution.

What belongs together changes together, under one lock: the two events, the number of people in the doorway, and the
number of the last swipe. Who waits does so without the lock; when he is woken he takes it, looks once more, and is in
the doorway in the same step, so that nothing can come between the look and the entering. Two things have to be true
before the door shuts, that its time is over and that nobody is in the doorway. Whoever makes one of them true looks
whether the other one is: the timer of the *last* swipe (earlier ones find another number, and do nothing), or the
last one who leaves. No clock is read for shutting, so a timer that wakes a little early does no harm.
"""

import threading
import time
from collections.abc import Callable


class Door:
    """Opened by a card, shut by the time, and never while somebody is in the doorway."""

    def __init__(self, stays_open: float) -> None:
        """Begin shut; once opened, it stays open for so many seconds."""
        self._stays_open = stays_open
        self._lock = threading.Lock()
        self._opened, self._shut = threading.Event(), threading.Event()
        self._shut.set()
        self._swipes = 0
        self._time_is_over = True
        self._in_doorway = 0

    def swipe(self) -> None:
        """Open the door, or let its time begin anew."""
        with self._lock:
            self._open()

    def is_open(self) -> bool:
        """Tell whether it is open now."""
        return self._opened.is_set()

    def enter(self, step: Callable[[], object], patience: float | None = None) -> bool:
        """Wait until it is open, and call `step()` in the doorway; return whether it came to that in time."""
        end = None if patience is None else time.monotonic() + patience
        while not self._step_in():
            if not self._opened.wait(None if end is None else max(0, end - time.monotonic())):
                return False
        self._go_through(step)
        return True

    def enter_with_card(self, step: Callable[[], object]) -> bool:
        """Call `step()` in the doorway, and swipe if need be; return whether the card was needed."""
        with self._lock:
            is_needed = not self._opened.is_set()
            if is_needed:
                self._open()
            self._in_doorway += 1
        self._go_through(step)
        return is_needed

    def wait_shut(self, patience: float | None = None) -> bool:
        """Wait until it is shut; return whether it was in time."""
        return self._shut.wait(patience)

    def _open(self) -> None:  # with the lock
        self._swipes += 1
        self._time_is_over = False
        self._shut.clear()
        self._opened.set()
        timer = threading.Timer(self._stays_open, self._time_is_up, args=(self._swipes,))
        timer.daemon = True
        timer.start()

    def _time_is_up(self, swipe: int) -> None:
        with self._lock:
            if swipe == self._swipes:
                self._time_is_over = True
                self._shut_if_due()

    def _step_in(self) -> bool:
        with self._lock:
            if not self._opened.is_set():
                return False
            self._in_doorway += 1
            return True

    def _go_through(self, step: Callable[[], object]) -> None:
        try:
            step()
        finally:
            with self._lock:
                self._in_doorway -= 1
                self._shut_if_due()

    def _shut_if_due(self) -> None:  # with the lock
        if self._time_is_over and not self._in_doorway:
            self._opened.clear()
            self._shut.set()

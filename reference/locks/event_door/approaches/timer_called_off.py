"""One timer at a time: each swipe calls the last one off; who is in the doorway is in a set."""

import contextlib
import threading
import time


class Door:
    def __init__(self, stays_open):
        self.stays_open = stays_open
        self.changed = threading.Condition(threading.Lock())
        self.timer = None
        self.open = False
        self.visitors = set()

    def _open(self):
        if self.timer is not None:
            self.timer.cancel()
        self.open = True
        self.timer = threading.Timer(self.stays_open, lambda: self._time_up(timer))
        timer = self.timer
        self.timer.daemon = True
        self.timer.start()
        self.changed.notify_all()

    def _time_up(self, timer):
        with self.changed:
            if self.timer is timer:
                self.timer = None
                self._look()

    def _look(self):
        if self.timer is None and not self.visitors:
            self.open = False
            self.changed.notify_all()

    @contextlib.contextmanager
    def _doorway(self, me):
        try:
            yield
        finally:
            with self.changed:
                self.visitors.discard(me)
                self._look()

    def swipe(self):
        with self.changed:
            self._open()

    def is_open(self):
        with self.changed:
            return self.open

    def enter(self, step, patience=None):
        me = object()
        end = None if patience is None else time.monotonic() + patience
        with self.changed:
            while not self.open:
                left = None if end is None else end - time.monotonic()
                if left is not None and left <= 0:
                    return False
                self.changed.wait(left)
            self.visitors.add(me)
        with self._doorway(me):
            step()
        return True

    def enter_with_card(self, step):
        me = object()
        with self.changed:
            needed = not self.open
            if needed:
                self._open()
            self.visitors.add(me)
        with self._doorway(me):
            step()
        return needed

    def wait_shut(self, patience=None):
        with self.changed:
            return self.changed.wait_for(lambda: not self.open, patience)

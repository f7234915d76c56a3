"""Nobody shuts the door: it is open as long as its time is not over. A condition for everybody who waits."""

import threading
import time


class Door:
    def __init__(self, stays_open):
        self.stays_open = stays_open
        self.changed = threading.Condition()
        self.until = None
        self.inside = 0

    def open_now(self):
        return self.inside > 0 or (self.until is not None and time.monotonic() < self.until)

    def swipe(self):
        with self.changed:
            self.until = time.monotonic() + self.stays_open
            self.changed.notify_all()

    def is_open(self):
        with self.changed:
            return self.open_now()

    def enter(self, step, patience=None):
        with self.changed:
            if not self.changed.wait_for(self.open_now, patience):
                return False
            self.inside += 1
        self.walk(step)
        return True

    def enter_with_card(self, step):
        with self.changed:
            needed = not self.open_now()
            if needed:
                self.swipe()
            self.inside += 1
        self.walk(step)
        return needed

    def walk(self, step):
        try:
            step()
        finally:
            with self.changed:
                self.inside -= 1
                self.changed.notify_all()

    def wait_shut(self, patience=None):
        end = None if patience is None else time.monotonic() + patience
        with self.changed:
            while self.open_now():
                now = time.monotonic()
                if end is not None and now >= end:
                    return False
                nexts = [when for when in (end, self.until) if when is not None and when > now]
                self.changed.wait(min(nexts) - now if nexts else None)
            return True

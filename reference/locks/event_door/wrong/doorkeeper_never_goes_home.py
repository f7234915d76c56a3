"""A thread of the door's own that waits for ever, and is no daemon."""

import threading
import time


class Door:
    def __init__(self, stays_open):
        self.stays_open = stays_open
        self.lock = threading.RLock()
        self.opened = threading.Event()
        self.closed = threading.Event()
        self.empty = threading.Event()
        self.closed.set()
        self.empty.set()
        self.until = 0
        self.inside = 0
        threading.Thread(target=self.keep).start()

    def keep(self):
        while True:
            self.opened.wait()
            self.empty.wait()
            with self.lock:
                left = self.until - time.monotonic()
                if left <= 0 and not self.inside:
                    self.opened.clear()
                    self.closed.set()
            if left > 0:
                time.sleep(left)

    def swipe(self):
        with self.lock:
            self.until = time.monotonic() + self.stays_open
            self.closed.clear()
            self.opened.set()

    def is_open(self):
        with self.lock:
            return self.opened.is_set()

    def come_in(self):
        self.inside += 1
        self.empty.clear()

    def go_on(self, step):
        try:
            step()
        finally:
            with self.lock:
                self.inside -= 1
                if self.inside == 0:
                    self.empty.set()

    def enter(self, step, patience=None):
        end = None if patience is None else time.monotonic() + patience
        while True:
            if not self.opened.wait(None if end is None else max(0, end - time.monotonic())):
                return False
            with self.lock:
                if self.opened.is_set():
                    self.come_in()
                    break
        self.go_on(step)
        return True

    def enter_with_card(self, step):
        with self.lock:
            needed = not self.is_open()
            if needed:
                self.swipe()
            self.come_in()
        self.go_on(step)
        return needed

    def wait_shut(self, patience=None):
        return self.closed.wait(patience)

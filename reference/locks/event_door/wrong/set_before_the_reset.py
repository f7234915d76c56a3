"""Opens, and resets the counter of the open seconds after that."""

import threading
import time


class Door:
    def __init__(self, stays_open):
        self.stays_open = stays_open
        self.lock = threading.Lock()
        self.opened, self.closed = threading.Event(), threading.Event()
        self.closed.set()
        self.until = 0
        self.in_doorway = 0

    def swipe(self):
        with self.lock:
            self.open()

    def is_open(self):
        return self.opened.is_set()

    def enter(self, step, patience=None):
        end = None if patience is None else time.monotonic() + patience
        while not self.step_in():
            if not self.opened.wait(None if end is None else max(0, end - time.monotonic())):
                return False
        self.go_through(step)
        return True

    def enter_with_card(self, step):
        with self.lock:
            needed = not self.opened.is_set()
            if needed:
                self.open()
            self.in_doorway += 1
        self.go_through(step)
        return needed

    def wait_shut(self, patience=None):
        return self.closed.wait(patience)

    def open(self):
        was_shut = not self.opened.is_set()
        self.closed.clear()
        self.opened.set()
        if was_shut:
            threading.Thread(target=self.keep, daemon=True).start()
        self.until = time.monotonic() + self.stays_open

    def keep(self):
        while self.opened.is_set():
            time.sleep(max(0, self.until - time.monotonic()))
            self.shut_if_due()
            if self.in_doorway:
                return

    def step_in(self):
        with self.lock:
            if self.opened.is_set():
                self.in_doorway += 1
                return True
            return False

    def go_through(self, step):
        try:
            step()
        finally:
            with self.lock:
                self.in_doorway -= 1
                self.shut_if_due()

    def shut_if_due(self):
        if time.monotonic() >= self.until and not self.in_doorway:
            self.opened.clear()
            self.closed.set()

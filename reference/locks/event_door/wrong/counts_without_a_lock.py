"""A doorkeeper counts the open seconds, and each swipe sets the counter back; both without a lock."""

import threading
import time


class Door:
    def __init__(self, stays_open):
        self.stays_open = stays_open
        self.lock = threading.Lock()
        self.opened, self.closed = threading.Event(), threading.Event()
        self.closed.set()
        self.open_for = 0
        threading.Thread(target=self.keep, daemon=True).start()
        self.in_doorway = 0

    def swipe(self):
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
        self.open_for = 0
        self.closed.clear()
        self.opened.set()

    def keep(self):
        while True:
            self.opened.wait()
            time.sleep(self.stays_open / 5)
            self.open_for += self.stays_open / 5
            self.shut_if_due()

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
        if self.open_for >= self.stays_open and not self.in_doorway:
            self.opened.clear()
            self.closed.set()

"""The timer does not look into the doorway."""

import threading
import time


class Door:
    def __init__(self, stays_open):
        self.stays_open = stays_open
        self.lock = threading.Lock()
        self.opened, self.closed = threading.Event(), threading.Event()
        self.closed.set()
        self.swipes = 0
        self.time_is_over = True
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
        self.swipes += 1
        self.time_is_over = False
        self.closed.clear()
        self.opened.set()
        timer = threading.Timer(self.stays_open, self.time_is_up, args=(self.swipes,))
        timer.daemon = True
        timer.start()

    def time_is_up(self, swipe):
        with self.lock:
            if swipe == self.swipes:
                self.time_is_over = True
                self.opened.clear()
                self.closed.set()

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
        if self.time_is_over and not self.in_doorway:
            self.opened.clear()
            self.closed.set()

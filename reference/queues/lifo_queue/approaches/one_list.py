"""One list and a place in it: what stands before the place is done, what stands behind it is undone."""

from threading import Lock


class History:
    def __init__(self):
        self.lock = Lock()
        self.steps = []
        self.place = 0

    def record(self, step):
        with self.lock:
            self.steps[self.place :] = [step]
            self.place += 1

    def undo(self, default=None):
        with self.lock:
            if self.place == 0:
                return default
            self.place -= 1
            return self.steps[self.place]

    def redo(self, default=None):
        with self.lock:
            if self.place == len(self.steps):
                return default
            self.place += 1
            return self.steps[self.place - 1]

    def undo_all(self):
        with self.lock:
            found = self.steps[: self.place][::-1]
            self.place = 0
            return found

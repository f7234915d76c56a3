# wrong: undo_all returns the very list in which the undone steps lie; whoever changes it changes the history
from threading import Lock


class History:
    def __init__(self):
        self.lock = Lock()
        self.done, self.undone = [], []

    def record(self, step):
        with self.lock:
            self.done.append(step)
            self.undone = []

    def undo(self, default=None):
        with self.lock:
            if not self.done:
                return default
            self.undone.append(self.done.pop())
            return self.undone[-1]

    def redo(self, default=None):
        with self.lock:
            if not self.undone:
                return default
            self.done.append(self.undone.pop())
            return self.done[-1]

    def undo_all(self):
        with self.lock:
            found = self.done[::-1]
            self.done = []
            if self.undone:
                self.undone += found
                return found
            self.undone = found
            return self.undone

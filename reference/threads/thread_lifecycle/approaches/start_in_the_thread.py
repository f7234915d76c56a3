"""Notes "ready" when the thread has been started, but keeps it at the door until that is done."""

from contextlib import contextmanager
from threading import Event, Thread


class Courier:
    def __init__(self, journey):
        self.history = ["created"]
        self.door = Event()
        self.thread = Thread(target=self.travel, args=(journey,))
        self.join = self.thread.join

    @property
    def state(self):
        return self.history[-1]

    def start(self):
        self.thread.start()
        self.history.append("ready")
        self.door.set()

    def travel(self, journey):
        self.door.wait()
        self.history.append("running")
        try:
            journey(self)
        finally:
            self.history.append("exited")

    @contextmanager
    def blocked(self):
        self.history.append("blocked")
        try:
            yield
        finally:
            self.history.append("running")

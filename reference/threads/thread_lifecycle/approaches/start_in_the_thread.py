"""Notes "ready" when the thread has been started, but keeps it at the door until that is done."""

from contextlib import contextmanager
from threading import Event, Thread


class Courier:
    def __init__(self, journey):
        self.state, self.history = "created", ["created"]
        self.door = Event()
        self.thread = Thread(target=self.travel, args=(journey,))
        self.join = self.thread.join

    def note(self, state):
        self.state = state
        self.history.append(state)

    def start(self):
        self.thread.start()
        self.note("ready")
        self.door.set()

    def travel(self, journey):
        self.door.wait()
        self.note("running")
        try:
            journey(self)
        finally:
            self.note("exited")

    @contextmanager
    def blocked(self):
        self.note("blocked")
        try:
            yield
        finally:
            self.note("running")

"""An entry is an object that knows its order; the number is given under a lock."""

import threading
from dataclasses import dataclass, field
from queue import Empty, PriorityQueue


@dataclass(order=True)
class Entry:
    urgency: float
    number: int
    patient: object = field(compare=False)


class WaitingRoom:
    def __init__(self):
        self.entries = PriorityQueue()
        self.lock = threading.Lock()
        self.arrived = 0

    def arrive(self, urgency, patient):
        with self.lock:
            self.arrived += 1
            self.entries.put(Entry(urgency, self.arrived, patient))

    def call(self):
        return self.entries.get().patient

    def call_within(self, seconds, default=None):
        try:
            return self.entries.get(True, seconds).patient
        except Empty:
            return default

"""No heap: a line of its own for each urgency, and a condition to wait on."""

import threading
from collections import deque


class WaitingRoom:
    def __init__(self):
        self.somebody = threading.Condition()
        self.lines = {}

    def arrive(self, urgency, patient):
        with self.somebody:
            self.lines.setdefault(urgency, deque()).append(patient)
            self.somebody.notify()

    def call(self):
        return self.call_within(None)

    def call_within(self, seconds, default=None):
        with self.somebody:
            if not self.somebody.wait_for(lambda: self.lines, seconds):
                return default
            urgency = min(self.lines)
            patient = self.lines[urgency].popleft()
            if not self.lines[urgency]:
                del self.lines[urgency]
            return patient

"""Sorts a list by urgency, and waits on a condition for whatever happens."""

import threading


class WaitingRoom:
    def __init__(self):
        self.patients = []
        self.somebody = threading.Condition()

    def arrive(self, urgency, patient):
        with self.somebody:
            self.patients.append((urgency, patient))
            self.patients.sort(key=lambda entry: entry[0])
            self.somebody.notify_all()

    def call(self):
        with self.somebody:
            while not self.patients:
                self.somebody.wait()
            return self.patients.pop(0)[1]

    def call_within(self, seconds, default=None):
        with self.somebody:
            if not self.patients and not self.somebody.wait(seconds):
                return default
            return self.patients.pop(0)[1]

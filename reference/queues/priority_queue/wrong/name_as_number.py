"""Lets the alphabet decide between equals."""

import queue

Patient = object


class WaitingRoom:
    """Where patients wait for a doctor, and doctors for a patient."""

    def __init__(self) -> None:
        """Begin with nobody there."""
        self._waiting: queue.PriorityQueue[tuple[float, int, Patient]] = queue.PriorityQueue()

    def arrive(self, urgency: float, patient: Patient) -> None:
        """Let a patient in; the lower the number, the more urgent."""
        self._waiting.put((urgency, str(patient), patient))

    def call(self) -> Patient:
        """Return the most urgent patient; wait while nobody is there."""
        return self._waiting.get()[-1]

    def call_within(self, seconds: float, default: Patient = None) -> Patient:
        """Return the most urgent patient, wait at most so long; else `default`."""
        try:
            return self._waiting.get(timeout=seconds)[-1]
        except queue.Empty:
            return default

"""The waiting room: urgent first, ties in the order of arrival. The contract is in README.md."""

Patient = object


class WaitingRoom:
    """Where patients wait for a doctor, and doctors for a patient."""

    def __init__(self) -> None:
        """Begin with nobody there."""
        raise NotImplementedError

    def arrive(self, urgency: float, patient: Patient) -> None:
        """Let a patient in; the lower the number, the more urgent."""
        raise NotImplementedError

    def call(self) -> Patient:
        """Return the most urgent patient; wait while nobody is there."""
        raise NotImplementedError

    def call_within(self, seconds: float, default: Patient = None) -> Patient:
        """Return the most urgent patient, wait at most so long; else `default`."""
        raise NotImplementedError

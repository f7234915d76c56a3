"""Ends what never ends: a loop of pure computing is told by the time that the processor has spent on it."""

import signal

import pytest

SECONDS = 10  # of the processor: a busy machine does not add to them


class Endless(BaseException):
    """What is raised in a solution that goes round and round."""


@pytest.fixture(autouse=True)
def an_end():
    """Raise Endless in whatever still runs after so much computing."""
    if not hasattr(signal, "SIGVTALRM"):
        yield
        return

    def cry(number, frame):
        raise Endless(f"{SECONDS} s of pure computing: this loop goes round and round, and nobody is let in")

    old = signal.signal(signal.SIGVTALRM, cry)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS, 1)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, old)

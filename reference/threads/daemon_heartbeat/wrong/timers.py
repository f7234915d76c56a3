"""Starts a Timer for the next beat, each one a new thread."""

from collections.abc import Callable
from threading import Thread, Timer


def start_heartbeat(beat: Callable[[], object], every: float) -> Thread:
    """Call `beat()` now and every so many seconds, in a thread that keeps no program alive."""
    beat()
    timer = Timer(every, start_heartbeat, args=(beat, every))
    timer.daemon = True
    timer.start()
    return timer


def start_job(job: Callable[[], object]) -> Thread:
    """Call `job()` in a thread that is never cut short."""
    thread = Thread(target=job, daemon=False)
    thread.start()
    return thread

"""Calls the first beat in the thread of the caller."""

import time
from collections.abc import Callable
from threading import Thread


def start_heartbeat(beat: Callable[[], object], every: float) -> Thread:
    """Call `beat()` now and every so many seconds, in a thread that keeps no program alive."""
    beat()
    thread = Thread(target=pulse, args=(beat, every), name="heartbeat", daemon=True)
    thread.start()
    return thread


def pulse(beat: Callable[[], object], every: float) -> None:
    """Beat for ever."""
    while True:
        time.sleep(every)
        beat()


def start_job(job: Callable[[], object]) -> Thread:
    """Call `job()` in a thread that is never cut short."""
    thread = Thread(target=job, daemon=False)
    thread.start()
    return thread

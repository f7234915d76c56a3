"""Keeps one heartbeat in a global, and lets a second one take it over."""

import time
from collections.abc import Callable
from threading import Thread

heart = {}


def start_heartbeat(beat: Callable[[], object], every: float) -> Thread:
    """Call `beat()` now and every so many seconds, in a thread that keeps no program alive."""
    heart.update(beat=beat, every=every)
    thread = Thread(target=pulse, name="heartbeat", daemon=True)
    thread.start()
    return thread


def pulse() -> None:
    """Beat for ever."""
    while True:
        heart["beat"]()
        time.sleep(heart["every"])


def start_job(job: Callable[[], object]) -> Thread:
    """Call `job()` in a thread that is never cut short."""
    thread = Thread(target=job, daemon=False)
    thread.start()
    return thread

"""Makes the heartbeat a daemon when it is already running."""

import time
from collections.abc import Callable
from threading import Thread


def start_heartbeat(beat: Callable[[], object], every: float) -> Thread:
    """Call `beat()` now and every so many seconds, in a thread that keeps no program alive."""
    thread = Thread(target=pulse, args=(beat, every))
    thread.start()
    thread.daemon = True
    return thread


def pulse(beat: Callable[[], object], every: float) -> None:
    """Beat for ever."""
    while True:
        beat()
        time.sleep(every)


def start_job(job: Callable[[], object]) -> Thread:
    """Call `job()` in a thread that is never cut short."""
    thread = Thread(target=job, daemon=False)
    thread.start()
    return thread

"""Beats as long as the thread that started it is alive."""

import time
from collections.abc import Callable
from threading import Thread, current_thread


def start_heartbeat(beat: Callable[[], object], every: float) -> Thread:
    """Call `beat()` now and every so many seconds, in a thread that keeps no program alive."""
    thread = Thread(target=pulse, args=(beat, every, current_thread()), name="heartbeat", daemon=True)
    thread.start()
    return thread


def pulse(beat: Callable[[], object], every: float, owner: Thread) -> None:
    """Beat for ever."""
    while owner.is_alive():
        beat()
        time.sleep(every)


def start_job(job: Callable[[], object]) -> Thread:
    """Call `job()` in a thread that is never cut short."""
    thread = Thread(target=job, daemon=False)
    thread.start()
    return thread

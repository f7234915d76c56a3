"""Daemon heartbeat: the worked solution.

Whether anybody waits for a thread has to be said before it starts, so it is said in the constructor, and
both times: `daemon=False` is not the default, which is "as the thread that makes it". The loop has no
end and needs none. Python stops it when the last thread that is no daemon has ended.
"""

import time
from collections.abc import Callable
from threading import Thread


def start_heartbeat(beat: Callable[[], object], every: float) -> Thread:
    """Call `beat()` now and every so many seconds, in a thread that keeps no program alive."""
    thread = Thread(target=pulse, args=(beat, every), name="heartbeat", daemon=True)
    thread.start()
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

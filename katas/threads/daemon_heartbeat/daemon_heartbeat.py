"""Daemon heartbeat: a thread that nobody waits for, and one that is. The contract is in README.md."""

from collections.abc import Callable
from threading import Thread


def start_heartbeat(beat: Callable[[], object], every: float) -> Thread:
    """Call `beat()` now and every so many seconds, in a thread that keeps no program alive."""
    raise NotImplementedError


def start_job(job: Callable[[], object]) -> Thread:
    """Call `job()` in a thread that is never cut short."""
    raise NotImplementedError

"""Join or not: wait for threads until a deadline, and lose none. The contract is in README.md."""

from collections.abc import Callable
from threading import Thread


def send_out(stories: dict[str, Callable[[], object]], seconds: float) -> tuple[list[str], dict[str, Thread]]:
    """Start all, wait `seconds` at most; return who is home, and the threads that are still out."""
    raise NotImplementedError


def bring_home(out: dict[str, Thread]) -> None:
    """Wait for all that are still out."""
    raise NotImplementedError

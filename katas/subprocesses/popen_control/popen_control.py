"""The fairground: programs that are watched, asked to end, and ended. The contract is in README.md."""

from collections.abc import Sequence
from typing import NamedTuple


class Ended(NamedTuple):
    """What came of a ride (given): its exit code, and all that was said."""

    code: int
    output: bytes


class Ride:
    """A program at work."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it, in a session of its own."""
        raise NotImplementedError

    def is_running(self) -> bool:
        """Tell whether the program has not ended yet."""
        raise NotImplementedError

    def wait(self, seconds: float | None) -> Ended | None:
        """Wait for its end, for so long; return nothing if it still runs."""
        raise NotImplementedError

    def stop(self, patience: float | None) -> Ended:
        """Ask it to end; kill it when patience is at its end."""
        raise NotImplementedError

"""The start line: everybody waits, one signal, everybody goes. The contract is in README.md."""

from collections.abc import Callable, Sequence
from typing import Any


class StartLine:
    """Where runners wait for the signal, race after race."""

    def __init__(self) -> None:
        """Begin with the first race, which is not decided yet."""
        raise NotImplementedError

    def wait(self, patience: float | None = None) -> bool:
        """Wait for the signal; return whether it was fired, and in time."""
        raise NotImplementedError

    def fire(self) -> None:
        """Start the race, unless it is decided already."""
        raise NotImplementedError

    def call_off(self) -> None:
        """Call the race off, unless it is decided already."""
        raise NotImplementedError

    def has_started(self) -> bool:
        """Tell whether the signal for this race has been fired."""
        raise NotImplementedError

    def line_up(self) -> None:
        """Go on to the next race, if this one is decided."""
        raise NotImplementedError


def hold_race(
    line: StartLine,
    runners: Sequence[Any],
    step_up: Callable[[Any], object],
    starter: Callable[[], bool],
    run: Callable[[Any], object],
) -> bool:
    """Let all runners wait at the line and go at the starter's word; return whether the race was started."""
    raise NotImplementedError

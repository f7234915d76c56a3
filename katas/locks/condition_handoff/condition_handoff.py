"""The serving hatch: break two, and build one that loses nothing. The contract is in README.md."""

from typing import Any


class Closed(Exception):
    """The hatch is closed, and nothing will come any more. Given."""


def break_looks_outside() -> list[str]:
    """Return a schedule under which the waiter of a `LooksOutside` waits for ever."""
    raise NotImplementedError


def break_looks_once() -> list[str]:
    """Return a schedule under which a waiter of a `LooksOnce` finds nothing."""
    raise NotImplementedError


class Hatch:
    """Where the kitchen puts the dishes, and the waiters wait for them."""

    def __init__(self) -> None:
        """Begin open, and with no dish."""
        raise NotImplementedError

    def put(self, dish: Any) -> None:
        """Put a dish there; raise Closed if the hatch is closed."""
        raise NotImplementedError

    def take(self, patience: float | None = None) -> Any:
        """Take the oldest dish, or wait for one; raise TimeoutError or Closed if none comes."""
        raise NotImplementedError

    def cleared(self, patience: float | None = None) -> bool:
        """Wait until no dish is left; tell whether it came to that."""
        raise NotImplementedError

    def close(self) -> None:
        """Say that no dish will follow."""
        raise NotImplementedError

"""The door that shuts by itself: nobody goes through it while it is shut. The contract is in README.md."""

from collections.abc import Callable


class Door:
    """Opened by a card, shut by the time, and never while somebody is in the doorway."""

    def __init__(self, stays_open: float) -> None:
        """Begin shut; once opened, it stays open for so many seconds."""
        raise NotImplementedError

    def swipe(self) -> None:
        """Open the door, or let its time begin anew."""
        raise NotImplementedError

    def is_open(self) -> bool:
        """Tell whether it is open now."""
        raise NotImplementedError

    def enter(self, step: Callable[[], object], patience: float | None = None) -> bool:
        """Wait until it is open, and call `step()` in the doorway; return whether it came to that in time."""
        raise NotImplementedError

    def enter_with_card(self, step: Callable[[], object]) -> bool:
        """Call `step()` in the doorway, and swipe if need be; return whether the card was needed."""
        raise NotImplementedError

    def wait_shut(self, patience: float | None = None) -> bool:
        """Wait until it is shut; return whether it was in time."""
        raise NotImplementedError

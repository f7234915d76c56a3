"""The doorbell: calls that come later, and calls that are taken back. The contract is in README.md."""

from collections.abc import Callable


class Doorbell:
    """An action that comes when nobody has rung for a while."""

    def __init__(self, quiet: float, action: Callable[..., object]) -> None:
        """Begin with nothing pending."""
        raise NotImplementedError

    def ring(self, *args: object) -> None:
        """Let the action come later, instead of what is pending."""
        raise NotImplementedError

    def cancel(self) -> bool:
        """Take back what is pending; return whether there was something."""
        raise NotImplementedError

    def hurry(self) -> bool:
        """Let what is pending come soon; return whether there was something."""
        raise NotImplementedError

    def due(self) -> float | None:
        """Return the time of the loop at which the pending call is due."""
        raise NotImplementedError


class Clock:
    """An action that comes again and again, on time."""

    def __init__(self, every: float, action: Callable[[int], object]) -> None:
        """Begin as a clock that does not go."""
        raise NotImplementedError

    def start(self) -> None:
        """Count from now."""
        raise NotImplementedError

    def stop(self) -> None:
        """Call nothing any more."""
        raise NotImplementedError

"""Thread lifecycle: a thread whose state can be read from a board. The contract is in README.md."""

from collections.abc import Callable
from contextlib import AbstractContextManager


class Courier:
    """Makes one journey, in a thread, and shows how far it is."""

    def __init__(self, journey: Callable[["Courier"], object]) -> None:
        """Take note of the journey; the state is "created"."""
        raise NotImplementedError

    @property
    def state(self) -> str:
        """Tell where the courier is now."""
        raise NotImplementedError

    @property
    def history(self) -> list[str]:
        """Tell where the courier has been, in order."""
        raise NotImplementedError

    def start(self) -> None:
        """Begin the journey; refuse a second one with RuntimeError."""
        raise NotImplementedError

    def blocked(self) -> AbstractContextManager[None]:
        """Be "blocked" inside of the `with` block, and "running" again after it."""
        raise NotImplementedError

    def join(self, timeout: float | None = None) -> None:
        """Wait for the journey to end."""
        raise NotImplementedError

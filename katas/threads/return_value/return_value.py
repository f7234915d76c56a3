"""Return value: a thread that brings home what it found out. The contract is in README.md."""

from collections.abc import Callable


class ValueThread:
    """Calls a function in a thread, and keeps what it returned or raised."""

    def __init__(self, function: Callable[..., object], *args: object, **kwargs: object) -> None:
        """Take note of what to call, and begin nothing yet."""
        raise NotImplementedError

    def start(self) -> None:
        """Begin the call in a new thread."""
        raise NotImplementedError

    def result(self, timeout: float | None = None) -> object:
        """Wait for the call to end; return what it returned, or raise what it raised."""
        raise NotImplementedError

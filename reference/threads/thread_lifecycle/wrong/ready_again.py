"""Notes "ready" before Python refuses."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread


class Courier:
    """Makes one journey, in a thread, and shows how far it is."""

    def __init__(self, journey: Callable[["Courier"], object]) -> None:
        """Take note of the journey; the state is "created"."""
        self.history = ["created"]
        self._journey = journey
        self._thread = Thread(target=self._travel)

    @property
    def state(self) -> str:
        """Tell where the courier is now."""
        return self.history[-1]

    def start(self) -> None:
        """Begin the journey; refuse a second one with RuntimeError."""
        self.history.append("ready")
        self._thread.start()

    def _travel(self) -> None:
        self.history.append("running")
        try:
            self._journey(self)
        finally:
            self.history.append("exited")

    @contextmanager
    def blocked(self) -> Iterator[None]:
        """Be "blocked" inside of the `with` block, and "running" again after it."""
        self.history.append("blocked")
        try:
            yield
        finally:
            self.history.append("running")

    def join(self, timeout: float | None = None) -> None:
        """Wait for the journey to end."""
        self._thread.join(timeout)

"""Thread lifecycle: the worked solution.

Each state is noted by the one who knows it, and at the moment when it is true. "ready" is noted by the
caller, before the thread exists: from then on only the courier himself writes, so no two threads ever
write at the same time. The state is the last line of the history, so both always agree. `finally` notes
the end without catching anything. A second start is refused before anything is noted.
"""

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
        if self.state != "created":
            raise RuntimeError("a courier makes one journey only")
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

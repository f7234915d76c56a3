"""What the two hunts share: to which runs of an exploration they listen."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTEN_EVERY: Final = 40


class Hunt:
    """Looks for what passing runs only hint at, and then tries to make it happen.

    Attributes:
        on: Whether the next run is listened to, which makes it slower.
    """

    def __init__(self, exploration: Any) -> None:
        self._exploration = exploration
        self.on = False

    def turn(self, count: int) -> None:
        """Listen to the run after so many: the first, the second, the fourth and so on, and every now and then."""
        self.on = not count & (count + 1) or count % LISTEN_EVERY == 0

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Listen to every run of the body."""
        before, self.on = self.on, True
        try:
            yield
        finally:
            self.on = before

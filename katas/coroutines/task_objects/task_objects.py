"""The workshop: tasks as objects, kept, looked at, called off and waited for. The contract is in README.md."""

from collections.abc import Callable, Coroutine, Hashable
from typing import Any


class Workshop:
    """Jobs in the background, and a board on which stands how each has ended."""

    def __init__(self, board: Callable[[Any, str, Any], object]) -> None:
        """Begin without jobs."""
        raise NotImplementedError

    def begin(self, name: Hashable, job: Callable[[], Coroutine[Any, Any, Any]]) -> object:
        """Let a job begin in the background; tell the board when it has ended."""
        raise NotImplementedError

    def look(self, name: Hashable) -> tuple[str, Any]:
        """Return how a job stands: "under way", "done", "failed" or "called off", and its result or error."""
        raise NotImplementedError

    def call_off(self, name: Hashable) -> bool:
        """Cancel a job; return whether it was under way."""
        raise NotImplementedError

    async def wait(self, seconds: float | None) -> list[Any]:
        """Wait for all, no longer than this; return who is still under way, or raise all failures."""
        raise NotImplementedError

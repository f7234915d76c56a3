"""The theatre: an event loop by hand, from its beginning to its end. The contract is in README.md."""

from collections.abc import Coroutine, Sequence
from typing import Any


def play(piece: Coroutine[Any, Any, Any]) -> Any:
    """Run the piece in a loop of its own; end what it leaves behind, close the loop, return what the piece returned."""
    raise NotImplementedError


def season(pieces: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Run all pieces in one loop, at the same time; return their results in order."""
    raise NotImplementedError

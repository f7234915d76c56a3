"""The puppet player: two who speak in turn. The contract is in README.md."""

from collections.abc import Callable
from typing import Any

Say = Callable[[Any], Any]
Part = Callable[[Any, Say], object]


class Gone(Exception):
    """What `say` raises when the other one has come to his end (given)."""


def converse(first: Part, second: Part, opening: Any) -> list[tuple[int, Any]]:
    """Let two functions speak in turn, each in a greenlet; return what was said."""
    raise NotImplementedError

"""Thread local: whose turn is it, in this thread? The contract is in README.md."""

from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def current_user() -> object:
    """Return the user whom this thread serves, or None."""
    raise NotImplementedError


def handle(user: object, view: Callable[[], Answer]) -> Answer:
    """Return what `view()` returns; meanwhile `user` is the current user of this thread."""
    raise NotImplementedError

"""Keeps the user in a global of the module."""

from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

the_user = None


def current_user() -> object:
    """Return the user whom this thread serves, or None."""
    return the_user


def handle(user: object, view: Callable[[], Answer]) -> Answer:
    """Return what `view()` returns; meanwhile `user` is the current user of this thread."""
    global the_user
    before, the_user = the_user, user
    try:
        return view()
    finally:
        the_user = before

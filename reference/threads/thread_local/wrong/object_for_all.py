"""Keeps the user as an attribute of an object, which is no local of each thread."""

from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


class Card:
    user = None


card = Card()


def current_user() -> object:
    """Return the user whom this thread serves, or None."""
    return getattr(card, "user", None)


def handle(user: object, view: Callable[[], Answer]) -> Answer:
    """Return what `view()` returns; meanwhile `user` is the current user of this thread."""
    before = current_user()
    card.user = user
    try:
        return view()
    finally:
        card.user = before

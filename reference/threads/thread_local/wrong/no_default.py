"""Reads an attribute that a new thread does not have."""

import threading
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

card = threading.local()


def current_user() -> object:
    """Return the user whom this thread serves, or None."""
    return card.user


def handle(user: object, view: Callable[[], Answer]) -> Answer:
    """Return what `view()` returns; meanwhile `user` is the current user of this thread."""
    before = getattr(card, "user", None)
    card.user = user
    try:
        return view()
    finally:
        card.user = before

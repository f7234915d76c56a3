"""Sets the value at module level, which is one thread only."""

import threading
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

card = threading.local()
card.user = None


def current_user() -> object:
    """Return the user whom this thread serves, or None."""
    return card.user


def handle(user: object, view: Callable[[], Answer]) -> Answer:
    """Return what `view()` returns; meanwhile `user` is the current user of this thread."""
    before = current_user()
    card.user = user
    try:
        return view()
    finally:
        card.user = before

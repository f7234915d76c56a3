"""Cleans up only if the view did not raise."""

import threading
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

card = threading.local()


def current_user() -> object:
    """Return the user whom this thread serves, or None."""
    return getattr(card, "user", None)


def handle(user: object, view: Callable[[], Answer]) -> Answer:
    """Return what `view()` returns; meanwhile `user` is the current user of this thread."""
    before = current_user()
    card.user = user
    answer = view()
    card.user = before
    return answer

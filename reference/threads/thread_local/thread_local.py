"""Thread local: the worked solution.

The card is made once, and every thread sees its own attributes on it. A thread that never wrote has
none, whatever was set elsewhere, so the reading has a default. Whoever sets a value notes what was
there before and puts it back in `finally`: then neither an exception nor the next job of the same
thread can go wrong, and calls may be nested.
"""

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
    try:
        return view()
    finally:
        card.user = before

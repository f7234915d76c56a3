"""Protects a global with a lock, so that only one customer at a time is served."""

import threading
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

lock = threading.RLock()
users = [None]


def current_user() -> object:
    """Return the user whom this thread serves, or None."""
    return users[-1] if lock._is_owned() else None


def handle(user: object, view: Callable[[], Answer]) -> Answer:
    """Return what `view()` returns; meanwhile `user` is the current user of this thread."""
    with lock:
        users.append(user)
        try:
            return view()
        finally:
            users.pop()

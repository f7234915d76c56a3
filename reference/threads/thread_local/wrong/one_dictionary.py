"""Keeps the user in a dictionary that all threads share."""

from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

context = {}


def current_user() -> object:
    """Return the user whom this thread serves, or None."""
    return context.get("user")


def handle(user: object, view: Callable[[], Answer]) -> Answer:
    """Return what `view()` returns; meanwhile `user` is the current user of this thread."""
    before = current_user()
    context["user"] = user
    try:
        return view()
    finally:
        context["user"] = before

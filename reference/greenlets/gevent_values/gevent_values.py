"""The clerks: a worked solution."""

from collections.abc import Callable, Iterable
from typing import Any

import gevent


def _ask(function: Callable[[Any], Any], questions: Iterable[Any]) -> list[gevent.Greenlet]:
    """Ask all at once, and wait for all."""
    clerks = [gevent.spawn(function, question) for question in questions]
    gevent.joinall(clerks)
    return clerks


def answers(function: Callable[[Any], Any], questions: Iterable[Any]) -> list[Any]:
    """Let `get` return the value, or raise the error."""
    return [clerk.get() for clerk in _ask(function, questions)]


def report(function: Callable[[Any], Any], questions: Iterable[Any]) -> list[tuple[bool, Any]]:
    """Look at `successful`: a value of None says nothing."""
    return [
        (True, clerk.value) if clerk.successful() else (False, clerk.exception) for clerk in _ask(function, questions)
    ]

"""The clerks: an AsyncResult for each question."""

from collections.abc import Callable, Iterable
from typing import Any

import gevent
from gevent.event import AsyncResult


def _ask(function: Callable[[Any], Any], questions: Iterable[Any]) -> list[AsyncResult]:
    """Link each greenlet with a result, and wait for all of these."""
    results = []
    for question in questions:
        results.append(AsyncResult())
        gevent.spawn(function, question).link(results[-1])
    for result in results:
        result.wait()
    return results


def answers(function: Callable[[Any], Any], questions: Iterable[Any]) -> list[Any]:
    """Let `get` return the value, or raise the error."""
    return [result.get() for result in _ask(function, questions)]


def report(function: Callable[[Any], Any], questions: Iterable[Any]) -> list[tuple[bool, Any]]:
    """Ask whether there is an error."""
    return [
        (True, result.value) if result.exception is None else (False, result.exception)
        for result in _ask(function, questions)
    ]

"""The clerks: each one writes down himself what comes of it."""

from collections.abc import Callable, Iterable
from typing import Any

import gevent
from gevent.pool import Group


def answers(function: Callable[[Any], Any], questions: Iterable[Any]) -> list[Any]:
    """Read the report."""
    found = report(function, questions)
    for fine, error in found:
        if not fine:
            raise error
    return [value for _, value in found]


def report(function: Callable[[Any], Any], questions: Iterable[Any]) -> list[tuple[bool, Any]]:
    """Let nothing out of the greenlets; `map` keeps the order."""

    def write_down(question: Any) -> tuple[bool, Any]:
        try:
            return True, function(question)
        except (Exception, gevent.Timeout) as error:
            return False, error

    return Group().map(write_down, questions)

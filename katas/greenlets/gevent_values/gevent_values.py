"""The clerks: what greenlets bring back. The contract is in README.md."""

from collections.abc import Callable, Iterable
from typing import Any


def answers(function: Callable[[Any], Any], questions: Iterable[Any]) -> list[Any]:
    """Return the answers, in the order of the questions, or raise the first error."""
    raise NotImplementedError


def report(function: Callable[[Any], Any], questions: Iterable[Any]) -> list[tuple[bool, Any]]:
    """Return (True, answer) or (False, error) for each question, in their order."""
    raise NotImplementedError

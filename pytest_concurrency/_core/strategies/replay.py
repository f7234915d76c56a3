"""Replay: follow a recorded schedule, by what happens and not by counting steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_concurrency._core.errors import NotDeterministicError
from pytest_concurrency._core.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_concurrency._core.operations import Operation


class Positional(Strategy):
    """Repeat the very decisions of an earlier run in the same process."""

    name = "repeat"

    def __init__(self, choices: Sequence[int]) -> None:
        self._choices = choices
        self._at = 0

    def start_run(self) -> bool:
        first, self._at = self._at == 0, 0
        return first

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        chosen = self._next()
        if chosen not in runnable:
            raise NotDeterministicError
        return chosen

    def pick(self, options: int) -> int:
        chosen = self._next()
        if chosen >= options:
            raise NotDeterministicError
        return chosen

    def _next(self) -> int:
        at = self._at
        self._at = at + 1
        if at >= len(self._choices):
            raise NotDeterministicError
        return self._choices[at]

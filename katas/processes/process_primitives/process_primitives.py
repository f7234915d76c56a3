"""The sledge race: processes that wait for one another. The contract is in README.md."""

from collections.abc import Callable
from multiprocessing.context import BaseContext
from typing import Any

Name = Any


def start_together(
    context: BaseContext,
    names: list[Name],
    prepare: Callable[[Name], object],
    signal: Callable[[], object],
    run: Callable[[Name], object],
) -> None:
    """Let all prepare; then give the signal; then let all run."""
    raise NotImplementedError


def on_lanes(context: BaseContext, names: list[Name], lanes: int, run: Callable[[Name], object]) -> list[int | None]:
    """Let all run, at most so many at the same time; return the exit codes."""
    raise NotImplementedError


def first_back(
    context: BaseContext,
    names: list[Name],
    places: int,
    run: Callable[[Name], object],
    cheer: Callable[[list[Name]], object],
) -> None:
    """Let all run; cheer the first ones as soon as so many are back."""
    raise NotImplementedError

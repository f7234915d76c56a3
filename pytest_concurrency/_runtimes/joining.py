"""What can be joined: one protocol for threads, futures, executors and child processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pytest_concurrency._core.telling.report import Place, TaskState


class Joinable(Protocol):
    """Something that ends by itself, one hopes.

    Attributes:
        name: What a report calls it.
        made: Where it was made, if that is known.
    """

    name: str
    made: Place | None

    def wait(self, seconds: float | None) -> bool:
        """Wait for its end, at most so long; tell whether it has ended. None is for ever."""

    def errors(self) -> list[BaseException]:
        """Return what it ended with, if it has ended badly."""

    def states(self) -> list[TaskState]:
        """Return where it is now."""

    def clean_up(self) -> str:
        """End it if possible; return in words what became of it."""

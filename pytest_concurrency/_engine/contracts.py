"""What the engine asks of those who stand above it: a guide, a kind of concurrency.

The other contracts stand where their words are: `Turn` and `Task` in `task`, `Resource` in
`resource`, `Listener` in `listener`, `Strategy` in `_core.strategy`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.schedule import Where
    from pytest_concurrency._core.telling.report import Place
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._sight.watching import Watch


class Guide(Protocol):
    """Decides instead of the strategy: a recorded schedule, or a person's.

    The run guarantees that `arrive` is called for each point before a question there, and that
    there is a recorder.
    """

    def arrive(self, task: Task, op: Operation, where: Where, place: Place) -> None:
        """Learn that a task has come to a point where it could be left."""

    def choose(self, runnable: list[int], current: int | None) -> int | None:
        """Answer who goes next, or None to let others decide; see `Strategy.choose`."""

    def pick(self, task: Task, where: Where, options: int) -> int | None:
        """Answer which waiter is woken, or None."""


class Events(Protocol):
    """What hears the instructions of watched code."""

    def enter_thread(self) -> None:
        """Begin to listen in a thread that a run has started."""

    def leave_thread(self) -> None:
        """Stop listening there."""

    def hush(self) -> Any:
        """Listen no more in the calling thread, where that costs our own code time; return what listened."""

    def hear_again(self, hushed: Any) -> None:
        """Let that listen again."""


class StagedKind(Protocol):
    """One kind of concurrency, as the stage needs it.

    Attributes:
        name: What settings and reports call it.
    """

    name: str

    def install(self, patches: Patches, watch: Watch) -> None:
        """Put doubles in place, for a session: outside a run they delegate."""

    def enter(self, patches: Patches, watch: Watch) -> AbstractContextManager[None]:
        """Put in place, for an exploration, what obeys the run; everything in `patches` is undone by the stage."""

    def root(self, run: Any) -> Task:
        """Make the task of the calling thread, which runs the scenario."""

    def begin(self, run: Any) -> None:
        """Make a run like the first one of the process: names count from one."""

    def closes(self, run: Any) -> None:
        """Do, when the scenario has returned, what an interpreter does before it ends."""

    def end(self, run: Any) -> None:
        """Put back what belonged to this run."""

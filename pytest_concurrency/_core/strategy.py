"""The contract between the driver, which loops, and a strategy, which decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_concurrency._core.operations import Operation


class Redundant(Exception):
    """Raised by `Strategy.choose`: whatever follows has been seen already in an equivalent order.

    The driver stops the run; it shows nothing and counts for no outcome.
    """


class Elsewhere(Redundant):
    """Raised by `Strategy.choose`: whatever follows is tried later, by this part of a search or by another."""


class Strategy:
    """Answer who goes next; the base class never switches unless it must.

    A strategy sees only values: numbers of tasks (0 is the scenario itself, then in the order of
    their start) and the operations they are about to do. One object serves one exploration.

    Attributes:
        name: What settings and reports call it.
        every_step: Whether `choose` is called also where only one task can run.
        exhaustive: Whether running out of schedules proves something.
        learns: Whether it wants to know afterwards what a step of an event loop has done.
        leaks: Whether a part of a search has found something that the other parts would have to know.
    """

    name = "sequential"
    every_step = False
    exhaustive = False
    learns = False
    leaks = False

    @property
    def met(self) -> str:
        """What is equal in all parts that were cut from the same search; "" where none was cut."""
        return ""

    @property
    def searches(self) -> bool:
        """Whether the present run belongs to a search that is to prove something."""
        return self.exhaustive

    @property
    def interleavings(self) -> int | None:
        """How many orders that can differ the search has found; None where it does not count them."""
        return None

    def start_run(self) -> bool:
        """Begin a run; answer False when every schedule has been tried.

        The driver calls it before each run, and not again after an answer of False.
        """
        return True

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        """Answer which task does its pending operation next.

        The caller guarantees that `runnable` is never empty and in ascending order, that
        `current` is the task that ran last if it can go on and None if it cannot (so that any
        answer but `current` is a preemption), and that `pending` holds the next operation of
        every task that has not ended, blocked ones included. `TIME` (-1) stands for "time passes
        to the next deadline" and appears only with `clock="any"`.

        The answer is an element of `runnable`. The sequences belong to the caller and change
        after the call.
        """
        return runnable[0] if current is None else current

    def did(self, op: Operation) -> None:
        """Learn what the last step of an event loop has done, where its operation said "step to be told".

        It may not come: of a step that others have taken part in, what was said before holds.

        Raises:
            Redundant: Whatever follows has been seen already.
        """

    def pick(self, options: int) -> int:
        """Answer a number below `options` (at least 2): which of equal waiters is woken."""
        return 0

    def standstill(self, pending: Mapping[int, Operation], *, left: bool) -> None:
        """Learn that nobody goes on: time moves to the next deadline, or the run ends here.

        It ends where nobody ever can go on, and where the scenario itself fails: then those who
        still could are `left` behind.
        """

    def end_run(self, *, cut: bool) -> None:
        """Learn that the run is over; `cut` when it was stopped before its end."""

    def widened(self) -> None:
        """Learn that the next runs offer switches at more places; exhaustive ones begin anew."""

    def describe(self) -> str:
        """Say in a few words what running out of schedules has shown, for the verdict."""
        return f"every schedule of the strategy {self.name!r}"


def all_of(interleavings: int) -> str:
    """Say that these are all interleavings there are."""
    if interleavings == 1:
        return "the only interleaving that can differ"
    return f"all {interleavings} interleavings that can differ"

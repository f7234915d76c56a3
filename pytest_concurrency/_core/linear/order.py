"""Which order, one call after the other, explains a history.

Wing and Gong, "Testing and verifying concurrent objects", 1993, with the just-in-time order of Lowe, "Testing for
linearizability", 2017: next can be whichever call no other has ended before, and it is taken if it answers, after those
taken so far, what it has answered in the history. Their memory of (calls taken, state reached) needs states that can be
compared; here a state is what a fresh object is after those calls, so that what is remembered is what each order
answers, for all histories of one program.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_concurrency._core.linear.answers import Answer

BEST: Final = 3
"""So many of the orders that do not fit are told."""

Order = tuple[int, ...]
Answers = Callable[[Order], Answer | None]
"""What the last call of an order answers when its calls are made one after the other; None where it waits for ever."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call in a history.

    Attributes:
        number: Which of the program's it is.
        task: Who made it.
        text: What it was.
        began: When, counted in beginnings and ends of calls.
        ended: When; None where it waits for ever.
        answer: What it answered; None likewise.
    """

    number: int
    task: str
    text: str
    began: int
    ended: int | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Misfit:
    """An order that does not explain a history, up to the first call that shows it.

    Attributes:
        order: The calls before, which all fit.
        call: The one that does not.
        answer: What it answers there; None if it waits.
    """

    order: tuple[Call, ...]
    call: Call
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Explained:
    """How a history was explained, or not.

    Attributes:
        order: An order that fits; None where there is none.
        misfits: The best of those that do not, the longest first.
        count: How many there are.
    """

    order: tuple[Call, ...] | None
    misfits: tuple[Misfit, ...] = ()
    count: int = 0


def explain(history: Sequence[Call], answers: Answers) -> Explained:
    """Look for an order of the calls that have ended which answers what they did; all others must wait after it."""
    return _Search(history, answers).run()


class _Search:
    def __init__(self, history: Sequence[Call], answers: Answers) -> None:
        self._ended = sorted((call for call in history if call.ended is not None), key=lambda call: call.ended or 0)
        self._waiting = [call for call in history if call.ended is None]
        self._answers = answers
        self._taken: list[Call] = []
        self._misfits: list[Misfit] = []
        self._count = 0

    def run(self) -> Explained:
        if self._goes_on(list(self._ended)):
            return Explained(tuple(self._taken))
        return Explained(None, tuple(self._misfits), self._count)

    def _goes_on(self, left: list[Call]) -> bool:
        """Take the rest in some order; whoever ended first is tried first."""
        if not left:
            return self._is_stuck_likewise()
        first_end = left[0].ended or 0
        for number, call in enumerate(left):
            if call.began > first_end:
                continue  # another had ended before it began
            answer = self._answer(call)
            if answer is None or call.answer is None or not answer.is_like(call.answer):
                self._does_not_fit(call, answer)
                continue
            self._taken.append(call)
            if self._goes_on([*left[:number], *left[number + 1 :]]):
                return True
            self._taken.pop()
        return False

    def _is_stuck_likewise(self) -> bool:
        for call in self._waiting:
            answer = self._answer(call)
            if answer is not None:
                self._does_not_fit(call, answer)
                return False
        return True

    def _answer(self, call: Call) -> Answer | None:
        return self._answers((*(each.number for each in self._taken), call.number))

    def _does_not_fit(self, call: Call, answer: Answer | None) -> None:
        self._count += 1
        self._misfits.append(Misfit(tuple(self._taken), call, answer))
        self._misfits.sort(key=lambda each: -len(each.order))
        del self._misfits[BEST:]

"""What calls answer that are made one after the other: of a fresh object, in runs of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.linear.answers import told_apart
from pytest_concurrency._core.linear.misuse import ProgramError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._core.linear.answers import Answer
    from pytest_concurrency._core.linear.order import Order
    from pytest_concurrency._core.linear.program import Program
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._explore.linear_calls import Caller

    Run = Callable[[Callable[[], Any]], Record]


class CutShortError(Exception):
    """The time was used up before an order had come to its end."""


class Orders:
    """What each order of calls answers, remembered: it is the same for all histories of a program.

    Args:
        make: Makes the object that is called one after the other.
        program: The calls.
        caller: Makes them.
        is_model: Whether it is another object than the one that several tasks call.
    """

    def __init__(self, make: Callable[[], Any], program: Program, caller: Caller, *, is_model: bool = False) -> None:
        self._make = make
        self._is_model = is_model
        self._program = program
        self._caller = caller
        self._is_async = caller.is_async(make)
        self._known: dict[Order, Answer | None] = {}
        self._called = ""

    def check(self, run: Run) -> None:
        """Try one order twice, to see whether the object always answers the same.

        Raises:
            ProgramError: It does not, or it lacks a method.
        """
        if not self._known:
            order = tuple(range(len(self._program.ops)))
            self._learn(order, run)
            self._learn(order, run)

    def answer(self, order: Order, run: Run) -> Answer | None:
        """Return what the last call of an order answers; None if it waits for ever.

        Raises:
            ProgramError: The object does not answer the same each time.
            CutShortError: There was no time to see.
        """
        if order not in self._known:
            self._learn(order, run)
        return self._known[order]

    def _learn(self, order: Order, run: Run) -> None:
        got: list[Answer] = []
        record = run(self._sequence(order, got))
        if record.error is not None:
            raise self._told_of(record.error)
        if len(got) < len(order) and record.finding is not None and not record.finding.is_bug:
            raise CutShortError
        for number in range(1, min(len(got) + 1, len(order)) + 1):
            self._note(order[:number], got[number - 1] if number <= len(got) else None)

    def _told_of(self, error: BaseException) -> BaseException:
        """Return what to raise where no call has raised an error: who made the object, or was called before."""
        if not self._is_model or not isinstance(error, Exception) or isinstance(error, ProgramError):
            return error
        text = f"{type(error).__name__}: {error}"
        return ProgramError(f"model must make an object that takes the calls of setup, got one that raised {text}")

    def _note(self, order: Order, answer: Answer | None) -> None:
        before = self._known.setdefault(order, answer)
        if before is answer or (before is not None and answer is not None and before.is_like(answer)):
            return
        once, again = told_apart(before, answer)
        raise ProgramError(
            f"calls made one after the other must answer the same each time, got two answers of {self._called} to "
            f"{self._program.ops[order[-1]]}: it {once}, and then {again}; give model=, or result= to compare a part"
        )

    def _sequence(self, order: Order, got: list[Answer]) -> Callable[[], Any]:
        ops = [self._program.ops[number] for number in order]
        caller = self._caller

        async def main(thing: Any = None) -> None:
            if thing is None:
                thing = self._named(await caller.made_async(self._make))
            await caller.set_up_async(thing)
            for op in ops:
                got.append(await caller.call_async(thing, op))  # noqa: PERF401 - what it has when it has to wait counts

        def sequence() -> None:
            if self._is_async:
                return _run(main())
            thing = self._named(caller.made(self._make))
            if caller.awaits(thing):
                return _run(main(thing))
            caller.set_up(thing)
            for op in ops:
                got.append(caller.call(thing, op))  # noqa: PERF401 - likewise
            return None

        return sequence

    def _named(self, thing: Any) -> Any:
        self._called = type(thing).__name__
        return thing


def _run(coroutine: Any) -> None:
    import asyncio

    asyncio.run(coroutine)

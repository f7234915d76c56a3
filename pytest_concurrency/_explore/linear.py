"""Calls of one object by several tasks: the scenario that makes them, and the judge of what they answer."""

from __future__ import annotations

import functools
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.linear import words
from pytest_concurrency._core.linear.misuse import ProgramError
from pytest_concurrency._core.linear.order import Call, explain
from pytest_concurrency._core.linear.program import Program, require_callable
from pytest_concurrency._core.operations import READ, WRITE_PART
from pytest_concurrency._core.oracles import LINEARIZABLE, Found, require_plain
from pytest_concurrency._core.strategy import Strategy
from pytest_concurrency._engine.current import here, quietly
from pytest_concurrency._engine.record import Finding, Record
from pytest_concurrency._engine.shared import NO_PLACE
from pytest_concurrency._explore.linear_calls import Caller
from pytest_concurrency._explore.linear_orders import CutShortError, Orders
from pytest_concurrency._explore.plan import DEFAULT_SECONDS
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads import together
from pytest_concurrency._sight import calls
from pytest_concurrency._sight.site import OPAQUE, Doubtful

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._core.linear.answers import Answer
    from pytest_concurrency._core.linear.order import Order
    from pytest_concurrency._core.operations import Access
    from pytest_concurrency._engine.stage import Stage

_HISTORY: Final = ("history", 0)
_BEGINS: Final = (_HISTORY, READ)
_ENDS: Final = (_HISTORY, WRITE_PART)
"""Whether one call ends before another begins can matter; of two beginnings, or two ends, it cannot."""


class Linear:
    """A program of calls, run again and again.

    Args:
        make: Makes the object.
        program: The calls.
        model: Makes what the answers are compared with; None is `make`.
        result: What of a result is to be compared; None for all of it.
        invariant: What must be true of the object after every step.

    Raises:
        ProgramError: One of these cannot be called.
    """

    def __init__(
        self,
        make: Any,
        program: Program,
        *,
        model: Any = None,
        result: Any = None,
        invariant: Any = None,
    ) -> None:
        require_callable("linearizable", make, "given a class, or a function that makes the object")
        for name, value, what in (
            ("model", model, "a class, or a function that makes the object to compare with"),
            ("result", result, "a function of a result that returns what is to be compared"),
            ("invariant", invariant, "a function of the object that returns whether all is well"),
        ):
            if value is not None:
                require_callable(name, value, what)
        if invariant is not None:
            _require_plain("invariant", invariant)
        self._make = make
        self._program = program
        self._invariant = invariant
        self._caller = Caller(program, result)
        self._texts = [str(op) for op in program.ops]
        self._is_async = self._caller.is_async(make)
        self._orders = Orders(model or make, program, self._caller, is_model=model is not None)
        self._last: Callable[[], Any] = lambda: None
        self._is_kept = False
        self._begin()

    def _begin(self) -> None:
        self._thing: Any = None
        self._events = 0
        self._calls: dict[int, Call] = {}

    # -- the scenario

    @property
    def scenario(self) -> Callable[[], Any]:
        """What is run once per schedule; it returns a coroutine where calls are to be awaited."""

        def scenario() -> Any:
            self._begin()
            if self._is_async:
                return self._awaited(None)
            thing = self._caller.made(self._make)
            if self._caller.awaits(thing):
                return self._awaited(thing)
            self._caller.set_up(thing)
            self._has(thing)
            named = [(together.letter(at), thread) for at, thread in enumerate(self._program.threads)]
            together.run_together(tuple(self._body(thing, name, thread) for name, thread in named))
            self._body(thing, "main", self._program.after)()
            return None

        functools.update_wrapper(scenario, self._make, (), ())  # what it can reach is looked for from there
        return scenario

    def _body(self, thing: Any, name: str, thread: tuple[int, ...]) -> Callable[[], None]:
        def body() -> None:
            for number in thread:
                self._begins(thing, name, number)
                self._ends(number, self._caller.call(thing, self._program.ops[number]))

        return body

    def _awaited(self, thing: Any) -> Any:
        async def main(thing: Any) -> None:
            import asyncio

            if thing is None:
                thing = await self._caller.made_async(self._make)
            await self._caller.set_up_async(thing)
            self._has(thing)
            named = [(together.letter(at), thread) for at, thread in enumerate(self._program.threads)]
            tasks = [asyncio.create_task(self._body_async(thing, name, thread), name=name) for name, thread in named]
            await asyncio.gather(*tasks)
            await self._body_async(thing, "main()", self._program.after)

        return main(thing)

    async def _body_async(self, thing: Any, name: str, thread: tuple[int, ...]) -> None:
        for number in thread:
            self._note_beginning(number, name)
            answer = await self._caller.call_async(thing, self._program.ops[number])
            self._note_end(number, answer)

    def _has(self, thing: Any) -> None:
        """Begin with an object, which should be another one than the last."""
        self._is_kept = thing is self._last()
        self._thing = thing
        try:
            self._last = weakref.ref(thing)  # what its end does belongs into its own schedule
        except TypeError:  # a list, a dictionary: their end does nothing
            self._last = lambda: thing

    # -- the history

    def _begins(self, thing: Any, name: str, number: int) -> None:
        """Let others go first, then begin a call: what code in C does to the object, it does then."""
        task: Any = here.task
        op, run = self._program.ops[number], task.run
        touched = calls.method_call(thing, op.name, [*op.args, *op.kwargs.values()])
        accesses: tuple[Access, ...] | None = None
        if touched is OPAQUE or type(touched) is Doubtful:
            run.shared.note_opaque()
        if touched is None or touched is OPAQUE:
            run.shared.note_unknown(task.id)
        else:
            found = tuple([((run.serial(each), part), mode) for each, part, mode in touched])
            run.shared.note(task.id, NO_PLACE, found)
            accesses = (_BEGINS, *found)
        run.reach(task, (f"calls {self._texts[number]}", accesses))
        self._note_beginning(number, name)

    def _ends(self, number: int, answer: Answer) -> None:
        task: Any = here.task
        run = task.run
        if run.stopping:  # somebody has swallowed what unwinds it
            raise run.unwind(task)
        run.reach(task, (f"returns from {self._texts[number]}", (_ENDS,)))
        if run.recorder is not None:
            run.recorder.has_read(quietly(str)(answer))
        run.progressed()
        self._note_end(number, answer)

    def _note_beginning(self, number: int, name: str) -> None:
        self._calls[number] = Call(number, name, self._texts[number], self._events)
        self._events += 1

    def _note_end(self, number: int, answer: Answer) -> None:
        self._calls[number] = replace(self._calls[number], ended=self._events, answer=answer)
        self._events += 1

    # -- the judge

    def judge(self, record: Record, stage: Stage) -> Record:
        """Return the record of a run with what its history shows.

        A run in which calls wait for ever is right where an order gets as far and then waits likewise.

        Raises:
            ProgramError: The object does not answer the same each time.
        """
        misuse = _misuse(record.error)
        if misuse is not None:
            raise misuse
        is_stuck = record.ended_by("deadlock")
        history = list(self._calls.values())
        waits = any(call.ended is None for call in history)
        if record.raised or (record.finding is not None and not is_stuck) or waits != is_stuck:
            return record

        def run(sequence: Callable[[], Any]) -> Record:
            return stage.run(sequence, Strategy(), offered=set(), deadline=real.monotonic() + DEFAULT_SECONDS)

        def answer(order: Order) -> Answer | None:
            return self._orders.answer(order, run)

        try:
            self._orders.check(run)
            found = explain(history, answer)
        except CutShortError:
            record.ends_with(Finding("cut", f"an order of the calls took longer than {DEFAULT_SECONDS:g} s"))
            return record
        if found.order is not None:
            return replace(record, finding=None, states=())
        if not is_stuck:
            evidence = words.evidence(history, found)
            if self._is_kept:
                evidence = (*evidence, "the object is the same each time: what earlier calls have left in it counts")
            record.ends_with(Finding("oracle", Found(LINEARIZABLE, words.headline(history), evidence, "", "")))
        return record

    # -- the invariant

    @property
    def extras(self) -> dict[str, Any]:
        """What oracles need to know."""
        invariant = self._invariant
        if invariant is None:
            return {}

        @functools.wraps(invariant)
        def holds() -> Any:
            return True if self._thing is None else invariant(self._thing)

        return {"invariant": holds}


def _misuse(error: BaseException | None) -> ProgramError | None:
    """Return what a run says of the calls themselves; several threads may have said it."""
    if isinstance(error, BaseExceptionGroup):
        return next(filter(None, map(_misuse, error.exceptions)), None)
    return error if isinstance(error, ProgramError) else None


def _require_plain(name: str, function: Any) -> None:
    try:
        require_plain(name, function, "the object")
    except ValueError as error:
        raise ProgramError(str(error)) from None

"""Single calls of the object of a program, one after the other or beside others, awaited where that is needed."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.linear.answers import ITSELF, Answer, as_it_is, raised, returned
from pytest_concurrency._core.linear.misuse import ProgramError
from pytest_concurrency._core.linear.program import fitting, method_of
from pytest_concurrency._engine import explain
from pytest_concurrency._engine.current import quietly
from pytest_concurrency._engine.task import Unwind

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._core.linear.program import Op, Program


class Caller:
    """Makes objects and calls them.

    Args:
        program: The calls.
        result: What of a result is to be compared; None for all of it.
    """

    def __init__(self, program: Program, result: Callable[[Any], Any] | None) -> None:
        self._every = (*program.setup, *program.ops)
        self._setup = program.setup
        self._result = None if result is None else quietly(result)
        self._fitting: set[type] = set()  # whose methods can be called so
        self._has_loops = "asyncio" in sys.modules  # they take part only if it is there when the stage is set

    def is_async(self, make: Any) -> bool:
        """Tell whether an object has to be made in an event loop, as far as its class, or its maker, shows it."""
        methods = (getattr(make, op.name, None) for op in self._every)
        if not any(map(inspect.iscoroutinefunction, (make, *methods))):
            return False
        import asyncio  # noqa: F401

        self._has_loops = True
        return True

    def awaits(self, thing: Any) -> bool:
        """Tell whether some of the calls are to be awaited.

        Raises:
            ProgramError: They are, and no event loop can take part.
        """
        if not any(inspect.iscoroutinefunction(getattr(thing, op.name)) for op in self._every):
            return False
        if not self._has_loops:
            raise ProgramError("asyncio must be imported before an object with async methods is explored, got it later")
        return True

    # -- objects

    def made(self, make: Callable[[], Any]) -> Any:
        """Make an object that has all the methods.

        Raises:
            ProgramError: It lacks one.
        """
        return self._checked(make())

    async def made_async(self, make: Callable[[], Any]) -> Any:
        """Make an object in an event loop."""
        thing = make()
        return self._checked(await thing if inspect.iscoroutine(thing) else thing)

    def _checked(self, thing: Any) -> Any:
        for op in self._every:
            method = method_of(thing, type(thing).__name__, op.name)
            if type(thing) not in self._fitting:
                fitting(method, op)
        self._fitting.add(type(thing))
        return thing

    def set_up(self, thing: Any) -> None:
        """Make the calls whose answers do not count."""
        for op in self._setup:
            self._begin(thing, op)

    async def set_up_async(self, thing: Any) -> None:
        """Make the calls whose answers do not count, and await them."""
        for op in self._setup:
            value = self._begin(thing, op)
            if inspect.isawaitable(value):
                await value

    # -- calls

    def call(self, thing: Any, op: Op) -> Answer:
        """Make a call; what it raises is its answer, but for what is to end the test."""
        try:
            value = self._begin(thing, op)
        except BaseException as error:
            if _is_a_message(error):
                raise
            return raised(error)
        if inspect.iscoroutine(value):
            value.close()
            raise ProgramError(
                f"async methods must be seen to be so before they are called, got {op}, which returns a coroutine: "
                "make it an async def"
            )
        return self._kept(thing, value)

    async def call_async(self, thing: Any, op: Op) -> Answer:
        """Make a call, and await it if it is to be awaited."""
        try:
            value = self._begin(thing, op)
            if inspect.isawaitable(value):
                value = await value
        except BaseException as error:
            if _is_a_message(error) or _is_cancelled():
                raise
            return raised(error)
        return self._kept(thing, value)

    def _begin(self, thing: Any, op: Op) -> Any:
        """Call a method, each time with containers of its own."""
        method = getattr(thing, op.name)
        return method(*as_it_is(op.args), **{name: as_it_is(value) for name, value in op.kwargs.items()})

    def _kept(self, thing: Any, value: Any) -> Answer:
        if value is thing:
            return Answer(ITSELF)
        return returned(value if self._result is None else self._result(value))


def _is_a_message(error: BaseException) -> bool:
    """Tell whether an exception is no answer of a call but meant for somebody above: Ctrl-C, a skip, our own."""
    if isinstance(error, Exception):
        return False
    return isinstance(error, (GeneratorExit, Unwind)) or explain.is_for_a_runner(error)


def _is_cancelled() -> bool:
    """Tell whether somebody has asked the running task of an event loop to end."""
    task = sys.modules["asyncio"].current_task()
    return task is not None and bool(task.cancelling())

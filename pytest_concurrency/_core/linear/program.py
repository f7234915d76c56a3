"""The calls that are to be made of one object, and by which of several tasks: what a user gives, read once."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pytest_concurrency._core.linear.answers import brief
from pytest_concurrency._core.linear.misuse import ProgramError

TEXT: Final = 60
"""So many characters of a call are told."""


@dataclass(frozen=True, slots=True)
class Op:
    """One call of a method.

    Attributes:
        name: The method.
        args: Its arguments by position.
        kwargs: Its arguments by name.
    """

    name: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        given = [*map(brief, self.args), *(f"{name}={brief(value)}" for name, value in self.kwargs.items())]
        text = f"{self.name}({', '.join(given)})"
        return text if len(text) <= TEXT else f"{text[: TEXT - 4]}...)"

    def __repr__(self) -> str:
        given = [repr(self.name), *map(repr, self.args), *(f"{name}={each!r}" for name, each in self.kwargs.items())]
        return f"op({', '.join(given)})" if self.kwargs else f"({', '.join(given)}{',' * (len(given) == 1)})"


def op(name: str, /, *args: Any, **kwargs: Any) -> Op:
    """Name a call of a method that has arguments by name: `op("get", block=False)`.

    Without them a tuple does: `("put", 1)`.

    Raises:
        ValueError: The name is no name of a method.
    """
    __tracebackhide__ = True
    return _checked(Op(name, args, kwargs), name)


@dataclass(frozen=True, slots=True)
class Program:
    """Which calls are made, and in which task.

    Attributes:
        ops: The calls, by number.
        threads: The numbers of those that each task makes, one after the other.
        setup: The calls that are made before.
        after: The numbers of those that are made when all tasks have ended.
    """

    ops: tuple[Op, ...]
    threads: tuple[tuple[int, ...], ...]
    setup: tuple[Op, ...] = ()
    after: tuple[int, ...] = ()


def program(operations: Any, threads: Any = None, *, setup: Any = (), after: Any = ()) -> Program:
    """Read what a user gives.

    Args:
        operations: A list of calls, dealt out to the tasks like cards; or a list of lists, one for each task.
        threads: How many tasks share a list of calls; None is one for each call.
        setup: The calls that are made before.
        after: The calls that are made when all tasks have ended.

    Raises:
        ProgramError: Some of it is unusable.
    """
    lists, given_after = _shared_out(operations, threads), _calls("after", after)
    ops = (*(each for thread in lists for each in thread), *given_after)
    numbers = iter(range(len(ops)))
    dealt = tuple(tuple(next(numbers) for _ in thread) for thread in lists)
    return Program(ops, dealt, _calls("setup", setup), tuple(numbers))


def _shared_out(operations: Any, threads: Any) -> list[tuple[Op, ...]]:
    """Return the calls of each task; a flat list is dealt out like cards."""
    given = _listed("operations", operations)
    if not given:
        raise ProgramError(f"operations must name at least one call, like ('put', 1), got {operations!r}")
    _whole_or_none("threads", threads)
    if any(isinstance(each, list) for each in given):
        return _of_lists(given, threads)
    ops = _calls("operations", given)
    count = min(threads or len(ops), len(ops))
    return [ops[first::count] for first in range(count)]


def _of_lists(given: list[Any], threads: Any) -> list[tuple[Op, ...]]:
    for each in given:
        if not isinstance(each, list):
            raise ProgramError(f"operations must be calls, or a list of calls for each thread, got both: {each!r}")
    if threads not in (None, len(given)):
        raise ProgramError(f"threads must be left out where each has a list of its own, got {threads} and {len(given)}")
    lists = [_calls("operations", each) for each in given if each]
    if not lists:
        raise ProgramError(f"operations must name at least one call, like ('put', 1), got {given!r}")
    return lists


def _listed(what: str, given: Any) -> list[Any]:
    if isinstance(given, (str, bytes, Mapping, Op)) or not isinstance(given, Iterable):
        raise ProgramError(f"{what} must be a list of calls, like ('put', 1), got {given!r}")
    if isinstance(given, tuple) and given and isinstance(given[0], str):
        raise ProgramError(f"{what} must be a list of calls, like ('put', 1), got the one call {given!r}")
    return list(given)


def _calls(what: str, given: Any) -> tuple[Op, ...]:
    return tuple(_call(what, each) for each in _listed(what, given))


def _call(what: str, given: Any) -> Op:
    if isinstance(given, Op):
        return given
    if not isinstance(given, tuple) or not given:
        raise ProgramError(f"{what} must be calls, each a tuple like ('put', 1) or op('put', 1), got {given!r}")
    return _checked(Op(given[0], given[1:]), given)


def _checked(call: Op, given: Any) -> Op:
    __tracebackhide__ = True
    if not isinstance(call.name, str) or not call.name.isidentifier():
        raise ProgramError(f"a call must begin with the name of a method, like ('put', 1), got {given!r}")
    return call


def _whole_or_none(name: str, value: Any) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise ProgramError(f"{name} must be a whole number >= 1, got {value!r}")


def require_callable(name: str, value: Any, what: str) -> None:
    """Refuse what cannot be called.

    Raises:
        ProgramError: It cannot.
    """
    if not callable(value):
        raise ProgramError(f"{name} must be {what}, got {value!r}")


def method_of(thing: Any, called: str, name: str) -> Callable[..., Any]:
    """Return a method by its name.

    Raises:
        ProgramError: There is none.
    """
    method = getattr(thing, name, None)
    if not callable(method):
        others = [each for each in dir(thing) if not each.startswith("_") and callable(getattr(thing, each, None))]
        near = difflib.get_close_matches(name, others, n=1)
        has = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(others[:8]) or 'none'}"
        raise ProgramError(f"operations must name methods of {called}, got {name!r}: {has}")
    return method  # type: ignore[no-any-return] # it can be called


def fitting(method: Any, call: Op) -> None:
    """Refuse a call that cannot be made with its arguments, as far as the method shows which it takes.

    Raises:
        ProgramError: It would raise TypeError each time, in every order.
    """
    if not inspect.isroutine(method) or hasattr(method, "__signature__"):
        return
    try:
        inspect.signature(method, follow_wrapped=False).bind(*call.args, **call.kwargs)
    except TypeError as error:
        raise ProgramError(f"operations must fit the methods that they name, got {call}: {error}") from None
    except ValueError:  # it shows nothing
        pass

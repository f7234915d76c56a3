"""The public function `linearizable`: calls of one object, judged without pytest."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.linear.program import program
from pytest_concurrency._core.oracles import oracles as judged_by
from pytest_concurrency._explore.exploration import Exploration
from pytest_concurrency._explore.linear import Linear
from pytest_concurrency._explore.plan import Plan, names_of
from pytest_concurrency._explore.replaying import given, kept
from pytest_concurrency._sight.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_concurrency._core.verdict import Verdict


def linearizable(
    make: Callable[[], Any],
    operations: Iterable[Any],
    *,
    threads: int | None = None,
    setup: Iterable[Any] = (),
    after: Iterable[Any] = (),
    model: Callable[[], Any] | None = None,
    result: Callable[[Any], Any] | None = None,
    invariant: Callable[[Any], Any] | None = None,
    watch: Iterable[str] = (),
    replay: str | None = None,
    **settings: Any,
) -> Verdict:
    """Let several threads call methods of one object, in every order, and compare with calls one after the other.

    Args:
        make: A class, or a function that makes the object; called once per schedule.
        operations: The calls, each a tuple like `("put", 1)`, or `op("get", block=False)` for arguments by name: a
            list that is dealt out to the threads like cards, or a list of lists, one for each thread. Async methods
            are awaited in tasks of one event loop.
        threads: How many share a flat list; None is one for each call.
        setup: Calls made before, whose answers do not count.
        after: Calls made when all threads have ended.
        model: Makes what is called one after the other instead, to compare with.
        result: Returns what of a result is to be compared; it is for results that are equal to nothing but themselves.
        invariant: Looked at after every step: a function of the object that returns false, or raises AssertionError,
            where something is wrong.
        watch: Names of further packages or modules whose code offers switches.
        replay: A token from `Verdict.replay`, or a file that holds one: run that one schedule again.
        **settings: Those of `explore`.

    Returns:
        The verdict. It fails where what was answered (returned, compared by `==`, or raised, type and arguments) fits
        no order of the calls in which each that had ended before another began comes first. Calls that wait for ever
        are right where an order gets as far and then waits likewise, and a deadlock else.

    Raises:
        ValueError: The calls or a setting cannot be used, or the object, called one after the other, does not always
            answer the same.
    """
    linear = Linear(
        make, program(operations, threads, setup=setup, after=after), model=model, result=result, invariant=invariant
    )
    known = {each.name for each in fields(Plan)} - {"oracles"}
    plan = Plan(
        **{name: settings.pop(name) for name in known & set(settings)}, oracles=judged_by(settings | linear.extras)
    )
    name = getattr(make, "__name__", "make")
    exploration = Exploration(
        linear.scenario,
        plan,
        Watch((Path(sys._getframe(1).f_code.co_filename).absolute().parent,), names_of(watch)),
        owner=f"{getattr(make, '__module__', '')}.{name}",
        command=lambda token: f"linearizable({name}, ..., replay={kept(token)!r})",
        judge=linear.judge,
    )
    return exploration.run(None if replay is None else given(replay))

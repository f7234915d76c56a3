"""What one needs to let Hypothesis write the calls for `race.linearizable`; it has to be installed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from pytest_concurrency._core.linear.misuse import ProgramError
from pytest_concurrency._core.linear.program import op

__all__ = ("programs",)


def programs(methods: Mapping[str, Any], *, threads: int = 2, calls: int = 3) -> st.SearchStrategy[Any]:
    """Return a strategy for lists of calls, one list for each thread; it shrinks to few threads and few calls.

    `race.linearizable` takes it in place of calls, and so does `@given`.

    Args:
        methods: By its name, the arguments of each method: a strategy, or a tuple of strategies; () for none.
        threads: At most so many.
        calls: At most so many of each thread.

    Raises:
        ValueError: Some of it is unusable.
    """
    __tracebackhide__ = True
    if not isinstance(methods, Mapping) or not methods:
        raise ProgramError(f"methods must say by name what arguments each takes, like {{'get': ()}}, got {methods!r}")
    for name, value in (("threads", threads), ("calls", calls)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ProgramError(f"{name} must be a whole number >= 1, got {value!r}")
    call = st.one_of([st.tuples(st.just(name), *_strategies(name, given)) for name, given in methods.items()])
    return st.lists(st.lists(call, min_size=1, max_size=calls), min_size=1, max_size=threads)


def _strategies(name: str, given: Any) -> tuple[st.SearchStrategy[Any], ...]:
    __tracebackhide__ = True
    op(name)  # refuses what is no name
    found = given if isinstance(given, tuple) else (given,)
    for each in found:
        if not isinstance(each, st.SearchStrategy):
            raise ProgramError(f"the arguments of {name!r} must be a strategy, or a tuple of them, got {given!r}")
    return found

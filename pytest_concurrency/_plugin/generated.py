"""Programs of calls that Hypothesis writes and makes small; it is loaded by whoever uses one of its strategies."""

from __future__ import annotations

import ast
import contextlib
import sys
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_concurrency._core import schedule
from pytest_concurrency._core.errors import ConcurrencyError
from pytest_concurrency._core.linear.misuse import ProgramError
from pytest_concurrency._core.verdict import Grade
from pytest_concurrency._explore import replaying
from pytest_concurrency._explore.plan import DEFAULT_SECONDS
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._core.verdict import Verdict

SCHEDULES: Final = 50
"""In so many each program is run, unless the call says otherwise."""
_PLACE: Final = "the smallest calls that fail, to stand in place of the strategy"


class _RefusedError(BaseException):
    """Leaves Hypothesis with what is unusable: it makes nothing smaller of it."""


def is_strategy(given: Any) -> bool:
    """Tell whether something is a strategy of Hypothesis, without importing it."""
    strategies: Any = sys.modules.get("hypothesis.strategies")
    return strategies is not None and isinstance(given, strategies.SearchStrategy)


def tried(
    item: pytest.Item,
    owner: str,
    strategy: Any,
    explore: Callable[..., Verdict],
    conclude: Callable[[Verdict], None],
    *,
    seconds: float | None,
) -> Verdict:
    """Explore programs until one fails, the one that failed the last time first; make that small, and raise.

    Args:
        item: The test.
        owner: What its replays are bound to.
        strategy: What Hypothesis draws programs from.
        explore: Explores one program.
        conclude: Takes over the verdict on the last of many, which is returned.
        seconds: No further program is drawn after that time, unless one has failed; None is 10 s.

    Raises:
        ConcurrencyError: What the smallest program shows that fails.
        pytest.UsageError: A replay is asked for, and nobody knows of which program.
    """
    __tracebackhide__ = True
    kept = _recall(item, owner)
    is_replay = _is_replayed(item, owner)
    if kept is None and is_replay:
        text = "the program of a replay must be in pytest's cache, or stand in the test in place of the strategy"
        raise pytest.UsageError(f"--race-replay: {text}, got neither")
    verdict = None if kept is None else explore(kept)
    if verdict is None or (verdict.error is None and not is_replay):
        verdict, kept = _searched(strategy, explore, real.monotonic() + (seconds or DEFAULT_SECONDS))
        _remember(item, owner, None if verdict.error is None else kept)
        conclude(verdict)
    if verdict.error is not None:
        verdict.error.__notes__ = [f"\n{_PLACE}:\n  {kept!r}"]
        raise verdict.error
    return verdict


def _is_replayed(item: pytest.Item, owner: str) -> bool:
    """Tell whether a replay is asked for that belongs here."""
    token = item.config.getoption("race_replay")
    return token is not None and schedule.belongs(replaying.given(token), owner)


def _searched(strategy: Any, explore: Callable[..., Verdict], until: float) -> tuple[Verdict, Any]:
    """Return the verdict on the smallest program that fails, or on the last, and the program."""
    __tracebackhide__ = True
    from hypothesis import HealthCheck, Phase, given, settings

    phases = (Phase.generate, Phase.shrink)  # not `explain`, which would trace every line
    last: list[tuple[Verdict, Any]] = []
    passed: list[Any] = []

    # Derandomized, so that it fails the same way every time; what failed the last time is in pytest's cache.
    @settings(deadline=None, derandomize=True, database=None, phases=phases, suppress_health_check=list(HealthCheck))
    @given(operations=strategy)
    def search(operations: Any) -> None:
        if last and last[0][0].error is None and real.monotonic() > until:
            return
        if isinstance(operations, list) and not any(operations):
            return  # nobody calls anything
        try:
            verdict = explore(operations, is_one_of_many=True)
        except ProgramError as error:
            raise _RefusedError(error) from None
        if verdict.error is not None:
            last[:] = [(verdict, operations)]
            raise verdict.error
        passed.append(operations)
        if not last:
            last.append((verdict, operations))

    _let_search(search)
    if not last:
        raise ProgramError("operations must name at least one call, got only empty lists from the strategy")
    verdict, operations = last[0]
    if verdict.error is None:
        return _of_all(verdict, len(passed)), operations
    again = explore(operations, is_one_of_many=True)  # now without Hypothesis on the stack
    return (verdict if again.error is None else again), operations


def _let_search(search: Any) -> None:
    """Let Hypothesis draw; what fails is in the verdict.

    Raises:
        ProgramError: Some of what was drawn cannot be called.
    """
    __tracebackhide__ = True
    try:
        with contextlib.suppress(ConcurrencyError):
            search()
    except _RefusedError as refused:
        raise refused.args[0] from None


def _of_all(verdict: Verdict, count: int) -> Verdict:
    """Return the verdict on programs that have all passed; together they are a sample."""
    return replace(verdict, grade=Grade.SAMPLED, reason=f"{count} programs, drawn by Hypothesis")


def _key(owner: str) -> str:
    return f"concurrency/{zlib.crc32(owner.encode()):08x}-program"


def _recall(item: pytest.Item, owner: str) -> Any:
    """Return the program that failed the last time; None where there is none."""
    cache = getattr(item.config, "cache", None)
    kept = None if cache is None else cache.get(_key(owner), None)
    try:
        return ast.literal_eval(kept) if isinstance(kept, str) else None
    except (ValueError, SyntaxError):  # its arguments are no literals
        return None


def _remember(item: pytest.Item, owner: str, failed: Any) -> None:
    cache = getattr(item.config, "cache", None)
    if cache is not None and (failed or cache.get(_key(owner), None)):
        cache.set(_key(owner), repr(failed) if failed else None)

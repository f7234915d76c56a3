"""Scenarios that are asynchronous: each schedule runs them in an event loop of its own."""

from __future__ import annotations

import functools
import inspect
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def as_plain(scenario: Callable[[], Any]) -> Callable[[], Any]:
    """Return a scenario as a plain function: one that is `async`, or returns a coroutine, is run by `asyncio.run`."""
    if inspect.iscoroutinefunction(scenario):
        import asyncio  # noqa: F401 - its loops take part only if it is there when the stage is set

    @functools.wraps(scenario)
    def run() -> Any:
        answer = scenario()
        if not inspect.iscoroutine(answer):
            return answer
        import asyncio

        return asyncio.run(answer)

    return run


def refuse_running_loop(called: str) -> None:
    """Refuse to explore inside a running event loop, whose thread every schedule would need.

    Raises:
        RuntimeError: There is one.
    """
    asyncio: Any = sys.modules.get("asyncio")
    if asyncio is not None and asyncio._get_running_loop() is not None:
        raise RuntimeError(
            f"{called} must be called outside an event loop, got a call inside a running one: "
            "make the test a plain function; its scenario may be async"
        )

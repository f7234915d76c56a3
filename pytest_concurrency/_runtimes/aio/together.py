"""Run coroutines side by side as tasks of one event loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine, Sequence


def run_together(coroutines: Sequence[Coroutine[Any, Any, Any]]) -> list[Any] | Awaitable[list[Any]]:
    """Run each coroutine in a task of its own and return their results in order.

    Inside a running event loop the answer is to be awaited.

    Raises:
        Exception: What a coroutine raised, with its traceback; an ExceptionGroup if several did.
    """
    together = _together(coroutines)
    return together if asyncio._get_running_loop() is not None else asyncio.run(together)


async def _together(coroutines: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
    tasks = [asyncio.ensure_future(each) for each in coroutines]
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    errors = [
        _carried(each, str(getattr(getattr(task, "part", None), "name", "")))
        for task, each in zip(tasks, answers, strict=True)
        if isinstance(each, BaseException)
    ]
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise BaseExceptionGroup("several tasks failed", errors)
    return answers


def _carried(error: BaseException, _raiser: str) -> BaseException:
    """Return an error with this frame in its traceback, in which a report reads who raised it."""
    try:
        raise error
    except BaseException as raised:
        return raised

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
    answers = await asyncio.gather(*coroutines, return_exceptions=True)
    errors = [each for each in answers if isinstance(each, BaseException)]
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise BaseExceptionGroup("several tasks failed", errors)
    return answers

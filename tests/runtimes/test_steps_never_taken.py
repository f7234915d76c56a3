"""A step that is taken away, or that nobody waits for, could have come first: the reduction tries it."""

import asyncio
from collections.abc import Callable

import gevent  # type: ignore[import-untyped]
import pytest

from pytest_concurrency import explore


async def a_callback_is_cancelled() -> list[str]:
    seen: list[str] = []
    loop = asyncio.get_running_loop()

    async def cancels() -> None:
        handle.cancel()
        seen.append("cancelled")

    task = loop.create_task(cancels())
    handle = loop.call_soon(seen.append, "called")
    await task
    return seen


def a_callback_is_stopped() -> list[str]:
    seen: list[str] = []

    def stops() -> None:
        callback.stop()
        seen.append("cancelled")

    greenlet = gevent.spawn(stops)
    callback = gevent.get_hub().loop.run_callback(seen.append, "called")
    greenlet.join()
    return seen


def nobody_waits_for_a_greenlet() -> list[str]:
    seen: list[str] = []

    def spawns() -> None:
        gevent.spawn(seen.append, "late")

    gevent.spawn(spawns)
    gevent.sleep(0)
    return list(seen)


async def nobody_waits_for_a_task() -> list[str]:
    seen: list[str] = []

    async def late() -> None:
        seen.append("late")

    async def spawns() -> None:
        kept.append(asyncio.create_task(late()))

    kept = [asyncio.create_task(spawns())]
    await asyncio.sleep(0)
    return list(seen)


@pytest.mark.parametrize(
    ("scenario", "outcomes"),
    [
        (a_callback_is_cancelled, {"['cancelled']", "['called', 'cancelled']"}),
        (a_callback_is_stopped, {"['cancelled']", "['called', 'cancelled']"}),
        (nobody_waits_for_a_greenlet, {"[]", "['late']"}),
        (nobody_waits_for_a_task, {"[]", "['late']"}),
    ],
)
@pytest.mark.parametrize("strategy", ["dfs", "dpor", "auto"])
def test_what_could_have_come_first_is_tried(scenario: Callable[[], object], outcomes: set[str], strategy: str) -> None:
    verdict = explore(scenario, order="any", strategy=strategy)
    assert (verdict.grade, set(verdict.outcomes)) == ("proved", outcomes)

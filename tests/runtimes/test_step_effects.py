"""What a step of a loop touches, as far as that is seen: the independent is tried once, and nothing unseen is lost."""

import asyncio
import collections
import functools
import importlib.util
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import gevent  # type: ignore[import-untyped]
import gevent.event  # type: ignore[import-untyped]
import gevent.lock  # type: ignore[import-untyped]
import gevent.queue  # type: ignore[import-untyped]
import pytest

from pytest_concurrency import Verdict, explore

needs_events = pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.11 does not tell which code begins")


def tried(scenario: Callable[[], object], strategy: str) -> Verdict:
    return explore(scenario, order="any", strategy=strategy, schedules=30_000, seconds=60)


# -- what is independent


def greenlets_apart() -> str:
    boxes: list[list[int]] = [[], []]

    def fills(box: list[int]) -> None:
        for number in range(3):
            box.append(number)
            gevent.sleep(0)

    gevent.joinall([gevent.spawn(fills, box) for box in boxes])
    return repr(boxes)


async def tasks_apart() -> str:
    boxes: list[list[int]] = [[], []]

    async def fills(box: list[int]) -> None:
        for number in range(3):
            box.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*map(fills, boxes))
    return repr(boxes)


async def locks_apart() -> str:
    boxes: list[list[int]] = [[], []]
    locks = [asyncio.Lock() for _ in boxes]

    async def fills(box: list[int], lock: asyncio.Lock) -> None:
        for number in range(2):
            async with lock:
                box.append(number)
                await asyncio.sleep(0)

    await asyncio.gather(*map(fills, boxes, locks))
    return repr(boxes)


@needs_events
@pytest.mark.parametrize("scenario", [greenlets_apart, tasks_apart, locks_apart])
def test_what_touches_different_things_needs_few_schedules(scenario: Callable[[], object]) -> None:
    every, reduced = tried(scenario, "dfs"), tried(scenario, "dpor")
    assert (every.grade, reduced.grade) == ("proved", "proved")
    assert set(reduced.outcomes) == set(every.outcomes)
    assert reduced.schedules <= every.schedules / 2


# -- what is not seen where it happens


def a_generator() -> str:
    def numbers() -> Iterator[int]:
        yield from range(9)

    seen: list[str] = []
    given = numbers()

    def takes(name: str) -> None:
        gevent.sleep(0)
        seen.append(f"{name}{next(given)}")

    gevent.joinall([gevent.spawn(takes, name) for name in "ab"])
    return " ".join(sorted(seen))


def code_in_c_goes_on() -> str:
    names = ["a"]
    seen: list[int] = []

    def looks() -> None:
        gevent.sleep(0)
        seen.append(len(max(names, key=lambda name: gevent.sleep(0) or name)))

    def adds() -> None:
        gevent.sleep(0)
        names.append("longer")

    gevent.joinall([gevent.spawn(looks), gevent.spawn(adds)])
    return repr(seen)


def a_queue_is_walked_over() -> str:
    jobs: Any = gevent.queue.Queue()
    seen: list[str] = []

    def takes(name: str) -> None:
        for job in jobs:
            seen.append(f"{name}{job}")  # noqa: PERF401 - one by one, as they come

    def gives() -> None:
        for job in (1, StopIteration, StopIteration):
            jobs.put(job)

    gevent.joinall([gevent.spawn(takes, "a"), gevent.spawn(takes, "b"), gevent.spawn(gives)])
    return " ".join(sorted(seen))


def another_looks_whether_one_is_done() -> str:
    seen: list[bool] = []

    def works() -> None:
        gevent.sleep(0)

    worker = gevent.spawn(works)

    def looks() -> None:
        gevent.sleep(0)
        seen.append(worker.dead)

    gevent.joinall([worker, gevent.spawn(looks)])
    return repr(seen)


def a_semaphore_is_taken() -> str:
    gate: Any = gevent.lock.Semaphore(1)
    seen: list[str] = []

    def takes(name: str) -> None:
        with gate:
            gevent.sleep(0)
        seen.append(f"{name} {gate.counter}")

    gevent.joinall([gevent.spawn(takes, name) for name in "ab"])
    return " ".join(seen)


async def a_task_is_awaited() -> str:
    box: list[int] = []

    async def works() -> None:
        await asyncio.sleep(0)
        box.append(1)

    async def waits(task: asyncio.Task[None], seen: list[int]) -> None:
        await asyncio.sleep(0)
        await task
        seen.append(len(box))
        box.append(2)

    task = asyncio.create_task(works())
    looks: list[list[int]] = [[], []]
    await asyncio.gather(*(waits(task, each) for each in looks))
    return repr(looks)


async def an_asynchronous_generator() -> str:
    async def numbers() -> AsyncIterator[int]:
        for number in range(9):
            yield number

    given = numbers()
    boxes: list[list[int]] = [[], []]

    async def takes(box: list[int]) -> None:
        await asyncio.sleep(0)
        box.append(await anext(given))
        await asyncio.sleep(0)  # the step that ends one is in the way of the other's

    await asyncio.gather(*map(takes, boxes))
    return repr(boxes)


async def a_call_in_c_is_put_in_line() -> str:
    names: list[str] = []
    seen: list[int] = []

    async def puts() -> None:
        asyncio.get_running_loop().call_soon(names.append, "called")

    async def looks() -> None:
        await asyncio.sleep(0)
        seen.append(len(names))

    await asyncio.gather(puts(), looks())
    return repr(seen)


async def a_task_is_cancelled() -> str:
    seen: list[str] = []

    async def works() -> None:
        try:
            await asyncio.sleep(0)
            seen.append("worked")
        except asyncio.CancelledError:
            seen.append("cancelled")

    task = asyncio.create_task(works())

    async def cancels() -> None:
        await asyncio.sleep(0)
        task.cancel()

    await asyncio.gather(cancels(), asyncio.sleep(0))
    await asyncio.wait([task])
    return " ".join(seen)


async def a_task_without_a_loops_word() -> str:
    boxes: list[list[bool]] = [[], []]

    async def works() -> None:
        await asyncio.sleep(0)

    task: Any = asyncio.Task(works(), loop=asyncio.get_running_loop())

    async def waits(box: list[bool]) -> None:
        await asyncio.sleep(0)
        before = number[0]
        await task
        box.append(before == number[0])
        number[0] += 1

    number = [0]
    await asyncio.gather(*map(waits, boxes))
    return repr(boxes)


async def a_queues_own_items() -> str:
    jobs: asyncio.Queue[int] = asyncio.Queue()
    items: collections.deque[int] = jobs._queue  # type: ignore[attr-defined] # as some tests do
    seen: list[int] = []

    async def puts() -> None:
        await asyncio.sleep(0)
        await jobs.put(1)

    async def looks() -> None:
        await asyncio.sleep(0)
        seen.append(len(items))

    await asyncio.gather(puts(), looks())
    return repr(seen)


def looks_beside(*works: Callable[[], object], look: Callable[[], object]) -> str:
    """What somebody sees who looks beside these."""
    seen: list[object] = []
    gevent.joinall([*map(gevent.spawn, works), gevent.spawn(lambda: seen.append(look()))])
    return repr(seen)


def a_greenlet_of_code_in_c() -> str:
    words: list[int] = []
    return looks_beside(functools.partial(words.append, 1), look=lambda: len(words))


def a_greenlet_of_a_method_in_c() -> str:
    jobs: Any = gevent.queue.Queue()
    gevent.joinall([gevent.spawn(jobs.put, "a"), gevent.spawn(jobs.put, "b")])
    return f"{jobs.get()}{jobs.get()}"


def a_greenlet_is_asked_whether_it_is_alive() -> str:
    worker = gevent.spawn(lambda: None)
    return looks_beside(look=lambda: 1 if worker else 0)


def greenlets_are_asked_together() -> str:
    workers = [gevent.spawn(lambda: None)]
    return looks_beside(look=lambda: any(workers))


def a_timer_is_started() -> str:
    timer: Any = gevent.get_hub().loop.timer(1)
    return looks_beside(lambda: timer.start(lambda: None), look=lambda: timer.active)


def a_local_of_the_thread() -> str:
    own = threading.local()
    own.x = 0
    return looks_beside(lambda: setattr(own, "x", 1), look=lambda: own.x)


async def a_coroutine_is_asked_where_it_stands() -> str:
    async def works() -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(3)

    async def looks() -> None:
        frame = working.cr_frame
        assert frame is not None
        seen.append(frame.f_lineno - works.__code__.co_firstlineno)

    working: Any = works()
    seen: list[int] = []
    await asyncio.gather(working, looks())
    return repr(seen)


async def futures_in_a_set() -> str:
    made: dict[str, object] = {}

    async def makes(name: str) -> None:
        made[name] = asyncio.get_running_loop().create_future()

    await asyncio.gather(makes("a"), makes("b"))
    return str(next(iter({made["a"], made["b"]})) is made["a"])


HIDDEN = [
    a_greenlet_of_code_in_c,
    a_greenlet_of_a_method_in_c,
    a_greenlet_is_asked_whether_it_is_alive,
    greenlets_are_asked_together,
    a_timer_is_started,
    a_local_of_the_thread,
    a_coroutine_is_asked_where_it_stands,
    futures_in_a_set,
    a_generator,
    code_in_c_goes_on,
    a_queue_is_walked_over,
    another_looks_whether_one_is_done,
    a_semaphore_is_taken,
    a_task_is_awaited,
    an_asynchronous_generator,
    a_call_in_c_is_put_in_line,
    a_task_is_cancelled,
    a_task_without_a_loops_word,
    a_queues_own_items,
]


@pytest.mark.parametrize("scenario", HIDDEN)
def test_what_is_not_seen_conflicts_with_everything(scenario: Callable[[], object]) -> None:
    every, reduced = tried(scenario, "dfs"), tried(scenario, "dpor")
    assert (every.grade, reduced.grade) == ("proved", "proved")
    assert set(reduced.outcomes) == set(every.outcomes)
    assert len(every.outcomes) > 1


def test_code_that_nobody_watches_conflicts_with_everything(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.py"
    file.write_text("box = []\ndef add(name):\n    box.append(name)\n    return len(box)\n")
    spec = importlib.util.spec_from_file_location("elsewhere", file)
    assert spec is not None
    assert spec.loader is not None
    elsewhere = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(elsewhere)

    def scenario() -> str:
        elsewhere.box.clear()
        boxes: list[list[int]] = [[], []]

        def adds(box: list[int]) -> None:
            gevent.sleep(0)
            box.append(elsewhere.add("a"))
            gevent.sleep(0)  # the step that ends one is in the way of the other's

        gevent.joinall([gevent.spawn(adds, box) for box in boxes])
        return repr(boxes)

    reduced = tried(scenario, "dpor")
    assert set(reduced.outcomes) == set(tried(scenario, "dfs").outcomes)
    assert len(reduced.outcomes) == 2

"""Does the reduction over the steps of event loops leave an outcome out?

Random programs of asyncio and of gevent, in which tasks share variables, objects, locks, queues, timers, generators and
each other, are explored with `order="any"`, once by trying every schedule and once with the reduction.

    python tests/benchmarks/loops_reduced.py [--count 250] [--first 0] [--kind asyncio|gevent]

prints the programs whose outcomes differ and how many schedules both needed, and exits with 1 if one differs.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from typing import TYPE_CHECKING, Any

from pytest_concurrency import explore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCHEDULES, SECONDS = 10_000, 20
Plan = list[list[tuple[str, int]]]


class Box:
    """What the tasks of a program share."""

    def __init__(self) -> None:
        self.a = self.b = 0
        self.words: list[str] = []
        self.seen: list[str] = []
        self.handles: list[Any] = []

    @property
    def both(self) -> tuple[int, int]:
        return self.a, self.b

    def __repr__(self) -> str:
        return f"{self.both} {self.words} {' '.join(self.seen)}"


def numbers() -> Iterator[int]:
    yield from range(99)


def plan_of(seed: int, verbs: tuple[str, ...]) -> tuple[Plan, bool]:
    """Return what each task does, and whether the scenario waits for the first one only."""
    chance = random.Random(seed)
    return [
        [(chance.choice(verbs), chance.randrange(2)) for _ in range(chance.randint(1, 2))]
        for _ in range(chance.randint(2, 3))
    ], chance.random() < 0.3


SHARED = ("note", "note", "add", "add", "other", "look", "word", "next", "mine", "mine")
ON_LOOPS = (*SHARED, "turn", "turn", "sleep", "lock", "set", "wait", "put", "get", "soon", "later", "cancel", "limit",
            "stop", "spawn", "future")  # fmt: skip
ON_HUBS = (*SHARED, "turn", "turn", "sleep", "lock", "set", "wait", "put", "get", "soon", "cancel", "limit", "stop",
           "spawn", "ready", "link", "key")  # fmt: skip


def plainly(box: Box, verb: str, name: str, given: Iterator[int]) -> None:
    """Do what needs no other task."""
    if verb == "note":
        box.seen.append(name)
    elif verb == "look":
        box.seen.append(f"{name}{box.both}")
    elif verb == "word":
        box.words.append(name)
    elif verb == "next":
        box.seen.append(f"{name}{next(given)}")


def on_a_loop(plans: Plan, *, is_early: bool) -> Callable[[], Any]:
    async def scenario() -> str:
        box, given, loop = Box(), numbers(), asyncio.get_running_loop()
        lock, queue, doors = asyncio.Lock(), asyncio.Queue[int](1), [asyncio.Event(), asyncio.Event()]
        tasks: list[asyncio.Task[None]] = []
        future: asyncio.Future[str] = loop.create_future()
        kept: list[asyncio.Task[None]] = []

        async def late(name: str) -> None:
            box.seen.append(f"{name}z")
            await asyncio.sleep(0)
            box.seen.append(f"{name}Z")

        async def does(verb: str, number: int, name: str, mine: list[int]) -> None:
            match verb:
                case "turn":
                    await asyncio.sleep(0)
                case "sleep":
                    await asyncio.sleep(number)
                case "add":
                    before = box.a
                    await asyncio.sleep(0)
                    box.a = before + 1
                case "other":
                    before = box.b
                    await asyncio.sleep(0)
                    box.b = before + 1
                case "mine":
                    mine.append(number)
                    await asyncio.sleep(0)
                    mine.append(number)
                case "lock":
                    async with lock:
                        box.seen.append(f"{name}!")
                        await asyncio.sleep(number)
                case "set":
                    doors[number].set()
                case "wait":
                    await asyncio.wait_for(doors[number].wait(), 2)
                case "put":
                    await asyncio.wait_for(queue.put(number), 1)
                case "get":
                    box.seen.append(f"{name}{await asyncio.wait_for(queue.get(), 1)}")
                case "soon":
                    box.handles.append(loop.call_soon(box.seen.append, f"{name}s"))
                case "later":
                    box.handles.append(loop.call_later(number, box.seen.append, f"{name}l"))
                case "stop" if box.handles:
                    box.handles.pop().cancel()
                case "cancel" if number < len(tasks):
                    tasks[number].cancel()
                case "limit":
                    async with asyncio.timeout(1):
                        await asyncio.sleep(number)
                case "spawn":
                    kept.append(loop.create_task(late(name)))
                case "future" if number:
                    box.seen.append(f"{name}{await asyncio.wait_for(asyncio.shield(future), 2)}")
                case "future" if not future.done():
                    future.set_result(name)
                case _:
                    plainly(box, verb, name, given)

        async def task(name: str, own: list[tuple[str, int]]) -> None:
            mine: list[int] = []
            for at, (verb, number) in enumerate(own):
                try:
                    await does(verb, number, f"{name}{at}", mine)
                except (TimeoutError, asyncio.CancelledError) as error:
                    box.seen.append(f"{name}{at}{type(error).__name__[0]}")

        tasks += [asyncio.ensure_future(task("abc"[at], own)) for at, own in enumerate(plans)]
        await asyncio.wait(tasks[:1] if is_early else tasks, timeout=50)
        return repr(box)

    return scenario


def on_a_hub(plans: Plan, *, is_early: bool) -> Callable[[], Any]:
    import gevent  # type: ignore[import-untyped]
    import gevent.event  # type: ignore[import-untyped]
    import gevent.lock  # type: ignore[import-untyped]
    import gevent.queue  # type: ignore[import-untyped]

    def scenario() -> str:
        box, given = Box(), numbers()
        gate, door, jobs = gevent.lock.Semaphore(1), gevent.event.Event(), gevent.queue.Queue()
        crew: list[Any] = []

        def late(name: str) -> None:
            box.seen.append(f"{name}z")
            gevent.sleep(0)
            box.seen.append(f"{name}Z")

        def does(verb: str, number: int, name: str, mine: list[int]) -> None:
            match verb:
                case "turn":
                    gevent.sleep(0)
                case "sleep":
                    gevent.sleep(number)
                case "add":
                    before = box.a
                    gevent.sleep(0)
                    box.a = before + 1
                case "other":
                    before = box.b
                    gevent.sleep(0)
                    box.b = before + 1
                case "mine":
                    mine.append(number)
                    gevent.sleep(0)
                    mine.append(number)
                case "lock":
                    with gate:
                        box.seen.append(f"{name}!")
                        gevent.sleep(0)
                case "set":
                    door.set()
                case "wait":
                    box.seen.append(f"{name}{door.wait(2)}")
                case "put":
                    jobs.put(name)
                case "get":
                    try:
                        box.seen.append(f"{name}{jobs.get(timeout=2)}")
                    except gevent.queue.Empty:
                        box.seen.append(f"{name}none")
                case "soon":
                    box.handles.append(gevent.get_hub().loop.run_callback(box.seen.append, f"{name}s"))
                case "stop" if box.handles:
                    box.handles.pop().stop()
                case "cancel":
                    crew[number].kill(block=False)
                case "limit":
                    with gevent.Timeout(1, False):  # noqa: FBT003 - as gevent has it
                        gevent.sleep(number)
                case "spawn":
                    crew.append(gevent.spawn(late, name))
                case "ready":
                    box.seen.append(f"{name}{crew[number].ready()}")
                case "link":
                    crew[number].link(lambda _: box.seen.append(f"{name}L"))
                case "key":
                    max([*box.words, "a"], key=lambda word: gevent.sleep(0) or word)
                case _:
                    plainly(box, verb, name, given)

        def task(name: str, own: list[tuple[str, int]]) -> None:
            mine: list[int] = []
            for at, (verb, number) in enumerate(own):
                does(verb, number, f"{name}{at}", mine)

        crew += [gevent.spawn(task, "abc"[at], own) for at, own in enumerate(plans)]
        gevent.joinall(crew[: 1 if is_early else len(plans)])
        return repr(box)

    return scenario


KINDS: dict[str, tuple[tuple[str, ...], Callable[..., Callable[[], Any]]]] = {
    "asyncio": (ON_LOOPS, on_a_loop),
    "gevent": (ON_HUBS, on_a_hub),
}


def compared(kind: str, seed: int) -> tuple[int, int, str]:
    """Return the schedules that both ways needed, and in words how they differ; no schedules for too many."""
    verbs, make = KINDS[kind]
    plans, is_early = plan_of(seed, verbs)
    scenario = make(plans, is_early=is_early)
    every = explore(scenario, order="any", strategy="dfs", schedules=SCHEDULES, seconds=SECONDS)
    if every.grade != "proved":
        return 0, 0, ""
    reduced = explore(scenario, order="any", strategy="dpor", schedules=2 * SCHEDULES, seconds=3 * SECONDS)
    if reduced.grade != "proved":
        return 0, 0, "" if str(reduced.grade) == "unfinished" else f"{reduced}: {plans}"
    missed, more = set(every.outcomes) - set(reduced.outcomes), set(reduced.outcomes) - set(every.outcomes)
    differ = f"seed {seed} {plans}\n  missed: {missed}\n  only reduced: {more}" if missed or more else ""
    return every.schedules, reduced.schedules, differ


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=250)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kind", choices=[*KINDS], action="append")
    given = parser.parse_args()
    differ = 0
    for kind in given.kind or KINDS:
        found = [compared(kind, seed) for seed in range(given.first, given.first + given.count)]
        for *_, words in found:
            if words:
                differ += 1
                print(f"{kind} {words}", flush=True)
        done = [each for each in found if each[0]]
        every, reduced = sum(each[0] for each in done), sum(each[1] for each in done)
        saved = sum(each[1] < each[0] for each in done)
        version = ".".join(map(str, sys.version_info[:3]))
        print(
            f"{version} {kind}: {len(done)} of {given.count} programs compared, {differ} differ; {every} schedules in "
            f"all, {reduced} reduced; {saved} programs needed fewer",
            flush=True,
        )
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())

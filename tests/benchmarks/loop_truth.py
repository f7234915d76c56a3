"""Does `order="strict"` show what CPython's own loop can show, and nothing else?

Random programs of asyncio are explored exhaustively, and run on the interpreter's unmodified selector loop whose clock
alone is changed: at every look it moves on by a random amount, so that timers set at one instant come in one pass or in
several. Each outcome of the one must be an outcome of the other.

    python tests/benchmarks/loop_truth.py [PROGRAMS] [SEED]

prints the programs that differ, and exits with 1 if there is one.
"""

import asyncio
import random
import selectors
import sys
from typing import Any

from pytest_concurrency import explore

SAMPLES = 3_000
SCHEDULES = 4_000
JITTER = 2e-5

Step = tuple[str, int]
Program = tuple[tuple[Step, ...], ...]


def program(chance: random.Random) -> Program:
    """Make two or three tasks of a few steps each."""
    kinds = ("pass", "pass", "sleep", "sleep", "lock", "set", "wait", "put", "get", "soon", "later", "cancel", "limit")
    return tuple(
        tuple((chance.choice(kinds), chance.randrange(3)) for _ in range(chance.randint(1, 3)))
        for _ in range(chance.randint(2, 3))
    )


async def performed(steps: Program) -> str:
    """Run a program; its outcome is the order of what its tasks did."""
    loop = asyncio.get_running_loop()
    seen: list[str] = []
    lock, queue = asyncio.Lock(), asyncio.Queue[int](1)
    events = [asyncio.Event() for _ in range(3)]
    tasks: list[asyncio.Task[None]] = []

    async def step(kind: str, number: int, label: str) -> None:
        match kind:
            case "pass":
                await asyncio.sleep(0)
            case "sleep":
                await asyncio.sleep(number)
            case "lock":
                async with lock:
                    seen.append(f"{label}!")
                    await asyncio.sleep(number % 2)
            case "set":
                events[number].set()
            case "wait":
                await asyncio.wait_for(events[number].wait(), 2)
            case "put":
                await asyncio.wait_for(queue.put(number), 1)
            case "get":
                await asyncio.wait_for(queue.get(), 1)
            case "soon":
                loop.call_soon(seen.append, f"{label}s")
            case "later":
                loop.call_later(number, seen.append, f"{label}l")
            case "cancel":
                if number < len(tasks):
                    tasks[number].cancel()
            case "limit":
                async with asyncio.timeout(1):
                    await asyncio.sleep(number)

    async def task(name: str, own: tuple[Step, ...]) -> None:
        for at, (kind, number) in enumerate(own):
            label = f"{name}{at}"
            try:
                await step(kind, number, label)
                seen.append(label)
            except TimeoutError:
                seen.append(f"{label}t")
            except asyncio.CancelledError:
                seen.append(f"{label}c")

    tasks += [asyncio.ensure_future(task("abc"[at], own)) for at, own in enumerate(steps)]
    await asyncio.wait(tasks, timeout=50)
    return " ".join(seen)


class Reference(asyncio.SelectorEventLoop):
    """CPython's loop, on a clock that moves on by a random amount at every look."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = 1000.0
        selector = selectors.SelectSelector()
        super().__init__(selector)
        poll = selector.select

        def select(timeout: float | None = None) -> Any:
            if timeout:
                self.now += timeout
            return poll(0)

        selector.select = select  # type: ignore[method-assign] # it waits in no time

    def time(self) -> float:
        self.now += self.chance.random() * (1e-6 if self.chance.random() < 0.5 else JITTER)
        return self.now


def seen_on_the_loop(steps: Program, seed: int) -> str:
    with asyncio.Runner(loop_factory=lambda: Reference(seed)) as runner:
        return runner.run(performed(steps))


def difference(steps: Program) -> tuple[set[str], set[str]] | None:
    """Return the outcomes of the exploration alone, and those of the loop alone; None if it has too many."""
    verdict = explore(lambda: performed(steps), order="strict", strategy="dfs", schedules=SCHEDULES, seconds=60)
    if verdict.grade != "proved":
        return None
    mine = {text.strip("'") for text in verdict.outcomes}
    theirs: set[str] = set()
    for seed in range(SAMPLES):
        theirs.add(seen_on_the_loop(steps, seed))
        if seed > 100 and theirs >= mine and seed > 20 * len(mine):
            break
    return mine - theirs, theirs - mine


def main() -> int:
    count, seed = [*map(int, sys.argv[1:]), *(300, 0)[len(sys.argv) - 1 :]]
    chance = random.Random(seed)
    differ = large = 0
    for number in range(count):
        steps = program(chance)
        found = difference(steps)
        if found is None:
            large += 1
        elif found != (set(), set()):
            differ += 1
            print(f"program {number}: {steps}\n  only explored: {found[0]}\n  only on the loop: {found[1]}", flush=True)
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"{version}: {count - large} programs compared, {differ} differ; {large} have too many schedules")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())

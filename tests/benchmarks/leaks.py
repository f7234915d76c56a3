"""What do many explorations leave behind?

    python tests/benchmarks/leaks.py [--count 10000] [--kind threads|asyncio|gevent]

explores a small scenario again and again, two schedules each time, and prints after a tenth and at the end: memory in
use, descriptors, threads, and objects that the collector knows, of loops, tasks and greenlets apart. Exits with 1 if a
descriptor, a thread, a loop, a task or a greenlet is left, or if memory or objects have grown by more than a tenth.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_concurrency import explore

if TYPE_CHECKING:
    from collections.abc import Callable


def with_threads() -> None:
    box: list[int] = []
    lock = threading.Lock()

    def add() -> None:
        with lock:
            box.append(len(box))

    threads = [threading.Thread(target=add) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert box == [0, 1]


async def with_asyncio() -> None:
    box: list[int] = []
    lock = asyncio.Lock()

    async def add() -> None:
        async with lock:
            await asyncio.sleep(0.01)
            box.append(len(box))

    await asyncio.gather(add(), add())
    assert box == [0, 1]


def with_gevent() -> None:
    import gevent  # type: ignore[import-untyped]

    box: list[int] = []

    def add() -> None:
        gevent.sleep(0.01)
        box.append(len(box))

    gevent.joinall([gevent.spawn(add) for _ in range(2)])
    assert box == [0, 1]


KINDS: dict[str, Callable[[], Any]] = {"threads": with_threads, "asyncio": with_asyncio, "gevent": with_gevent}


def memory() -> float:
    """Return the resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def left() -> dict[str, float]:
    """Return what there is now."""
    gc.collect()
    objects = gc.get_objects()
    names = [type(each).__name__ for each in objects]
    return {
        "MB": memory(),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "threads": threading.active_count(),
        "loops": sum(isinstance(each, asyncio.AbstractEventLoop) for each in objects),
        "tasks": sum(isinstance(each, asyncio.Future) for each in objects),
        "greenlets": names.count("Greenlet"),
        "objects": len(objects),
    }


def grown(kind: str, count: int) -> list[str]:
    """Explore so often; return what has grown between a tenth of it and its end."""
    first: dict[str, float] = {}
    for number in range(1, count + 1):
        verdict = explore(KINDS[kind], schedules=2, order="any")
        assert str(verdict.grade) != "failed", verdict
        if number == count // 10:
            first = left()
    last = left()
    for name, found in (("after a tenth", first), ("at the end", last)):
        print(f"{kind:8} {name:14} " + ", ".join(f"{value:,.0f} {what}" for what, value in found.items()), flush=True)
    exact = [what for what in ("descriptors", "threads", "loops", "tasks", "greenlets") if last[what] > first[what]]
    return exact + [what for what in ("MB", "objects") if last[what] > 1.1 * first[what]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--kind", choices=[*KINDS], action="append")
    given = parser.parse_args()
    found = {kind: grown(kind, given.count) for kind in given.kind or KINDS}
    for kind, names in found.items():
        print(f"{kind}: {', '.join(names) or 'nothing'} has grown")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())

"""Programs of two steps, one that writes and one that reads, as threads and as tasks of a loop."""

import asyncio
from collections.abc import Callable
from typing import Any

from programs.program import together

Pair = tuple[Callable[[], object], Callable[[], object]]
Program = Callable[[], Pair]
"""Makes what writes and what reads."""


def threads(make: Program) -> Callable[[], list[object]]:
    def scenario() -> list[object]:
        write, read = make()
        seen: list[object] = []
        together(write, lambda: seen.append(read()))
        return seen

    return scenario


def tasks(make: Program) -> Callable[[], Any]:
    async def scenario() -> list[object]:
        write, read = make()
        seen: list[object] = []

        async def writes() -> None:
            write()

        async def reads() -> None:
            seen.append(read())

        await asyncio.gather(writes(), reads())
        return seen

    return scenario

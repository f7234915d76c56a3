"""The workshop: a worked solution."""

import asyncio
import contextlib
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from typing import NamedTuple


class Result(NamedTuple):
    """What came of a program (given): its exit code, and the first bytes of its output and of its errors."""

    code: int
    output: bytes
    errors: bytes


async def run(command: Sequence[str], given: bytes = b"", seconds: float | None = None, most: int = 10_000) -> Result:
    """Feed and read at the same time; on every way out the program has ended."""
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    try:
        async with asyncio.timeout(seconds):
            return await _attend(process, given, most)
    finally:
        if process.returncode is None:
            process.kill()
            await _attend(process, b"", 0)


async def _attend(process: Process, given: bytes, most: int) -> Result:
    _, output, errors, code = await asyncio.gather(
        _feed(process.stdin, given), _read(process.stdout, most), _read(process.stderr, most), process.wait()
    )
    return Result(code, output, errors)


async def _feed(writer: asyncio.StreamWriter | None, given: bytes) -> None:
    assert writer is not None
    with contextlib.suppress(ConnectionError):  # who does not want to read all need not
        writer.write(given)
        await writer.drain()
    writer.close()


async def _read(reader: asyncio.StreamReader | None, most: int) -> bytes:
    """Keep the first bytes, and read on: who is not read stands still at a full pipe."""
    assert reader is not None
    kept = b""
    while piece := await reader.read(65_536):
        kept += piece[: most - len(kept)]
    return kept


async def run_all(
    commands: Sequence[Sequence[str]], at_once: int, seconds: float | None = None, most: int = 10_000
) -> list[Result | Exception]:
    """Let a semaphore count."""
    places = asyncio.Semaphore(at_once)

    async def run_one(command: Sequence[str]) -> Result | Exception:
        async with places:
            try:
                return await run(command, seconds=seconds, most=most)
            except Exception as error:
                return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(run_one(command)) for command in commands]
    return [task.result() for task in tasks]

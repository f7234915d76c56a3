"""The workshop with plain `subprocess` in threads: each reads one pipe, and the loop waits for the threads."""

import asyncio
import contextlib
import subprocess
import threading
from collections.abc import Sequence
from typing import IO, NamedTuple


class Result(NamedTuple):
    """What came of a program (given): its exit code, and the first bytes of its output and of its errors."""

    code: int
    output: bytes
    errors: bytes


async def run(command: Sequence[str], given: bytes = b"", seconds: float | None = None, most: int = 10_000) -> Result:
    """Start it here, attend it in threads; a kill ends them, too."""
    pipe = subprocess.PIPE
    program = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0)
    loop = asyncio.get_running_loop()
    over: asyncio.Future[Result] = loop.create_future()

    def attend() -> None:
        result = _attend(program, given, most)
        loop.call_soon_threadsafe(lambda: over.done() or over.set_result(result))

    thread = threading.Thread(target=attend)
    thread.start()
    try:
        return await asyncio.wait_for(asyncio.shield(over), seconds)
    finally:
        if not over.done():
            program.kill()
        thread.join()


def _attend(program: "subprocess.Popen[bytes]", given: bytes, most: int) -> Result:
    kept = [bytearray(), bytearray()]
    readers = [
        threading.Thread(target=_read, args=(pipe, most, place))
        for pipe, place in zip((program.stdout, program.stderr), kept, strict=True)
    ]
    for reader in readers:
        reader.start()
    assert program.stdin is not None
    rest = memoryview(given)
    with contextlib.suppress(BrokenPipeError), program.stdin:
        while rest:
            rest = rest[program.stdin.write(rest) :]
    for reader in readers:
        reader.join()
    return Result(program.wait(), bytes(kept[0]), bytes(kept[1]))


def _read(pipe: IO[bytes], most: int, kept: bytearray) -> None:
    with pipe:
        while piece := pipe.read(65_536):
            kept += piece[: most - len(kept)]


async def run_all(
    commands: Sequence[Sequence[str]], at_once: int, seconds: float | None = None, most: int = 10_000
) -> list[Result | Exception]:
    """Start the next one whenever one has ended."""
    found: list[Result | Exception] = [LookupError("not run")] * len(commands)

    async def run_one(number: int) -> None:
        try:
            found[number] = await run(commands[number], seconds=seconds, most=most)
        except Exception as error:
            found[number] = error

    busy: set[asyncio.Task[None]] = set()
    try:
        for number in range(len(commands)):
            if len(busy) == at_once:
                _, busy = await asyncio.wait(busy, return_when=asyncio.FIRST_COMPLETED)
            busy.add(asyncio.create_task(run_one(number)))
        if busy:
            await asyncio.wait(busy)
    finally:
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)
    return found

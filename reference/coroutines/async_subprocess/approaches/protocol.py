"""The workshop with a protocol: what comes is kept or thrown away at once, and workers share the commands."""

import asyncio
import signal
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Result(NamedTuple):
    """What came of a program (given): its exit code, and the first bytes of its output and of its errors."""

    code: int
    output: bytes
    errors: bytes


class _Desk(asyncio.SubprocessProtocol):
    """Keeps what fits, and notes the end of everything."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.kept = {1: bytearray(), 2: bytearray()}
        self.over = asyncio.Event()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        kept = self.kept[fd]
        kept += data[: max(0, self.most - len(kept))]

    def connection_lost(self, exc: Exception | None) -> None:  # the program has ended, and its pipes are closed
        self.over.set()


async def run(command: Sequence[str], given: bytes = b"", seconds: float | None = None, most: int = 10_000) -> Result:
    """Wait for the end of the connection; where the waiting ends before, send a signal and wait again."""
    loop = asyncio.get_running_loop()
    transport, desk = await loop.subprocess_exec(lambda: _Desk(most), *command)
    try:
        feeding = transport.get_pipe_transport(0)
        assert isinstance(feeding, asyncio.WriteTransport)
        feeding.write(given)
        feeding.write_eof()
        await asyncio.wait_for(desk.over.wait(), seconds)
    finally:
        while not desk.over.is_set():
            if transport.get_returncode() is None:
                transport.send_signal(signal.SIGKILL)
            await desk.over.wait()
        transport.close()
    code = transport.get_returncode()
    assert code is not None
    return Result(code, bytes(desk.kept[1]), bytes(desk.kept[2]))


async def run_all(
    commands: Sequence[Sequence[str]], at_once: int, seconds: float | None = None, most: int = 10_000
) -> list[Result | Exception]:
    """Let so many workers take the next command."""
    found: dict[int, Result | Exception] = {}
    waiting = iter(enumerate(commands))
    workers = [asyncio.ensure_future(_work(waiting, found, seconds, most)) for _ in range(min(at_once, len(commands)))]
    try:
        await asyncio.gather(*workers)
    finally:
        await asyncio.gather(*workers, return_exceptions=True)  # gather has cancelled all, and waits for the first only
    return [found[number] for number in range(len(commands))]


async def _work(
    waiting: Iterator[tuple[int, Sequence[str]]],
    found: dict[int, Result | Exception],
    seconds: float | None,
    most: int,
) -> None:
    for number, command in waiting:
        try:
            found[number] = await run(command, seconds=seconds, most=most)
        except Exception as error:
            found[number] = error

"""The telegraph office with a task for each connection: its protocol only puts what comes into a queue."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

LIMIT = 1000
"""So many bytes may a line have at the office, its end not counted (given)."""


class _Pieces(asyncio.Protocol):
    """A queue of pieces, with `b""` behind the last."""

    def __init__(self, serve: Callable[["_Pieces"], object] | None = None) -> None:
        self.pieces: asyncio.Queue[bytes] = asyncio.Queue()
        self.lost = asyncio.Event()
        self.serve = serve

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self.serve is not None:
            self.serve(self)

    def data_received(self, data: bytes) -> None:
        self.pieces.put_nowait(data)

    def eof_received(self) -> bool:
        self.pieces.put_nowait(b"")
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self.pieces.put_nowait(b"")
        self.lost.set()

    async def lines(self, most: int | None = None) -> AsyncIterator[bytes]:
        """Yield the lines, until the end, or until one is too long."""
        rest = bytearray()
        while piece := await self.pieces.get():
            rest += piece
            while (end := rest.find(b"\n")) >= 0 and (most is None or end <= most):
                line = bytes(rest[:end])
                del rest[: end + 1]
                yield line
            if most is not None and len(rest) > most:
                return


class Office:
    """A server that answers lines."""

    def __init__(self, server: asyncio.Server, tasks: dict[asyncio.Task[None], _Pieces]) -> None:
        """Keep the tasks, and their wires."""
        self.server = server
        self.port: int = server.sockets[0].getsockname()[1]
        self.tasks = tasks

    async def close(self) -> None:
        """Cancel the tasks, and let each abort its wire."""
        self.server.close()
        tasks = dict(self.tasks)
        for task, wire in tasks.items():
            wire.transport.abort()
            task.cancel()
        for wire in tasks.values():
            await wire.lost.wait()


async def open_office(answer: Callable[[str], str | None]) -> Office:
    """Start a task for each connection."""
    tasks: dict[asyncio.Task[None], _Pieces] = {}

    def serve(wire: _Pieces) -> None:
        task = asyncio.create_task(_answer(wire, answer))
        tasks[task] = wire
        task.add_done_callback(tasks.pop)

    server = await asyncio.get_running_loop().create_server(lambda: _Pieces(serve), "127.0.0.1", 0)
    return Office(server, tasks)


async def _answer(wire: _Pieces, answer: Callable[[str], str | None]) -> None:
    try:
        async for line in wire.lines(LIMIT):
            try:
                reply = answer(line.decode())
            except Exception:
                break
            if reply is not None:
                wire.transport.write(f"{reply}\n".encode())
    finally:
        wire.transport.close()
        await wire.lost.wait()


async def send_lines(port: int, lines: Sequence[str]) -> list[str]:
    """Read lines until there are enough."""
    loop = asyncio.get_running_loop()
    transport, wire = await loop.create_connection(_Pieces, "127.0.0.1", port)
    replies: list[str] = []
    try:
        transport.write(b"".join(line.encode() + b"\n" for line in lines))
        if lines:
            async for line in wire.lines():
                replies.append(line.decode())
                if len(replies) == len(lines):
                    break
        if len(replies) < len(lines):
            raise ConnectionResetError("the wire is cut")
        return replies
    finally:
        transport.abort()
        await wire.lost.wait()

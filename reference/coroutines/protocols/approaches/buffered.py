"""The telegraph office with buffered protocols: what comes is written into our buffer, and lines are found there."""

import asyncio
from collections.abc import Callable, Sequence

LIMIT = 1000
"""So many bytes may a line have at the office, its end not counted (given)."""


class _Wire(asyncio.BufferedProtocol):
    """A buffer, what of it is filled, and a call for each line."""

    def __init__(self, take: Callable[["_Wire", bytes], None], most: int | None) -> None:
        self.take = take
        self.most = most
        self.space = bytearray(4096)
        self.line = bytearray()
        self.gone = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def get_buffer(self, sizehint: int) -> bytearray:
        return self.space

    def buffer_updated(self, nbytes: int) -> None:
        begin = 0
        while not self.transport.is_closing():
            end = self.space.find(b"\n", begin, nbytes)
            self.line += self.space[begin : nbytes if end < 0 else end]
            if self.most is not None and len(self.line) > self.most:
                self.transport.close()
            elif end < 0:
                return
            else:
                line, begin = bytes(self.line), end + 1
                self.line.clear()
                self.take(self, line)

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set()


class Office:
    """A server that answers lines."""

    def __init__(self, answer: Callable[[str], str | None]) -> None:
        """Keep the wires in a list, the lost ones, too, until somebody new comes."""
        self.answer = answer
        self.wires: list[_Wire] = []

    async def listen(self) -> None:
        """Begin."""
        self.server = await asyncio.get_running_loop().create_server(self._connect, host="127.0.0.1", port=0)
        self.port: int = self.server.sockets[0].getsockname()[1]

    def _connect(self) -> _Wire:
        self.wires = [wire for wire in self.wires if not wire.gone.is_set()]
        self.wires.append(_Wire(self._take, LIMIT))
        return self.wires[-1]

    def _take(self, wire: _Wire, line: bytes) -> None:
        try:
            reply = self.answer(str(line, "utf-8"))
        except Exception:
            wire.transport.close()
        else:
            if reply is not None:
                wire.transport.writelines([reply.encode(), b"\n"])

    async def close(self) -> None:
        """End all wires at the same time."""
        self.server.close()
        for wire in self.wires:
            if not wire.gone.is_set():
                wire.transport.abort()
        await asyncio.gather(*[wire.gone.wait() for wire in self.wires])


async def open_office(answer: Callable[[str], str | None]) -> Office:
    """Make it, let it listen."""
    office = Office(answer)
    await office.listen()
    return office


async def send_lines(port: int, lines: Sequence[str]) -> list[str]:
    """Put the replies into a queue, and an end behind them."""
    replies: list[str] = []
    news = asyncio.Event()

    def take(wire: _Wire, line: bytes) -> None:
        replies.append(line.decode())
        news.set()

    class Sender(_Wire):
        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            news.set()

    _, wire = await asyncio.get_running_loop().create_connection(lambda: Sender(take, None), "127.0.0.1", port)
    try:
        for line in lines:
            wire.transport.write(f"{line}\n".encode())
        while len(replies) < len(lines):
            if wire.gone.is_set():
                raise ConnectionAbortedError(f"{len(replies)} of {len(lines)} replies came")
            news.clear()
            await news.wait()
        return replies[: len(lines)]
    finally:
        wire.transport.abort()
        await wire.gone.wait()

"""The telegraph office: a worked solution."""

import asyncio
from collections.abc import Callable, Sequence

LIMIT = 1000
"""So many bytes may a line have at the office, its end not counted (given)."""


class _Lines(asyncio.Protocol):
    """Puts pieces together, and hands on lines."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.lost = asyncio.get_running_loop().create_future()
        self.rest = b""

    def data_received(self, data: bytes) -> None:
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            if not self.transport.is_closing():
                self.line_received(line)

    def line_received(self, line: bytes) -> None:
        raise NotImplementedError

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(None)


class _Desk(_Lines):
    """The end of a connection at the office."""

    def __init__(self, office: "Office", answer: Callable[[str], str | None]) -> None:
        self.office = office
        self.answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.office.desks.add(self)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if len(self.rest) > LIMIT:
            self.transport.close()

    def line_received(self, line: bytes) -> None:
        try:
            if len(line) > LIMIT:
                raise ValueError(f"a line of {len(line)} bytes")
            reply = self.answer(line.decode())
        except Exception:
            self.transport.close()
            return
        if reply is not None:
            self.transport.write(reply.encode() + b"\n")

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.office.desks.discard(self)


class Office:
    """A server that answers lines."""

    port: int
    server: asyncio.Server

    def __init__(self) -> None:
        """Keep the connections."""
        self.desks: set[_Desk] = set()

    async def close(self) -> None:
        """Close what listens, then each connection: `close` would wait for who does not read, `abort` does not."""
        self.server.close()
        desks = list(self.desks)
        for desk in desks:
            desk.transport.abort()
        for desk in desks:
            await desk.lost
        await self.server.wait_closed()


async def open_office(answer: Callable[[str], str | None]) -> Office:
    """Make a desk for each connection."""
    office = Office()
    loop = asyncio.get_running_loop()
    office.server = await loop.create_server(lambda: _Desk(office, answer), "127.0.0.1", 0)
    office.port = office.server.sockets[0].getsockname()[1]
    return office


class _Sender(_Lines):
    """The end of a connection at the sender."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.replies: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.done = asyncio.get_running_loop().create_future()
        self.look()

    def line_received(self, line: bytes) -> None:
        self.replies.append(line.decode())
        self.look()

    def look(self) -> None:
        if len(self.replies) >= self.number and not self.done.done():
            self.done.set_result(self.replies[: self.number])

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if not self.done.done():
            self.done.set_exception(exc if isinstance(exc, ConnectionError) else ConnectionError("the wire is cut"))


async def send_lines(port: int, lines: Sequence[str]) -> list[str]:
    """Send all; wait for the last reply, or for the end of the connection."""
    loop = asyncio.get_running_loop()
    transport, sender = await loop.create_connection(lambda: _Sender(len(lines)), "127.0.0.1", port)
    try:
        transport.write("".join(f"{line}\n" for line in lines).encode())
        return await sender.done
    finally:
        transport.abort()
        await sender.lost

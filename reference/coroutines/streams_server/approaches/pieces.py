"""The shouting gallery that puts its lines together by hand, and keeps each conversation as an object."""

import asyncio
from collections.abc import Awaitable, Callable

WAITING = 100_000
"""So many bytes may wait in the server for a client who does not read (given)."""


class _Gone(Exception):
    """The conversation is over, without an answer."""


class _Conversation:
    def __init__(
        self, shout: Callable[[str], Awaitable[str]], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.shout, self.reader, self.writer = shout, reader, writer
        self.rest = bytearray()
        self.over = asyncio.Event()
        self.task = asyncio.ensure_future(self.talk())
        self.task.add_done_callback(lambda _: self.over.set())

    async def line(self) -> bytes:
        while (end := self.rest.find(b"\n")) < 0:
            if len(self.rest) > 60_000:
                raise ValueError("too long")
            piece = await self.reader.read(4096)
            if not piece:
                end = len(self.rest)
                break
            self.rest += piece
        if end > 60_000:
            raise ValueError("too long")
        line = bytes(self.rest[:end])
        was_there = len(self.rest) > end or line
        del self.rest[: end + 1]
        if line == b"quit" or not was_there:
            raise _Gone
        return line

    async def talk(self) -> None:
        try:
            while True:
                answer = await self.shout((await self.line()).decode())
                try:
                    self.writer.write(answer.encode())
                    self.writer.write(b"\n")
                    await self.writer.drain()
                except OSError as error:
                    raise _Gone from error
        except _Gone:
            pass
        except Exception:
            self.writer.write(b"error\n")
        self.writer.close()

    def end(self) -> None:
        self.task.cancel()
        self.writer.transport.abort()


class Gallery:
    """A server, and its conversations by number."""

    def __init__(self, shout: Callable[[str], Awaitable[str]]) -> None:
        """Keep the conversations."""
        self.shout = shout
        self.conversations: dict[int, _Conversation] = {}
        self.count = 0

    async def listen(self) -> None:
        """Begin."""
        self.server = await asyncio.start_server(self._connected, host="127.0.0.1", port=0)
        self.port: int = self.server.sockets[0].getsockname()[1]

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.count += 1
        number = self.count
        self.conversations[number] = talk = _Conversation(self.shout, reader, writer)
        await talk.over.wait()
        try:
            await writer.wait_closed()
        except OSError:
            pass
        finally:
            del self.conversations[number]

    async def stop(self) -> None:
        """End each, and wait until the last one has ended."""
        self.server.close()
        for conversation in self.conversations.values():
            conversation.end()
        while self.conversations:
            await asyncio.sleep(0)


async def open_gallery(shout: Callable[[str], Awaitable[str]]) -> Gallery:
    """Make it, let it listen."""
    gallery = Gallery(shout)
    await gallery.listen()
    return gallery

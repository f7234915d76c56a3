"""The shouting gallery with a TaskGroup around all conversations: the gallery is a task, and its end ends them."""

import asyncio
from collections.abc import Awaitable, Callable

WAITING = 100_000
"""So many bytes may wait in the server for a client who does not read (given)."""


class Gallery:
    """A task that serves, and the port on which it listens."""

    def __init__(self, shout: Callable[[str], Awaitable[str]]) -> None:
        """Begin to serve."""
        self.shout = shout
        self.ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(self._serve())

    async def _serve(self) -> None:
        async with asyncio.TaskGroup() as group:

            def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                group.create_task(self._talk(reader, writer))

            server = await asyncio.start_server(welcome, "127.0.0.1", 0, limit=60_000)
            try:
                self.ready.set_result(server.sockets[0].getsockname()[1])
                await asyncio.get_running_loop().create_future()  # until somebody stops it
            finally:
                server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
            writer.close()
            await writer.wait_closed()
        except OSError:
            return
        finally:
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async for line in reader:
                if line in (b"quit\n", b"quit"):
                    return
                answer = await self._answer(line)
                writer.write(b"error\n" if answer is None else answer)
                if answer is None:
                    return
                await writer.drain()
        except ValueError:
            writer.write(b"error\n")

    async def _answer(self, line: bytes) -> bytes | None:
        """Return what is to be sent, or None for an error."""
        try:
            text = line.removesuffix(b"\n").decode()
            return (await self.shout(text)).encode() + b"\n"
        except Exception:
            return None

    async def stop(self) -> None:
        """Cancel the task, and so all conversations."""
        self.task.cancel()
        await asyncio.wait([self.task])

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.ready.result()


async def open_gallery(shout: Callable[[str], Awaitable[str]]) -> Gallery:
    """Wait until it listens."""
    gallery = Gallery(shout)
    await gallery.ready
    return gallery

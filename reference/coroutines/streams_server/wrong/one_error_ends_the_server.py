"""Close the server with the first handler that fails."""

import asyncio
from collections.abc import Awaitable, Callable

WAITING = 100_000
"""So many bytes may wait in the server for a client who does not read (given)."""
LONGEST = 60_000


class Gallery:
    """A server that answers lines."""

    port: int
    server: asyncio.Server

    def __init__(self, shout: Callable[[str], Awaitable[str]]) -> None:
        """Keep the conversations."""
        self.shout = shout
        self.tasks: set[asyncio.Task[None]] = set()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Be the handler of one client: whatever happens, his connection is closed."""
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        writer.transport.set_write_buffer_limits(high=WAITING)
        try:
            await self._answer(reader, writer)
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, asyncio.CancelledError):
            pass  # he is gone, or the gallery stops; nobody awaits this task for its result
        finally:
            writer.transport.abort()
            self.tasks.discard(task)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer until he quits, or until there is an error that is not his being gone."""
        try:
            while (line := await reader.readline()) not in (b"", b"quit\n", b"quit"):
                try:
                    answer = await self.shout(line.removesuffix(b"\n").decode())
                except Exception as error:
                    raise ValueError("it cannot be said aloud") from error
                writer.write(answer.encode() + b"\n")
                await writer.drain()
        except ValueError:
            writer.write(b"error\n")
            self.server.close()

    async def stop(self) -> None:
        """Cancel the conversations, and wait for them."""
        self.server.close()
        tasks = set(self.tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self.server.wait_closed()


async def open_gallery(shout: Callable[[str], Awaitable[str]]) -> Gallery:
    """Start the server; a line may be as long as the reader's limit."""
    gallery = Gallery(shout)
    gallery.server = await asyncio.start_server(gallery.talk, "127.0.0.1", 0, limit=LONGEST)
    gallery.port = gallery.server.sockets[0].getsockname()[1]
    return gallery

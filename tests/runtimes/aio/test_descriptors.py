"""Sockets that an event loop watches: looking at them leaves nothing open, and reading them is no asking again."""

import asyncio
import os

import pytest

from pytest_concurrency import Grade, explore

pytestmark = pytest.mark.slow


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="the number of descriptors is looked up there")
def test_an_idle_loop_opens_nothing() -> None:
    opened: list[int] = []

    async def main() -> None:
        server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
        await asyncio.sleep(1)
        opened.append(len(os.listdir("/proc/self/fd")))
        server.close()

    explore(main, schedules=4)
    assert len(opened) > 1
    assert len(set(opened)) == 1


def test_answers_at_many_instants_are_no_polling() -> None:
    def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"x")
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        for _ in range(6):
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            assert await reader.read(1) == b"x"
            writer.close()
            await writer.wait_closed()
            await asyncio.sleep(0.001)
        server.close()

    verdict = explore(main, schedules=3)
    assert verdict.grade is Grade.SAMPLED, str(verdict)

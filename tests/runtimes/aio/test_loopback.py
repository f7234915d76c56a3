"""Scenarios whose coroutines talk to each other over sockets of this machine."""

import array
import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from pytest_concurrency import Grade, explore

pytestmark = pytest.mark.slow


async def answered(times: int, beside: int) -> float:
    """Let a server take a second for each of some questions, while threads do something else."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1)
        writer.write(b"answer")
        await writer.drain()
        writer.close()

    def count() -> int:
        return sum(1 for _ in range(beside))

    loop = asyncio.get_running_loop()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    began = loop.time()
    for _ in range(times):
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        counting = asyncio.gather(*[asyncio.to_thread(count) for _ in range(2)]) if beside else None
        assert await reader.read() == b"answer"
        writer.close()
        if counting is not None:
            await counting
    server.close()
    return loop.time() - began


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="descriptors are counted in /proc")
def test_no_descriptor_is_left_open() -> None:
    before = descriptors()
    explore(lambda: asyncio.run(answered(2, 0)), schedules=2)
    assert descriptors() == before


@pytest.mark.parametrize("order", ["strict", "documented", "any"])
@pytest.mark.parametrize("times", [1, 8])
def test_time_is_virtual_however_often_something_is_received(order: str, times: int) -> None:
    def scenario() -> None:
        assert asyncio.run(answered(times, 0)) == times

    verdict = explore(scenario, order=order, schedules=3)
    assert verdict.grade in ("sampled", "proved"), verdict


@pytest.mark.parametrize("order", ["strict", "documented", "any"])
def test_a_loop_that_waits_for_a_socket_lets_threads_go_on(order: str) -> None:
    def scenario() -> None:
        assert asyncio.run(answered(3, 50)) == 3

    verdict = explore(scenario, order=order, schedules=6)
    assert verdict.grade in ("sampled", "proved"), verdict


class Heard(asyncio.Protocol):
    """Keeps the first part of what it hears."""

    def __init__(self) -> None:
        self.first = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        if not self.first.done():
            self.first.set_result(data)


class Buffered(asyncio.BufferedProtocol):
    """Keeps the first part of what it hears, in a buffer of its own."""

    def __init__(self) -> None:
        self.first = asyncio.get_running_loop().create_future()
        self.buffer = bytearray(9)

    def get_buffer(self, sizehint: int) -> bytearray:
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        if not self.first.done():
            self.first.set_result(self.buffer[:nbytes])


class Tapped(asyncio.StreamReaderProtocol):
    """Takes a copy of what a reader is given."""

    def __init__(self) -> None:
        self.reader = asyncio.StreamReader()
        super().__init__(self.reader)
        self.first = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self.first.done():
            self.first.set_result(data)


async def by_a_protocol(here: socket.socket, kind: type[Heard] | type[Buffered] | type[Tapped] = Heard) -> bytes:
    heard: Any
    transport, heard = await asyncio.get_running_loop().create_connection(kind, sock=here)
    first = await heard.first
    transport.close()
    return bytes(first)


async def by_a_buffer(here: socket.socket) -> bytes:
    return await by_a_protocol(here, Buffered)


async def by_the_loop(here: socket.socket) -> bytes:
    return await asyncio.get_running_loop().sock_recv(here, 9)


async def into_a_buffer(here: socket.socket) -> bytes:
    buffer = bytearray(9)
    return bytes(buffer[: await asyncio.get_running_loop().sock_recv_into(here, buffer)])


async def by_a_reader(here: socket.socket) -> bytes:
    reader, writer = await asyncio.open_connection(sock=here)
    first = await reader.read(9)
    writer.close()
    return first


async def in_full(here: socket.socket) -> bytes:
    reader, writer = await asyncio.open_connection(sock=here)
    found = await reader.readexactly(5)
    writer.close()
    return found


async def into_items(here: socket.socket) -> bytes:
    items = array.array("I", [0, 0])
    amount = await asyncio.get_running_loop().sock_recv_into(here, items)
    return items.tobytes()[:amount]


async def with_an_address(here: socket.socket) -> bytes:
    return (await asyncio.get_running_loop().sock_recvfrom(here, 9))[0]


async def with_an_address_into_a_buffer(here: socket.socket) -> bytes:
    buffer = bytearray(9)
    return bytes(buffer[: (await asyncio.get_running_loop().sock_recvfrom_into(here, buffer, 5))[0]])


async def by_a_tap(here: socket.socket) -> bytes:
    return await by_a_protocol(here, Tapped)


def over_tcp() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        there = socket.create_connection(server.getsockname())
        return server.accept()[0], there


def received(
    receive: Callable[[socket.socket], Awaitable[bytes]],
    connect: Callable[[], tuple[socket.socket, socket.socket]],
    sent: bytes = b"hello",
) -> Callable[[], Awaitable[bytes]]:
    async def main() -> bytes:
        here, there = connect()
        with here, there:
            here.settimeout(0)
            there.send(sent)
            return await receive(here)

    return main


IN_PARTS = [
    by_a_protocol,
    by_a_buffer,
    by_a_tap,
    by_the_loop,
    into_a_buffer,
    into_items,
    with_an_address,
    with_an_address_into_a_buffer,
    by_a_reader,
]


@pytest.mark.parametrize(("receive", "grade"), [*((each, Grade.SAMPLED) for each in IN_PARTS), (in_full, Grade.PROVED)])
def test_what_may_come_in_parts_is_proved_only_where_all_of_it_is_asked_for(
    receive: Callable[[socket.socket], Awaitable[bytes]], grade: Grade
) -> None:
    verdict = explore(received(receive, socket.socketpair), strategy="dpor", schedules=500)
    assert (verdict.grade, set(verdict.outcomes)) == (grade, {"b'hello'"})


@pytest.mark.parametrize("receive", IN_PARTS)
@pytest.mark.parametrize("order", ["documented", "any"])
def test_of_a_tcp_stream_the_first_byte_may_come_alone(
    receive: Callable[[socket.socket], Awaitable[bytes]], order: str
) -> None:
    verdict = explore(received(receive, over_tcp), strategy="dpor", order=order, schedules=500)
    assert set(verdict.outcomes) == {"b'hello'", "b'h'"}, verdict


def test_who_asks_a_tcp_stream_for_all_of_it_gets_all() -> None:
    verdict = explore(received(in_full, over_tcp), strategy="dpor", schedules=500)
    assert set(verdict.outcomes) == {"b'hello'"}, verdict


def test_one_read_that_is_taken_for_a_message_is_told_and_replayed() -> None:
    async def main() -> None:
        assert await received(by_a_reader, over_tcp)() == b"hello", "a read is not a message"

    verdict = explore(main)
    assert verdict.schedules <= 20
    assert "= the first byte" in str(verdict)
    assert str(explore(main, replay=verdict.replay)) == str(verdict)


def test_a_piece_that_a_callback_of_the_loop_is_given_is_replayed_from_another_line() -> None:
    async def main() -> None:
        assert await received(by_a_protocol, over_tcp)() == b"hello", "a piece is not a message"

    verdict = explore(main)
    assert verdict.grade is Grade.FAILED
    assert str(explore(main, replay=verdict.replay)) == str(verdict)


async def all_of_it(here: socket.socket) -> bytes:
    reader, writer = await asyncio.open_connection(sock=here)
    found = b""
    while len(found) < 5:
        found += await reader.read(9)
    writer.close()
    return found


def test_the_first_byte_comes_alone_once() -> None:
    found = explore(received(all_of_it, over_tcp), strategy="dpor", schedules=500)
    assert set(found.outcomes) == {"b'hello'"}
    once = explore(received(by_a_reader, over_tcp), strategy="dpor", schedules=500)
    assert found.schedules <= 2 * once.schedules


async def all_after_a_tap(here: socket.socket) -> bytes:
    transport, heard = await asyncio.get_running_loop().create_connection(Tapped, sock=here)
    await heard.first
    parts: list[bytes] = []
    while sum(map(len, parts)) < 5:
        parts.append(await heard.reader.read(9))
    transport.close()
    return b" ".join(parts)


def test_of_two_who_take_from_one_end_only_one_gets_the_first_byte_alone() -> None:
    found = explore(received(all_after_a_tap, over_tcp), strategy="dpor", schedules=500)
    assert set(found.outcomes) == {"b'hello'", "b'h ello'"}

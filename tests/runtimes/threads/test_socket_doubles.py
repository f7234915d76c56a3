"""Sockets in a run do what real ones do; those who have to do with somebody outside the run are left alone."""

import asyncio
import os
import select
import selectors
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from controlled import failed, run, value_of
from programs.program import together

from pytest_concurrency import Grade, explore
from pytest_concurrency._core.strategies.random_walk import RandomWalk
from pytest_concurrency._machine import real

HERE = ("127.0.0.1", 0)


@pytest.fixture(autouse=True)
def same_descriptors() -> Iterator[None]:
    """No test leaves a descriptor behind."""
    before = set(os.listdir("/proc/self/fd"))
    yield
    assert set(os.listdir("/proc/self/fd")) <= before  # those of an earlier test's failure, a circle of frames, may go


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    here, there = socket.socketpair()
    with here, there:
        yield here, there


# -- what they do


def test_arguments_and_errors_are_those_of_real_ones() -> None:
    def calls() -> list[str]:
        pair: Any = socket.socketpair()
        here, there = pair
        said: list[str] = []
        with here, there:
            there.send(b"something is there")
            for call in (
                lambda: here.recv(-1),
                lambda: here.recv("many"),
                lambda: here.send("text"),
                lambda: here.sendall(b"x", "flags"),
                here.accept,
                lambda: here.connect(("127.0.0.1",)),
                lambda: here.shutdown(7),
                lambda: here.recv_into(b"cannot be written"),
                lambda: here.bind("\0" * 300),
                lambda: here.listen("many"),
                lambda: here.sendto(b"x"),
                here.recv,
            ):
                try:
                    call()
                except (OSError, TypeError, ValueError) as error:
                    said.append(f"{type(error).__name__}: {error}")
        said += [str(here.fileno()), str(here.send.__name__)]
        try:
            here.recv(1)
        except OSError as error:
            said.append(str(error))
        return said

    assert value_of(calls) == calls()


def test_every_way_to_read_and_write() -> None:
    def scenario() -> list[Any]:
        here, there = socket.socketpair()
        got: list[Any] = []
        with here, there:

            def write() -> None:
                with here.makefile("w", encoding="utf-8") as pen:
                    pen.write("line\n")
                here.send(b"1")
                here.sendall(bytearray(b"2"))
                here.sendmsg([b"3", b"4"])
                here.send(b"5")
                here.send(b"67")

            def read() -> None:
                with there.makefile("rb", buffering=0) as page:
                    got.append(page.readline())
                got.append(there.recv(1))
                space = bytearray(1)
                got.extend([there.recv_into(space), bytes(space)])
                got.append(there.recvmsg(2)[0])
                got.append(there.recvfrom(1)[0])
                got.append(there.recv(1, socket.MSG_PEEK))
                got.append(there.recv_into(memoryview(bytearray(5)), 1))
                got.append(there.recv(1))

            together(write, read)
        return got

    expected = [b"line\n", b"1", 1, b"2", b"34", b"5", b"6", 1, b"7"]
    for seed in range(5):
        record = run(scenario, RandomWalk(seed))
        assert record.errors == []
        assert record.value == expected


def test_much_is_sent_in_pieces_and_waits_for_room() -> None:
    def scenario() -> int:
        here, there = socket.socketpair()
        got: list[int] = []

        def read() -> None:
            while piece := there.recv(1 << 20):
                got.append(len(piece))

        with there:

            def write() -> None:
                with here:
                    here.sendall(b"x" * 3_000_000)

            together(write, read)
        return sum(got)

    assert value_of(scenario, RandomWalk(1)) == 3_000_000


def test_a_time_out_is_virtual_and_says_what_a_real_one_says() -> None:
    def scenario() -> tuple[float, list[str]]:
        here, there = socket.socketpair()
        began, said = time.monotonic(), list[str]()
        with here, there, socket.create_server(HERE) as door:
            for each in (here, door):
                each.settimeout(100)
            for call in (lambda: here.recv(1), door.accept, lambda: here.sendall(b"x" * 10_000_000)):
                try:
                    call()
                except TimeoutError as error:
                    said.append(str(error))
            with selectors.DefaultSelector() as lamps:
                lamps.register(door, selectors.EVENT_READ)
                assert lamps.select(100) == []
        return time.monotonic() - began, said

    started = real.monotonic()
    took, said = value_of(scenario)
    assert (took, said) == (400.0, ["timed out"] * 3)
    assert real.monotonic() - started < 100


def test_with_a_time_out_who_may_not_wait_does_so_as_pythons_do() -> None:
    def scenario() -> float:
        here, there = socket.socketpair()
        began = time.monotonic()
        with here, there:
            with pytest.raises(BlockingIOError):
                here.recv(1, socket.MSG_DONTWAIT)
            here.settimeout(100)
            with pytest.raises(TimeoutError):
                here.recv(1, socket.MSG_DONTWAIT)
        return time.monotonic() - began

    assert value_of(scenario) == 100.0


@pytest.mark.parametrize("kind", ["select", "poll", "epoll", "SelectSelector", "PollSelector", "EpollSelector"])
def test_every_way_to_wait_for_several(kind: str) -> None:
    def ready(sock: socket.socket) -> Any:
        if kind == "select":
            return select.select([sock], [], [])[0]
        if kind in ("poll", "epoll"):
            asked = getattr(select, kind)()
            asked.register(sock, select.POLLIN)
            found = [fd for fd, _ in asked.poll()]
            asked.unregister(sock)
            assert asked.poll(0) == []
            if kind == "epoll":
                asked.close()
            return [sock] if found == [sock.fileno()] else found
        with getattr(selectors, kind)() as lamps:
            lamps.register(sock, selectors.EVENT_READ)
            return [key.fileobj for key, _ in lamps.select()]

    def scenario() -> None:
        here, there = socket.socketpair()
        found: list[Any] = []
        with here, there:
            together(lambda: found.append(ready(there)), lambda: here.send(b"x"))
            assert found == [[there]]

    for seed in range(4):
        record = run(scenario, RandomWalk(seed))
        assert (record.error, record.errors, record.uncontrolled) == (None, [], [])


@pytest.mark.slow
def test_as_many_connect_as_listen_lets_in() -> None:
    """The kernel would let a client wait for a second before it tries again; here it waits in line."""

    def scenario(family: int, place: Any) -> None:
        with socket.socket(family) as door:
            door.bind(place)
            door.listen(0)

            def client() -> None:
                with socket.socket(family) as each:
                    each.connect(door.getsockname())
                    each.recv(1)

            def serve() -> None:
                for _ in range(3):
                    door.accept()[0].close()

            together(serve, client, client, client)

    for seed in range(6):
        with tempfile.TemporaryDirectory() as folder:
            for family, place in ((socket.AF_INET, HERE), (socket.AF_UNIX, str(Path(folder) / "door"))):
                record = run(lambda f=family, p=place: scenario(f, p), RandomWalk(seed))  # type: ignore[misc]
                assert (record.error, record.errors, record.uncontrolled) == (None, [], [])


def test_to_close_wakes_nobody_as_in_the_system_and_a_shutdown_does() -> None:
    def scenario(end: Callable[[socket.socket], None]) -> None:
        here, there = socket.socketpair()
        with there:
            reader = threading.Thread(target=lambda: here.recv(1), name="reader")
            reader.start()
            time.sleep(1)
            end(here)
            reader.join()
            here.close()

    assert run(lambda: scenario(lambda sock: sock.shutdown(socket.SHUT_RDWR))).value is None
    record = run(lambda: scenario(socket.socket.close))
    assert record.ended_by("deadlock")
    assert "reader" in [each.name for each in record.states if each.waiting is not None]


def test_who_closes_what_another_reads_from_does_not_end_it() -> None:
    """The system keeps it open for the reader, who still gets what comes."""

    def scenario() -> list[bytes]:
        here, there = socket.socketpair()
        got: list[bytes] = []
        with there:
            reader = threading.Thread(target=lambda: got.append(here.recv(1)))
            reader.start()
            time.sleep(1)
            here.close()
            there.send(b"x")
            reader.join()
        return got

    assert value_of(scenario) == [b"x"]


def test_a_copy_is_the_same_end_and_what_is_detached_too() -> None:
    def scenario() -> list[bytes]:
        here, there = socket.socketpair()
        with there, socket.socket(fileno=here.detach()) as again, again.dup() as copy:
            got: list[bytes] = []
            together(lambda: got.append(copy.recv(1)), lambda: there.send(b"x"))
            together(lambda: got.append(again.recv(1)), lambda: there.send(b"y"))
            return got

    for seed in range(4):
        assert value_of(scenario, RandomWalk(seed)) == [b"x", b"y"]


def test_a_socket_that_nobody_closes_ends_all_the_same_when_it_is_dropped() -> None:
    def scenario() -> list[bytes]:
        here, there = socket.socketpair()
        got: list[bytes] = []
        ends = [here]
        del here

        def drop() -> None:
            with pytest.warns(ResourceWarning, match="unclosed"):
                ends.clear()

        with there:
            together(lambda: got.append(there.recv(1)), drop)
        return got

    record = run(scenario, RandomWalk(2))
    assert (record.value, record.opaque) == ([b""], True)


# -- replays


def test_a_first_byte_is_replayed() -> None:
    def scenario() -> None:
        with socket.create_server(HERE) as door, socket.create_connection(door.getsockname()) as client:
            line, _ = door.accept()
            with line:
                together(lambda: client.sendall(b"word"), lambda: check(line.recv(10)))

    def check(got: bytes) -> None:
        assert got == b"word", got

    verdict = failed(scenario, strategy="random", races="ignore")
    for _ in range(2):
        again = explore(scenario, replay=verdict.replay, races="ignore")
        assert str(again.error).partition("replay")[0] == str(verdict.error).partition("replay")[0]


# -- what is left alone


def test_a_socket_of_a_fixture_is_waited_at_in_real_time(pair: tuple[socket.socket, socket.socket]) -> None:
    here, there = pair

    def scenario() -> list[bytes]:
        got: list[bytes] = []
        together(lambda: got.append(here.recv(1)), lambda: there.send(b"x"))
        return got

    verdict = explore(scenario, schedules=2, strategy="dfs")
    assert verdict.grade is Grade.UNCONTROLLED
    assert "here.recv(1)" in verdict.reason


def test_a_copy_of_a_fixtures_socket_is_waited_at_in_real_time(pair: tuple[socket.socket, socket.socket]) -> None:
    here, there = pair

    def scenario() -> list[bytes]:
        got: list[bytes] = []
        with here.dup() as ours:
            together(lambda: got.append(ours.recv(1)), lambda: there.send(b"x"))
        return got

    verdict = explore(scenario, schedules=2, strategy="dfs")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.UNCONTROLLED, {"[b'x']"})


def test_a_thread_talks_to_an_event_loop_as_before() -> None:
    def scenario() -> list[bytes]:
        heard: list[bytes] = []
        with socket.create_server(HERE) as door:

            async def serve() -> None:
                done = asyncio.Event()

                async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                    writer.write((await reader.readline()).upper())
                    writer.close()
                    done.set()

                async with await asyncio.start_server(answer, sock=door):
                    await done.wait()

            def ask() -> None:
                with socket.create_connection(door.getsockname()) as client:
                    client.sendall(b"ann\n")
                    heard.append(client.makefile("rb").readline())

            together(lambda: asyncio.run(serve()), ask)
        return heard

    verdict = explore(scenario, schedules=5, strategy="random", seconds=30)
    assert verdict.error is None, str(verdict)
    assert set(verdict.outcomes) == {r"[b'ANN\n']"}


def test_a_server_outside_the_run_is_left_alone() -> None:
    with socket.create_server(HERE) as door:

        def serve() -> None:
            for _ in range(2):
                line, _ = door.accept()
                with line:
                    real.sleep(0.1)
                    line.sendall(line.recv(10))

        server = threading.Thread(target=serve)
        server.start()

        def scenario() -> bytes:
            with socket.create_connection(door.getsockname()) as client:
                client.sendall(b"hi")
                return client.recv(10)

        verdict = explore(scenario, schedules=2, strategy="random")
        server.join()
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.UNCONTROLLED, {"b'hi'"})


def test_a_thread_outside_the_run_wakes_who_waits_in_it() -> None:
    here: list[socket.socket] = []
    told = real.allocate_lock()
    told.acquire()

    def outside() -> None:
        with told:
            real.sleep(0.05)
            here[0].send(b"x")

    def scenario() -> bytes:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            here[:] = [ours]
            told.release()
            theirs.settimeout(1000)
            for _ in range(1000):
                if select.select([theirs], [], [], 0)[0]:
                    break
                real.sleep(0.001)
            return theirs.recv(1)

    thread = threading.Thread(target=outside)
    thread.start()
    record = run(scenario)
    thread.join()
    assert record.value == b"x"


SLOW_CHILD = (
    "import socket, sys, time; time.sleep(0.3); socket.socket(fileno=int(sys.argv[1])).sendall(b'from a child')"
)


@pytest.mark.slow
def test_a_child_that_has_an_end_is_waited_for_in_real_time() -> None:
    def scenario() -> list[bytes]:
        here, there = socket.socketpair()
        got: list[bytes] = []
        with here, there:
            reader = threading.Thread(target=lambda: got.append(here.recv(100)))
            reader.start()
            handle = there.fileno()
            subprocess.run([sys.executable, "-S", "-c", SLOW_CHILD, str(handle)], pass_fds=[handle], check=True)
            reader.join()
        return got

    verdict = explore(scenario, schedules=2, strategy="random", seconds=30)
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.UNCONTROLLED, {"[b'from a child']"})


def test_a_child_that_has_ended_is_nobody_to_wait_for_in_real_time() -> None:
    def scenario() -> str:
        here, there = socket.socketpair()
        with here, there:
            here.settimeout(1000)
            try:
                here.recv(1)
            except TimeoutError as error:
                return str(error)
        return ""

    child = subprocess.Popen([sys.executable, "-S", "-c", ""])
    with child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert value_of(scenario) == "timed out"


@pytest.mark.slow
def test_beside_a_child_the_limit_of_a_full_socket_holds_in_real_time() -> None:
    def scenario() -> str:
        here, there = socket.socketpair()
        with here, there:
            here.settimeout(0.2)
            try:
                here.sendall(bytes(10_000_000))
            except TimeoutError as error:
                return str(error)
        return "sent"

    with subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE) as child:
        verdict = explore(scenario, schedules=1, strategy="random", seconds=30)
        child.communicate(b"\n")
    assert set(verdict.outcomes) == {"'timed out'"}


def test_what_is_written_past_the_socket_is_seen_before_a_verdict() -> None:
    def scenario() -> list[bytes]:
        here, there = socket.socketpair()
        got: list[bytes] = []
        with here, there:
            together(lambda: got.append(here.recv(1)), lambda: os.write(there.fileno(), b"x"))
        return got

    verdict = explore(scenario, strategy="dpor")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.SAMPLED, {"[b'x']"})


def test_the_sockets_of_an_event_loop_are_its_own() -> None:
    async def main() -> bytes:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write((await reader.readline()).upper())
            writer.close()

        server = await asyncio.start_server(answer, *HERE)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"ann\n")
        heard = await reader.read()
        writer.close()
        server.close()
        await server.wait_closed()
        return heard

    verdict = explore(main, schedules=10, strategy="random")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.SAMPLED, {repr(b"ANN\n")})


def test_a_run_that_waits_for_ever_ends_at_once_and_leaves_nothing() -> None:
    def scenario() -> None:
        door = socket.create_server(HERE)
        client = socket.create_connection(door.getsockname())
        threading.Thread(target=lambda: door.accept()[0].recv(1), daemon=True).start()
        client.recv(1)

    began = real.monotonic()
    verdict = failed(scenario, seconds=5)
    assert "waits in socket.recv on socket `client`" in str(verdict)
    assert real.monotonic() - began < 5

"""Sockets between the threads of a run: right servers pass, wrong ones are told in their own words."""

import re
import selectors
import socket
import socketserver
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from controlled import failed, run
from programs.program import together

from pytest_concurrency import Grade, explore
from pytest_concurrency._core.strategies.random_walk import RandomWalk

HERE = ("127.0.0.1", 0)
NAMES = (b"ann", b"ben")


def ask(address: Any, said: bytes) -> bytes:
    """Say a line to a server, and return the line that it answers."""
    with socket.create_connection(address) as client, client.makefile("rb") as answers:
        client.sendall(said + b"\n")
        return answers.readline()


def asks(address: Any) -> list[Callable[[], None]]:
    """Return two clients, who see that they get their own answers."""

    def client(name: bytes) -> None:
        heard = ask(address, name)
        assert heard == name.upper() + b"\n", f"{name!r} heard {heard!r}"

    return [lambda name=name: client(name) for name in NAMES]  # type: ignore[misc]


# -- right servers


class Loud(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        for line in self.rfile:
            self.wfile.write(line.upper())


def library_server() -> None:
    with socketserver.ThreadingTCPServer(HERE, Loud) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        together(*asks(server.server_address))
        server.shutdown()
        serving.join()


def library_server_that_looks() -> None:
    """Whoever does something between two looks is let come round."""
    looks: list[int] = []

    class Server(socketserver.ThreadingTCPServer):
        def service_actions(self) -> None:
            looks.append(1)

    with Server(HERE, Loud) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.5,))
        serving.start()
        assert ask(server.server_address, b"ann") == b"ANN\n"
        time.sleep(2)
        server.shutdown()
        serving.join()
    assert len(looks) >= 4


def talk(line: socket.socket) -> None:
    with line, line.makefile("rwb") as stream:
        for said in stream:
            stream.write(said.upper())
            stream.flush()


def threaded_server() -> None:
    with socket.create_server(HERE) as door:

        def serve() -> None:
            talks = [threading.Thread(target=talk, args=(door.accept()[0],)) for _ in NAMES]
            for each in talks:
                each.start()
            for each in talks:
                each.join()

        together(serve, *asks(door.getsockname()))


def selector_server() -> None:
    with socket.create_server(HERE) as door:
        door.settimeout(0)

        def serve() -> None:
            said: dict[Any, bytes] = {}
            gone = 0
            with selectors.DefaultSelector() as lamps:
                lamps.register(door, selectors.EVENT_READ)
                while gone < len(NAMES):
                    for key, _ in lamps.select():
                        line: Any = key.fileobj
                        if line is door:
                            new, _ = door.accept()
                            new.settimeout(0)
                            lamps.register(new, selectors.EVENT_READ)
                            said[new] = b""
                        elif piece := line.recv(100):
                            *lines, said[line] = (said[line] + piece).split(b"\n")
                            for each in lines:
                                line.sendall(each.upper() + b"\n")
                        else:
                            lamps.unregister(line)
                            line.close()
                            gone += 1

        together(serve, *asks(door.getsockname()))


@pytest.mark.slow
@pytest.mark.parametrize("server", [library_server, library_server_that_looks, threaded_server, selector_server])
def test_a_right_server_passes(server: Callable[[], None]) -> None:
    for strategy in ("random", "dpor", "auto"):
        verdict = explore(server, schedules=12, strategy=strategy, seconds=60)
        assert verdict.grade is Grade.SAMPLED, str(verdict)


def test_a_right_server_is_followed_from_its_end_to_its_end() -> None:
    for server in (library_server, threaded_server, selector_server):
        record = run(server, RandomWalk(3))
        assert (record.failed, record.uncontrolled, record.errors) == (False, [], [])


# -- wrong servers: each is told at once, and in which words


def served(serve: Callable[[Any], None], *clients: Callable[[Any], None]) -> Callable[[], None]:
    """Return a scenario with a server and its clients, each in a thread."""

    def scenario() -> None:
        with socket.create_server(HERE) as door:
            together(lambda: serve(door), *(lambda each=each: each(door.getsockname()) for each in clients))

    return scenario


def joins_in_the_loop() -> None:
    with socket.create_server(HERE) as door:

        def serve() -> None:
            for _ in NAMES:
                conn, _address = door.accept()
                thread = threading.Thread(target=talk, args=(conn,))
                thread.start()
                thread.join()

        server = threading.Thread(target=serve, name="server")
        server.start()
        with socket.create_connection(door.getsockname()) as silent:
            heard = ask(door.getsockname(), b"ben")
            assert heard == b"BEN\n"
            silent.shutdown(socket.SHUT_WR)
        server.join()


def reads_the_end_for_ever(door: Any) -> None:
    line, _ = door.accept()
    with line:
        said = b""
        while not said.endswith(b"quit\n"):
            said += line.recv(100)


def takes_one_recv_for_a_message(door: Any) -> None:
    line, _ = door.accept()
    with line:
        word = line.recv(100)
        assert word == b"hello\n", f"got {word!r}"


def waits_for_more(door: Any) -> None:
    line, _ = door.accept()
    with line:
        line.recv(100)
        line.recv(100)


def accepts_once_too_often(door: Any) -> None:
    for _ in range(2):
        door.accept()[0].close()


def writes_without_a_reader(door: Any) -> None:
    line, _ = door.accept()
    with line:
        line.sendall(b"x" * 30_000_000)


def asks_for_writing_always(door: Any) -> None:
    line, _ = door.accept()
    with line, selectors.DefaultSelector() as lamps:
        lamps.register(line, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while True:
            for _, mask in lamps.select():
                if mask & selectors.EVENT_READ and not line.recv(100):
                    return


def selects_what_never_comes(door: Any) -> None:
    line, _ = door.accept()
    with line, selectors.DefaultSelector() as lamps:
        lamps.register(line, selectors.EVENT_READ)
        while lamps.select():
            if line.recv(100) == b"quit\n":
                return


def serves_one_at_a_time(door: Any) -> None:
    for _ in range(2):
        line, _ = door.accept()
        talk(line)


def says_hello(address: Any) -> None:
    with socket.create_connection(address) as client:
        client.sendall(b"hello\n")


def says_hello_and_listens(address: Any) -> None:
    with socket.create_connection(address) as client:
        client.sendall(b"hello\n")
        client.recv(100)


def says_nothing(address: Any) -> None:
    with socket.create_connection(address) as client:
        client.recv(1)


def meets_ben(address: Any) -> None:
    with socket.create_connection(address), socket.create_connection(address) as ben:
        ben.sendall(b"ben\n")
        ben.recv(1)


def stays_deaf(address: Any) -> None:
    with socket.create_connection(address):
        threading.Event().wait()


def reads_the_wrong_way() -> None:
    here, there = socket.socketpair()
    with here, there:
        together(lambda: here.recv(1), lambda: there.recv(1))


WRONG: dict[str, tuple[Any, ...]] = {  # what is said, in this order
    "join in the accept loop": (
        joins_in_the_loop,
        r"main +waits in socket\.recv on socket `client` \(not accepted yet\)",
        r"server +waits in Thread\.join on thread Thread-1 \(talk\)",
        r"Thread-1 \(talk\) +waits in socket\.recv on accepted socket `conn` \(other end: socket `silent` of \S+:\d+\)",
        r"made at \S+test_sockets\.py:\d+",
        "a client waits to be accepted",
    ),
    "a spin on an empty read": (
        served(reads_the_end_for_ever, says_hello),
        r"Thread-1 \(<lambda>\) reads the end of a stream again and again, at \S+test_sockets\.py:\d+\n",
        r"  at \S+: said \+= line\.recv\(100\)",
        "recv answers b'' at once",
    ),
    "one recv for one message": (
        served(takes_one_recv_for_a_message, says_hello),
        r"raised AssertionError: got b'h'\n",
        "recv accepted socket `line` = the first byte",
    ),
    "waits for more than is sent": (
        served(waits_for_more, says_hello_and_listens),
        r"waits in socket\.recv on accepted socket `line`",
        "the other side sends nothing more",
    ),
    "accepts once too often": (
        served(accepts_once_too_often, says_hello),
        r"waits in socket\.accept on listening socket `door`",
        "nobody connects any more",
    ),
    "sends, and nobody reads": (
        served(writes_without_a_reader, stays_deaf),
        r"waits in socket\.send on accepted socket `line`",
        "the other side does not read",
    ),
    "is ready to write always": (
        served(asks_for_writing_always, says_nothing),
        r"is told again and again what is ready, and does nothing with it, at \S+",
        "ask for writing only while",
    ),
    "selects what never comes": (
        served(selects_what_never_comes, says_nothing),
        r"waits in \w+Selector\.select on \w+Selector for accepted socket `line`",
    ),
    "serves one at a time": (
        served(serves_one_at_a_time, meets_ben),
        r"waits in socket\.recv on accepted socket `line`",
        r"waits in socket\.recv on socket \(not accepted yet\)",
        r"neither in a join nor\s+by talking",
    ),
    "both read": (
        reads_the_wrong_way,
        r"socket\.recv on socket `here` \(other end: socket `there`\)",
        r"socket\.recv on socket `there`",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_server_is_told_in_its_own_words(name: str) -> None:
    scenario, *words = WRONG[name]
    verdict = failed(scenario, schedules=200, races="ignore", strategy="random")
    assert verdict.schedules <= 40
    assert re.search("(?s:.*)".join(words), str(verdict)), str(verdict)
    again = explore(scenario, replay=verdict.replay, races="ignore")
    assert again.error is not None
    assert again.error.report.headline == verdict.error.report.headline  # type: ignore[union-attr]

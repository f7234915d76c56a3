"""Sockets that nobody closes, and sockets that somebody does."""

import selectors
import socket
import socketserver
import threading
from typing import Any

import gevent  # type: ignore[import-untyped]
import gevent.server  # type: ignore[import-untyped]
import gevent.socket  # type: ignore[import-untyped]
import pytest
from oracles.case import Case, judged, named, replayed, right, right_ones, told, two, wrong, wrong_ones

HERE = ("127.0.0.1", 0)


@wrong("open_sockets")
def a_client_goes_without_a_word() -> Any:
    with socket.create_server(HERE) as door:
        client = socket.create_connection(door.getsockname())
        with door.accept()[0] as line:
            two(lambda: client.send(b"x"), lambda: line.recv(1))


@wrong("open_sockets")
def a_handler_forgets_its_line() -> Any:
    lines: list[socket.socket] = []
    with socket.create_server(HERE) as door:

        def serve() -> None:
            line, _ = door.accept()
            lines.append(line)

        def client() -> None:
            with socket.create_connection(door.getsockname()):
                pass

        two(serve, client)


@wrong("open_sockets")
def a_thread_that_runs_on_leaves_one() -> Any:
    here, there = socket.socketpair()

    def work() -> None:
        there.recv(1)

    threading.Thread(target=work).start()
    here.send(b"x")
    here.close()


@right("open_sockets")
def all_are_closed() -> Any:
    here, there = socket.socketpair()
    with here, there, selectors.DefaultSelector() as lamps:
        lamps.register(there, selectors.EVENT_READ)
        two(lambda: here.send(b"x"), lamps.select)
        with there.makefile("rb"):
            pass


@right("open_sockets")
def a_server_of_the_library() -> Any:
    class Quiet(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1)

    with socketserver.ThreadingTCPServer(HERE, Quiet) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        with socket.create_connection(server.socket.getsockname()) as client:
            client.send(b"x")
        server.shutdown()
        serving.join()


@right("open_sockets")
def who_runs_on_closes_it() -> Any:
    here, there = socket.socketpair()

    def work() -> None:
        with there:
            there.recv(1)

    threading.Thread(target=work).start()
    here.send(b"x")
    here.close()


OUTSIDE = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
OUTSIDE.bind(HERE)  # no scenario's


@wrong("open_sockets")
def one_that_sends_to_somebody_outside_stays() -> Any:
    kept.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    kept[-1].sendto(b"x", OUTSIDE.getsockname())


kept: list[socket.socket] = []


@right("open_sockets")
def one_that_sends_to_somebody_outside_goes() -> Any:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", OUTSIDE.getsockname())


def echo(line: Any, _address: Any) -> None:
    while word := line.recv(1):
        line.sendall(word)


@wrong("open_sockets")
def a_greenlet_forgets_its_end() -> Any:
    here, there = gevent.socket.socketpair()

    def work() -> None:
        there.recv(1)

    with here:
        reads = gevent.spawn(work)
        here.send(b"x")
        reads.join()


@wrong("open_sockets")
def a_client_of_gevents_server_stays() -> Any:
    server = gevent.server.StreamServer(HERE, echo)
    server.start()
    client = gevent.socket.create_connection(server.address)
    client.sendall(b"x")
    client.recv(1)
    server.stop()


@right("open_sockets")
def a_client_of_gevents_server_goes() -> Any:
    server = gevent.server.StreamServer(HERE, echo)
    server.start()
    with gevent.socket.create_connection(server.address) as client, client.makefile("rb") as lines:
        client.sendall(b"x")
        lines.read(1)
    server.stop()


@right("open_sockets")
def a_greenlet_that_is_left_may_close_it_yet() -> Any:
    here, there = gevent.socket.socketpair()

    def work() -> None:
        with there:
            gevent.sleep(1)

    gevent.spawn(work)
    gevent.sleep(0)
    here.close()


@right("open_sockets")
def a_descriptor_of_gevents_is_given_away() -> Any:
    here, there = gevent.socket.socketpair()
    there.close()
    with socket.socket(fileno=here.detach()):
        pass


@pytest.mark.filterwarnings("ignore:unclosed <socket")
@pytest.mark.parametrize("case", wrong_ones("open_sockets"))
def test_a_socket_that_nobody_closes_is_told(case: Case) -> None:
    told(case)


@pytest.mark.parametrize("case", right_ones("open_sockets"))
def test_sockets_that_are_closed_are_accepted(case: Case) -> None:
    error = judged(case)
    assert error is None, error


@pytest.mark.filterwarnings("ignore:unclosed <socket")
def test_the_line_that_made_it_is_told() -> None:
    text = told(named("a_handler_forgets_its_line"))
    assert text.startswith("open socket: accepted socket `line` is closed by nobody\n  at tests/oracles/test_open_")
    assert "line, _ = door.accept()" in text


@pytest.mark.filterwarnings("ignore:unclosed <socket")
def test_it_is_replayed() -> None:
    replayed(named("a_client_goes_without_a_word"))


@pytest.mark.filterwarnings("ignore:unclosed <socket")
def test_the_line_that_made_one_of_gevents_is_told() -> None:
    text = told(named("a_client_of_gevents_server_stays"))
    assert text.startswith("open socket: socket `client` is closed by nobody\n  at tests/oracles/test_open_sockets.py")
    assert "client = gevent.socket.create_connection(server.address)" in text

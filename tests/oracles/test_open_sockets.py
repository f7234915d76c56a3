"""Sockets that nobody closes, and sockets that somebody does."""

import selectors
import socket
import socketserver
import threading
from typing import Any

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

"""The lighthouse keeper with a file over the socket, whose lines are whole."""

import socket
from collections.abc import Callable, Iterator


def open_door(port: int = 0) -> socket.socket:
    """Let the library do it; it sets SO_REUSEADDR where that is right."""
    return socket.create_server(("127.0.0.1", port), backlog=10)


def serve(door: socket.socket, answer: Callable[[bytes], bytes]) -> None:
    """Take the clients from a generator."""
    for connection in _clients(door):
        with connection, connection.makefile("rb") as file:
            while (line := _line(file)).endswith(b"\n"):
                said = answer(line[:-1])
                try:
                    connection.sendall(said + b"\n")
                except OSError:
                    break


def _clients(door: socket.socket) -> Iterator[socket.socket]:
    while True:
        try:
            connection, _ = door.accept()
        except OSError:
            return
        yield connection


def _line(file) -> bytes:  # type: ignore[no-untyped-def]
    try:
        return file.readline()
    except OSError:
        return b""

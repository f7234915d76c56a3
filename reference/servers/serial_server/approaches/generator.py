"""The lighthouse keeper who cuts lines with a generator and a bytearray, and marks his own way out."""

import socket
from collections.abc import Callable, Iterator


class _Gone(Exception):
    """The client is gone."""


def open_door(port: int = 0) -> socket.socket:
    """Try to bind, and close what could not be bound."""
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, True)
    try:
        door.bind(("127.0.0.1", port))
        door.listen()
    except BaseException:
        door.close()
        raise
    return door


def serve(door: socket.socket, answer: Callable[[bytes], bytes]) -> None:
    """Serve until accept raises."""
    while (connection := _next(door)) is not None:
        try:
            for line in _lines(connection):
                _send(connection, answer(line))
        except _Gone:
            pass
        finally:
            connection.close()


def _next(door: socket.socket) -> socket.socket | None:
    try:
        return door.accept()[0]
    except OSError:
        return None


def _lines(connection: socket.socket) -> Iterator[bytes]:
    line = bytearray()
    while True:
        try:
            piece = connection.recv(512)
        except OSError as error:
            raise _Gone from error
        if not piece:
            raise _Gone
        for number in piece:
            if number == 10:
                yield bytes(line)
                line.clear()
            else:
                line.append(number)


def _send(connection: socket.socket, said: bytes) -> None:
    try:
        connection.sendall(said)
        connection.sendall(b"\n")
    except OSError as error:
        raise _Gone from error

"""The lighthouse keeper: a worked solution."""

import socket
from collections.abc import Callable


def open_door(port: int = 0) -> socket.socket:
    """Set the option before bind; close the socket if bind raises."""
    door = socket.socket()
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("127.0.0.1", port))
        door.listen(5)
    except OSError:
        door.close()
        raise
    return door


def serve(door: socket.socket, answer: Callable[[bytes], bytes]) -> None:
    """Accept, talk, close; and again."""
    while True:
        try:
            connection, _ = door.accept()
        except OSError:
            return
        with connection:
            _talk(connection, answer)


def _talk(connection: socket.socket, answer: Callable[[bytes], bytes]) -> None:
    """Answer one client until he has gone."""
    rest = b""
    while piece := _read(connection):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            said = answer(line) + b"\n"
            try:
                connection.sendall(said)
            except ConnectionError:
                return


def _read(connection: socket.socket) -> bytes:
    """Return a piece, or nothing if he is gone, in whichever way."""
    try:
        return connection.recv(65536)
    except ConnectionError:
        return b""

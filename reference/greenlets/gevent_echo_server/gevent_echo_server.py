"""The echo on the pass: a worked solution."""

import contextlib
from collections.abc import Iterator

from gevent import socket
from gevent.pool import Group


def listen(port: int = 0) -> socket.socket:
    """Open a door at this port of 127.0.0.1, at a free one if it is 0."""
    door = socket.socket()
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("127.0.0.1", port))
        door.listen(128)
    except BaseException:
        door.close()
        raise
    return door


def serve(door: socket.socket) -> None:
    """Start a greenlet for each; end them all when this one is killed."""
    talks = Group()
    try:
        while True:
            connection, _ = door.accept()
            talks.spawn(_talk, connection)
    finally:
        talks.kill()


def _talk(connection: socket.socket) -> None:
    """Answer one client until he is gone, or says what is no text."""
    with connection, contextlib.suppress(OSError, UnicodeDecodeError):
        for line in _lines(connection):
            connection.sendall(line.decode().upper().encode() + b"\n")


def _lines(connection: socket.socket) -> Iterator[bytes]:
    """Yield what was ended by a newline, without it."""
    rest = b""
    while piece := connection.recv(65536):
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines

"""The echo on the pass: gevent's own server, and a file for the lines."""

import contextlib

from gevent import socket
from gevent.pool import Pool
from gevent.server import StreamServer


def listen(port: int = 0) -> socket.socket:
    """Close the door again if anything fails before it is open."""
    with contextlib.ExitStack() as opening:
        door = opening.enter_context(socket.socket())
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("127.0.0.1", port))
        door.listen()
        opening.pop_all()
    return door


def serve(door: socket.socket) -> None:
    """Let the server accept; it closes what its handlers leave, and kills them at once."""
    server = StreamServer(door, _talk, spawn=Pool())
    server.stop_timeout = 0
    server.serve_forever()


def _talk(connection: socket.socket, address: tuple[str, int]) -> None:
    with contextlib.suppress(OSError, UnicodeDecodeError), connection.makefile("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                connection.sendall(line.decode().upper().encode())

"""The echo on the pass: a greenlet of one's own kind, which keeps its connection."""

from typing import Any

import gevent
from gevent import socket


class Echo(gevent.Greenlet):
    """Answers one client; whatever ends it, the connection is closed."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self.connection = connection

    def _run(self) -> None:
        said = b""
        try:
            while piece := self.connection.recv(4096):
                whole, newline, said = (said + piece).rpartition(b"\n")
                if newline:
                    self.answer(whole + newline)
        except (ConnectionError, ValueError):
            pass
        finally:
            self.connection.close()

    def answer(self, lines: bytes) -> None:
        for line in lines.split(b"\n")[:-1]:
            self.connection.sendall(line.decode().upper().encode() + b"\n")


def listen(port: int = 0) -> socket.socket:
    """Open a door at this port of 127.0.0.1, at a free one if it is 0."""
    door: socket.socket = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, True)
    try:
        door.bind(("127.0.0.1", port))
    except OSError:
        door.close()
        raise
    door.listen()
    return door


def serve(door: socket.socket) -> None:
    """Keep who talks; kill all when this greenlet is killed."""
    talks: list[Any] = []
    try:
        while True:
            talk = Echo(door.accept()[0])
            talk.start()
            talks = [each for each in talks if not each.dead] + [talk]
    except gevent.GreenletExit:
        gevent.killall(talks)
        raise

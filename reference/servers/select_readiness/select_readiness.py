"""The hotel switchboard: a worked solution."""

import selectors
import socket
from collections.abc import Callable


class _Client:
    """What has come from a client, and what he is to get."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.rest = b""
        self.out = bytearray()
        self.has_ended = False

    def read(self, answer: Callable[[bytes], bytes]) -> None:
        piece = _receive(self.connection)
        self.has_ended = not piece
        *lines, self.rest = (self.rest + piece).split(b"\n")
        for line in lines:
            self.out += answer(line) + b"\n"

    def write(self) -> None:
        try:
            del self.out[: self.connection.send(self.out)]
        except BlockingIOError:
            pass
        except ConnectionError:
            self.has_ended = True
            self.out.clear()

    @property
    def wants(self) -> int:
        """What is to be watched; 0: he has nothing to say or to get."""
        return (0 if self.has_ended else selectors.EVENT_READ) | (selectors.EVENT_WRITE if self.out else 0)


def serve(door: socket.socket, selector: selectors.BaseSelector, answer: Callable[[bytes], bytes]) -> None:
    """Look which are ready, and do for each what he is ready for."""
    door.setblocking(False)
    selector.register(door, selectors.EVENT_READ)
    try:
        while True:
            for key, events in selector.select():
                if key.data is None:
                    if not _let_in(door, selector):
                        return
                else:
                    _attend(key.data, events, selector, answer)
    finally:
        for key in list(selector.get_map().values()):
            selector.unregister(key.fileobj)
            if key.data is not None:
                key.data.connection.close()


def _let_in(door: socket.socket, selector: selectors.BaseSelector) -> bool:
    """Accept one; return False if the door is shut."""
    try:
        connection, _ = door.accept()
    except BlockingIOError:
        return True  # he has gone again
    except OSError:
        return False
    connection.setblocking(False)
    selector.register(connection, selectors.EVENT_READ, _Client(connection))
    return True


def _attend(client: _Client, events: int, selector: selectors.BaseSelector, answer: Callable[[bytes], bytes]) -> None:
    """Read, write, and watch for what is to be done next."""
    if events & selectors.EVENT_READ:
        client.read(answer)
    if client.out:
        client.write()
    if client.wants:
        selector.modify(client.connection, client.wants, client)
    else:
        selector.unregister(client.connection)
        client.connection.close()


def _receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except ConnectionError:
        return b""

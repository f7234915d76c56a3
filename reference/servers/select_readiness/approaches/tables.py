"""The hotel switchboard with two tables, and a door from which all are let in at once."""

import selectors
import socket
from collections.abc import Callable

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class _Board:
    def __init__(self, door: socket.socket, selector: selectors.BaseSelector, answer: Callable[[bytes], bytes]) -> None:
        self.door, self.selector, self.answer = door, selector, answer
        self.halves: dict[socket.socket, bytearray] = {}  # who may still say something
        self.unsent: dict[socket.socket, bytes] = {}

    def run(self) -> None:
        self.selector.register(self.door, READ)
        is_open = True
        while is_open:
            for key, events in self.selector.select():
                connection = key.fileobj
                if connection is self.door:
                    is_open = self.let_all_in()
                    continue
                if events & WRITE:
                    self.send(connection)
                if events & READ and connection in self.halves:
                    self.listen(connection)
                self.watch(connection)

    def let_all_in(self) -> bool:
        try:
            while True:
                connection, _ = self.door.accept()
                connection.setblocking(False)
                self.halves[connection], self.unsent[connection] = bytearray(), b""
                self.selector.register(connection, READ)
        except BlockingIOError:
            return True
        except OSError:
            return False

    def listen(self, connection: socket.socket) -> None:
        try:
            piece = connection.recv(1000)
        except ConnectionError:
            piece = b""
        if not piece:
            del self.halves[connection]
            return
        for byte in piece:
            self.halves[connection].append(byte)
            if byte == 10:
                said = self.answer(bytes(self.halves[connection][:-1]))
                self.unsent[connection] += said + b"\n"
                self.halves[connection].clear()

    def send(self, connection: socket.socket) -> None:
        try:
            number = connection.send(self.unsent[connection])
        except ConnectionError:
            self.halves.pop(connection, None)
            number = len(self.unsent[connection])
        self.unsent[connection] = self.unsent[connection][number:]

    def watch(self, connection: socket.socket) -> None:
        events = (READ if connection in self.halves else 0) | (WRITE if self.unsent[connection] else 0)
        if events:
            self.selector.modify(connection, events)
        else:
            self.hang_up(connection)

    def hang_up(self, connection: socket.socket) -> None:
        self.selector.unregister(connection)
        connection.close()
        del self.unsent[connection]

    def close(self) -> None:
        for connection in list(self.unsent):
            self.hang_up(connection)
        self.selector.unregister(self.door)


def serve(door: socket.socket, selector: selectors.BaseSelector, answer: Callable[[bytes], bytes]) -> None:
    """Run, and close in any case."""
    board = _Board(door, selector, answer)
    door.setblocking(False)
    try:
        board.run()
    finally:
        board.close()

"""The ferry bell with a thread class for a passenger, who ends his own conversation when he is told to."""

import socket
import threading
from collections.abc import Callable

Address = tuple[str, int]
"""The host and the port of a client (given)."""


class _Passenger(threading.Thread):
    def __init__(self, connection: socket.socket, address: Address, answer: Callable[[str, Address], str]) -> None:
        super().__init__(name=f"{address}")
        self.connection, self.address, self.answer = connection, address, answer
        self.rest = b""

    def run(self) -> None:
        try:
            while self.connection.fileno() != -1:
                piece = self.connection.recv(1000)
                if not piece:
                    break
                *lines, self.rest = (self.rest + piece).split(b"\n")
                if not all(map(self.is_answered, lines)):
                    break
        except OSError:
            pass
        self.connection.close()

    def is_answered(self, line: bytes) -> bool:
        if line == b"quit":
            return False
        try:
            said = self.answer(line.decode("utf-8"), self.address) + "\n"
        except BaseException:
            self.connection.send(b"error\n")
            return False
        self.connection.sendall(said.encode())
        return True

    def end(self) -> None:
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.join()


def serve(door: socket.socket, answer: Callable[[str, Address], str]) -> None:
    """Make a passenger of each."""
    passengers: list[_Passenger] = []
    try:
        while True:
            passengers.append(_Passenger(*door.accept(), answer))
            passengers[-1].start()
    except OSError:
        for passenger in passengers:
            passenger.end()

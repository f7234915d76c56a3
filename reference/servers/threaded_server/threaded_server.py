"""The ferry bell: a worked solution."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Address = tuple[str, int]
"""The host and the port of a client (given)."""


def serve(door: socket.socket, answer: Callable[[str, Address], str]) -> None:
    """Start a thread for each; when the door is shut, wake all, and wait for all."""
    talks: list[tuple[threading.Thread, socket.socket]] = []
    while True:
        try:
            connection, address = door.accept()
        except OSError:
            break
        talks = [talk for talk in talks if talk[0].is_alive()]
        thread = threading.Thread(target=_talk, args=(connection, address, answer))
        thread.start()
        talks.append((thread, connection))
    for _, connection in talks:
        with contextlib.suppress(OSError):  # it is closed, or the client is gone
            connection.shutdown(socket.SHUT_RDWR)
    for thread, _ in talks:
        thread.join()


def _talk(connection: socket.socket, address: Address, answer: Callable[[str, Address], str]) -> None:
    """Answer one client until he quits, is gone, or there is an error."""
    with connection, contextlib.suppress(OSError):
        for line in _lines(connection):
            if line == b"quit":
                return
            try:
                said = answer(line.decode(), address).encode()
            except BaseException:
                connection.sendall(b"error\n")
                return
            connection.sendall(said + b"\n")


def _lines(connection: socket.socket) -> Iterator[bytes]:
    """Yield what was ended by a newline, without it."""
    rest = bytearray()
    while piece := connection.recv(65536):
        rest += piece
        while (end := rest.find(b"\n")) >= 0:
            line = bytes(rest[:end])
            del rest[: end + 1]
            yield line

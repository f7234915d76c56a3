"""The ferry bell with files over the sockets, and a room that knows who is in it."""

import socket
import threading
from collections.abc import Callable

Address = tuple[str, int]
"""The host and the port of a client (given)."""


def serve(door: socket.socket, answer: Callable[[str, Address], str]) -> None:
    """Wait, at the end, until the room is empty."""
    room: dict[socket.socket, threading.Thread] = {}
    lock = threading.Lock()

    def talk(connection: socket.socket, address: Address) -> None:
        try:
            with connection.makefile("rwb") as file:
                _converse(file, address)
        except OSError:
            pass
        finally:
            connection.close()
            with lock:
                room.pop(connection)

    def _converse(file, address) -> None:  # type: ignore[no-untyped-def]
        for line in file:
            if line == b"quit\n" or not line.endswith(b"\n"):
                return
            try:
                said = answer(str(line[:-1], "utf-8"), address)
            except BaseException:
                said = None
            file.write(b"error\n" if said is None else f"{said}\n".encode())
            file.flush()
            if said is None:
                return

    try:
        while True:
            connection, address = door.accept()
            with lock:
                room[connection] = threading.Thread(target=talk, args=(connection, address))
                room[connection].start()
    except OSError:
        pass
    with lock:
        threads = list(room.values())
        for connection in room:
            _wake(connection)
    for thread in threads:
        thread.join()


def _wake(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass

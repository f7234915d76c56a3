"""Asks everybody in turn, without a selector."""

import contextlib
import selectors
import socket
from collections.abc import Callable


def serve(door: socket.socket, selector: selectors.BaseSelector, answer: Callable[[bytes], bytes]) -> None:
    """Try, and try again."""
    door.setblocking(False)
    rests: dict[socket.socket, bytes] = {}
    while True:
        try:
            connection, _ = door.accept()
            connection.setblocking(False)
            rests[connection] = b""
        except BlockingIOError:
            pass
        except OSError:
            break
        for connection in list(rests):
            with contextlib.suppress(BlockingIOError):
                piece = connection.recv(4096)
                if not piece:
                    connection.close()
                    del rests[connection]
                    continue
                *lines, rests[connection] = (rests[connection] + piece).split(b"\n")
                for line in lines:
                    connection.sendall(answer(line) + b"\n")
    for connection in rests:
        connection.close()

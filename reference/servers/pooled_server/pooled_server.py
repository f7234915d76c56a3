"""The tea house: a worked solution."""

import contextlib
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def serve(door: socket.socket, talk: Callable[[socket.socket], None], tables: int) -> None:
    """Submit each to a pool, which is waited for at the end."""
    with ThreadPoolExecutor(tables) as pool:
        while True:
            try:
                connection, _ = door.accept()
            except OSError:
                return
            pool.submit(_host, connection, talk)


def _host(connection: socket.socket, talk: Callable[[socket.socket], None]) -> None:
    """Have one conversation; whatever it raises ends it alone."""
    with connection, contextlib.suppress(BaseException):
        talk(connection)

"""The tea house: a worked solution."""

import contextlib
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def break_count() -> list[str]:
    """Let A look, and B look and take before A does."""
    return ["A: until write free", "B: to the end", "A: to the end"]


def break_bell() -> list[str]:
    """Let B see that nothing is free, and the bell ring before B clears it."""
    return ["A: until give_back:41", "B: until take:30", "A: to the end", "B: until it waits"]


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

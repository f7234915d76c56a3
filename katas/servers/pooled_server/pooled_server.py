"""The tea house: a server with so many tables and no more. The contract is in README.md."""

import socket
from collections.abc import Callable


def break_count() -> list[str]:
    """Return a schedule under which two guests are given the only table."""
    raise NotImplementedError


def break_bell() -> list[str]:
    """Return a schedule under which a guest waits for ever, and the only table is free."""
    raise NotImplementedError


def serve(door: socket.socket, talk: Callable[[socket.socket], None], tables: int) -> None:
    """Have `talk` serve everybody who comes through `door`, at most `tables` at once, until it is shut."""
    raise NotImplementedError

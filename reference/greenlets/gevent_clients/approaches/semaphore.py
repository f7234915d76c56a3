"""The village exchange: a greenlet for each question, and a semaphore for the lines."""

from collections.abc import Iterable

from gevent import socket
from gevent.lock import BoundedSemaphore
from gevent.pool import Group

Address = tuple[str, int]
"""A host, as numbers, and a port (given)."""


def ask_all(address: Address, questions: Iterable[bytes], k: int) -> list[bytes | None]:
    """Spawn all at once: a greenlet is cheap, and has no connection before it has a line."""
    if k < 1:
        raise ValueError(f"k must be 1 or more, got {k!r}")
    lines, everybody = BoundedSemaphore(k), Group()

    def ask(question: bytes) -> bytes | None:
        with lines, socket.socket() as line:
            try:
                line.connect(address)
                line.sendall(question + b"\n")
                return _line(line)
            except OSError:
                return None

    try:
        return list(everybody.map(ask, questions))
    finally:
        everybody.kill()


def _line(line: socket.socket) -> bytes | None:
    pieces = []
    while piece := line.recv(65536):
        head, newline, _ = piece.partition(b"\n")
        pieces.append(head)
        if newline:
            return b"".join(pieces)
    return None

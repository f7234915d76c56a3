"""The village exchange: a worked solution."""

from collections.abc import Iterable

from gevent import socket
from gevent.pool import Pool

Address = tuple[str, int]
"""A host, as numbers, and a port (given)."""


def ask_all(address: Address, questions: Iterable[bytes], k: int) -> list[bytes | None]:
    """Let a pool ask, and end whatever it still does when this ends."""
    if k < 1:
        raise ValueError(f"k must be 1 or more, got {k!r}")
    lines = Pool(k)
    try:
        calls = [lines.spawn(ask, address, question) for question in questions]
        return [call.get() for call in calls]
    finally:
        lines.kill()


def ask(address: Address, question: bytes) -> bytes | None:
    """Return the answer; None if it does not come as a whole."""
    try:
        with socket.create_connection(address) as line:
            line.sendall(question + b"\n")
            answer = bytearray()
            while b"\n" not in answer[-65536:]:
                piece = line.recv(65536)
                if not piece:
                    return None
                answer += piece
    except OSError:
        return None
    return bytes(answer).partition(b"\n")[0]

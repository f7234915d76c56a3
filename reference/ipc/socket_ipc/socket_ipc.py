"""The tube mail: the worked solution.

A socket carries bytes, and knows nothing of messages. So each message says how many bytes it has, and whoever reads
asks for what is missing, and for nothing behind it, until it is there. Only then is it text: a piece may end inside
of a character.
"""

import multiprocessing
import struct
from collections.abc import Callable, Iterable
from socket import socket, socketpair

LENGTH = struct.Struct("!I")


def send_text(sock: socket, text: str) -> None:
    """Send a message: its length in bytes as four bytes, big end first, then the text as UTF-8."""
    content = text.encode()
    sock.sendall(LENGTH.pack(len(content)) + content)


def receive_text(sock: socket) -> str | None:
    """Return the next message, None at the end; raise EOFError if the end comes inside of one."""
    header = _receive(sock, LENGTH.size)
    if not header:
        return None
    (length,) = LENGTH.unpack(_all_of(header, LENGTH.size))
    return _all_of(_receive(sock, length), length).decode()


def _receive(sock: socket, count: int) -> bytes:
    """Return so many bytes, fewer only if the end comes before."""
    pieces = []
    while count and (piece := sock.recv(min(count, 65_536))):
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def _all_of(content: bytes, count: int) -> bytes:
    if len(content) < count:
        raise EOFError(f"the end came after {len(content)} of {count} bytes")
    return content


def converse(texts: Iterable[str], answer: Callable[[str], str]) -> list[str]:
    """Send each text to a process of its own, and return its answers."""
    here, there = socketpair()
    process = multiprocessing.Process(target=_serve, args=(there, here, answer))
    answers = []
    with here:
        with there:
            process.start()
        try:
            for text in texts:
                answers.append(_ask(here, text))
        finally:
            here.close()
            process.join()
    return answers


def _ask(sock: socket, text: str) -> str:
    try:
        send_text(sock, text)
        came = receive_text(sock)
    except ConnectionError:
        came = None
    if came is None:
        raise EOFError("the process has ended instead of answering")
    return came


def _serve(sock: socket, other: socket, answer: Callable[[str], str]) -> None:
    other.close()
    with sock:
        while (text := receive_text(sock)) is not None:
            send_text(sock, answer(text))

"""The tube mail: messages through a socket. The contract is in README.md."""

from collections.abc import Callable, Iterable
from socket import socket


def send_text(sock: socket, text: str) -> None:
    """Send a message: its length in bytes as four bytes, big end first, then the text as UTF-8."""
    raise NotImplementedError


def receive_text(sock: socket) -> str | None:
    """Return the next message, None at the end; raise EOFError if the end comes inside of one."""
    raise NotImplementedError


def converse(texts: Iterable[str], answer: Callable[[str], str]) -> list[str]:
    """Send each text to a process of its own, and return its answers."""
    raise NotImplementedError

"""What a process of a run and the process that decides say to each other: one packet, one message."""

from __future__ import annotations

import _socket
import contextlib
import marshal
import sys
from typing import Any, Final

_INT: Final = 4
LONGEST: Final = 1 << 18  # bytes of a message


class Link:
    """One end of the line between the two; its system's end closes with its process, however that ends.

    The messages are plain values: numbers, texts, None and tuples of them.
    """

    def __init__(self, sock: _socket.socket) -> None:
        self._sock = sock

    def say(self, *message: Any) -> bool:
        """Say something; tell whether anybody is left to hear it."""
        try:
            self._sock.send(marshal.dumps(message))
        except OSError:
            return False
        return True

    def hear(self) -> Any:
        """Wait for the next message; None where nobody is left who could say anything."""
        try:
            data = self._sock.recv(LONGEST)
        except OSError:
            return None
        return marshal.loads(data) if data else None  # what our own processes have written

    def ends_within(self, seconds: float) -> bool:
        """Wait at most so long for the other side's end, dropping what it still says; tell whether it came."""
        try:
            self._sock.settimeout(seconds)
            while self._sock.recv(LONGEST):
                pass
        except TimeoutError:
            return False
        except OSError:
            return True
        finally:
            with contextlib.suppress(OSError):  # closed meanwhile
                self._sock.settimeout(None)
        return True

    def hears_within(self, seconds: float) -> Any:
        """Wait at most so long for a message; None where none came."""
        try:
            self._sock.settimeout(seconds)
            return self.hear()
        finally:
            with contextlib.suppress(OSError):  # closed meanwhile
                self._sock.settimeout(None)

    def pass_on(self, other: Link) -> None:
        """Hand an end of another line to the other side."""
        handle = other._sock.fileno().to_bytes(_INT, sys.byteorder)
        self._sock.sendmsg([b"end"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, handle)])

    def take_over(self) -> Link:
        """Wait for the end that the other side hands over."""
        _, extra, _, _ = self._sock.recvmsg(LONGEST, _socket.CMSG_SPACE(_INT))
        return taken_over(int.from_bytes(extra[0][2][:_INT], sys.byteorder))

    def close(self) -> None:
        """Close this end."""
        self._sock.close()

    @property
    def number(self) -> int:
        """The descriptor, for whoever hands this end to another process."""
        return self._sock.fileno()


def taken_over(handle: int) -> Link:
    """Return an end that another process has handed over."""
    return Link(_socket.socket(fileno=handle))


def pair() -> tuple[Link, Link]:
    """Return both ends of a new line."""
    ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    return Link(ours), Link(theirs)

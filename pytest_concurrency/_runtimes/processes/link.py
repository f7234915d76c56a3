"""What a process of a run and the process that decides say to each other: one packet, one message."""

from __future__ import annotations

import _socket
import marshal
from typing import Any, Final

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
        self._sock.settimeout(seconds)
        try:
            while self._sock.recv(LONGEST):
                pass
        except TimeoutError:
            return False
        except OSError:
            return True
        finally:
            self._sock.settimeout(None)
        return True

    def says_within(self, seconds: float) -> bool:
        """Wait at most so long for a message, which is dropped; tell whether one came."""
        self._sock.settimeout(seconds)
        try:
            return bool(self._sock.recv(LONGEST))
        except OSError:
            return False
        finally:
            self._sock.settimeout(None)

    def close(self) -> None:
        """Close this end."""
        self._sock.close()

    @property
    def number(self) -> int:
        """The descriptor, for whoever hands this end to another process."""
        return self._sock.fileno()


def pair() -> tuple[Link, Link]:
    """Return both ends of a new line."""
    ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    return Link(ours), Link(theirs)

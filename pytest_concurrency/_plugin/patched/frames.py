"""Messages between the session and its patched processes: whole ones, over a descriptor, in both directions."""

from __future__ import annotations

import os
import pickle
import struct
from typing import Any, Final

_HEAD: Final = struct.Struct("!Q")
_CHUNK: Final = 1 << 16

Message = tuple[Any, ...]


def send(fd: int, message: Message) -> None:
    """Write a message.

    Raises:
        OSError: Nobody reads any more.
    """
    send_raw(fd, pickle.dumps(message))


def send_or_end(fd: int, message: Message) -> None:
    """Write a message; where nobody reads any more, end this process."""
    try:
        send(fd, message)
    except OSError:
        os._exit(0)


def send_raw(fd: int, text: bytes) -> None:
    """Write a message that is pickled already."""
    left = memoryview(_HEAD.pack(len(text)) + text)
    while left:
        left = left[os.write(fd, left) :]


class Inbox:
    """What has come over a descriptor, message by message.

    Attributes:
        ended: Whether nothing more can come.
    """

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.ended = False
        self._bytes = bytearray()

    def read(self) -> None:
        """Take what is there; to be called when something is."""
        try:
            found = os.read(self.fd, _CHUNK)
        except ConnectionError:
            found = b""
        self._bytes += found
        self.ended = not found

    def take(self) -> bytes | None:
        """Return the next whole message, pickled, or None."""
        if len(self._bytes) < _HEAD.size:
            return None
        end = _HEAD.size + _HEAD.unpack_from(self._bytes)[0]
        if len(self._bytes) < end:
            return None
        found = bytes(self._bytes[_HEAD.size : end])
        del self._bytes[:end]
        return found


def loaded(text: bytes) -> Message:
    """Return a message; it comes from a process of our own."""
    message: Message = pickle.loads(text)
    return message

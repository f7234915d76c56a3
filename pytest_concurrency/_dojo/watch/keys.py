"""Single keys from a terminal, without waiting for the end of a line."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STEP = 0.1  # seconds between two looks at whether it is over


@contextlib.contextmanager
def listening(tell: Callable[[str], None]) -> Iterator[None]:
    """Call `tell` with each key that is pressed; the terminal is as before afterwards."""
    over = threading.Event()
    with _unbuffered():
        reader = threading.Thread(target=_read, args=(tell, over), name="keys", daemon=True)
        reader.start()
        try:
            yield
        finally:
            over.set()
            reader.join()


@contextlib.contextmanager
def _unbuffered() -> Iterator[None]:
    if os.name == "nt" or not sys.stdin.isatty():
        yield
        return
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _read(tell: Callable[[str], None], over: threading.Event) -> None:
    poll = _poll_windows if os.name == "nt" else _poll
    while not over.is_set():
        key = poll(over)
        if key is None:
            return
        if key:
            tell(key)


def _poll(over: threading.Event) -> str | None:
    """Return a key, nothing, or `None` at the end of the input."""
    import select

    del over
    ready, _, _ = select.select([sys.stdin], [], [], STEP)
    if not ready:
        return ""
    return os.read(sys.stdin.fileno(), 1).decode("ascii", "replace") or None


def _poll_windows(over: threading.Event) -> str | None:
    import msvcrt

    if not msvcrt.kbhit():  # type: ignore[attr-defined]  # there on Windows only
        over.wait(STEP)
        return ""
    key: str = msvcrt.getwch()  # type: ignore[attr-defined]  # as above
    return key

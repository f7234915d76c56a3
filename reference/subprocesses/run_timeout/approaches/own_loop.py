"""The singing contest with a loop of its own: it reads what is there until the end, or until the sand is through."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from typing import NamedTuple


class Performance(NamedTuple):
    """What came of a line (given): the exit code of the shell, and all that was said."""

    code: int
    song: bytes


def perform(line: str, seconds: float | None) -> Performance:
    """Read with a limit that shrinks, wait with what is left of it."""
    end = None if seconds is None else time.monotonic() + seconds
    song = bytearray()
    command = ["/bin/sh", "-c", line]
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=subprocess.STDOUT, bufsize=0, process_group=0
    )
    try:
        _hear(process.stdout, end, song)
        code = process.wait(None if end is None else max(0, end - time.monotonic()))
    except (TimeoutError, subprocess.TimeoutExpired):
        raise subprocess.TimeoutExpired(line, seconds or 0, bytes(song)) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    return Performance(code, bytes(song))


def _hear(stage, end: float | None, song: bytearray) -> None:  # type: ignore[no-untyped-def]
    with selectors.DefaultSelector() as selector:
        selector.register(stage, selectors.EVENT_READ)
        while True:
            left = None if end is None else max(0, end - time.monotonic())
            if not selector.select(left):
                raise TimeoutError
            piece = stage.read(65_536)
            if not piece:
                return
            song += piece
            if end is not None and time.monotonic() >= end:
                raise TimeoutError

"""The singing contest with a timer: another thread ends the line, and what is heard goes into a file."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from typing import NamedTuple


class Performance(NamedTuple):
    """What came of a line (given): the exit code of the shell, and all that was said."""

    code: int
    song: bytes


def perform(line: str, seconds: float | None) -> Performance:
    """Wait without a limit: the timer sees to it that there is an end."""
    over = threading.Event()
    with tempfile.TemporaryFile() as stage:
        process = subprocess.Popen(
            line, shell=True, stdin=subprocess.DEVNULL, stdout=stage, stderr=stage, start_new_session=True
        )
        timer = None if seconds is None else threading.Timer(seconds, _too_late, [process, over])
        try:
            if timer is not None:
                timer.start()
            code = process.wait()
        finally:
            if timer is not None:
                timer.cancel()
                timer.join()
            _end_all(process)
            process.wait()
        stage.seek(0)
        song = stage.read()
    if over.is_set():
        raise subprocess.TimeoutExpired(line, seconds or 0, song)
    return Performance(code, song)


def _too_late(process: "subprocess.Popen[bytes]", over: threading.Event) -> None:
    over.set()
    _end_all(process)


def _end_all(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)

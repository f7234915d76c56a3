"""The singing contest: a worked solution."""

import contextlib
import os
import signal
import subprocess
from typing import NamedTuple


class Performance(NamedTuple):
    """What came of a line (given): the exit code of the shell, and all that was said."""

    code: int
    song: bytes


def perform(line: str, seconds: float | None) -> Performance:
    """Give the line a session of its own; on every way out end all who are in it."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        line, shell=True, stdin=subprocess.DEVNULL, stdout=pipe, stderr=subprocess.STDOUT, start_new_session=True
    ) as process:
        try:
            song, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _end_all(process)
            song, _ = process.communicate()
            raise subprocess.TimeoutExpired(line, seconds or 0, song) from None
        finally:
            _end_all(process)
            process.wait()  # after a KeyboardInterrupt `with` would not
    return Performance(process.returncode, song)


def _end_all(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)

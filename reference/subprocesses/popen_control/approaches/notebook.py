"""The fairground without pipes: each ride writes into a file without a name, and nobody has to listen."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from typing import NamedTuple


class Ended(NamedTuple):
    """What came of a ride (given): its exit code, and all that was said."""

    code: int
    output: bytes


class Ride:
    """A program, and a notebook that it writes to."""

    def __init__(self, command: Sequence[str]) -> None:
        """Open the notebook, start the program."""
        self._notebook = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=self._notebook,
                stderr=self._notebook,
                start_new_session=True,
            )
        except BaseException:
            self._notebook.close()
            raise
        self._ended: Ended | None = None

    def is_running(self) -> bool:
        """Look whether there is a code."""
        return self._ended is None and self._process.poll() is None

    def wait(self, seconds: float | None) -> Ended | None:
        """Look every now and then."""
        end = None if seconds is None else time.monotonic() + seconds
        while self.is_running():
            if end is not None and time.monotonic() >= end:
                return None
            time.sleep(0.01)
        if self._ended is None:
            self._signal(signal.SIGKILL)
            with self._notebook:
                self._notebook.seek(0)
                self._ended = Ended(self._process.returncode, self._notebook.read())
        return self._ended

    def stop(self, patience: float | None) -> Ended:
        """Ring the bell for all of them."""
        if self.is_running():
            self._signal(signal.SIGTERM)
        if self.wait(patience) is None:
            self._signal(signal.SIGKILL)
        ended = self.wait(None)
        assert ended is not None
        return ended

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            pass

"""The fairground, wrong: communicate waits for the end of the pipe, which others may hold."""

import contextlib
import os
import signal
import subprocess
from typing import NamedTuple


class Ended(NamedTuple):
    code: int
    output: bytes


class Ride:
    def __init__(self, command):
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def is_running(self):
        return self._process.poll() is None

    def wait(self, seconds):
        try:
            output, _ = self._process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return None
        return Ended(self._process.returncode, output)

    def stop(self, patience):
        self._process.terminate()
        if self.wait(patience) is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        return self.wait(None)

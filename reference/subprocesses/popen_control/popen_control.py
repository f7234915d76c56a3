"""The fairground: a worked solution."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from typing import NamedTuple


class Ended(NamedTuple):
    """What came of a ride (given): its exit code, and all that was said."""

    code: int
    output: bytes


class Ride:
    """A program, and a thread that listens to it."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start both."""
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._said = bytearray()
        self._ended: Ended | None = None
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def is_running(self) -> bool:
        """Ask once."""
        return self._process.poll() is None

    def wait(self, seconds: float | None) -> Ended | None:
        """Wait for the program; then end the others, so that the listener comes to an end, too."""
        if self._ended is None:
            try:
                code = self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                return None
            self._kill_all()
            self._listener.join()
            self._ended = Ended(code, bytes(self._said))
        return self._ended

    def stop(self, patience: float | None) -> Ended:
        """Ask, wait, kill."""
        self._process.terminate()  # nothing happens if it has ended
        if self.wait(patience) is None:
            self._kill_all()
        ended = self.wait(None)
        assert ended is not None
        return ended

    def _kill_all(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _listen(self) -> None:
        with self._process.stdout as pipe:
            while piece := pipe.read1():
                self._said += piece

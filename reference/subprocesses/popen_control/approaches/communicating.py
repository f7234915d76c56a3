"""The fairground with communicate, in small pieces of time: it loses nothing, and reads while one waits."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple


class Ended(NamedTuple):
    """What came of a ride (given): its exit code, and all that was said."""

    code: int
    output: bytes


class Ride:
    """A program, and a keeper who communicates with it all the time."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start the keeper, too."""
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._ended: Ended | None = None
        self._code: int | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()
        threading.Thread(target=self._keep, daemon=True).start()

    def is_running(self) -> bool:
        """Look whether it has a code."""
        with self._lock:
            if self._code is None:
                self._code = self._process.poll()
            return self._code is None

    def wait(self, seconds: float | None) -> Ended | None:
        """Wait for the keeper; whoever has ended already is worth a moment."""
        end = None if seconds is None else time.monotonic() + seconds
        while not self._over.wait(0.005):
            if self.is_running() and end is not None and time.monotonic() >= end:
                return None
        return self._ended

    def stop(self, patience: float | None) -> Ended:
        """Ask, wait, kill."""
        with self._lock:
            if self._code is None:
                self._process.terminate()
        if self.wait(patience) is None:
            with self._lock:
                if self._code is None:
                    self._process.kill()
        ended = self.wait(None)
        assert ended is not None
        return ended

    def _keep(self) -> None:
        while self.is_running():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.communicate(timeout=0.02)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        output, _ = self._process.communicate()
        self._ended = Ended(self._process.returncode, output)
        self._over.set()

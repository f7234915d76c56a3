"""A pseudo-terminal to run a program in, and to look at it as a person does."""

import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fcntl import ioctl
from pathlib import Path

CLEARED = "\x1b[H\x1b[2J"
CODES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07)")


class Terminal:
    """A program that runs in a terminal of its own."""

    def __init__(self, process: "subprocess.Popen[bytes]", master: int) -> None:
        self.process = process
        self._master = master
        self._seen = ""

    @property
    def screen(self) -> str:
        """What stands on the screen since it was cleared last, without colours."""
        return CODES.sub("", self._seen.rpartition(CLEARED)[2]).replace("\r", "")

    @property
    def written(self) -> str:
        """All that the program has written so far, as it was written."""
        return self._seen

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def resize(self, *, lines: int, columns: int) -> None:
        ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def until(self, text: str, last: str = "", seconds: float = 60) -> str:
        """Read until the screen shows a text, and ends with another; return the screen."""
        end = time.monotonic() + seconds
        while text not in self.screen or not self.screen.rstrip().endswith(last):
            if not self._more(end, repr(text)):
                raise AssertionError(f"the program ended without {text!r}; the screen:\n{self.screen}")
        return self.screen

    def to_the_end(self, seconds: float = 60) -> str:
        """Read until the program has closed its terminal; return all that it has written."""
        end = time.monotonic() + seconds
        while self._more(end, "end"):
            pass
        return self._seen

    def _more(self, end: float, awaited: str) -> bool:
        """Read what is there, or wait for it until a time; tell whether the program still has its terminal."""
        ready, _, _ = select.select([self._master], [], [], max(0, end - time.monotonic()))
        if not ready:
            raise AssertionError(f"no {awaited} in time; the screen:\n{self.screen}")
        try:
            read = os.read(self._master, 65536)
        except OSError:  # Linux says so when nobody has the other side any more
            return False
        self._seen += read.decode("utf-8", "replace")
        return bool(read)


@contextmanager
def terminal(arguments: Sequence[str], folder: Path, *, lines: int = 24, columns: int = 80) -> Iterator[Terminal]:
    """Run a program in a terminal of a size; end it, if it has not ended."""
    master, slave = pty.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color"}
    for name in ("COLUMNS", "LINES", "NO_COLOR"):
        environment.pop(name, None)
    process = subprocess.Popen(
        arguments, cwd=folder, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(master)

"""One run of a kata's tests in a process of its own, looked at while it goes on, and ended when it hangs."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_concurrency._dojo import events, feed
from pytest_concurrency._dojo.events import Run
from pytest_concurrency._dojo.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_concurrency._dojo.folder import Folder
    from pytest_concurrency._katas.index import Kata

PATIENCE = 10.0  # seconds without news from pytest, after which a run hangs; a right solution needs one in all
PLUGINS = ("-p", "pytest_concurrency", "-p", "timeout")  # other people's cost a second for each start
STARTING = 30.0  # seconds that pytest may need until the first test begins: a busy machine reads many files slowly
ANSWER = 1.0  # seconds that a hanging process gets to say where it is
ENDINGS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
FRAME = re.compile(r'^  File "(.+)", line (\d+) in (.+)$', re.MULTILINE)


class Attempt:
    """A run of pytest on one kata.

    Args:
        folder: the learner's folder.
        kata: what is tested.
        patience: so many seconds without an event mean that it hangs.
        options: further options of pytest.
        words: the language in which a run is told that cannot speak for itself.
    """

    def __init__(
        self,
        folder: Folder,
        kata: Kata,
        patience: float = PATIENCE,
        options: Sequence[str] = (),
        words: Words | None = None,
    ) -> None:
        """Start pytest."""
        self._words = words or Words()
        self.kata = kata
        self.run = Run(kata.name)
        self.place = ""  # where it was when it had told nothing for long, and was given more time all the same
        self._was_asked = False
        self._patience = patience
        self._home = tempfile.TemporaryDirectory(prefix="katas-run-")
        self._events = Path(self._home.name, "events")
        self._log = Path(self._home.name, "output.txt")
        self._read = 0
        self._began = self._news = time.perf_counter()
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pytest", str(kata.folder), "--color=no", *PLUGINS, *options],
                cwd=folder.root,
                env={**os.environ, feed.EVENTS: str(self._events), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def silence(self) -> float:
        """Return for how many seconds pytest has told nothing."""
        return time.perf_counter() - self._news

    @property
    def _limit(self) -> float:
        """Return for how many seconds pytest may tell nothing at this moment."""
        has_begun = self.run.test or self.run.results
        return self._patience if has_begun else max(self._patience, STARTING)

    def look(self) -> Run:
        """Read what pytest has told meanwhile; end it when it hangs."""
        ended = self._process.poll() is not None  # before reading: what it wrote last is then there
        self._read_on()
        if ended:
            self._conclude()
        elif self.silence > self._limit:
            limit, where = self._limit, self.place or self._where()
            self._end()
            hung = events.hung(self.run, limit, where, feed.tasks_of(self.kata), self._words)
            self.run = replace(hung, seconds=time.perf_counter() - self._began)
            self._home.cleanup()
        elif self.silence > self._patience and not self._was_asked:
            self._was_asked, self.place = True, self._where()
        return self.run

    def wait(self, step: float = 0.05) -> Run:
        """Look until the run is over; return it."""
        while not self.look().done:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(step)
        return self.run

    def stop(self) -> None:
        """End the run, whatever it does; nothing of it counts."""
        self._end()
        self._home.cleanup()

    def _read_on(self) -> None:
        if not self._events.is_file():
            return
        with self._events.open(encoding="utf-8") as lines:
            lines.seek(self._read)
            text = lines.read()
        whole = text[: text.rfind("\n") + 1]
        if whole:
            self._read += len(whole.encode())
            self._news = time.perf_counter()
        for line in whole.splitlines():
            self.run = events.fold(self.run, events.decode(line))

    def _conclude(self) -> None:
        """Take the end of the process for the end of the run, also where pytest did not get so far."""
        self._end()
        if not self.run.done or not self.run.results:
            self.run = replace(self.run, done=True, trouble=self.run.trouble or self._last_words())
        self._home.cleanup()

    def _last_words(self) -> str:
        """Return in one line how pytest came to its end, and where, as far as it or Python has said so."""
        words, status = self._words, self._process.returncode
        said = self._log.read_text(encoding="utf-8", errors="replace")
        if status < 0:
            where = place_in(said, self.kata.folder)
            line = words("pytest was ended by {signal}", signal=signal.Signals(-status).name)
            return line + (words(": it was at {where}", where=where) if where else "")
        if self.run.test:
            return words(
                "pytest ended in the middle of {test}, with status {status}", test=self.run.test, status=status
            )
        last = "".join(said.strip().splitlines()[-1:])
        return words("pytest ended with status {status}: {last}", status=status, last=last)

    def _where(self) -> str:
        """Ask the process where it is; return the innermost line of the learner's file, or of the tests."""
        file = Path(f"{self._events}{feed.STACKS}")
        if not hasattr(signal, "SIGUSR1") or not file.is_file():
            return ""
        self._process.send_signal(signal.SIGUSR1)
        until = time.perf_counter() + ANSWER
        while not (text := file.read_text(encoding="utf-8")).endswith("\n") and time.perf_counter() < until:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.02)
        return place_in(text, self.kata.folder)

    def _end(self) -> None:
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()
        self._process.wait()


def finished(
    folder: Folder, kata: Kata, patience: float = PATIENCE, options: Sequence[str] = (), words: Words | None = None
) -> Run:
    """Run the tests of a kata to their end, or until they hang; the arguments are those of an `Attempt`."""
    attempt = Attempt(folder, kata, patience, options, words)
    try:
        return attempt.wait()
    finally:
        attempt.stop()


@contextlib.contextmanager
def ended_with_the_terminal() -> Iterator[None]:
    """Let a terminal that is closed, or a polite kill, end what goes on like Ctrl-C: a run that hangs would stay."""

    def end(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = {each: signal.signal(each, end) for each in ENDINGS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def place_in(stacks: str, folder: Path) -> str:
    """Return the first place of a dump of stacks that lies in a folder: file, line and function."""
    for path, line, function in FRAME.findall(stacks):
        if Path(path).is_relative_to(folder):
            return f"{Path(path).name}:{line} in {function}"
    return ""

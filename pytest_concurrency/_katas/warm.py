"""Runs of pytest that share their start: a process has loaded pytest, and forks for each run.

Problem: a trial of one test takes less time than the start of the interpreter, of pytest and of this plugin, and a kill
matrix has more than a thousand trials. Solution: a server loads them once, and has a child for each run, which imports
the tests itself, and ends as an interpreter does.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COMMAND = (sys.executable, "-m", "pytest_concurrency._katas.warm")
OURS = """
    _plugin.plugin _plugin.race _explore.api _core.strategies.portfolio _oracles.deadlocks _oracles.races
    _oracles.signals _hangs.telling _runtimes.joining _runtimes.threads.kind _runtimes.threads.world _dojo.feed
    _katas.done _katas.solutions"""
LOADED = (  # what most trials need
    "pytest",
    *(f"_pytest.{name}" for name in ("faulthandler", "junitxml", "terminal", "unittest", "unraisableexception")),
    *(f"pytest_concurrency.{name}" for name in OURS.split()),
)
UNREWRITTEN = "PYTEST_DONT_REWRITE"  # pytest warns of a plugin that is there already, unless its docstring says this


class Servers:
    """Processes that have loaded pytest; inside `with`, at the end of which they end.

    Args:
        folder: Where they run.
        environment: All of their environment.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Start none yet."""
        self._start = functools.partial(Server, folder, environment)
        self._idle: list[Server] = []

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End all that are idle."""
        while self._idle:
            self._idle.pop().close()

    def run(self, arguments: Sequence[str], log: Path, seconds: float) -> int | None:
        """Run pytest in a process of its own, and end whatever it has started; several threads may call this.

        Args:
            arguments: Those of pytest.
            log: Where its output goes.
            seconds: It is ended after so long.

        Returns:
            Its status; nothing if it was ended.
        """
        try:
            server = self._idle.pop()
        except IndexError:
            server = self._start()
        try:
            status = server.run(arguments, log, seconds)
        except BaseException:
            server.close()
            raise
        self._idle.append(server)
        return status


class Server:
    """A process that forks, seen from outside."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Start it."""
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(COMMAND, cwd=folder, env=dict(environment), stdin=pipe, stdout=pipe, bufsize=0)

    def close(self) -> None:
        """End it; it has no child at this moment."""
        with self._process:
            self._process.kill()

    def run(self, arguments: Sequence[str], log: Path, seconds: float) -> int | None:
        """Run pytest once; return its status, or nothing if it was ended after `seconds`.

        Raises:
            RuntimeError: This process has ended meanwhile.
        """
        self._input.write(json.dumps([[*arguments], str(log)]).encode() + b"\n")
        child = self._answer()
        came, _, _ = select.select([self._output], [], [], seconds)
        if not came:
            _kill(child)
        status = self._answer()
        _kill(child)  # what it has left behind
        return status if came else None

    def _answer(self) -> int:
        line = self._output.readline()
        if not line:
            status = self._process.wait()
            raise RuntimeError(
                f"the process that starts pytest must live on, got its end with status {status}: killed by a test?"
            )
        return int(line)

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin
        return self._process.stdin

    @property
    def _output(self) -> IO[bytes]:
        assert self._process.stdout
        return self._process.stdout


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS forbids it where only zombies are left
        os.killpg(group, signal.SIGKILL)


def main() -> None:
    """Serve: for each line of JSON, arguments and a file for the output, answer a process and then its status."""
    answers = os.fdopen(os.dup(1), "w")
    for name in LOADED:
        importlib.import_module(name)
    package = sys.modules["pytest_concurrency"]
    package.__doc__ = f"{package.__doc__} {UNREWRITTEN}"
    for line in sys.stdin:
        arguments, log = json.loads(line)
        child = os.fork()
        if not child:
            _begin(Path(log), answers)
            sys.exit(sys.modules["pytest"].main(arguments))
        answers.write(f"{child}\n")
        answers.flush()
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


def _begin(log: Path, answers: IO[str]) -> None:
    """Become a process of one's own: with a group, with nothing to read, and writing to the log."""
    os.setsid()
    answers.close()
    nothing, output = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(output)
    sys.stdin = os.fdopen(0, closefd=False)  # the old one has read ahead


if __name__ == "__main__":
    main()

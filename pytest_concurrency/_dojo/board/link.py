"""How a run of pytest reaches a board: by a process of its own, so that neither waits for the other."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from typing import TYPE_CHECKING

from pytest_concurrency._katas.refusals import Refused

if TYPE_CHECKING:
    from pytest_concurrency._dojo.folder import Folder

NOWHERE = "this folder has joined no board; `katas join URL --name ann-and-bob` does"
FILE = "board.json"  # in the folder's private part: url, pair, key, name
GOODBYE = 3.0  # seconds that the end of pytest waits for the last report


def is_joined(home: Folder) -> bool:
    """Tell whether this folder reports to a board."""
    return (home.private / FILE).is_file()


def joined(home: Folder) -> dict[str, str]:
    """Return what `katas join` kept.

    Raises:
        ValueError: this folder has joined no board.
    """
    if not is_joined(home):
        raise Refused(NOWHERE)
    try:
        found: dict[str, str] = json.loads(home.recall(FILE))
    except ValueError:  # half of it, or edited
        raise Refused(NOWHERE) from None
    return found


class Link:
    """The pipe to the reporting process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Take the process that reads events."""
        self._process = process

    def write(self, line: str) -> None:
        """Hand an event on; when the reporter is gone, the run goes on without it."""
        assert self._process.stdin
        with contextlib.suppress(OSError):
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def close(self) -> None:
        """Let the reporter send what it has, and end."""
        assert self._process.stdin
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):  # it ends by itself, and keeps what was not sent
            self._process.wait(GOODBYE)


def start(home: Folder) -> Link:
    """Start the reporting process for a folder."""
    log = home.private / "reporter.log"
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest_concurrency._dojo.board.reporter", str(home.root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
    return Link(process)

"""The patched process as the session sees it: started by the first test that needs it, ended with the session."""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._machine import real
from pytest_concurrency._plugin import shown
from pytest_concurrency._plugin.patched import frames

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pytest

    from pytest_concurrency._plugin.patched.frames import Message

STARTS_WITHIN: Final = 60.0
"""Seconds that it gets for its imports and for collecting the tests."""
ENDS_WITHIN: Final = 1.0
LEAST: Final = 3.0
SLACK: Final = 2.0
"""Seconds that an exploration may be silent beyond its own limit, which is at least `LEAST`."""
_BEGIN: Final = """
import sys
sys.path[:] = {path!r}
from pytest_concurrency._plugin.patched.child import main
main({fd})
"""
_OPTIONS: Final = {
    "keyword": "", "markexpr": "", "lf": False, "failedfirst": False, "newfirst": False, "deselect": None,
    "stepwise": False, "maxfail": 0, "usepdb": False, "trace": False, "xmlpath": None, "pastebin": None,
    "continue_on_collection_errors": True, "numprocesses": None, "dist": "no", "tx": [], "no_cov": True,
    "interleave": "off", "deadlock_report": False, "setupshow": False,
}  # fmt: skip
"""Options that choose among tests, or write what is the session's to write."""


class PatchedProcessError(Exception):
    """The patched process, or the child that ran a test, is of no use any more; the text says why."""


class Zygote:
    """A running patched process.

    Args:
        config: Of the session.
        files: What it is to collect.
    """

    def __init__(self, config: pytest.Config, files: Sequence[str]) -> None:
        mine, other = socket.socketpair()
        self._socket = mine
        self._inbox = frames.Inbox(mine.fileno())
        with other:
            text = _BEGIN.format(path=sys.path, fd=other.fileno())
            flags: list[str] = getattr(subprocess, "_args_from_interpreter_flags", list)()
            self._process = subprocess.Popen(
                [sys.executable, *flags, "-c", text],
                stdin=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
                cwd=config.invocation_params.dir,
                start_new_session=True,  # Ctrl-C is the session's
            )
        try:
            self._begin(config, files)
        except BaseException:
            self.end()
            raise

    def _begin(self, config: pytest.Config, files: Sequence[str]) -> None:
        args = [part for each in config.option.plugins for part in ("-p", each)] + list(files)
        self._send((args, _options(config), shown.width_of(config)))
        for message in self._messages(STARTS_WITHIN):
            match message:
                case ("ready",):
                    return
                case ("refused", why):
                    raise PatchedProcessError(why)
        raise PatchedProcessError(f"the patched process {self._how()} before it could run a test")

    def run(self, nodeid: str) -> Iterator[Message]:
        """Let a child run a test; yield what it says.

        Raises:
            PatchedProcessError: It ends without having run it, or hangs in an exploration.
        """
        self._send((nodeid,))
        messages = self._messages()
        for message in messages:
            match message:
                case ("ended", 0):
                    return
                case ("ended", code):
                    raise PatchedProcessError(f"the patched child {_in_words(code)}")
                case ("broke" | "refused", why):
                    raise PatchedProcessError(why)
                case ("missing", why):
                    raise PatchedProcessError(why or "the patched process does not find this test")
            yield message
        raise PatchedProcessError(f"the patched process {self._how()}")

    def end(self) -> None:
        """End it, and the child that it may have; safe to call again."""
        self._socket.close()
        if self._process.poll() is None:
            try:
                self._process.wait(ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()

    def _send(self, message: Message) -> None:
        try:
            frames.send(self._inbox.fd, message)
        except OSError:
            raise PatchedProcessError(f"the patched process {self._how()}") from None

    def _messages(self, limit: float | None = None) -> Iterator[Message]:
        """Yield what comes, until nothing can.

        Raises:
            PatchedProcessError: Nothing has come for so long as was allowed.
        """
        said = f"did not start within {limit:g} s" if limit is not None else ""
        until = None if limit is None else real.monotonic() + limit
        while not self._inbox.ended:
            self._wait(until, said)
            self._inbox.read()
            while (text := self._inbox.take()) is not None:
                message = frames.loaded(text)
                if message[0] == "explores":
                    limit = max(message[1] or 10.0, LEAST) + SLACK
                    said = f"has begun no schedule for {limit:g} s"
                elif message[0] == "explored":
                    limit = None
                until = None if limit is None else real.monotonic() + limit
                yield message

    def _wait(self, until: float | None, said: str) -> None:
        timeout = None if until is None else max(0.0, until - real.monotonic())
        if not select.select([self._inbox.fd], [], [], timeout)[0]:
            raise PatchedProcessError(f"the patched process {said}, and was killed")

    def _how(self) -> str:
        try:
            return _in_words(self._process.wait(ENDS_WITHIN))
        except subprocess.TimeoutExpired:
            return "broke off"


def _in_words(code: int) -> str:
    """Return how a process has ended."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"


def _options(config: pytest.Config) -> dict[str, Any]:
    """Return the options of the session, as a child has them."""
    options = {name: value for name, value in vars(config.option).items() if _can_be_sent(value)}
    options.pop("file_or_dir", None)
    options |= {name: value for name, value in _OPTIONS.items() if name in options}
    options |= {"rootdir": str(config.rootpath), "plugins": [*config.option.plugins, "no:terminal"]}
    if config.inipath is not None:
        options["inifilename"] = str(config.inipath)
    factory = getattr(config, "_tmp_path_factory", None)
    if factory is not None:
        options["basetemp"] = str(factory.getbasetemp() / "patched")
    return options


def _can_be_sent(value: object) -> bool:
    try:
        pickle.loads(pickle.dumps(value))
    except Exception:
        return False
    return True

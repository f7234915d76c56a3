"""What a run of pytest on katas tells to `katas`, to the file of progress and to a board, test by test.

It is a plugin of pytest and imports none of it: pytest finds hooks by their names.
"""

from __future__ import annotations

import faulthandler
import functools
import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_concurrency._dojo import events, folder, states
from pytest_concurrency._dojo.board import link
from pytest_concurrency._dojo.words import Words
from pytest_concurrency._katas import check

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_concurrency._dojo.folder import Folder
    from pytest_concurrency._katas.index import Kata

EVENTS = "KATAS_EVENTS"  # the file that `katas run` reads along
STACKS = ".stacks"  # beside it: where everybody is, when asked by a signal
PLUGIN = "katas-feed"
PLACE = re.compile(r'^E +File "(.+)", line (\d+)$|^(\S.*\.py):(\d+): in ', re.MULTILINE)


class Feed:
    """Turns what pytest reports into events.

    Args:
        kata_of: which kata a file of tests belongs to.
        katas: those that this run is about, by name.
        whole: whether all their tests are asked for.
        sinks: who is told; each takes one line.
    """

    def __init__(
        self,
        kata_of: Callable[[Path], Kata | None],
        katas: Mapping[str, Kata],
        sinks: Sequence[Callable[[str], None]],
        *,
        whole: bool,
    ) -> None:
        """Read which test belongs to which task, and tell that the run begins."""
        self._kata_of = kata_of
        self._sinks = sinks
        self._folders = {name: kata.folder for name, kata in katas.items()}
        self._tasks = {name: tasks_of(kata) for name, kata in katas.items()}
        self._began = time.perf_counter()
        self._root = Path()
        for name in katas:
            self._tell(event="start", kata=name, whole=whole)

    def follow(self, root: Path) -> None:
        """Say where the paths of tests begin."""
        self._root = root

    def _tell(self, **event: Any) -> None:
        for sink in self._sinks:
            sink(events.encode(event))

    def _place(self, nodeid: str) -> tuple[str, str] | None:
        path, _, test = nodeid.partition("::")
        kata = self._kata_of(self._root / path)
        return (kata.name, test) if kata else None

    def pytest_collectreport(self, report: Any) -> None:
        """Tell of a file that could not be collected."""
        place = self._place(report.nodeid)
        if report.failed and place:
            text = report.longreprtext
            self._tell(event="trouble", kata=place[0], line=states.first_line(last_error(text) + last_place(text)))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Tell that a test begins."""
        if place := self._place(nodeid):
            self._tell(event="begin", kata=place[0], test=place[1])

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Tell what became of a test: when it was called, or where it failed around the call."""
        place = self._place(report.nodeid)
        if place and (report.when == "call" or not report.passed):
            kata, test = place
            outcome, message = outcome_of(report)
            task = self._tasks.get(kata, {}).get(test.partition("[")[0], 0)
            text = "" if outcome in ("passed", "skipped") else report.longreprtext
            line = states.first_line(message)
            self._tell(event="end", kata=kata, test=test, task=task, outcome=outcome, line=line, text=text)

    def pytest_keyboard_interrupt(self, excinfo: Any) -> None:
        """Tell that the run was broken off, by somebody at the keyboard or by the code that is tested."""
        self._broken_off(excinfo)

    def pytest_internalerror(self, excinfo: Any) -> None:
        """Tell what pytest could not get over, such as a module that calls `sys.exit`."""
        self._broken_off(excinfo)

    def _broken_off(self, excinfo: Any) -> None:
        places = [(Path(entry.path), entry.lineno + 1) for entry in excinfo.traceback]
        for kata, home in self._folders.items():
            own = [f" ({path.name}:{line})" for path, line in places if path.is_relative_to(home)]
            if own or len(self._folders) == 1:
                line = excinfo.exconly() + "".join(own[-1:])
                self._tell(event="trouble", kata=kata, line=states.first_line(line))

    def pytest_sessionfinish(self) -> None:
        """Tell that the run is over."""
        seconds = round(time.perf_counter() - self._began, 2)
        for kata in self._tasks:
            self._tell(event="finish", kata=kata, seconds=seconds)


def tasks_of(kata: Kata) -> dict[str, int]:
    """Map each test of a kata to its task."""
    return {name: marked[0] for name, marked in check.test_functions(kata.tests).items() if marked}


def outcome_of(report: Any) -> tuple[str, str]:
    """Return the outcome of a test, and its message, from what pytest reports."""
    if report.passed:
        return "passed", ""
    if report.skipped:
        return "skipped", ""
    text = report.longreprtext
    crash = getattr(report.longrepr, "reprcrash", None)
    message = crash.message if crash and not text.startswith(crash.message) else text
    if any(name == "kata not started" for name, _ in report.user_properties):
        return "not started", message
    if report.when != "call":
        return "error", message
    return states.outcome_of_failure(f"{getattr(crash, 'message', '')}\n{message}"), message


def last_error(text: str) -> str:
    """Return the line of a traceback that names the error: the last that pytest marks."""
    marked = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    return marked[-1] if marked else text


def last_place(text: str) -> str:
    """Return the last line of a file that a traceback of pytest speaks of, in brackets; nothing when there is none."""
    found = PLACE.findall(text)
    if not found:
        return ""
    path, line = (each for each in found[-1] if each)
    return f" ({Path(path).name}:{line})"


def attach(
    config: Any, kata_of: Callable[[Path], Kata | None], katas: Mapping[str, Kata], root: Path, *, own: bool
) -> None:
    """Let a run of pytest tell whoever wants to know; nobody does, nothing is done.

    Args:
        config: pytest's configuration.
        kata_of: which kata a file of tests belongs to.
        katas: those that this run is about.
        root: the learner's folder.
        own: whether the learner's own files are tested: nothing else counts as progress.
    """
    if not katas or hasattr(config, "workerinput") or config.option.collectonly:
        return
    sinks = [*_listener(config), *(_at_home(config, root, katas) if own else [])]
    if sinks:
        feed = Feed(kata_of, katas, sinks, whole=is_whole(config))
        feed.follow(config.rootpath)
        config.pluginmanager.register(feed, PLUGIN)


def reference(root: Path) -> Path | None:
    """Return where the worked solutions lie: not beside the katas in a folder that `katas init` made."""
    return folder.of(root).bundle.reference if (root / ".katas").is_dir() else None


def is_whole(config: Any) -> bool:
    """Tell whether a run is about whole katas and not about chosen tests of them."""
    option = config.option
    chosen = (option.keyword, option.markexpr, getattr(option, "lf", False), getattr(option, "failedfirst", False))
    return not any(chosen) and not any("::" in each for each in config.args) and not option.maxfail


def _listener(config: Any) -> list[Callable[[str], None]]:
    """Write for `katas run` or `katas watch`, if it is they who have started pytest."""
    path = os.environ.get(EVENTS)
    if not path:
        return []
    output = Path(path).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115 - closed with pytest's configuration
    config.add_cleanup(output.close)
    if hasattr(faulthandler, "register"):
        stacks = Path(path + STACKS).open("w", encoding="utf-8")  # noqa: SIM115 - as above
        faulthandler.register(signal.SIGUSR1, stacks, all_threads=True)
        config.add_cleanup(stacks.close)
        config.add_cleanup(functools.partial(faulthandler.unregister, signal.SIGUSR1))
    return [output.write]  # type: ignore[list-item]  # what `write` answers is of no use


def _at_home(config: Any, root: Path, katas: Mapping[str, Kata]) -> list[Callable[[str], None]]:
    """Keep progress, and tell a board, in a folder where `katas` was used before."""
    if not (root / ".katas").is_dir():
        return []
    home = folder.of(root)
    sinks: list[Callable[[str], None]] = []
    if not os.environ.get(EVENTS):
        ledger = Ledger(home, katas)
        config.add_cleanup(ledger.complain)
        sinks.append(ledger.write)
    if link.is_joined(home):
        reporter = link.start(home)
        config.add_cleanup(reporter.close)
        sinks.append(reporter.write)
    return sinks


class Ledger:
    """Writes into the file of progress what each kata came to."""

    def __init__(self, home: Folder, katas: Mapping[str, Kata]) -> None:
        """Begin with a run of each kata in which nothing has happened yet."""
        self._home = home
        self._runs = dict.fromkeys(katas, events.Run())
        self._complaint = ""

    def write(self, line: str) -> None:
        """Take one event."""
        event = events.decode(line)
        name = event["kata"]
        self._runs[name] = run = events.fold(self._runs[name], event)
        if run.done:
            try:
                self._home.record(run)
            except (ValueError, OSError) as error:  # the run is worth something all the same
                self._complaint = Words(self._home.language).of(error)

    def complain(self) -> None:
        """Say why nothing was written down, if so."""
        if self._complaint:
            sys.stderr.write(f"katas: {self._complaint}\n")

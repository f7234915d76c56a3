"""One run of a kata's tests against one solution, in a process of its own."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_concurrency._katas.warm import Servers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_concurrency._katas.index import Kata

SECONDS = 120
NOT_STARTED = re.compile(r"^\w+: task \d+ not started — ")
# The lanes of a failure show lines of source, those of the tests with their messages among them.
LANES = re.compile(r"^interleaving\n(?:.+(?:\n|\Z))*", re.MULTILINE)
CUT = "; full report in element text]"  # pytest 9.2 and later keep 500 characters of a message
STATES = {"failure": "failed", "error": "error", "skipped": "skipped"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one test: passed, failed, not started, skipped, or error: it could not run."""

    test: str
    state: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of all tests of a kata with one solution.

    Attributes:
        group: stub, reference, approaches or wrong.
        solution: the name of its file, without `.py`.
        outcomes: one for each test; empty when the run never came to an end.
        trouble: why the run as a whole is worth nothing; empty when it is.
        seconds: how long it took.
    """

    group: str
    solution: str
    outcomes: tuple[Outcome, ...]
    trouble: str = ""
    seconds: float = 0.0


def plan(kata: Kata, wrong: Iterable[Path]) -> list[tuple[str, Path]]:
    """List the solutions to try, each with its group; the wrong ones are written already."""
    found = [("stub", kata.stub), ("reference", kata.reference)]
    found += [("approaches", file) for file in kata.approaches]
    return found + [("wrong", file) for file in wrong]


def servers(kata: Kata) -> contextlib.AbstractContextManager[Servers | None]:
    """Return what shares the start of pytest among many trials of a kata; nothing where a process cannot fork."""
    return Servers(kata.folder.parents[2], _environment()) if hasattr(os, "fork") else contextlib.nullcontext()


def run(
    kata: Kata, group: str, file: Path, *, only: str = "", seconds: float = SECONDS, shared: Servers | None = None
) -> Trial:
    """Run the tests of a kata, or one of them, against one file, as a person would at a terminal.

    Args:
        kata: Whose tests.
        group: What the file is: stub, reference, approaches or wrong.
        file: What is tested.
        only: The test to run; all unless given.
        seconds: How long it may take.
        shared: Of this kata's `servers`; unless given, pytest starts anew.
    """
    choice = {"stub": [], "reference": ["--reference"]}.get(group, ["--solution", str(file)])
    choice += ["-k", only] if only else []
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="kata-") as folder:
        report = Path(folder, "report.xml")
        trouble = _pytest(kata, choice, report, seconds, shared)
        outcomes = tuple(outcomes_of(report.read_text(encoding="utf-8"))) if report.is_file() else ()
    return Trial(group, file.stem, outcomes, trouble, time.perf_counter() - began)


def _pytest(kata: Kata, choice: list[str], report: Path, seconds: float, shared: Servers | None) -> str:
    """Run pytest; return what went wrong with the run itself."""
    # Only what the katas need is loaded: other people's plugins cost a second for each start.
    plugins = ["-p", "pytest_concurrency", "-p", "timeout", "-p", "no:cacheprovider"]
    options = ["--color=no", "--tb=short", "--junitxml", str(report), *plugins, *choice]
    log = report.with_name("output.txt")  # no pipe: a child that outlives pytest would keep it open
    arguments = [str(kata.folder), *options]
    status = shared.run(arguments, log, seconds) if shared else _run(arguments, kata.folder.parents[2], log, seconds)
    if status is None:
        return f"ran longer than {seconds:g} s"
    if status in (0, 1) and report.is_file():
        return ""
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    return f"ended with status {status}: {''.join(last)}"


def _run(arguments: list[str], folder: Path, log: Path, seconds: float) -> int | None:
    """Run pytest with a start of its own, and end what it has started; return its status, or nothing if it hung."""
    command, nothing = [sys.executable, "-m", "pytest", *arguments], subprocess.DEVNULL
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=_environment(), stdin=nothing, stdout=output, stderr=output, start_new_session=True
        )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        _end(process)


def _environment() -> dict[str, str]:
    """Return our environment without what would change the run: options, plugins, measuring."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COVERAGE_"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # each start would compile all modules anew, for a second or two
    return {**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPYCACHEPREFIX": _compiled().name}


@functools.cache
def _compiled() -> tempfile.TemporaryDirectory[str]:
    """Return where the trials of this process keep compiled modules; it is removed when the process ends."""
    return tempfile.TemporaryDirectory(prefix="katas-compiled-")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and everything that it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def outcomes_of(xml: str) -> Iterator[Outcome]:
    """Read the outcomes out of a JUnit report, one for each test."""
    for case in ElementTree.fromstring(xml).iter("testcase"):
        test = case.get("name", "").partition("[")[0]
        found = [part for part in case if part.tag in STATES]
        yield _outcome(test, found[0]) if found else Outcome(test, "passed")


def _whole(message: str, text: str) -> str:
    """Return a message that pytest has shortened as it was: a report of ours, or the lines that it marks with E."""
    if not message.endswith(CUT):
        return message
    if text.startswith(message.partition("\n")[0].removesuffix("...")):
        return text
    return "\n".join(line[1:] for line in text.splitlines() if line.startswith("E ")) or text  # a failure without lines


def _outcome(test: str, part: ElementTree.Element) -> Outcome:
    message = " ".join(LANES.sub("", _whole(part.get("message", ""), part.text or "")).split())
    if NOT_STARTED.search(message):
        return Outcome(test, "not started", message)
    if part.tag == "failure":
        return Outcome(test, "failed", message)
    return Outcome(test, STATES[part.tag], " ".join(f"{message} {part.text or ''}".split()))

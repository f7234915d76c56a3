"""A failure's text as the terminal shows it: coloured, folded to its width, or one line where that is asked for."""

from __future__ import annotations

import os
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_concurrency._core.telling.text import WIDTH, render_report

if TYPE_CHECKING:
    from pytest_concurrency._core.telling.report import Report

width_key: pytest.StashKey[int] = pytest.StashKey()
"""For how many columns the session makes reports that shows what this process runs."""
HEADINGS: Final = frozenset({"tasks", "interleaving", "replay", "likely cause"})


class Complaint(pytest.fail.Exception):  # type: ignore[misc,name-defined] # pytest has it as an attribute
    """A test fails for what its explorations have shown all together; told as a verdict is, at the test's own line."""


@dataclass(frozen=True, slots=True)
class Crash:
    """Where a test failed, as pytest names it.

    Attributes:
        path: The file.
        lineno: The line.
        message: What the short summary takes.
    """

    path: str
    lineno: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.lineno}: {self.message}"


class Shown:
    """Stands for the text of a failure when the terminal shows it; the text itself is equal in a replay.

    Args:
        text: What is told.
        count: In which schedule it was found, or after how many; "" where that is not said.
        where: File and number of the user's line.
        style: What `--tb` says.
        folds: Whether lines may not be longer than the terminal.

    Attributes:
        reprcrash: What the short summary and `--tb=line` take.
    """

    def __init__(self, text: str, count: str, where: tuple[str, int], *, style: str, folds: bool) -> None:
        self._text = text
        self._count = count
        self._style = style
        self._folds = folds
        self.reprcrash = Crash(*where, text.partition("\n")[0])

    def __str__(self) -> str:
        return self._text

    def toterminal(self, out: Any) -> None:
        """Print it, as pytest asks a failure to; with `--tb=line` pytest itself prints the one line."""
        if self._style == "line":
            return
        if self._count:
            out.line(f"found {self._count}:")
        before = "x"
        for number, line in enumerate(self._text.splitlines()):
            is_heading = not before and line in HEADINGS
            markup = {"red": True, "bold": True} if not number else {"bold": True} if is_heading else {}
            is_command = before == "replay"
            for part in [line] if is_command or not self._folds else folded(line, out.fullwidth):
                out.line(part, **markup)
            before = line


def folded(line: str, width: int) -> list[str]:
    """Return a line in pieces that are no longer than a width, later ones further to the right."""
    if len(line) <= width:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.wrap(line, width, subsequent_indent=indent, replace_whitespace=False, break_on_hyphens=False)


def has_width(config: pytest.Config) -> bool:
    """Tell whether the output has a width that somebody sees: a terminal's, or one that COLUMNS gives."""
    reporter: Any = config.pluginmanager.getplugin("terminalreporter")
    return reporter is not None and bool(reporter.isatty or os.environ.get("COLUMNS"))


def width_of(config: pytest.Config) -> int:
    """Return for how many columns reports are made: 80, or fewer where the terminal, or the controller's, has fewer."""
    given = config.stash.get(width_key, getattr(config, "workerinput", {}).get("race_width"))
    if given is not None:
        return int(given)
    return min(WIDTH, config.get_terminal_writer().fullwidth) if has_width(config) else WIDTH


def lines_of(report: Report, config: pytest.Config) -> list[str]:
    """Return a report as lines for the terminal, with `-vv` the whole of it."""
    return render_report(report, width_of(config), hint="shown with -vv", whole=config.get_verbosity() >= 2)

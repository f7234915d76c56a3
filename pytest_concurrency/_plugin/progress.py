"""The progress of a long exploration, in a line below pytest's own: on a terminal, not in CI, gone when it is over."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final, Self

import pytest

from pytest_concurrency._explore.plan import DEFAULT_SECONDS
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._explore.plan import Plan

PATIENCE: Final = 1.0
"""What takes less is not told, in seconds."""
EVERY: Final = 0.25
"""Seconds from one line to the next."""


teller_key: pytest.StashKey[Callable[[Plan], Any]] = pytest.StashKey()
"""What tells of an exploration to another process, where that shows the test."""


class Untold:
    """The progress that nobody is told; enter it around an exploration."""

    def tick(self) -> None:
        """Count a schedule that is about to begin."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        """Leave the screen as if nothing had been shown."""


def progress_of(item: pytest.Item, plan: Plan) -> Any:
    """Return what tells the progress of an exploration, if anybody would see it, and nobody else prints meanwhile."""
    config = item.config
    teller = config.stash.get(teller_key, None)
    if teller is not None:
        return teller(plan)
    if os.environ.get("CI") or os.environ.get("TERM") == "dumb" or sys.platform == "win32":
        return Untold()
    reporter: Any = config.pluginmanager.getplugin("terminalreporter")
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    if reporter is None or not reporter.isatty or capture is None or not capture.is_globally_capturing():
        return Untold()
    return Progress(item.name, plan, reporter, capture)


class Progress(Untold):
    """The line below what pytest is about to complete; the cursor goes back there each time."""

    def __init__(self, name: str, plan: Plan, reporter: Any, capture: Any) -> None:
        """Begin to count; nothing is shown yet."""
        self._name = name
        self._most = plan.most
        self._seconds = plan.seconds or DEFAULT_SECONDS
        self._reporter = reporter
        self._capture = capture
        self._count = 0
        self._began = real.monotonic()
        self._next = self._began + PATIENCE
        self._shown = False

    def tick(self) -> None:
        """Count a schedule that is about to begin, and tell it if it is time to."""
        now = real.monotonic()
        if now >= self._next:
            self._next = now + EVERY
            self._shown = True
            self._write(told(self._name, self._count, now - self._began, self._most, self._seconds))
        self._count += 1

    def __exit__(self, *exc: object) -> None:
        if self._shown:
            self._write("")

    def _write(self, text: str) -> None:
        writer = self._reporter._tw
        back = f"\x1b[{writer.width_of_current_line + 1}G"
        with self._capture.global_and_fixture_disabled():
            # The line feed may scroll: so the way back is counted from here, and no place is saved.
            writer._file.write(f"\n\r\x1b[K{text[: writer.fullwidth - 1]}\x1b[1A{back}")
            writer._file.flush()


def told(name: str, count: int, elapsed: float, most: int, seconds: float) -> str:
    """Return the line.

    Args:
        name: Of the test.
        count: How many schedules were tried.
        elapsed: In how many seconds.
        most: How many may be tried.
        seconds: In how many seconds.
    """
    counted = f"{count} schedule{'' if count == 1 else 's'}, {elapsed:.0f} s"
    if count >= most or elapsed >= seconds:
        return f"{counted}, at the end: judging what they showed ({name})"
    left = min(seconds - elapsed, (most - count) * elapsed / max(count, 1))
    return f"{counted}, {left:.0f} s left at most ({name})"

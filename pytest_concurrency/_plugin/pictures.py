"""The files of `--race-html` and `--race-trace`: what failed in the whole session, from all of its processes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_concurrency._core.errors import ConcurrencyError
from pytest_concurrency._core.telling.page import render_page
from pytest_concurrency._core.telling.picture import picture
from pytest_concurrency._core.telling.trace import render_trace
from pytest_concurrency._machine.patched import child
from pytest_concurrency._plugin.options import DRAWN

if TYPE_CHECKING:
    from collections.abc import Iterator

_AT_ONCE: Final = 50
"""Of more failures the rest is written at the end: each time all of them are."""
_LISTS = ("collectonly", "showfixtures", "show_fixtures_per_test")


class Pictures:
    """Takes part in a session that is asked for pictures; each of its processes has one.

    A worker of pytest-xdist draws nothing: it adds what failed to the reports of its tests, which come to the
    process that writes.
    """

    def __init__(self, config: pytest.Config) -> None:
        """Know the files; nothing is written yet."""
        self._config = config
        given = {kind: config.getoption(f"race_{kind}") for kind in DRAWN}
        self._files = {kind: self._path(file) for kind, file in given.items() if file is not None}
        self._writes = (
            not hasattr(config, "workerinput")
            and not child.explores
            and not any(config.getoption(each, default=False) for each in _LISTS)
        )
        self._found: list[dict[str, Any]] = []

    def pytest_sessionstart(self) -> None:
        """Write that the session has not ended: what stands in the files from before is of another one.

        Raises:
            pytest.UsageError: A file cannot be written.
        """
        junit = getattr(self._config.option, "xmlpath", None)
        for kind, file in self._files.items():
            if file.suffix in (".py", ".pyi"):  # where the name of a file is forgotten, that of a test follows
                raise pytest.UsageError(
                    f"--race-{kind} must be a file to write into, got the Python file {self._given(kind)!r}"
                )
            if junit and self._path(junit) == file:
                raise pytest.UsageError(f"--race-{kind} and --junitxml must be two files, got {junit!r} twice")
        if len(set(self._files.values())) < len(self._files):
            raise pytest.UsageError(
                f"--race-html and --race-trace must be two files, got {self._given('html')!r} twice"
            )
        if self._writes:
            self._write(ended=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:
        """Add what failed to the report of its test."""
        report = yield
        if call.excinfo is not None:
            report.race_pictures = drawn(_name(item.nodeid, call.when), call.excinfo.value)
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what failed a test, and write it at once: whoever ends the process later takes nothing away."""
        self.add(getattr(report, "race_pictures", []) if report.failed else [])

    def add(self, found: list[dict[str, Any]]) -> None:
        """Take over pictures of what has failed."""
        self._found += found
        if found and self._writes and len(self._found) <= _AT_ONCE:
            self._write(ended=False)

    def pytest_sessionfinish(self) -> None:
        """Write what was found, however the session ends."""
        if self._writes:
            self._write(ended=True)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say where it lies."""
        if self._writes:
            for kind in self._files:
                terminalreporter.write_sep("-", f"generated race {kind} file: {self._given(kind)}")

    def _path(self, given: str) -> Path:
        """Return where a file lies; `~` and variables are read as for `--junitxml`."""
        return self._config.invocation_params.dir / Path(os.path.expandvars(given)).expanduser()

    def _write(self, *, ended: bool) -> None:
        for kind, file in self._files.items():
            text = render_page(self._found, ended=ended) if kind == "html" else render_trace(self._found, ended=ended)
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            except OSError as error:
                raise pytest.UsageError(
                    f"--race-{kind} must be a file that can be written, got {self._given(kind)!r} ({error.strerror})"
                ) from None

    def _given(self, kind: str) -> str:
        """Return a file as the user has written it."""
        return str(self._config.getoption(f"race_{kind}"))


def _name(test: str, when: str) -> str:
    return test if when == "call" else f"{test} ({when})"


def drawn(test: str, error: BaseException) -> list[dict[str, Any]]:
    """Return the pictures of an error."""
    return [picture(test, each.report) for each in verdicts(error)]


def verdicts(error: BaseException) -> Iterator[ConcurrencyError]:
    """Yield the verdicts in an error, which may be a group."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from verdicts(each)
    elif isinstance(error, ConcurrencyError):
        yield error

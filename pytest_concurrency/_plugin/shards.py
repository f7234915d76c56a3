"""Explorations cut into parts: a test for each, and one verdict on all of them."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_concurrency._core.parts import Joined, PartVerdict, from_values, joined
from pytest_concurrency._core.strategies.border import Part
from pytest_concurrency._core.verdict import Grade
from pytest_concurrency._plugin import options, parted

if TYPE_CHECKING:
    from collections.abc import Generator


def cut(metafunc: pytest.Metafunc) -> None:
    """Make a test for each part, where a test is to be cut; a replay is of the whole."""
    config, node = metafunc.config, metafunc.definition
    if "race" not in metafunc.fixturenames and node.get_closest_marker("race") is None:
        return
    of = options.shards_of(node, config)
    if of < 2 or config.getoption("race_replay") is not None:
        return
    joining(config)
    parts = [Part(number, of) for number in range(of)]
    metafunc.fixturenames.append(parted.ARGUMENT)
    metafunc.parametrize(parted.ARGUMENT, [tuple(each) for each in parts], ids=[parted.name_of(each) for each in parts])


def joining(config: pytest.Config) -> Joining:
    """Return what joins the parts of this session, and let it take part from now on."""
    found: Joining | None = config.pluginmanager.getplugin(options.SHARDS)
    if found is None:
        found = Joining(config)
        config.pluginmanager.register(found, options.SHARDS)
    return found


class Joining:
    """Takes part in a session with parts; each of its processes has one.

    A worker of pytest-xdist joins nothing: it adds the verdicts on its parts to the reports of its tests, which come
    to the process that joins. That is registered late, so that it sees a report before whoever counts it.

    Attributes:
        folder: Where a part that has failed leaves a sign for the others; it is made with the first.
        unfinished: Lines about what has missing parts, when the session is over.
    """

    def __init__(self, config: pytest.Config) -> None:
        """Know the folder."""
        given: dict[str, Any] = getattr(config, "workerinput", {})
        name = given.get("race_shards") or Path(tempfile.gettempdir(), f"pytest-concurrency-{uuid.uuid4().hex}")
        self.folder = config.stash[parted.folder_key] = Path(name)
        self.unfinished: list[str] = []
        self._config = config
        self._is_worker = bool(given)
        self._parts: dict[str, dict[int, PartVerdict]] = {}  # by the test that they are parts of
        self._complete_ones: set[str] = set()
        self._told: dict[str, list[tuple[str, str]]] = {}  # properties of the report that has completed one

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Let the report of a part take its verdict along."""
        report = yield
        handed = item.stash.get(parted.handed_key, None)
        if handed is not None and report.when == "call":
            del item.stash[parted.handed_key]
            report.race_parts = handed
            report.race_whole = parted.whole_id(item)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        """Join a part with those that are there; the last one tells what all of them have shown."""
        if self._is_worker:
            return
        for owner, values in getattr(report, "race_parts", {}).items():
            part = from_values(values)
            parts = self._parts.setdefault(owner, {})
            parts[part.number] = part.weaker(parts.get(part.number))
            if len(parts) == part.of and owner not in self._complete_ones:
                self._complete_ones.add(owner)
                self._complete(report, joined(parts), [*parts.values()])
        if report.when == "teardown":
            report.user_properties += self._told.pop(report.nodeid, [])  # the JUnit file takes them from there

    def _complete(self, report: Any, verdict: Joined, parts: list[PartVerdict]) -> None:
        if verdict.grade is Grade.FAILED:
            return  # the part that has failed says so
        notes = {_about(note): note for part in reversed(parts) for note in part.notes}
        told = [("concurrency", f"{verdict.grade}: {verdict.reason}"), *_properties(verdict)]
        told += [("concurrency", note) for note in notes.values()]
        self._told[report.nodeid] = told
        report.user_properties += told
        require = parts[0].require
        if not report.failed and _is_only_too_weak_together(verdict, parts):
            text = f"require={require}, but the verdict on all parts is {verdict.grade}: {verdict.reason}"
            file, line, _ = report.location
            vars(report).update(outcome="failed", longrepr=text, race_where=(file, (line or 0) + 1))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: Any) -> None:
        """Tell what has missing parts; where more than that is required, the session fails."""
        if self._is_worker:
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        for owner, parts in self._parts.items():
            verdict, require = joined(parts), next(iter(parts.values())).require
            if len(parts) == next(iter(parts.values())).of or verdict.grade is Grade.FAILED:
                continue
            text = f"{verdict.grade}: {verdict.reason}"
            if parted.is_too_weak(verdict.grade, require):
                text += f", but require={require}"
                if session.exitstatus == pytest.ExitCode.OK:
                    session.exitstatus = pytest.ExitCode.TESTS_FAILED
            self.unfinished.append(f"{owner}: {text}")
            self._write(owner, verdict)

    def _write(self, owner: str, verdict: Joined) -> None:
        """Write into the JUnit file, if there is to be one, what no test of it can say."""
        for each in self._config.pluginmanager.get_plugins():
            if type(each).__name__ == "LogXML":
                for name, value in _properties(verdict):
                    each.add_global_property(f"{name} {owner}", value)


def _properties(verdict: Joined) -> list[tuple[str, str]]:
    return [("race-grade", str(verdict.grade)), ("race-schedules", str(verdict.schedules))]


def _about(note: str) -> object:
    """Return what a race is about, whichever task was first and whatever replays it; of anything else the text."""
    _, *accesses = note.partition("\n  again: ")[0].splitlines()
    return tuple(sorted(each.partition(": ")[2] for each in accesses)) or note


def _is_only_too_weak_together(verdict: Joined, parts: list[PartVerdict]) -> bool:
    """Tell whether all parts are as strong as is asked for, and the whole is not."""
    return parted.is_too_weak(verdict.grade, parts[0].require) and not any(
        parted.is_too_weak(each.grade, each.require) for each in parts
    )

"""Tests that would wait for ever, with and without the fixture `deadlocks`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from pytest_concurrency._core.errors import DeadlockFound
from pytest_concurrency._core.lockorder import LockOrder
from pytest_concurrency._core.render import render_report
from pytest_concurrency._runtimes.threads.order import Inversion, Recorder
from pytest_concurrency._runtimes.threads.plain import waits

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from pytest_concurrency._core.report import Report
    from pytest_concurrency._runtimes.watching import Watch

_end_key = pytest.StashKey[Any]()  # what undoes `begin`
_recorder_key = pytest.StashKey[Recorder]()
_session_key = pytest.StashKey[LockOrder]()
_workers_key = pytest.StashKey[list[list[str]]]()


class Deadlocks:
    """Tells a thread at once that it closes a cycle of waits, and keeps the orders of locks.

    Tests get one as the fixture `deadlocks`; it lives in real time, outside `race.explore`.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._book = LockOrder()

    def __repr__(self) -> str:
        return f"<deadlocks: {len(self.found)} found, {len(self.inversions)} inversions>"

    @property
    def inversions(self) -> list[Inversion]:
        """Locks that threads took in different orders, which need not have hung this time.

        Orders are kept by lock class, the line that makes a lock, so that one transfer from A to
        B and one from C to A show as much as two between A and B; among locks made on one line
        they are kept lock by lock. Orders of one thread alone, or under a common third lock, are
        no inversion.
        """
        return self._recorder.inversions(self._book)

    @property
    def found(self) -> list[Report]:
        """The deadlocks that this test has been told of."""
        return list(waits.verdicts)

    @contextlib.contextmanager
    def expected(self) -> Iterator[list[Report]]:
        """Require that the body runs into a deadlock, and go on behind it.

        Yields:
            A list, filled at the end of the body with the report of each deadlock.

        Raises:
            AssertionError: There was none.
        """
        __tracebackhide__ = True
        before = len(waits.verdicts)
        reports: list[Report] = []
        try:
            yield reports
        except DeadlockFound as error:
            if error.report not in waits.verdicts[before:]:
                raise
        finally:
            reports += waits.verdicts[before:]
            del waits.verdicts[before:]
        if not reports:
            raise AssertionError("expected a deadlock, but the block ended without one")

    @contextlib.contextmanager
    def _active(self) -> Iterator[None]:
        recorder = self._recorder
        recorder.books.append(self._book)
        recorder.at_once += 1
        waits.order = recorder
        try:
            yield
        finally:
            recorder.at_once -= 1
            recorder.books.remove(self._book)
            if not recorder.books:
                waits.order = None


def make(request: pytest.FixtureRequest) -> Iterator[Deadlocks]:
    """Make the fixture's value for one test.

    Raises:
        pytest.UsageError: The plugin is switched off.
    """
    recorder = request.config.stash.get(_recorder_key, None)
    if recorder is None:
        raise pytest.UsageError("the fixture deadlocks needs concurrency = on, got 'off'")
    deadlocks = Deadlocks(recorder)
    with deadlocks._active():
        yield deadlocks


def begin(config: pytest.Config, watch: Watch) -> None:
    """Give verdicts on the thread that runs the tests from now on."""
    config.stash[_end_key] = waits.begin(watch)
    config.stash[_recorder_key] = recorder = Recorder(watch)
    waits.extra_natives = int(_has_faulthandler_timeout(config))
    if config.known_args_namespace.deadlock_report:
        config.stash[_session_key] = book = LockOrder()
        recorder.books.append(book)
        waits.order = recorder


def _has_faulthandler_timeout(config: pytest.Config) -> bool:
    """Tell whether pytest keeps a thread of C that writes stacks after a while."""
    try:
        return float(config.getini("faulthandler_timeout") or 0) > 0
    except ValueError:
        return False


def end(config: pytest.Config) -> None:
    """Give no more verdicts."""
    undo = config.stash.get(_end_key, None)
    if undo is not None:
        waits.order = None
        undo()


def around_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that was told that it waits for ever, also where it swallowed that."""
    __tracebackhide__ = True
    waits.verdicts.clear()
    result = yield
    if waits.verdicts:
        raise DeadlockFound(waits.verdicts[0])
    return result


def add_section(report: pytest.TestReport, call: pytest.CallInfo[Any]) -> None:
    """Show a verdict beside the error that hides it."""
    if call.excinfo is not None and not isinstance(call.excinfo.value, DeadlockFound):
        for verdict in waits.verdicts:
            report.sections.append(("deadlock", "\n".join(render_report(verdict))))
    waits.verdicts.clear()


def _session_lines(config: pytest.Config) -> list[list[str]]:
    """Return a key, by which inversions are the same wherever they were seen, and the text of each."""
    book, recorder = config.stash.get(_session_key, None), config.stash.get(_recorder_key, None)
    if book is None or recorder is None:
        return []
    return [
        [repr([(str(each.first_at), str(each.second_at)) for each in inversion.orders]), str(inversion)]
        for inversion in recorder.inversions(book)
    ]


def hand_in(session: pytest.Session) -> None:
    """Send what a worker of pytest-xdist saw to the process that reports."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["deadlock_report"] = _session_lines(session.config)


def collect_from(node: Any) -> None:
    """Take over what a worker of pytest-xdist has handed in."""
    lines = getattr(node, "workeroutput", {}).get("deadlock_report", [])
    node.config.stash.setdefault(_workers_key, []).extend(lines)


def summarise(reporter: Any) -> None:
    """Print the inversions of the whole session if they are wanted."""
    config = reporter.config
    if not config.getoption("deadlock_report"):
        return
    lines = [*_session_lines(config), *config.stash.get(_workers_key, [])]
    reporter.section("lock order inversions", sep="-")
    for text in dict(reversed(lines)).values():
        reporter.line(text)
    if not lines:
        reporter.line("none")

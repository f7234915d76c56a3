"""The `deadlocks` fixture: cycles told at once, and the orders of locks."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from pytest_concurrency._core.detectors.lock_order import LockOrder
from pytest_concurrency._core.errors import DeadlockFound
from pytest_concurrency._hangs.book import waits
from pytest_concurrency._plugin import hangs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._core.telling.report import Report
    from pytest_concurrency._engine.inversions import Inversion
    from pytest_concurrency._hangs.orders import Recorder


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
        self._recorder.begin(self._book, at_once=True)
        try:
            yield
        finally:
            self._recorder.end(self._book, at_once=True)


def make(request: pytest.FixtureRequest) -> Iterator[Deadlocks]:
    """Make the fixture's value for one test.

    Raises:
        pytest.UsageError: The plugin is switched off.
    """
    recorder = hangs.recorder(request.config)
    if recorder is None:
        raise pytest.UsageError("the fixture deadlocks needs concurrency = on, got 'off'")
    deadlocks = Deadlocks(recorder)
    with deadlocks._active():
        yield deadlocks

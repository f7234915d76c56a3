"""Tests that would wait for ever: told to the one that does, and the lock orders of the whole session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_concurrency._hangs.book import waits
from pytest_concurrency._runtimes import kinds

if TYPE_CHECKING:
    from pytest_concurrency._core.detectors.lock_order import LockOrder
    from pytest_concurrency._core.telling.report import Report
    from pytest_concurrency._hangs.orders import Recorder
    from pytest_concurrency._sight.watching import Watch

_end_key: pytest.StashKey[Any] = pytest.StashKey()  # what undoes `begin`
_told_key: pytest.StashKey[Report] = pytest.StashKey()  # the last verdict that was reported
_watch_key: pytest.StashKey[Watch] = pytest.StashKey()
_recorder_key: pytest.StashKey[Recorder] = pytest.StashKey()
_session_key: pytest.StashKey[LockOrder] = pytest.StashKey()
_workers_key: pytest.StashKey[list[list[str]]] = pytest.StashKey()


def begin(config: pytest.Config, watch: Watch) -> None:
    """Give verdicts on the thread that runs the tests from now on."""
    config.stash[_watch_key] = watch
    config.stash[_end_key] = waits.begin(watch, kinds.outlooks, extra_natives=int(_has_faulthandler_timeout(config)))
    if config.known_args_namespace.deadlock_report:
        from pytest_concurrency._core.detectors.lock_order import LockOrder

        config.stash[_session_key] = book = LockOrder()
        kept = recorder(config)
        assert kept is not None
        kept.begin(book)


def recorder(config: pytest.Config) -> Recorder | None:
    """Return what keeps the orders of locks in this session; None while the plugin is off."""
    watch = config.stash.get(_watch_key, None)
    if watch is None:
        return None
    if _recorder_key not in config.stash:
        from pytest_concurrency._hangs.orders import Recorder

        config.stash[_recorder_key] = Recorder(watch)
    return config.stash[_recorder_key]


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
        del config.stash[_end_key]
        waits.tell_orders(None)
        undo()


def untold(config: pytest.Config) -> list[Report]:
    """Return the verdicts that no report has told yet: of a test's own code, or of its fixtures before or after it."""
    last = config.stash.get(_told_key, None)
    at = next((at for at, each in enumerate(waits.verdicts) if each is last), -1)
    return waits.verdicts[at + 1 :]


def is_told(config: pytest.Config) -> None:
    """Note that the present verdicts have been reported."""
    config.stash[_told_key] = waits.verdicts[-1]


def sections() -> list[tuple[str, str]]:
    """Return the verdicts of the running test, to be shown beside the error that hides them."""
    from pytest_concurrency._core.telling.text import render_report

    return [("deadlock", "\n".join(render_report(verdict))) for verdict in waits.verdicts]


def _session_lines(config: pytest.Config) -> list[list[str]]:
    """Return a key, by which inversions are the same wherever they were seen, and the text of each."""
    book, kept = config.stash.get(_session_key, None), recorder(config)
    if book is None or kept is None:
        return []
    return [
        [repr([(str(each.first_at), str(each.second_at)) for each in inversion.orders]), str(inversion)]
        for inversion in kept.inversions(book)
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
    if waits.refused:
        reporter.section("hangs", sep="-")
        for why in waits.refused:
            reporter.line(f"a test that did not move for a while could not be judged: {why}")
    if not config.getoption("deadlock_report"):
        return
    lines = [*_session_lines(config), *config.stash.get(_workers_key, [])]
    reporter.section("lock order inversions", sep="-")
    for text in dict(reversed(lines)).values():
        reporter.line(text)
    if not lines:
        reporter.line("none")

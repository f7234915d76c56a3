"""What tests leave behind must not keep the session from ending."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from pytest_concurrency._core.telling.text import render_report
from pytest_concurrency._engine import explain
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads import ending_threads, parking

if TYPE_CHECKING:
    import pytest

    from pytest_concurrency._sight.watching import Watch

PATIENCE: Final = 5.0  # seconds that threads get for ending by themselves


def end_all(config: pytest.Config, watch: Watch) -> None:
    """End, or leave behind, the threads for which the interpreter would wait, and name them."""
    deadline = real.monotonic() + PATIENCE
    while (left := _left(watch)) and real.monotonic() < deadline:
        real.sleep(0.02)
    if not left:
        return
    states = ending_threads.thread_states(left, watch)
    stuck = ending_threads.end_threads(left)
    notes = [ending_threads.in_words(thread.name, stopped=thread not in stuck) for thread in left]
    names = ", ".join(thread.name for thread in left)
    report = explain.standing(f"tests left threads behind: {names}", states, notes=notes)
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is not None:
        for line in ("", *render_report(report)):
            reporter.write_line(line)


def _left(watch: Watch) -> list[threading.Thread]:
    me = threading.current_thread()
    return [
        thread
        for thread in threading.enumerate()
        if not thread.daemon
        and thread not in (me, threading.main_thread())
        and thread not in parking.parked.threads
        and ending_threads.is_ours_to_judge(thread, watch)
        and not ending_threads.is_idle(thread)
    ]

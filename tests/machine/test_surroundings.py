"""What a schedule that was cut has left around it is put back: streams, environment, handlers."""

import io
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from controlled import TESTS

from pytest_concurrency._core.strategy import Strategy
from pytest_concurrency._engine.stage import Stage
from pytest_concurrency._machine import real
from pytest_concurrency._machine.surroundings import Surroundings
from pytest_concurrency._runtimes.threads.kind import Threads
from pytest_concurrency._sight.watching import Watch

LOGGER = logging.getLogger("pytest_concurrency.test_surroundings")


def everything() -> dict[str, Any]:
    return {
        "stdout": sys.stdout,
        "stderr": sys.stderr,
        "environ": os.environ,
        "variables": dict(os.environ),
        "signal": signal.getsignal(signal.SIGALRM),
        "timer": signal.getitimer(signal.ITIMER_REAL)[0] > 0,
        "handlers": [logging.root.handlers.copy(), LOGGER.handlers.copy()],
        "levels": [logging.root.level, LOGGER.level],
    }


def change_everything() -> None:
    sys.stdout = sys.stderr = io.StringIO()
    os.environ["LEFT_BEHIND"] = "1"
    os.environ.pop("HOME", None)
    os.environ["PATH"] = "elsewhere"
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 1000)
    for logger in (logging.root, LOGGER):
        logger.addHandler(logging.NullHandler())
        logger.setLevel(logging.CRITICAL)


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PATH", os.environ["PATH"])
    monkeypatch.setenv("HOME", os.environ.get("HOME", "/"))
    around = Surroundings()
    yield
    around.give_back()


def test_what_is_different_is_put_back() -> None:
    before, around = everything(), Surroundings()
    change_everything()
    changed = everything()
    assert [name for name in before if before[name] == changed[name]] == ["environ"]
    around.give_back()
    assert everything() == before
    shell = ["/bin/sh", "-c", "echo $PATH$LEFT_BEHIND"]
    told = subprocess.run(shell, capture_output=True, text=True, check=True).stdout
    assert told.strip() == os.environ["PATH"]  # the system knows it, too


def test_an_environment_that_was_replaced_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before, around = everything(), Surroundings()
    monkeypatch.setattr(os, "environ", {})
    around.give_back()
    assert everything() == before


def test_an_alarm_of_somebody_else_rings_when_it_would_have() -> None:
    signal.setitimer(signal.ITIMER_REAL, 1000)
    try:
        around = Surroundings()
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.setitimer(signal.ITIMER_REAL, 0)
        around.give_back()
        assert 900 < signal.getitimer(signal.ITIMER_REAL)[0] <= 1000
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def after(end: Callable[[], object]) -> bool:
    """Whether a run that ends like this leaves everything as it was."""
    before = everything()

    def scenario() -> None:
        change_everything()
        end()

    with Stage(Watch([TESTS]), (Threads(),)) as stage:  # the alarm that it sets may still ring: not for ever
        stage.run(scenario, Strategy(), offered=set(), deadline=real.monotonic() + 0.2)
    return everything() == before


@pytest.mark.slow
def test_a_schedule_that_was_cut_leaves_no_trace() -> None:
    assert after(lambda: threading.Event().wait())


def test_a_schedule_that_ends_by_itself_keeps_what_it_has_changed() -> None:
    assert not after(lambda: time.sleep(0.001))

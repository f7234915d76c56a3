"""Signals that every thread of a scenario blocks: no thread of ours takes them, and nobody waits for their handlers."""

import signal
from collections.abc import Callable

import pytest

Says = Callable[[str], list[str]]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="there is no such mask here"),
]
BLOCKING = """
import contextlib, os, signal, threading
from pathlib import Path
from pytest_concurrency import explore
from pytest_concurrency._machine import real

NUMBER, came = signal.SIGUSR1, []
signal.signal(NUMBER, lambda number, _: came.append(number))

def in_a_thread(target):
    thread = threading.Thread(target=target)
    thread.start()
    thread.join()

def nothing():
    pass

def send():
    os.kill(os.getpid(), NUMBER)

def takers():
    "Return the threads of this process that do not block the signal, where the system tells."
    masks = [each.read_text().partition("SigBlk:")[2].split()[0] for each in Path("/proc/self/task").glob("*/status")]
    return [mask for mask in masks if not int(mask, 16) >> NUMBER - 1 & 1]

@contextlib.contextmanager
def blocked():
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {NUMBER})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
"""


@pytest.fixture
def says(pytester: pytest.Pytester) -> Says:
    """Return what runs a scenario in a process whose threads are its own, and returns the lines that it says."""

    def run(code: str) -> list[str]:
        return pytester.runpython(pytester.makepyfile(script=BLOCKING + code)).outlines

    return run


def test_one_is_pending_until_somebody_asks_for_it(says: Says) -> None:
    """Threads that wait to serve the next task block nothing."""
    assert says("""
def scenario():
    in_a_thread(nothing)
    with blocked():
        in_a_thread(nothing)
        send()
        assert not takers()
        assert NUMBER in signal.sigpending()
        assert signal.sigwait({NUMBER}) == NUMBER
    in_a_thread(nothing)

verdict = explore(scenario, strategy="random", schedules=5)
print(verdict.grade, verdict.error, came)
""") == ["sampled None []"]


def test_its_handler_comes_when_it_is_blocked_no_longer(says: Says) -> None:
    assert says("""
def scenario():
    handled = []
    signal.signal(NUMBER, lambda number, _: handled.append(number))
    with blocked():
        began = real.monotonic()
        in_a_thread(send)
        assert handled == []
        assert real.monotonic() - began < 1, "nobody has waited for it"
    assert handled == [NUMBER]

verdict = explore(scenario, strategy="random", schedules=5)
print(verdict.grade, verdict.error)
""") == ["sampled None"]


def test_whoever_waits_for_one_gets_it(says: Says) -> None:
    assert says("""
def scenario():
    caught = []
    with blocked():
        waits = threading.Thread(target=lambda: caught.append(signal.sigwait({NUMBER})))
        waits.start()
        send()
        waits.join()
    assert caught == [NUMBER]

verdict = explore(scenario, strategy="random", schedules=5)
print(verdict.grade, verdict.error, came)
""") == ["uncontrolled None []"]

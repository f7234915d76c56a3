"""Where greenlets stand for threads, what needs threads is refused in one line, and the rest is as without us."""

import sys
from types import SimpleNamespace

import pytest

from pytest_concurrency._machine import patched

pytestmark = pytest.mark.slow
TESTS = """
import threading, time
import pytest

def go(*jobs):
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads: thread.start()
    for thread in threads: thread.join()

def test_plain():
    lock, seen = threading.Lock(), []
    def work():
        with lock:
            time.sleep(0.001)
            seen.append(1)
    go(work, work)
    assert seen == [1, 1]

def test_explore(race):
    race.explore(lambda: go(lambda: None))

@pytest.mark.race
def test_marked():
    go(lambda: None)
"""
REFUSED = "PatchedError: schedules can be chosen for threads only, got a process in which gevent has patched them: *"


@pytest.mark.parametrize("options", [("-p", "patches"), ("-p", "no:patches", "-p", "late")])
def test_gevent(pytester: pytest.Pytester, options: tuple[str, ...]) -> None:
    patch = "from gevent import monkey\nmonkey.patch_all()\n"
    pytester.makepyfile(patches=patch, late=f"def pytest_collection():\n    exec({patch!r})\n")
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_subprocess("-p", "no:asyncio", *options)  # -p: before what is installed
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["* test_explore *", REFUSED, "* test_marked *", REFUSED])
    result.stdout.no_fnmatch_line("*private.py*")


@pytest.mark.parametrize(("module", "who"), [("thread", "eventlet"), ("socket", "")])
def test_eventlet(monkeypatch: pytest.MonkeyPatch, module: str, who: str) -> None:
    patcher = SimpleNamespace(is_monkey_patched=lambda asked: asked == module)
    monkeypatch.setitem(sys.modules, "eventlet.patcher", patcher)
    assert patched.patched_by() == who

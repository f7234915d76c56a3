"""Whether a process could still act, as the system tells it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from pytest_concurrency._core.telling.report import TaskState
from pytest_concurrency._hangs.book import Wait, Waits
from pytest_concurrency._runtimes.processes.hangs import system
from pytest_concurrency._runtimes.processes.hangs.notes import Note
from pytest_concurrency._runtimes.processes.hangs.outlook import ProcessesOutlook

pytestmark = pytest.mark.skipif(not os.path.exists("/proc/self/syscall"), reason="only Linux tells it")


@pytest.fixture
def child() -> Iterator[subprocess.Popen[str]]:
    """A process that says when it begins, goes on for ever until it is told otherwise, and waits then."""
    code = (
        "import os, sys, threading\n"
        "def wait():\n"
        "    sys.stdin.readline()\n"
        "    ended.append(1)\n"
        "ended = []\n"
        "threading.Thread(target=wait, daemon=True).start()\n"
        "print('goes on', flush=True)\n"
        "while not ended: pass\n"
        "print('waits', flush=True)\n"
        "os.read(os.pipe()[0], 1)\n"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def main_thread(process: subprocess.Popen[str]) -> system.Stand:
    return next(each for each in system.stands(process.pid) or () if each.tid == process.pid)


def test_who_runs_or_waits_for_a_processor_goes_on(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stdout.readline() == "goes on\n"
    assert any(each.goes_on for each in system.stands(child.pid) or ())  # one of its two threads has the interpreter
    child.stdin.write("\n")
    child.stdin.flush()
    assert child.stdout.readline() == "waits\n"
    deadline = time.monotonic() + 30
    while main_thread(child).goes_on and time.monotonic() < deadline:
        os.sched_yield()
    stand = main_thread(child)
    assert (stand.goes_on, stand.call) == (False, "read")


class Target:
    """What the tests wait for at another process."""

    is_accepting = False

    def semaphore(self) -> int:
        return 0

    def ends(self) -> tuple[tuple[str, str], ...]:
        return ()


@pytest.mark.parametrize(("goes_on", "is_certain"), [(False, True), (True, False)])
def test_nothing_is_certain_while_one_that_has_noted_a_wait_goes_on(
    *, goes_on: bool, is_certain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = system.Stand(1, 1, "poll", (), "1 2 3", goes_on=goes_on)
    note = Note(1, is_idle=False, is_sliced=True, state=TaskState("Process-1", "waits"))
    book = Waits()
    book.now = {1: Wait(Target())}
    monkeypatch.setattr(ProcessesOutlook, "_threads", lambda _: iter([(stand, note, None)]))
    assert ProcessesOutlook().nobody_can_act(book, book.now[1]) is is_certain

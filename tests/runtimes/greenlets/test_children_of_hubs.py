"""Child processes that a hub's loop watches: each watcher is told of each end, and once."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import gevent  # type: ignore[import-untyped]
import gevent.os  # type: ignore[import-untyped]
import pytest

from pytest_concurrency import explore


@contextmanager
def child(code: int) -> Iterator[tuple[int, Callable[[], None]]]:
    """Start a process that ends with this code when it is told to; that returns when it has ended."""
    command = ["sh", "-c", f"read line; exit {code}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:

        def end() -> None:
            assert process.stdin
            assert process.stdout
            process.stdin.close()
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

        yield process.pid, end
        process.returncode = code  # it is the loop that has waited for it


def loop() -> Any:
    return gevent.get_hub().loop


def told(watcher: Any) -> list[tuple[int, int]]:
    """Return which process it was told of, and how that ended; nothing while it was not."""
    if not watcher.has_come():
        return []
    watcher.comes()
    return [(watcher.rpid, os.waitstatus_to_exitcode(watcher.rstatus))]


def passes(scenario: Callable[[], None]) -> None:
    verdict = explore(scenario, schedules=1)
    assert verdict.grade == "uncontrolled", str(verdict)


@pytest.mark.parametrize("code", [0, 1, 3])
def test_a_child_that_ends_between_two_looks_is_told_alike_to_both(code: int) -> None:
    def scenario() -> None:
        with child(code) as (pid, end), loop().child(pid) as first, loop().child(pid) as second:
            assert not first.has_come()
            end()
            assert second.has_come()
            assert (first.rstatus, first.rpid) == (second.rstatus, second.rpid) == (code << 8, pid)
            assert told(first) == told(second) == [(pid, code)]

    passes(scenario)


def test_how_it_was_killed_is_told() -> None:
    def scenario() -> None:
        process = subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL)
        with loop().child(process.pid) as watcher:
            os.kill(process.pid, signal.SIGKILL)
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            assert told(watcher) == [(process.pid, -signal.SIGKILL)]
        process.returncode = -signal.SIGKILL

    passes(scenario)


def test_it_has_ended_with_nothing_before_it_ends() -> None:
    def scenario() -> None:
        with child(3) as (pid, end):
            with loop().child(pid) as watcher:
                assert (watcher.pid, watcher.rstatus, told(watcher)) == (pid, 0, [])
            end()
            with loop().child(pid) as watcher:
                assert told(watcher) == [(pid, 3)]

    passes(scenario)


def test_who_watches_any_is_told_of_each_once() -> None:
    def scenario() -> None:
        with ExitStack() as stack:
            children = [stack.enter_context(child(code)) for code in (3, 0, 3)]
            watchers = [stack.enter_context(loop().child(pid)) for pid, _ in children]
            anybody = stack.enter_context(loop().child(0))
            anybody.start(list)
            assert told(anybody) == []
            seen = []
            for number in (1, 0, 2):
                children[number][1]()
                seen += told(anybody)
            assert told(anybody) == []
            assert seen == [(children[1][0], 0), (children[0][0], 3), (children[2][0], 3)]
            assert [told(each) for each in watchers] == [
                [(pid, code)] for (pid, _), code in zip(children, (3, 0, 3), strict=True)
            ]

    passes(scenario)


def test_who_watches_any_is_told_of_none_that_others_were_told_of_before() -> None:
    def scenario() -> None:
        with child(3) as (pid, end), loop().child(pid) as watcher, child(4) as (later, end_later):
            loop().child(later)
            end()
            assert told(watcher) == [(pid, 3)]
            with loop().child(0) as anybody:
                anybody.start(list)
                assert told(anybody) == []
                end_later()
                assert told(anybody) == [(later, 4)]

    passes(scenario)


def test_gevent_knows_the_children_of_one_run_alone() -> None:
    known = []

    def scenario() -> None:
        known.append(dict(gevent.os._watched_children))
        pid = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 3"], os.environ)
        gevent.os._watch_child(pid)
        assert gevent.os.waitpid(-1, 0) == (pid, 3 << 8)

    pid = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 5"], os.environ)
    before = {pid: (pid, 5 << 8, 0.0)}
    gevent.os._watched_children.update(before)
    try:
        verdict = explore(scenario, schedules=3)
        assert verdict.grade == "uncontrolled", str(verdict)
        assert known == [{}] * len(known)
        assert len(known) > 1
        assert gevent.os._watched_children == before
    finally:
        gevent.os._watched_children.clear()
        os.waitpid(pid, 0)

"""Somebody from before who may change files, the environment or the folder one is in: nothing is proved of who asks."""

import functools
import linecache
import logging
import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pytest_concurrency import Grade, explore
from pytest_concurrency._explore.company import company

FAR = 600  # seconds: longer than any of these takes
LEVEL = 1


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "file"
    file.write_text("a")
    return file


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """Nobody can see what such a process is about to write."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def by_open(file: Path) -> str:
    with open(file) as opened:
        return opened.read()


def by_os(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    os.read(handle, 1)
    os.close(handle)


asked = pytest.mark.parametrize(
    "ask",
    [
        by_open,
        by_os,
        lambda file: file.read_text(),
        lambda file: file.exists(),
        lambda file: os.path.exists(file),
        lambda file: os.stat(file),
        lambda file: os.listdir(file.parent),
        lambda file: os.getcwd(),
        lambda file: os.environ.get("HOME"),
        lambda file: os.environ["PATH"],
    ],
)


@asked
def test_nothing_is_proved_of_one_task_that_asks_beside_a_process(
    ask: Callable[[Path], Any], file: Path, process: subprocess.Popen[bytes]
) -> None:
    verdict = explore(lambda: [ask(file), None][1])
    assert verdict.grade is Grade.SAMPLED, str(verdict)
    assert f"no proof: process `{os.path.basename(sys.executable)} -c input()`, which was there before" in str(verdict)
    assert f"{Path(__file__).name}:" in str(verdict)


@pytest.mark.parametrize(
    "make",
    [
        lambda file: (file.write_text, ("b",)),
        lambda file: (functools.partial(file.write_text, "b"), ()),
        lambda file: (os.environ.__setitem__, ("HOME", "/")),
        lambda file: (os.unlink, (file,)),
        lambda file: (os.chdir, (file.parent,)),
    ],
)
def test_nothing_is_proved_beside_a_timer_with_a_function_of_a_library(make: Any, file: Path) -> None:
    function, arguments = make(file)
    timer = threading.Timer(FAR, function, arguments)
    timer.start()
    try:
        verdict = explore(lambda: [file.read_text(), None][1])
    finally:
        timer.cancel()
    assert verdict.grade is Grade.SAMPLED, str(verdict)
    assert f"thread {timer.name}, which was there before, may change what this asks for" in str(verdict)


def test_nothing_is_proved_beside_a_thread_that_writes_now_and_then(file: Path) -> None:
    stop, name = threading.Event(), str(file)

    def write() -> None:
        while not stop.wait(FAR):
            Path(name).write_text("b")

    thread = threading.Thread(target=write, name="Ann")
    thread.start()
    try:
        verdict = explore(lambda: [by_open(file), None][1])
    finally:
        stop.set()
        thread.join()
    assert "thread Ann, which was there before" in str(verdict)


class Kept:
    """Has an attribute."""

    def __init__(self) -> None:
        self.level = 1


KEPT, LOGGER = Kept(), logging.getLogger("company")


def of_a_lock() -> Any:
    lock = threading.Lock()
    return lock.acquire, lambda: lock.locked() and None


def of_a_simple_queue() -> Any:
    given: queue.SimpleQueue[None] = queue.SimpleQueue()
    return functools.partial(given.put, None), given.empty


@pytest.mark.parametrize(
    "make",
    [
        of_a_lock,
        of_a_simple_queue,
        lambda: (functools.partial(sys.path.append, "x"), lambda: len(sys.path)),
        lambda: (functools.partial(LOGGER.setLevel, "ERROR"), lambda: LOGGER.level),
        lambda: (functools.partial(vars(KEPT).update, level=2), lambda: KEPT.level),
        lambda: (linecache.clearcache, lambda: len(linecache.cache)),
    ],
)
def test_nothing_is_proved_of_who_meets_what_a_timer_has_at_hand(make: Callable[[], Any]) -> None:
    function, ask = make()
    timer = threading.Timer(FAR, function)
    timer.start()
    try:
        verdict = explore(lambda: ask())
    finally:
        timer.cancel()
    assert verdict.grade is Grade.SAMPLED, str(verdict)
    assert "no proof: " in str(verdict)
    assert "there before" in str(verdict)


def test_who_meets_other_things_than_a_timer_has_at_hand_is_proved() -> None:
    timer = threading.Timer(FAR, vars(Kept()).update, kwargs={"level": 2})
    timer.start()
    other = Kept()
    try:
        verdict = explore(lambda: other.level + len(sys.path))
    finally:
        timer.cancel()
    assert verdict.grade is Grade.PROVED, str(verdict)


def test_a_timer_may_bind_a_global_by_its_name() -> None:
    timer = threading.Timer(FAR, functools.partial(globals().__setitem__, "LEVEL", 2))
    timer.start()
    try:
        verdict = explore(lambda: LEVEL)
    finally:
        timer.cancel()
    assert verdict.grade is Grade.SAMPLED, str(verdict)
    assert re.search(rf"a thread that was there before may change {re.escape(__name__)}($|,)", str(verdict)), str(
        verdict
    )


def test_who_asks_for_nothing_is_proved_beside_them(process: subprocess.Popen[bytes]) -> None:
    def scenario() -> int:
        lock, seen = threading.Lock(), [0]

        def count() -> None:
            with lock:
                seen[0] += 1

        threads = [threading.Thread(target=count) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return seen[0]

    assert explore(scenario).grade is Grade.PROVED


def test_who_has_ended_or_waits_for_something_to_do_is_no_company(file: Path) -> None:
    subprocess.run([sys.executable, "-c", ""], check=True)
    timer = threading.Timer(FAR, file.write_text, ("b",))
    timer.start()
    timer.cancel()
    timer.join()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(int).result() == 0
        assert company() == ""
        assert explore(lambda: file.read_text()).grade is Grade.PROVED


@pytest.mark.slow
@pytest.mark.parametrize("options", [("-n1",), ("--timeout=60", "--timeout-method=thread")])
def test_threads_of_who_runs_the_tests_are_no_company(pytester: pytest.Pytester, options: tuple[str, ...]) -> None:
    pytester.makepyfile(
        """
        def test_it(race, tmp_path):
            (tmp_path / "file").write_text("a")
            race.explore(lambda: (tmp_path / "file").read_text(), require="proved")
        """
    )
    pytester.runpytest_subprocess("-p", "no:asyncio", *options).assert_outcomes(passed=1)

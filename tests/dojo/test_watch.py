"""`katas watch` in a real terminal, with real runs."""

import os
import signal
import sys
import time
from collections.abc import Iterator

import pytest
from dojo_folder import COLD, HANGS, SOLVED, write
from kata_library import Library
from terminal import Terminal, terminal

from pytest_concurrency._dojo.folder import Folder
from pytest_concurrency._dojo.states import State

pytestmark = pytest.mark.soak

KEYS = "h hint   n next   r run   l list   q quit"


@pytest.fixture
def watch(home: Folder, library: Library) -> Iterator[Terminal]:
    command = [sys.executable, "-m", "pytest_concurrency._dojo", "watch", "--patience", "3"]
    with terminal(command, home.root) as found:
        yield found


def rows(screen: str) -> list[str]:
    return [line for line in screen.splitlines() if line.strip()]


def test_a_wrong_edit_shows_its_message_and_a_right_one_leads_on(watch: Terminal, home: Folder) -> None:
    assert "· 1. Boil one" in watch.until("boil_water: not begun", KEYS)
    write(home, COLD)
    screen = rows(watch.until("boil_water: red", KEYS))
    assert screen[0] == "the water is ['cold']: switch the kettle on"
    assert screen[-1] == KEYS
    assert len(screen) <= 24
    assert max(map(len, screen)) <= 80
    watch.press("h")
    watch.until("A nudge\nHeat.".replace("\n", "\n\n"), KEYS)
    watch.press("l")
    watch.until("✗ boil_water\n", KEYS)
    write(home, SOLVED)
    watch.until("boil_water: green", KEYS)
    watch.press("q")
    assert watch.process.wait(20) == 0
    assert home.progress()["boil_water"].state is State.GREEN
    assert home.progress()["boil_water"].hints == {"1": 1}


def test_a_hang_is_told_and_never_blocks_the_keyboard(watch: Terminal, home: Folder) -> None:
    watch.until("boil_water: not begun", KEYS)
    write(home, HANGS)
    watch.until("boil_water runs: test_hot, 2 s without news", KEYS)
    watch.press("h")  # while it hangs
    watch.until("Heat.", KEYS)
    screen = watch.until("boil_water: hung", KEYS)
    assert "test_hot did not end within 3 s: it was at boil_water.py:" in screen
    watch.press("r")
    watch.until("boil_water runs", KEYS)
    watch.press("q")  # while it hangs again
    assert watch.process.wait(20) == 0


@pytest.mark.parametrize("command", ["watch", "run"])
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_what_hangs_ends_with_its_terminal(home: Folder, command: str, number: signal.Signals) -> None:
    write(home, f"import os, pathlib\npathlib.Path('pid').write_text(str(os.getpid()))\n{HANGS}")
    file = home.root / "pid"
    with terminal([sys.executable, "-m", "pytest_concurrency._dojo", command], home.root) as found:
        end = time.monotonic() + 60
        while not (file.is_file() and file.read_text()) and time.monotonic() < end:
            time.sleep(0.05)
        assert running(int(file.read_text()))
        found.process.send_signal(number)
        assert found.process.wait(20) == 130
    assert not running(int(file.read_text()))


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True

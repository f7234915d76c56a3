"""Real runs of pytest: by `katas run`, and by the learner."""

import os
import subprocess
import sys

import pytest
from dojo_folder import COLD, DEADLOCKED, HALF, HANGS, SOLVED, UNREADABLE, Katas, write
from kata_library import Library

from pytest_concurrency._dojo import running
from pytest_concurrency._dojo.folder import Folder
from pytest_concurrency._dojo.running import Attempt
from pytest_concurrency._dojo.states import State

pytestmark = pytest.mark.soak


def lines(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if line.strip()]


def test_not_begun(home: Folder, katas: Katas) -> None:
    printed = lines(katas("run", status=1))
    assert printed[:2] == ["· 1. Boil one", "· 2. Boil more"]
    assert printed[2].startswith("boil_water: not begun, 0 of 3 tests fail, ")
    assert printed[3] == "write katas/tea/boil_water/boil_water.py"
    assert home.progress()["boil_water"].state is State.NOT_BEGUN


def test_begun(home: Folder, katas: Katas) -> None:
    write(home, HALF)
    assert lines(katas("run", status=1))[:2] == ["✓ 1. Boil one", "· 2. Boil more"]
    assert (home.progress()["boil_water"].state, home.progress()["boil_water"].task) == (State.BEGUN, 2)


def test_what_failed_comes_first(home: Folder, katas: Katas) -> None:
    write(home, COLD)
    printed = lines(katas("run", "boil", status=1))
    assert printed[:2] == ["the water is ['cold']: switch the kettle on", "  test_hot"]
    assert printed[-3:-1] == ["✗ 1. Boil one", "✓ 2. Boil more"]
    assert printed[-1].startswith("boil_water: red, 1 of 3 tests fail, ")


def test_green(home: Folder, katas: Katas) -> None:
    write(home, SOLVED)
    printed = lines(katas("run"))
    assert printed[:2] == ["✓ 1. Boil one", "✓ 2. Boil more"]
    assert "Go on: `katas next`." in printed[-2]
    entry = home.progress()["boil_water"]
    assert (entry.state, entry.at, entry.runs) == (State.GREEN, entry.green, {home.machine: 1})


def test_what_cannot_be_read_is_amber(home: Folder, katas: Katas) -> None:
    write(home, UNREADABLE)
    assert lines(katas("run", status=1))[0] == "SyntaxError: '(' was never closed (boil_water.py:1)"
    assert home.progress()["boil_water"].state is State.AMBER


def test_a_deadlock_is_a_hang(home: Folder, katas: Katas) -> None:
    write(home, DEADLOCKED)
    printed = lines(katas("run", status=1))
    assert "deadlock: main waits for ever" in printed[0]
    assert "⧗ 1. Boil one" in printed
    assert home.progress()["boil_water"].state is State.HUNG


def test_a_run_without_news_is_a_hang_and_says_where(home: Folder, katas: Katas) -> None:
    write(home, HANGS)
    printed = lines(katas("run", "--patience", "2", status=1))
    assert printed[0].startswith("test_hot did not end within 2 s: it was at boil_water.py:")
    assert printed[0].endswith(" in boil")
    assert home.progress()["boil_water"].state is State.HUNG


def test_a_run_that_never_began_is_amber(home: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PLUGINS", ("--no-such-option",))
    attempt = Attempt(home, home.kata("boil_water"))
    run = attempt.wait()
    attempt.stop()
    assert run.state is State.AMBER
    assert run.trouble.startswith("pytest ended with status 4: ")


def test_a_run_that_is_stopped_does_not_count(home: Folder) -> None:
    write(home, HANGS)
    attempt = Attempt(home, home.kata("boil_water"))
    assert not attempt.look().done
    attempt.stop()
    assert home.progress() == {}


@pytest.mark.parametrize("patience", ["0", "-1", "nan"])
def test_patience_is_a_time(katas: Katas, patience: str) -> None:
    printed = katas("run", "--patience", patience, status=2)
    assert printed == f"katas: --patience must be a number of seconds above 0, got {patience}\n"


def plain_pytest(home: Folder, *options: str) -> None:
    """Run pytest as a learner does, without any other plugin."""
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *running.PLUGINS, *options],
        cwd=home.root,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdout=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


def test_the_learners_own_pytest_counts(home: Folder) -> None:
    write(home, COLD)
    plain_pytest(home)
    assert home.progress()["boil_water"].state is State.RED


@pytest.mark.parametrize(
    "options",
    [("-k", "hot"), ("--reference", "katas/tea"), ("--collect-only",)],
    ids=" ".join,
)
def test_a_part_or_another_file_does_not_count(home: Folder, options: tuple[str, ...]) -> None:
    write(home, SOLVED)
    plain_pytest(home, *options)
    assert home.progress() == {}


def test_a_folder_where_katas_was_never_used_is_left_alone(home: Folder, library: Library) -> None:
    plain_pytest(Folder(library.root, home.bundle))
    assert not (library.root / "progress.toml").exists()


def test_mistakes_are_guessed_at(home: Folder, katas: Katas, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "boil_water must be green first" in katas("mistakes", "boil_water", status=2)
    answers = iter(["7", "hot", "1", "q"])  # no such number; then by a part of its name, and by its number
    monkeypatch.setattr("pytest_concurrency._dojo.commands.guessing._input", lambda: next(answers))
    printed = lines(katas("mistakes", "boil_water", "--anyway"))
    assert printed[0] == "Mistake 1 of 3: Forgets to switch it on."
    assert printed[1:3] == ["  1  test_hot", "  2  test_all_of_it"]
    assert "that must be a number from 1 to 2, or q, got '7'" in printed[3]
    assert printed[4].endswith("Right.")
    assert printed[5] == "  test_hot: the water is ['cold']: switch the kettle on"
    assert printed[6] == "  no heat"
    assert printed[10].endswith("No.")
    assert printed[-1] == "1 of 2 told"
    assert home.progress()["boil_water"].mistakes == {"cold": "right", "one": "wrong"}

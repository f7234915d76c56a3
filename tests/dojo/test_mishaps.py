"""What goes wrong in a learner's folder: each thing is told in one line, with what helps."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from dojo_folder import SOLVED, Katas, write
from terminal import terminal

from pytest_concurrency._dojo import running
from pytest_concurrency._dojo.board.store import Store
from pytest_concurrency._dojo.folder import Folder
from pytest_concurrency._dojo.states import State

FILE = "katas/tea/boil_water/boil_water.py"
GONE = f"{FILE} is gone; `katas reset boil_water` brings it back"


@pytest.mark.soak
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("raise SystemExit(3)", "SystemExit: 3 (boil_water.py:1)"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt (boil_water.py:1)"),
        ("def boil(litres):\n    raise KeyboardInterrupt", "KeyboardInterrupt (boil_water.py:2)"),
        ("def boil(litres):\n    import os; os._exit(0)", "pytest ended in the middle of test_hot, with status 0"),
        (
            "def boil(litres):\n    import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
            "pytest was ended by SIGSEGV: it was at boil_water.py:2 in boil",
        ),
    ],
    ids=["exit", "interrupted import", "interrupted", "ended", "crashed"],
)
def test_a_run_that_is_broken_off_says_by_what(home: Folder, katas: Katas, text: str, line: str) -> None:
    write(home, text)
    printed = [each for each in katas("run", status=1).splitlines() if each]
    assert printed[0] == line
    assert printed[-1].startswith("boil_water: amber, no test came to its end, ")
    assert home.progress()["boil_water"].state is State.AMBER


@pytest.mark.soak
def test_a_run_of_the_learners_that_is_interrupted_is_not_green(home: Folder) -> None:
    write(home, SOLVED)
    test = home.katas / "tea/boil_water/test_boil_water.py"
    test.write_text(test.read_text(encoding="utf-8") + "\n\ndef test_last():\n    raise KeyboardInterrupt\n", "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", *running.PLUGINS]
    subprocess.run(command, cwd=home.root, env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, check=False)
    assert home.progress()["boil_water"].state is State.AMBER


def test_a_file_that_is_gone_is_brought_back(home: Folder, katas: Katas) -> None:
    (home.root / FILE).unlink()
    assert katas("run", status=2) == f"katas: {GONE}\n"
    assert katas("--lang", "zh", "run", status=2).startswith(f"katas: {FILE} 不见了")
    assert katas("--lang", "en", "reset", "boil_water") == f"{FILE} is as it was at first\n"
    assert (home.root / FILE).is_file()


def test_what_was_not_changed_is_not_kept_twice(home: Folder, katas: Katas) -> None:
    assert katas("reset", "boil_water") == f"{FILE} is as it was at first\n"
    assert [each.name for each in (home.root / FILE).parent.glob("*.py.*")] == []


@pytest.mark.soak
def test_the_watch_waits_for_a_file_that_is_gone(home: Folder) -> None:
    with terminal([sys.executable, "-m", "pytest_concurrency._dojo", "watch"], home.root) as watch:
        watch.until("boil_water: not begun", "q quit")
        (home.root / FILE).unlink()
        watch.until(GONE[:60], "q quit")
        write(home, SOLVED)
        watch.until("boil_water: green", "q quit")
        watch.press("n")
        watch.until("All are done.", "q quit")


def test_an_editor_that_is_not_there_is_named(katas: Katas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "no-such-editor -w")
    line = "katas: EDITOR must be a command that can be started, got 'no-such-editor -w'\n"
    assert katas("open", "-e", status=2) == line


def test_init_speaks_on_in_the_language_of_the_folder(home: Folder, katas: Katas) -> None:
    katas("--lang", "zh", "next")
    assert "接下来" in katas("init", ".", "--from", str(home.bundle.katas.parent))
    assert "先读" in katas("next")


def test_a_language_that_nobody_knows_is_english(home: Folder, katas: Katas) -> None:
    home.remember("lang", "xx\n")
    assert "read katas/" in katas("next")


def test_what_katas_remembers_may_be_damaged(home: Folder, katas: Katas) -> None:
    home.remember("manifest.json", "{")
    write(home, "mine = 1\n")
    printed = katas("init", ".", "--from", str(home.bundle.katas.parent))
    assert f"not touched, as you have changed them: {FILE}" in printed
    home.remember("board.json", "{")
    assert katas("predict", "pass", status=2).startswith("katas: this folder has joined no board; ")


def test_where_nothing_can_be_written_it_is_said_in_one_line(home: Folder, katas: Katas) -> None:
    home.progress_file.mkdir()  # no matter who runs this test: it cannot be written
    line = f"katas: {home.progress_file} must be a file that can be read and written, got: Is a directory\n"
    assert katas("hint", status=2) == line
    assert list(home.root.glob(".progress*")) == []


@pytest.mark.soak
def test_a_run_is_told_where_nothing_can_be_written(home: Folder) -> None:
    home.progress_file.mkdir()
    write(home, SOLVED)
    command = [sys.executable, "-m", "pytest_concurrency._dojo"]
    done = subprocess.run([*command, "run"], cwd=home.root, capture_output=True, text=True, check=False)
    assert "boil_water: green, 0 of 3 tests fail" in done.stdout
    assert done.stderr.startswith(f"katas: {home.progress_file} must be a file that can be read and written")
    own = [sys.executable, "-m", "pytest", "-q", *running.PLUGINS]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(own, cwd=home.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "3 passed" in done.stdout
    assert (
        done.stderr == f"katas: {home.progress_file} must be a file that can be read and written, got: Is a directory\n"
    )
    with terminal([*command, "watch"], home.root) as watch:
        watch.until("boil_water: green", "q quit")
        assert "must be a file that can be read" in watch.screen.replace("\n", " ")
        watch.press("h")
        watch.until("must be a file", "q quit")


@pytest.mark.soak
def test_an_import_that_hangs_is_told_before_it_is_ended(home: Folder) -> None:
    write(home, "while True: pass\n")  # on one line: which of two it is at is chance
    command = [sys.executable, "-m", "pytest_concurrency._dojo", "watch", "--patience", "2"]
    with terminal(command, home.root) as watch:
        watch.until("boil_water.py:1", "q quit")
        assert "boil_water runs: the import or the collection, " in watch.screen
        watch.press("q")
        assert watch.process.wait(20) == 0


@pytest.mark.soak
def test_the_screen_is_drawn_anew_when_the_terminal_changes(home: Folder) -> None:
    command = [sys.executable, "-m", "pytest_concurrency._dojo", "watch"]
    with terminal(command, home.root, lines=24) as watch:
        watch.until("boil_water: not begun", "q quit")
        watch.resize(lines=12, columns=40)
        watch.until(f"\n{'waiting for a change of katas/tea/boil_water'[:39]}\n", "quit")
        assert max(map(len, watch.screen.splitlines())) < 40


def test_a_page_cannot_be_written_over_a_folder(katas: Katas, home: Folder, tmp_path: Path) -> None:
    Store(tmp_path / "dojo.sqlite").close()
    printed = katas("board", "--file", str(tmp_path / "dojo.sqlite"), "--export", "katas", status=2)
    assert printed == "katas: katas must be a file that can be read and written, got: Is a directory\n"

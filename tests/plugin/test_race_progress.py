"""The progress of a long exploration: on a terminal, below what pytest has written, and gone when it is over."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from terminal import terminal

from pytest_concurrency._explore.plan import Plan
from pytest_concurrency._machine import real
from pytest_concurrency._plugin.progress import Progress, told

LONG = """
import time

def test_long(race):
    def scenario():
        {body}
    race.explore(scenario, strategy="random", schedules=100_000, seconds={seconds}, races="ignore")

def test_short(race):
    race.explore(lambda: race.run(int, int), schedules=3)
"""
NO = ("-p", "no:asyncio", "-p", "no:cacheprovider")


@pytest.mark.parametrize(
    ("count", "elapsed", "line"),
    [
        (1, 1.2, "1 schedule, 1 s, 9 s left at most (test_it)"),
        (500, 2.0, "500 schedules, 2 s, 2 s left at most (test_it)"),
        (0, 3.0, "0 schedules, 3 s, 7 s left at most (test_it)"),
        (1000, 3.0, "1000 schedules, 3 s, at the end: judging what they showed (test_it)"),
        (700, 10.0, "700 schedules, 10 s, at the end: judging what they showed (test_it)"),
    ],
)
def test_the_line_guesses_what_is_left(count: int, elapsed: float, line: str) -> None:
    assert told("test_it", count, elapsed, 1000, 10.0) == line


class Writer:
    """Stands for pytest's writer, its reporter and its capturing."""

    width_of_current_line = 12
    fullwidth = 40

    def __init__(self) -> None:
        self.written: list[str] = []
        self._file = self._tw = self

    def write(self, text: str) -> None:
        self.written.append(text)

    def flush(self) -> None:
        pass

    def global_and_fixture_disabled(self) -> "Writer":
        return self

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(real, "monotonic", lambda: now[0])
    return now


def test_it_begins_after_a_second_and_writes_four_times_a_second(clock: list[float]) -> None:
    writer = Writer()
    with Progress("test_of_a_name_that_is_long", Plan(), writer, writer) as shown:
        for _ in range(99):
            shown.tick()
            clock[0] += 0.01
        assert writer.written == []
        for _ in range(200):
            shown.tick()
            clock[0] += 0.01
        assert 7 <= len(writer.written) <= 9
        assert writer.written[0] == "\n\r\x1b[K100 schedules, 1 s, 9 s left at most (t\x1b[1A\x1b[13G"
    assert writer.written[-1] == "\n\r\x1b[K\x1b[1A\x1b[13G"


def test_of_a_short_exploration_nothing_is_written(clock: list[float]) -> None:
    writer = Writer()
    with Progress("test_it", Plan(), writer, writer) as shown:
        shown.tick()
        clock[0] += 0.9
        shown.tick()
    assert writer.written == []


def run(folder: Path, *options: str, seconds: float = 2.5, body: str = "race.run(int, int)", **more: str) -> str:
    """Return what pytest writes to a terminal of 70 columns, every byte of it."""
    (folder / "test_it.py").write_text(LONG.format(body=body, seconds=seconds), encoding="utf-8")
    environment = [f"{name}={value}" for name, value in {"CI": "", "BUILD_NUMBER": "", **more}.items()]
    command = ["env", *environment, sys.executable, "-m", "pytest", *NO, *options]
    with terminal(command, folder, columns=70) as found:
        return found.to_the_end(seconds=100)


@pytest.mark.slow
def test_on_a_terminal_it_is_shown_and_erased(tmp_path: Path) -> None:
    written = run(tmp_path)
    lines = re.findall(r"\n\r\x1b\[K([^\x1b]*)\x1b\[1A\x1b\[(\d+)G", written.replace("\r\n\r", "\n\r"))
    assert len(lines) >= 2, written
    assert re.fullmatch(r"\d+ schedules?, \d+ s, \d+ s left at most \(test_long\)", lines[0][0])
    assert lines[-1][0] == ""
    # On a busy machine the short one may take its second, too.
    assert {column for text, column in lines if "test_long)" in text} == {str(len("test_it.py ") + 1)}
    seen = screen(written)
    at = seen.index("test_it.py ..   [100%]")
    assert seen[at + 1].startswith("-")  # the heading of the verdicts
    assert seen[-2:] == ["= 2 passed =", ""]
    assert not any("left at most" in line or "judging" in line for line in seen)


def screen(written: str) -> list[str]:
    """What a person sees in the end, line by line, with runs of blanks and of `=` as one."""
    rows, row, column = [""], 0, 0
    for token in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", written):
        if token == "\r":
            column = 0
        elif token == "\n":
            row += 1
            rows += [""] * (row + 1 - len(rows))
        elif token.endswith("G") and token[0] == "\x1b":
            column = int(token[2:-1]) - 1
        elif token.endswith("A") and token[0] == "\x1b":
            row -= int(token[2:-1])
        elif token.endswith("K") and token[0] == "\x1b":
            rows[row] = rows[row][:column]
        elif token[0] != "\x1b":
            rows[row] = rows[row][:column].ljust(column) + token + rows[row][column + len(token) :]
            column += len(token)
    rows = [re.sub(r"=+", "=", re.sub(r" {3,}", "   ", each)) for each in rows]
    return [re.sub(r" in [\d.]+s", "", each).rstrip() for each in rows]


@pytest.mark.slow
@pytest.mark.parametrize("case", [{"CI": "true"}, {"TERM": "dumb"}, {"option": "-s"}])
def test_it_is_not_shown(tmp_path: Path, case: dict[str, str]) -> None:
    options = [case.pop("option")] if "option" in case else []
    assert "left at most" not in run(tmp_path, *options, seconds=1.5, **case)


@pytest.mark.slow
def test_nothing_of_it_is_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(LONG.format(body="race.run(int, int)", seconds=1.5), encoding="utf-8")
    environment: Any = {**os.environ, "CI": ""}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *NO], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0
    assert "\x1b" not in ran.stdout
    assert "left at most" not in ran.stdout


@pytest.mark.slow
def test_what_a_test_prints_stays_its_own(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "def test_it(race, capsys):\n"
        "    print('before')\n"
        "    race.explore(lambda: race.run(int, int) and print('in it'), strategy='random', schedules=10**6,\n"
        "        seconds=1.6, races='ignore')\n"
        "    assert capsys.readouterr().out == 'in it\\n'\n",
        encoding="utf-8",
    )
    with terminal(["env", "CI=", sys.executable, "-m", "pytest", *NO], tmp_path, columns=70) as found:
        found.until("passed in", seconds=100)
        assert "left at most" in found.written

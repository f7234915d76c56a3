"""A dojo of three pairs, played through with real runs of pytest, one of which hangs."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from board_server import Served, served
from dojo_folder import COLD, HANGS, SOLVED, UNREADABLE
from kata_library import Library

from pytest_concurrency._dojo import cli, running
from pytest_concurrency._dojo.board import retrospective

pytestmark = pytest.mark.soak

STUB = "katas/tea/boil_water/boil_water.py"


class Pair:
    """Two people at one machine, who use nothing but pytest."""

    def __init__(self, name: str, root: Path) -> None:
        self.name = name
        self.root = root

    def katas(self, *arguments: str) -> None:
        with contextlib.chdir(self.root):
            assert cli.main(arguments) == 0

    def start(self, text: str | None = None) -> "subprocess.Popen[bytes]":
        """Write the file, if there is something to write, and start pytest."""
        if text is not None:
            (self.root / STUB).write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", *running.PLUGINS]
        environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        return subprocess.Popen(command, cwd=self.root, env=environment, stdout=subprocess.DEVNULL)

    def test(self, text: str | None = None) -> None:
        self.start(text).wait(120)


class Page:
    """What an open page of the board is told."""

    def __init__(self, stream: http.client.HTTPResponse) -> None:
        self._stream = stream
        self._rows: dict[str, dict[str, Any]] = {}

    def until(self, holds: Callable[[dict[str, dict[str, Any]]], bool]) -> None:
        """Take news until something holds of the rows, by the names of the pairs."""
        name = ""
        while not holds({row["name"]: row for row in self._rows.values()}):
            line = self._stream.readline().decode()
            assert line, "the board has closed the connection"
            name = line.removeprefix("event: ").strip() if line.startswith("event: ") else name
            if line.startswith("data: ") and name == "pairs":
                for row in json.loads(line.removeprefix("data: ")):
                    self._rows[row["id"]] = row

    def until_state(self, pair: Pair, state: str) -> None:
        self.until(lambda rows: rows.get(pair.name, {}).get("state") == state and not rows[pair.name]["running"])


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path / "dojo.sqlite") as found:
        yield found


@pytest.fixture
def page(board: Served) -> Iterator[Page]:
    connection = http.client.HTTPConnection(urlsplit(board.url).netloc, timeout=120)
    connection.request("GET", "/events")
    with contextlib.closing(connection), connection.getresponse() as stream:
        yield Page(stream)


@pytest.fixture
def pairs(tmp_path: Path, library: Library, board: Served) -> list[Pair]:
    """Three pairs with a folder each, who have joined."""
    found = [Pair(name, tmp_path / name) for name in ("ann-and-bob", "cy-and-dan", "eva-and-fay")]
    for pair in found:
        assert cli.main(["init", str(pair.root), "--from", str(library.root)]) == 0
        pair.katas("join", board.url, "--name", pair.name)
    return found


def test_five_states(board: Served, page: Page, pairs: list[Pair], tmp_path: Path) -> None:
    ann, cy, eva = pairs
    hanging = eva.start(HANGS)
    try:
        ann.test()  # the stub
        cy.katas("predict", "fail", "test_hot")
        cy.test(COLD)
        page.until_state(cy, "red")
        page.until_state(eva, "hung")  # while pytest still hangs
        assert hanging.poll() is None
    finally:
        hanging.send_signal(signal.SIGKILL)
        hanging.wait()
    rows = {row["name"]: row for row in board.state()["pairs"]}
    assert (rows[ann.name]["state"], rows[ann.name]["kata"]) == ("not begun", "boil_water")
    assert (rows[cy.name]["line"], rows[cy.name]["points"]) == ("the water is ['cold']: switch the kettle on", 2)
    assert rows[cy.name]["tasks"] == {"1": "red", "2": "green"}
    assert rows[eva.name]["line"] == "test_hot did not end within 8 s"
    ann.test(UNREADABLE)
    cy.test(SOLVED)
    page.until_state(ann, "amber")
    page.until_state(cy, "green")
    rows = {row["name"]: row for row in board.state()["pairs"]}
    assert [rows[pair.name]["state"] for pair in pairs] == ["amber", "green", "hung"]
    assert "SyntaxError" in rows[ann.name]["line"]
    board.stop()
    retrospective.export(tmp_path / "dojo.sqlite", tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "the water is [&#x27;cold&#x27;]: switch the kettle on" in text  # what cy and dan overcame


def test_a_board_that_is_away_gets_its_reports_later(tmp_path: Path, library: Library) -> None:
    pair = Pair("ann-and-bob", tmp_path / "ann")
    assert cli.main(["init", str(pair.root), "--from", str(library.root)]) == 0
    with served(tmp_path / "dojo.sqlite") as board:
        pair.katas("join", board.url, "--name", pair.name)
        port = board.url.rpartition(":")[2]
    pair.test(COLD)  # nobody listens, and pytest goes on all the same
    assert len((pair.root / ".katas/unsent.jsonl").read_text().splitlines()) == 2
    with served(tmp_path / "dojo.sqlite", "--port", port) as board:
        pair.test(SOLVED)
        (row,) = board.state()["pairs"]
        assert row["state"] == "green"
        assert "red" in [light[1] for light in row["lights"]] or len(row["lights"]) == 1
    assert (pair.root / ".katas/unsent.jsonl").read_text() == ""

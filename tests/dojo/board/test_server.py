"""The board over real sockets: what it takes, what it refuses, what it knows after a restart."""

import contextlib
import http.client
import json
import socket
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from board_server import REPORT, Served, served
from dojo_folder import Katas

from pytest_concurrency._dojo.board import client

pytestmark = pytest.mark.soak


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path / "dojo.sqlite", "--pairs", "4") as found:
        yield found


def test_a_report_is_shown_and_sent_twice_counts_once(board: Served) -> None:
    pair = board.join("ann-and-bob")
    for _ in range(2):
        board.report(pair, step=1)
    (row,) = board.state()["pairs"]
    assert (row["state"], row["kata"], row["task"]) == ("red", "two_spiders", 2)
    assert row["lights"][-1][1:] == ["red", 1, "two_spiders", REPORT["line"]]
    assert "key" not in json.dumps(board.state())


def test_everything_is_known_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "dojo.sqlite"
    with served(file) as board:
        pair, twin = board.join("ann-and-bob"), board.join("ann-and-bob")
        board.report(pair)
        board.ask("predict", {"pair": pair["pair"], "key": pair["key"], "says": "fail", "test": "test_side_by_side"})
        board.ask("rotation", {"do": "skip"})
        before = board.state()
        board.process.kill()  # not even a goodbye
        board.process.wait()
    with served(file) as board:
        after = board.state()
        assert after["pairs"] == before["pairs"]
        assert after["timer"]["turn"] == 1
        assert board.join("ann-and-bob", pair=pair["pair"], key=pair["key"]) == pair
        assert board.join("ann-and-bob")["name"] == "ann-and-bob (3)"
        assert twin["name"] == "ann-and-bob (2)"
        board.report(pair, run="b2")
        assert board.state()["pairs"][0]["points"] == 2


def test_a_clock_that_is_set_back_while_the_board_is_down_loses_no_minute(tmp_path: Path) -> None:
    file = tmp_path / "dojo.sqlite"
    with served(file) as board:
        pair = board.join("ann-and-bob")
        board.report(pair)
    with contextlib.closing(sqlite3.connect(file)) as base:
        base.execute("update session set began = began + 7200")  # it says now that the session begins in two hours
        base.execute("update steps set at = at + 600")
        base.execute("update pairs set joined = joined + 540")
        base.commit()
    with served(file) as board:
        board.join("cy-and-dan")
        board.report(pair, run="b2", state="green")
        state = board.state()
        assert state["minute"] == 10
        assert [row["state"] for row in state["pairs"]] == ["green", "not begun"]
        assert [light[:2] for light in state["pairs"][0]["lights"]] == [[9, "not begun"], [10, "green"]]


def test_who_joins_again_by_another_name_is_the_same_pair(tmp_path: Path) -> None:
    file = tmp_path / "dojo.sqlite"
    with served(file) as board:
        pair, twin = board.join("ann-and-bob"), board.join("ann-and-bob")
        board.report(pair)
        known = {"pair": pair["pair"], "key": pair["key"]}
        assert board.join("ann & cy", **known)["name"] == "ann & cy"
        assert board.join("ann & cy", pair=twin["pair"], key=twin["key"])["name"] == "ann & cy (2)"
        assert board.join("ann & cy", **known)["name"] == "ann & cy"
    with served(file) as board:
        first, second = board.state()["pairs"]
    assert (first["name"], first["driver"], first["next"], first["state"]) == ("ann & cy", "ann", "cy", "red")
    assert second["name"] == "ann & cy (2)"


def test_what_cannot_be_kept_is_not_answered_as_if_it_were(board: Served, tmp_path: Path) -> None:
    pair = board.join("ann-and-bob")
    message = {**REPORT, "pair": pair["pair"], "key": pair["key"]}
    with contextlib.closing(sqlite3.connect(tmp_path / "dojo.sqlite")) as other:
        other.execute("begin immediate")  # somebody else writes into the file
        refused = (503, "the session cannot be written down: database is locked\n")
        assert board.ask("report", message)[:2] == refused
        assert board.ask("join", {"name": "cy"})[:2] == refused
        with pytest.raises(client.Unreachable, match="the session cannot be written down"):  # and so it is sent again
            client.post(board.url, "report", message)
        other.execute("rollback")
    assert [row["state"] for row in board.state()["pairs"]] == ["not begun"]
    assert board.ask("report", message)[0] == 200
    assert [row["state"] for row in board.state()["pairs"]] == ["red"]


def test_what_may_not_be_sent_is_refused_in_one_line(board: Served) -> None:
    pair = board.join("ann")
    message = {**REPORT, "pair": pair["pair"], "key": pair["key"]}
    for path, sent, status, line in (
        ("report", {**message, "line": "x" * 20_000}, 413, "a message must have at most 16384 bytes, got more"),
        ("report", {**message, "code": "def"}, 400, "a field must be one of pair, key, run"),
        ("report", {**message, "key": "another"}, 403, "pair and key must be those that this board gave"),
        ("report", b"{", 400, "a message must be JSON"),
        ("join", {}, 400, "name must be one line of 1 to 60 characters, got nothing"),
        ("rotation", {"do": "minutes"}, 400, "minutes must be a number of minutes from 0.1 to 120, got nothing"),
        ("rotation", {"do": "dance"}, 400, "do must be start, pause, skip or minutes, got 'dance'"),
        ("absent", {}, 404, "nothing is served here, got POST '/absent'"),
        ("events", {}, 405, "nothing is served here, got POST '/events'"),
    ):
        answer = board.ask(path, sent)
        assert answer[0] == status, answer
        assert answer[1].startswith(line), answer
        assert answer[1].count("\n") == 1
    status, body, _ = board.ask("join", {"name": "x"}, kind="text/plain")  # what a foreign page could send
    assert (status, body) == (400, "Content-Type must be application/json, got 'text/plain'\n")
    status, body, _ = board.ask("state", headers={"Host": "evil.example:80"})
    assert (status, body) == (403, "the address must be this machine's own, got 'evil.example:80'\n")


def test_a_thousand_joins_are_refused(board: Served) -> None:
    answers = [board.ask("join", {"name": "ann"})[:2] for _ in range(1000)]
    assert [status for status, _ in answers].count(200) == 4
    assert answers[-1] == (400, "at most 4 pairs may join, got one more: start the board with --pairs\n")
    assert len(board.state()["pairs"]) == 4


def test_the_page_has_a_strict_policy_and_loads_nothing_from_elsewhere(board: Served) -> None:
    for path in ("", "board.js", "board.css", "shapes.svg"):
        status, body, headers = board.ask(path)
        assert status == 200
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; ")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "https:" not in body
        assert "http:" not in body.replace("http://www.w3.org/", "")
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_another_address_wants_a_token(tmp_path: Path) -> None:
    with served(tmp_path / "dojo.sqlite", "--host", "0.0.0.0") as board:
        address, _, token = board.url.rpartition("/")
        port = address.rpartition(":")[2]
        assert len(token) >= 16
        with contextlib.closing(Served(f"http://127.0.0.1:{port}/{token}", board.process)) as local:
            local.report(local.join("ann"))
            assert local.ask("")[0] == 200
        with contextlib.closing(Served(f"http://127.0.0.1:{port}", board.process)) as foreign:
            status, _, headers = foreign.ask(token)  # without the slash at its end
            assert (status, headers["Location"]) == (301, f"/{token}/")
            line = "the address must be the one that `katas board` shows, got another token\n"
            for other in ("", "x" * len(token), quote("état")):
                for path in ("", "/state", "/board.js"):
                    assert foreign.ask(other + path)[:2] == (403, line)
                assert foreign.ask(f"{other}/join", {"name": "x"})[0] == 403


@contextlib.contextmanager
def told(board: Served) -> Iterator[Callable[[], tuple[str, Any]]]:
    """What an open page is told, one server-sent event after the other."""
    connection = http.client.HTTPConnection(urlsplit(board.url).netloc, timeout=60)
    connection.request("GET", "/events")
    with contextlib.closing(connection), connection.getresponse() as stream:

        def following() -> tuple[str, Any]:
            name = ""
            while True:
                line = stream.readline().decode().rstrip("\n")
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    return name, json.loads(line.removeprefix("data: "))

        yield following


def test_a_page_is_told_all_at_first_and_then_what_changes(board: Served) -> None:
    ann, cy = board.join("ann-and-bob"), board.join("cy-and-dan")
    with told(board) as following:
        assert following() == ("known", [ann["pair"], cy["pair"]])
        assert following() == ("minute", 0)
        name, rows = following()
        assert (name, [row["state"] for row in rows]) == ("pairs", ["not begun", "not begun"])
        assert following()[0] == "timer"
        board.report(cy)
        name, (row,) = following()
        assert (name, row["name"], row["state"]) == ("pairs", "cy-and-dan", "red")
        board.ask("rotation", {"do": "pause"})
        assert [following()[0] for _ in range(2)] == ["minute", "timer"]


def test_with_another_turn_each_pair_has_another_driver_before_it_rings(board: Served) -> None:
    board.join("ann-and-bob")
    with told(board) as following:
        for _ in range(4):
            following()
        board.ask("rotation", {"do": "skip"})
        assert following() == ("minute", 0)
        assert following()[1][0]["driver"] == "bob"
        assert following()[1]["turn"] == 1


def test_a_page_is_told_only_the_lights_that_have_changed(tmp_path: Path) -> None:
    file = tmp_path / "dojo.sqlite"
    with served(file) as board:
        pair = board.join("ann-and-bob")
    with contextlib.closing(sqlite3.connect(file)) as base:
        base.execute("update session set began = began - 600")
        base.commit()
    with served(file) as board, told(board) as following:
        lines = [following() for _ in range(4)]
        assert [light[0] for light in lines[2][1][0]["lights"]] == list(range(11))
        board.report(pair)
        (row,) = following()[1]
        assert [light[0] for light in row["lights"]] == [10]
        board.report(pair, run="earlier", ago=400)  # the connection was lost then
        (row,) = following()[1]
        assert [light[:3] for light in row["lights"]][:2] == [[3, "red", 1], [4, "red", 0]]
        assert len(row["lights"]) == 8


def test_a_port_that_is_taken_is_named(home: object, katas: Katas) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = katas("board", "--port", str(port), status=2)
    assert line.startswith(f"katas: --host and --port must be free to use, got 127.0.0.1:{port}: ")


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--port", "70000"), "--port must be from 0 to 65535, got 70000"),
        (("--pairs", "0"), "--pairs must be from 1 to 5000, got 0"),
        (("--rotation", "500"), "--rotation must be from 0.05 to 120.0, got 500.0"),
        (("--export", "page.html"), "--file must be a session that was kept, got 'dojo.sqlite'"),
        (("--file", "absent/dojo.sqlite"), "--file must lie in a folder that exists, got 'absent/dojo.sqlite'"),
    ],
)
def test_a_wrong_option_is_named(katas: Katas, options: tuple[str, ...], line: str) -> None:
    assert katas("board", *options, status=2) == f"katas: {line}\n"


def test_joining_and_predicting(board: Served, home: object, katas: Katas) -> None:
    for arguments, line in (
        (("predict", "pass"), "this folder has joined no board; `katas join URL --name ann-and-bob` does"),
        (("join", "--leave"), "this folder has joined no board; `katas join URL --name ann-and-bob` does"),
        (("join", board.url), f"join must be given URL and --name, got URL '{board.url}' and --name None"),
        (("join", "here", "--name", "x"), "URL must be the address that `katas board` shows, got 'here'"),
    ):
        assert katas(*arguments, status=2) == f"katas: {line}\n"
    assert "no board answers at http://127.0.0.1:9: " in katas("join", "http://127.0.0.1:9", "--name", "x", status=2)
    for _ in range(2):  # the second time it is the same pair
        assert katas("join", f"{board.url}/", "--name", "ann-and-bob") == (
            f"joined {board.url} as ann-and-bob; each run of pytest here is reported\n"
        )
    assert katas("predict", "fail", "test_hot") == "predicted: fail test_hot\n"
    (row,) = board.state()["pairs"]
    assert (row["prediction"], row["driver"], row["next"]) == ("fail test_hot", "ann", "bob")
    assert "TEST must be one of test_hot, test_all_of_it, got 'x'" in katas("predict", "fail", "x", status=2)
    assert "TEST must be given with fail only" in katas("predict", "pass", "test_hot", status=2)
    assert katas("join", "--leave") == "left the board\n"

"""A session in a file."""

import base64
import hashlib
import json
import re
import sqlite3
from pathlib import Path

import pytest

from pytest_concurrency._dojo.board import protocol, retrospective, rotation
from pytest_concurrency._dojo.board.room import Room
from pytest_concurrency._dojo.board.scores import Prediction, Score
from pytest_concurrency._dojo.board.store import Store
from pytest_concurrency._dojo.states import State

REPORT = {
    "kata": "tea",
    "state": "red",
    "running": False,
    "tasks": {"1": "red"},
    "task": 1,
    "seconds": 1.5,
    "line": '<b>cold</b> & "dry" \'',
    "failed": ["test_hot"],
    "ago": 0,
    "pair": "p",
    "key": "k",
}


@pytest.fixture
def session(tmp_path: Path) -> Path:
    """A pair that predicted a failure, failed, and became green."""
    store = Store(tmp_path / "dojo.sqlite")
    room = store.room(5, 60)
    store.add_pair(room.join("p", "<i>ann</i>-and-bob", ["<i>ann</i>", "bob"], "k", 3.5))
    store.add_prediction("p", Prediction("fail", "test_hot"), 4)
    for step, (state, at) in enumerate((("red", 65.0), ("green", 190.0))):
        assert store.add_report("p", {**REPORT, "state": state, "run": "a", "step": step}, at)
    store.keep_timer(rotation.Rotation(60, 30, 100, 2, 1))
    store.close()
    return tmp_path / "dojo.sqlite"


def reopened(session: Path) -> tuple[Room, Store]:
    store = Store(session)
    return store.room(5, 60), store


def test_everything_is_there_after_a_restart(session: Path) -> None:
    room, store = reopened(session)
    pair = room.pairs["p"]
    assert (pair.name, pair.people, pair.key, pair.joined) == ("<i>ann</i>-and-bob", ("<i>ann</i>", "bob"), "k", 3.5)
    assert (pair.state, pair.reports, pair.score) == (State.GREEN, 2, Score(2, 1, 2))
    assert {minute: light.state for minute, light in pair.lights.items()} == {1: State.RED, 3: State.GREEN}
    assert room.timer == rotation.Rotation(60, 30, 100, 2, 1)
    assert store.last == 190
    store.close()


def test_a_report_that_is_sent_again_counts_once(session: Path) -> None:
    room, store = reopened(session)
    assert not store.add_report("p", {**REPORT, "run": "a", "step": 1}, 200)
    assert store.add_report("p", {**REPORT, "run": "b", "step": 1}, 200)
    assert room.pairs["p"].reports == 2
    store.close()


def test_the_last_moment_is_that_of_a_pair_that_only_joined(tmp_path: Path) -> None:
    store = Store(tmp_path / "dojo.sqlite")
    assert store.last == 0
    store.add_pair(store.room(5, 60).join("p", "ann", ["ann"], "k", 400.5))
    store.close()
    _, store = reopened(tmp_path / "dojo.sqlite")
    assert store.last == 400.5
    store.close()


def test_the_token_is_the_same_after_a_restart(session: Path) -> None:
    for fresh in ("one", "two"):
        _, store = reopened(session)
        assert store.token(fresh) == "one"
        store.close()


def test_a_key_and_a_report_hold_what_the_protocol_allows(session: Path) -> None:
    base = sqlite3.connect(session)
    (what,) = base.execute("select what from steps where run is not null").fetchone()
    base.close()
    assert set(json.loads(what)) == set(protocol.REPORT) - {"pair", "key", "run", "step", "ago"}


@pytest.mark.parametrize("content", [b"something else entirely, and long enough to be read as a page" * 20])
def test_another_file_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "other"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"^--file must be a session of `katas board`, got '.*other': "):
        Store(file)
    with pytest.raises(ValueError, match=r"^--file must lie in a folder that exists, got "):
        Store(tmp_path / "absent" / "file")


def test_the_retrospective_is_one_page_in_which_names_are_text(session: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    retrospective.export(session, page)
    text = page.read_text(encoding="utf-8")
    assert "<i>" not in text
    assert "<b>" not in text
    assert "&lt;i&gt;ann&lt;/i&gt;-and-bob" in text
    assert "2 points in 1 prediction" in text
    assert "<td>03:10</td>" in text  # when it became green
    assert "&lt;b&gt;cold&lt;/b&gt; &amp; &quot;dry&quot;" in text
    assert text.count('class="light green"') == 1
    assert text.count('class="light old') == 2  # minutes 1 and 3
    for word in ("<script", "http://localhost", "https:", "src="):
        assert word not in text
    with pytest.raises(ValueError, match=r"^--export must lie in a folder that exists, got "):
        retrospective.export(session, tmp_path / "absent" / "page.html")


def test_what_was_left_open_is_said(session: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    retrospective.export(session, page)
    assert "At the end" not in page.read_text(encoding="utf-8")
    _, store = reopened(session)
    store.add_report("p", {**REPORT, "state": "hung", "run": "b", "step": 0}, 300)
    store.close()
    retrospective.export(session, page)
    assert "<p>At the end: tea: &lt;b&gt;cold&lt;/b&gt; &amp; " in page.read_text(encoding="utf-8")


def test_the_style_of_the_retrospective_is_the_one_that_its_policy_allows(session: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    retrospective.export(session, page)
    text = page.read_text(encoding="utf-8")
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in text


def test_an_empty_session_has_a_page(tmp_path: Path) -> None:
    Store(tmp_path / "dojo.sqlite").close()
    retrospective.export(tmp_path / "dojo.sqlite", tmp_path / "page.html")
    assert "Nobody joined." in (tmp_path / "page.html").read_text()


def test_several_things_are_written_together_or_none_of_them(session: Path) -> None:
    _, store = reopened(session)
    assert store.together([lambda: store.add_report("p", {**REPORT, "run": "b", "step": 1}, 200)] * 2) == [True, False]

    def fail() -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(sqlite3.OperationalError):
        store.together([lambda: store.add_report("p", {**REPORT, "run": "c", "step": 1}, 201), fail])
    assert store.together([lambda: 1]) == [1]
    store.close()
    room, store = reopened(session)
    assert room.pairs["p"].reports == 3
    store.close()

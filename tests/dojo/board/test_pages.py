"""Open pages: what they share, and what becomes of one that takes nothing."""

import asyncio
import itertools
import socket
from unittest import mock

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from pytest_concurrency._dojo.board import pages, picture, rotation
from pytest_concurrency._dojo.board.live import Live
from pytest_concurrency._dojo.board.pages import Pages, Rows
from pytest_concurrency._dojo.board.protocol import Report
from pytest_concurrency._dojo.board.room import Room
from pytest_concurrency._dojo.states import State

MINUTES = 200


def report(line: str) -> Report:
    return Report("r", 0, "tea", State.RED, running=False, tasks={}, task=1, seconds=1, line=line, failed=(), ago=0)


@pytest.fixture
def room() -> Room:
    found = Room(40, rotation.new(60))
    for number in range(40):
        found.join(f"p{number}", f"pair {number}", ["ann"], "key", 0)
        for minute in range(MINUTES):
            found.report(f"p{number}", report("x" * 500), minute * 60)
    return found


@pytest.mark.parametrize("since", [0, MINUTES - 1])
def test_what_several_pages_are_told_is_written_once(room: Room, since: int) -> None:
    rows, now = Rows(), MINUTES * 60.0
    with mock.patch.object(picture, "pair", wraps=picture.pair) as written:
        told = [rows.row(room.pairs[number], 0, now, since) for _ in range(10) for number in room.pairs]
        assert written.call_count == 40
        assert len(set(told)) == 40
        room.report("p0", report("mended"), now)
        assert b"mended" in rows.row(room.pairs["p0"], 0, now, since)
        rows.row(room.pairs["p1"], 1, now, since)
        rows.row(room.pairs["p1"], 1, now + 60, since)
        assert written.call_count == 43


def test_few_long_rows_are_remembered(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_WHOLE", 10)
    rows = Rows()
    for pair in room.pairs.values():
        rows.row(pair, 0, MINUTES * 60.0, 0)
    assert list(rows._whole) == [f"p{number}" for number in range(30, 40)]


def test_reports_are_answered_between_two_messages(room: Room) -> None:
    served = Pages(room, Live(), lambda: MINUTES * 60.0, {})
    assert len(list(served._told(dict.fromkeys(room.pairs, 0)))) == 40  # each of these rows fills one
    assert len(list(served._told(dict.fromkeys(room.pairs, MINUTES)))) == 2


def test_a_page_that_takes_nothing_is_let_go(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "STUCK", 0.2)
    monkeypatch.setattr(pages, "OFTEN", 0.0)
    live = Live()

    async def play() -> None:
        app = web.Application()
        app.router.add_get("/events", Pages(room, live, lambda: MINUTES * 60.0, {}).follow)
        async with TestServer(app) as server:
            with socket.socket() as asleep:
                asleep.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                asleep.connect((server.host, server.port))
                asleep.sendall(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
                while not live.watchers:
                    await asyncio.sleep(0)
                (watcher,) = live.watchers
                for number in itertools.cycle(room.pairs):
                    if not live.watchers:
                        break
                    watcher.note(number, 0)
                    await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(play(), 60))
    assert not live.watchers

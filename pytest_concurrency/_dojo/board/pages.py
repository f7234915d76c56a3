"""What the open pages are told: each row is written once for all of them, and a page that takes nothing is let go."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING

from aiohttp import web

from pytest_concurrency._dojo.board import picture

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from pytest_concurrency._dojo.board.live import Live
    from pytest_concurrency._dojo.board.room import Pair, Room

OFTEN = 0.25  # seconds between two messages to a page
ALIVE = 15.0  # seconds after which a page is told that it is still connected
STUCK = 20.0  # seconds in which a page takes nothing: it asks again by itself, and is told all anew
AT_ONCE = 16 * 1024  # bytes in one message, between which reports are answered
MOST_WHOLE = 256  # rows with all their lights that are remembered


class Pages:
    """All open pages of one session.

    Args:
        found: what they show.
        live: who watches.
        clock: seconds since the session began.
        headers: those of every answer.
    """

    def __init__(self, found: Room, live: Live, clock: Callable[[], float], headers: Mapping[str, str]) -> None:
        """Begin without any."""
        self._room = found
        self._live = live
        self._clock = clock
        self._headers = headers
        self._rows = Rows()
        self._one_page = asyncio.Lock()

    async def follow(self, request: web.Request) -> web.StreamResponse:
        """Tell a page what changes, as server-sent events, for as long as it is open."""
        watcher = self._live.enter(self._room.pairs)
        answer = web.StreamResponse(headers={**self._headers, "Content-Type": "text/event-stream"})
        try:
            await answer.prepare(request)
            await answer.write(b"retry: 1000\n\n")  # milliseconds until a page that lost its connection asks again
            await answer.write(_event("known", list(self._room.pairs)))
            while True:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(watcher.news.wait(), ALIVE)
                async for each in self._paced(self._news(*watcher.take())):
                    async with asyncio.timeout(STUCK):
                        await answer.write(each)
                await asyncio.sleep(OFTEN)
        except TimeoutError:
            if request.transport:
                request.transport.abort()  # a polite end would wait for it, too
        except (ConnectionResetError, asyncio.CancelledError):
            pass  # the page is closed, or the server ends
        finally:
            self._live.leave(watcher)
        return answer

    def _news(self, time: bool, changed: Mapping[str, int]) -> Iterator[bytes]:  # noqa: FBT001 - as it was taken
        if not time and not changed:
            yield b": still here\n\n"
        if time:  # before the rows, which tell only the minutes that have changed
            yield _event("minute", int(self._clock() // 60))
        yield from self._told(changed)
        if time:  # after the rows, which say who drives now
            yield _event("timer", picture.timer(self._room, self._clock()))

    def _told(self, changed: Mapping[str, int]) -> Iterator[bytes]:
        """Write the rows of pairs, as many in a message as fit."""
        rows: list[bytes] = []
        for number, since in changed.items():
            rows.append(self._rows.row(self._room.pairs[number], self._room.timer.turn, self._clock(), since))
            if sum(map(len, rows)) >= AT_ONCE:
                yield _message(rows)
                rows = []
        if rows:
            yield _message(rows)

    async def _paced(self, news: Iterator[bytes]) -> AsyncIterator[bytes]:
        """Write one message at a time for all pages together, and look after the reports in between."""
        while True:
            async with self._one_page:
                each = next(news, None)
                await asyncio.sleep(0)
            if each is None:
                return
            yield each  # not in the lock: a slow browser keeps nobody waiting


class Rows:
    """The rows of the page as they were written last: what several pages are told is written once."""

    def __init__(self) -> None:
        """Know none."""
        self._changes: dict[str, tuple[Pair, tuple[int, int, int], bytes]] = {}
        self._whole: dict[str, tuple[Pair, tuple[int, int, int], bytes]] = {}

    def row(self, pair: Pair, turn: int, now: float, since: int) -> bytes:
        """Return the JSON of a row with the lights from a minute on."""
        written = self._changes if since else self._whole
        asked = (turn, int(now // 60), since)
        known = written.pop(pair.id, None)
        if known is None or known[0] is not pair or known[1] != asked:
            known = (pair, asked, _json(picture.pair(pair, turn, now, since)))
        written[pair.id] = known
        if len(self._whole) > MOST_WHOLE:  # these are long: pages that open together ask for them at almost one time
            del self._whole[next(iter(self._whole))]
        return known[2]


def _json(value: object) -> bytes:
    """Write a value as JSON, which holds no line's end."""
    return json.dumps(value, separators=(",", ":")).encode()


def _event(name: str, value: object) -> bytes:
    """Write a server-sent event."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), _json(value))


def _message(rows: list[bytes]) -> bytes:
    return b"event: pairs\ndata: [" + b",".join(rows) + b"]\n\n"

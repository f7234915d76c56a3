"""The board's server: reports come in, the page goes out, each by rules that stand in one place."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hmac
import json
import secrets
import time
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from aiohttp import web

from pytest_concurrency._dojo.board import picture, protocol, room
from pytest_concurrency._dojo.board.live import Live
from pytest_concurrency._dojo.board.scores import Prediction
from pytest_concurrency._dojo.board.writer import NotKept, Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence

    from pytest_concurrency._dojo.board.protocol import Field
    from pytest_concurrency._dojo.board.room import Pair, Room
    from pytest_concurrency._dojo.board.store import Store

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address holds the token
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ASSETS = {
    "": ("board.html", "text/html"),
    "board.js": ("board.js", "text/javascript"),
    "board.css": ("board.css", "text/css"),
    "shapes.svg": ("shapes.svg", "image/svg+xml"),
    "icon.svg": ("icon.svg", "image/svg+xml"),
}
OFTEN = 0.25  # seconds between two messages to a page
ALIVE = 15.0  # seconds after which a page is told that it is still connected
AT_ONCE = 10  # rows in one message, between which reports are answered


class Board:
    """One session that is served.

    Args:
        store: where everything is written down.
        found: the room as it was.
        token: the first part of each address; empty on the loopback address.
        clock: seconds since the session began.
    """

    def __init__(self, store: Store, found: Room, token: str, clock: Callable[[], float]) -> None:
        """Take up a session."""
        self.room = found
        self.live = Live()
        self._store = store
        self._writer = Writer(store)
        self._rows = Rows()
        self._one_page = asyncio.Lock()
        self._token = token
        self._clock = clock

    def application(self) -> web.Application:
        """Return the application for aiohttp."""
        app = web.Application(middlewares=[self._guard], client_max_size=protocol.MOST_BYTES)
        base = f"/{self._token}" if self._token else ""
        app.router.add_get(f"{base}/events", self._events)
        app.router.add_get(f"{base}/state", self._state)
        for name, handler in (
            ("join", self._join),
            ("report", self._report),
            ("predict", self._predict),
            ("rotation", self._rotate),
        ):
            app.router.add_post(f"{base}/{name}", handler)
        for path, (name, kind) in ASSETS.items():
            app.router.add_get(f"{base}/{path}", _asset(name, kind))
        if base:
            app.router.add_get(base, _to_folder)
        app.cleanup_ctx.append(self._ticking)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse a foreign token, a foreign page and a wrong message, each in one line."""
        try:
            self._check(request)
            answer = await handler(request)
        except PermissionError as error:
            answer = refusal(403, str(error))
        except ValueError as error:
            answer = refusal(400, str(error))
        except NotKept as error:
            answer = refusal(503, str(error))
        except web.HTTPRequestEntityTooLarge:
            answer = refusal(413, f"a message must have at most {protocol.MOST_BYTES} bytes, got more")
        except web.HTTPRedirection as found:
            answer = web.Response(status=found.status, headers={"Location": found.headers["Location"]})
        except web.HTTPException as error:
            answer = refusal(
                error.status, f"nothing is served here, got {request.method} {protocol.shown(request.path)}"
            )
        if not answer.prepared:
            answer.headers.update(HEADERS)
        return answer

    def _check(self, request: web.Request) -> None:
        token = request.path.split("/")[1] if self._token else ""
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            raise PermissionError("the address must be the one that `katas board` shows, got another token")
        host = (request.host or "").rpartition(":")[0] or request.host
        if not self._token and host not in ("127.0.0.1", "localhost", "[::1]"):
            raise PermissionError(f"the address must be this machine's own, got {protocol.shown(request.host)}")
        if request.method == "POST" and request.content_type != "application/json":
            raise ValueError(f"Content-Type must be application/json, got {protocol.shown(request.content_type)}")

    async def _read(self, request: web.Request, fields: Mapping[str, Field]) -> dict[str, Any]:
        return protocol.read(await request.read(), fields)

    async def _join(self, request: web.Request) -> web.Response:
        found = await self._read(request, protocol.JOIN)
        people = found["people"] or room.people_in(found["name"])
        if found["pair"]:
            with contextlib.suppress(PermissionError):  # of an earlier session: it joins anew
                return await self._rejoin(self.room.known(found["pair"], found["key"]), found["name"], people)
        self.room.refuse_if_full()
        made = self.room.join(secrets.token_hex(4), found["name"], people, secrets.token_urlsafe(16), self._clock())
        try:
            await self._writer.write(functools.partial(self._store.add_pair, made))
        except NotKept:
            del self.room.pairs[made.id]
            raise
        self.live.changed(made.id, 0)
        return web.json_response({"pair": made.id, "key": made.key, "name": made.name})

    async def _rejoin(self, known: Pair, name: str, people: Sequence[str]) -> web.Response:
        """Know a pair again, under another name if it asks for one: who sits with whom may change."""
        pair = self.room.rename(known.id, name, people)
        await self._writer.write(functools.partial(self._store.rename, pair))
        self.live.changed(pair.id, int(self._clock() // 60))
        return web.json_response({"pair": pair.id, "key": pair.key, "name": pair.name})

    async def _report(self, request: web.Request) -> web.Response:
        found = await self._read(request, protocol.REPORT)
        pair = self.room.known(found["pair"], found["key"])
        report = protocol.report_of(found)
        at = max(pair.joined, self._clock() - report.ago)
        if await self._writer.write(functools.partial(self._store.add_report, pair.id, found, at)):
            self.room.report(pair.id, report, at)
            self.live.changed(pair.id, int(at // 60))
        return web.json_response({})

    async def _predict(self, request: web.Request) -> web.Response:
        found = await self._read(request, protocol.PREDICT)
        pair = self.room.known(found["pair"], found["key"])
        prediction, now = Prediction(found["says"], found["test"]), self._clock()
        await self._writer.write(functools.partial(self._store.add_prediction, pair.id, prediction, now))
        self.room.predict(pair.id, prediction)
        self.live.changed(pair.id, int(now // 60))
        return web.json_response({})

    async def _rotate(self, request: web.Request) -> web.Response:
        found = await self._read(request, protocol.ROTATE)
        if found["do"] == "minutes" and not found["minutes"]:
            raise ValueError(f"minutes must {protocol.ROTATE['minutes'].condition}, got nothing")
        turn = self.room.timer.turn
        self.room.rotate(found["do"], self._clock(), found["minutes"])
        await self._keep_timer(turn)
        return web.json_response(picture.timer(self.room, self._clock()))

    async def _keep_timer(self, turn: int) -> None:
        """Tell and write down the timer; with another turn than before, each pair has another driver."""
        self.live.changed_time()
        if self.room.timer.turn != turn:
            minute = int(self._clock() // 60)
            for number in self.room.pairs:
                self.live.changed(number, minute)
        await self._writer.write(functools.partial(self._store.keep_timer, self.room.timer))

    async def _state(self, request: web.Request) -> web.Response:
        del request
        return web.json_response(picture.board(self.room, self._clock()))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Tell a page what changes, as server-sent events, for as long as it is open."""
        watcher = self.live.enter(self.room.pairs)
        answer = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        try:
            await answer.prepare(request)
            await answer.write(b"retry: 1000\n\n")  # milliseconds until a page that lost its connection asks again
            await answer.write(_event("known", list(self.room.pairs)))
            while True:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(watcher.news.wait(), ALIVE)
                async for each in self._paced(self._news(*watcher.take())):
                    await answer.write(each)
                await asyncio.sleep(OFTEN)
        except (ConnectionResetError, asyncio.CancelledError):
            pass  # the page is closed, or the server ends
        finally:
            self.live.leave(watcher)
        return answer

    def _news(self, time: bool, changed: Mapping[str, int]) -> Iterator[bytes]:  # noqa: FBT001 - as it was taken
        if not time and not changed:
            yield b": still here\n\n"
        if time:  # before the rows, which tell only the minutes that have changed
            yield _event("minute", int(self._clock() // 60))
        numbers = list(changed)
        for first in range(0, len(numbers), AT_ONCE):
            turn, now = self.room.timer.turn, self._clock()
            some = (self.room.pairs[number] for number in numbers[first : first + AT_ONCE])
            rows = [self._rows.row(pair, turn, now, changed[pair.id]) for pair in some]
            yield b"event: pairs\ndata: [" + b",".join(rows) + b"]\n\n"
        if time:  # after the rows, which say who drives now
            yield _event("timer", picture.timer(self.room, self._clock()))

    async def _paced(self, news: Iterator[bytes]) -> AsyncIterator[bytes]:
        """Write one message at a time for all pages together, and look after the reports in between."""
        while True:
            async with self._one_page:
                each = next(news, None)
                await asyncio.sleep(0)
            if each is None:
                return
            yield each  # not in the lock: a slow browser keeps nobody waiting

    async def _ticking(self, app: web.Application) -> AsyncIterator[None]:
        """Ring at the end of a turn, and begin a new light with each minute."""
        del app
        task = asyncio.create_task(self._tick())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await self._writer.close()

    async def _tick(self) -> None:
        minute = int(self._clock() // 60)
        while True:
            await asyncio.sleep(0.1)
            now, turn = self._clock(), self.room.timer.turn
            if self.room.settle(now):
                with contextlib.suppress(NotKept):  # it rings all the same
                    await self._keep_timer(turn)
            if int(now // 60) != minute:
                minute = int(now // 60)
                self.live.changed_time()


class Rows:
    """The rows of the page as they were written last: what several pages are told is written once."""

    def __init__(self) -> None:
        """Know none."""
        self._written: dict[str, tuple[Pair, tuple[int, int, int], bytes]] = {}

    def row(self, pair: Pair, turn: int, now: float, since: int) -> bytes:
        """Return the JSON of a row with the lights from a minute on."""
        asked = (turn, int(now // 60), since)
        known = self._written.get(pair.id)
        if known and known[0] is pair and known[1] == asked:
            return known[2]
        row = _json(picture.pair(pair, turn, now, since))
        if since:  # one with all its lights is long, and asked for once by each page
            self._written[pair.id] = (pair, asked, row)
        return row


def _json(value: object) -> bytes:
    """Write a value as JSON, which holds no line's end."""
    return json.dumps(value, separators=(",", ":")).encode()


def _event(name: str, value: object) -> bytes:
    """Write a server-sent event."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), _json(value))


def refusal(status: int, line: str) -> web.Response:
    """Refuse in one line, of plain text."""
    return web.Response(status=status, text=line + "\n")


async def _to_folder(request: web.Request) -> web.Response:
    """Send a page that was asked for without the slash at its end to where its parts lie."""
    raise web.HTTPMovedPermanently(f"{request.path}/")


def _asset(name: str, kind: str) -> Handler:
    text = files("pytest_concurrency._dojo.board").joinpath("assets", name).read_text(encoding="utf-8")

    async def serve(request: web.Request) -> web.Response:
        del request
        return web.Response(text=text, content_type=kind, charset="utf-8")

    return serve


def session_clock(began: float, last: float) -> Callable[[], float]:
    """Return a clock that tells the seconds since a session began, and never goes back.

    Args:
        began: when that was, by the clock of the day.
        last: the last moment that was written down: it may be later than the clock of the day says, if that was set.
    """
    start = max(time.time() - began, last)
    origin = time.perf_counter()
    return lambda: start + time.perf_counter() - origin

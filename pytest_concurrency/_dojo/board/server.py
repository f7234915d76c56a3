"""The board's server: reports come in, the page goes out, each by rules that stand in one place."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hmac
import secrets
import time
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from aiohttp import web

from pytest_concurrency._dojo.board import picture, protocol, room
from pytest_concurrency._dojo.board.live import Live
from pytest_concurrency._dojo.board.pages import Pages
from pytest_concurrency._dojo.board.room import Foreign
from pytest_concurrency._dojo.board.scores import Prediction
from pytest_concurrency._dojo.board.writer import NotKept, Writer
from pytest_concurrency._dojo.translations import LANGUAGES
from pytest_concurrency._dojo.words import Words
from pytest_concurrency._katas.refusals import Phrase, Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

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
STATUS = {Foreign: 403, NotKept: 503}
ASSETS = {
    "": ("board.html", "text/html"),
    "board.js": ("board.js", "text/javascript"),
    "board.css": ("board.css", "text/css"),
    "shapes.svg": ("shapes.svg", "image/svg+xml"),
    "icon.svg": ("icon.svg", "image/svg+xml"),
}


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
        self._pages = Pages(found, self.live, clock, HEADERS)
        self._token = token
        self._clock = clock

    def application(self) -> web.Application:
        """Return the application for aiohttp."""
        app = web.Application(middlewares=[self._guard], client_max_size=protocol.MOST_BYTES)
        base = f"/{self._token}" if self._token else ""
        app.router.add_get(f"{base}/events", self._pages.follow)
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
        except Refused as error:
            answer = refusal(request, STATUS.get(type(error), 400), error)
        except web.HTTPRequestEntityTooLarge:
            much = Refused(protocol.TOO_BIG, {"most": protocol.MOST_BYTES, "got": Phrase("more")})
            answer = refusal(request, 413, much)
        except web.HTTPRedirection as found:
            answer = web.Response(status=found.status, headers={"Location": found.headers["Location"]})
        except web.HTTPException as error:
            asked = {"method": request.method, "path": protocol.shown(request.path)}
            answer = refusal(request, error.status, Refused("nothing is served here, got {method} {path}", asked))
        if not answer.prepared:
            answer.headers.update(HEADERS)
        return answer

    def _check(self, request: web.Request) -> None:
        token = request.path.split("/")[1] if self._token else ""
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            raise Foreign("the address must be the one that `katas board` shows, got another token")
        host = (request.host or "").rpartition(":")[0] or request.host
        if not self._token and host not in ("127.0.0.1", "localhost", "[::1]"):
            raise Foreign("the address must be this machine's own, got {got}", {"got": protocol.shown(request.host)})
        if request.method == "POST" and request.content_type != "application/json":
            kind = {"got": protocol.shown(request.content_type)}
            raise Refused("Content-Type must be application/json, got {got}", kind)

    async def _read(self, request: web.Request, fields: Mapping[str, Field]) -> dict[str, Any]:
        return protocol.read(await request.read(), fields)

    async def _join(self, request: web.Request) -> web.Response:
        found = await self._read(request, protocol.JOIN)
        people = found["people"] or room.people_in(found["name"])
        if found["pair"]:
            with contextlib.suppress(Foreign):  # of an earlier session: it joins anew
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
            raise protocol.refused("minutes", protocol.ROTATE["minutes"])
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


def refusal(request: web.Request, status: int, why: Refused) -> web.Response:
    """Refuse in one line, of plain text, in the language that is asked for."""
    asked = request.headers.get("Accept-Language", "")[:2]
    words = Words(asked if asked in LANGUAGES else "en")
    return web.Response(status=status, text=words.of(why) + "\n")


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

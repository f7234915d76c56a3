"""The board's server: reports come in, the page goes out, each by rules that stand in one place."""

from __future__ import annotations

import asyncio
import contextlib
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

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from pytest_concurrency._dojo.board.protocol import Field
    from pytest_concurrency._dojo.board.room import Room
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
        if found["pair"]:
            with contextlib.suppress(PermissionError):  # of an earlier session: it joins anew
                known = self.room.known(found["pair"], found["key"])
                return web.json_response({"pair": known.id, "key": known.key, "name": known.name})
        self.room.refuse_if_full()
        people = found["people"] or room.people_in(found["name"])
        made = self.room.join(secrets.token_hex(4), found["name"], people, secrets.token_urlsafe(16), self._clock())
        self._store.add_pair(made)
        self.live.changed(made.id)
        return web.json_response({"pair": made.id, "key": made.key, "name": made.name})

    async def _report(self, request: web.Request) -> web.Response:
        found = await self._read(request, protocol.REPORT)
        pair = self.room.known(found["pair"], found["key"])
        report = protocol.report_of(found)
        at = max(pair.joined, self._clock() - report.ago)
        if self._store.add_report(pair.id, found, at):
            self.room.report(pair.id, report, at)
            self.live.changed(pair.id)
        return web.json_response({})

    async def _predict(self, request: web.Request) -> web.Response:
        found = await self._read(request, protocol.PREDICT)
        pair = self.room.known(found["pair"], found["key"])
        prediction = Prediction(found["says"], found["test"])
        self._store.add_prediction(pair.id, prediction, self._clock())
        self.room.predict(pair.id, prediction)
        self.live.changed(pair.id)
        return web.json_response({})

    async def _rotate(self, request: web.Request) -> web.Response:
        found = await self._read(request, protocol.ROTATE)
        if found["do"] == "minutes" and not found["minutes"]:
            raise ValueError(f"minutes must {protocol.ROTATE['minutes'].condition}, got nothing")
        self.room.rotate(found["do"], self._clock(), found["minutes"])
        self._keep_timer()
        return web.json_response(picture.timer(self.room, self._clock()))

    def _keep_timer(self) -> None:
        self._store.keep_timer(self.room.timer)
        self.live.changed_all()

    async def _state(self, request: web.Request) -> web.Response:
        del request
        return web.json_response(picture.board(self.room, self._clock()))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Tell a page what changes, as server-sent events, for as long as it is open."""
        watcher = self.live.enter()
        answer = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        try:
            await answer.prepare(request)
            await answer.write(b"retry: 1000\n\n")  # milliseconds until a page that lost its connection asks again
            while True:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(watcher.news.wait(), ALIVE)
                await answer.write(self._news(watcher.take()))
                await asyncio.sleep(OFTEN)
        except (ConnectionResetError, asyncio.CancelledError):
            pass  # the page is closed, or the server ends
        finally:
            self.live.leave(watcher)
        return answer

    def _news(self, changed: set[str] | None) -> bytes:
        now = self._clock()
        if changed is None:
            return _event("board", picture.board(self.room, now))
        if not changed:
            return b": still here\n\n"
        rows = [pair for number, pair in self.room.pairs.items() if number in changed]  # in the order of joining
        return _event("pairs", [picture.pair(pair, self.room.timer.turn, now) for pair in rows])

    async def _ticking(self, app: web.Application) -> AsyncIterator[None]:
        """Ring at the end of a turn, and begin a new light with each minute."""
        del app
        task = asyncio.create_task(self._tick())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        self._store.close()

    async def _tick(self) -> None:
        minute = int(self._clock() // 60)
        while True:
            await asyncio.sleep(0.1)
            now = self._clock()
            if self.room.settle(now):
                self._keep_timer()
            if int(now // 60) != minute:
                minute = int(now // 60)
                self.live.changed_all()


def _event(name: str, value: object) -> bytes:
    """Write a server-sent event; JSON holds no line's end."""
    return f"event: {name}\ndata: {json.dumps(value, separators=(',', ':'))}\n\n".encode()


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

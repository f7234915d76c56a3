"""A picture site on this machine, which the tests of the crawlers crawl: slow, sulking and counting as they want it."""

import asyncio
import builtins
import contextlib
import html
import io
import math
import os
import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

import pytest
from aiohttp import web

# Its key is no secret: nobody has signed it, and it is good for nothing but to be refused.
CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgczLFJO0bCxIYGPva
0wfjRWNhHZ65Lc6YWItwhzEN0kyhRANCAAToCQDRmd1uEemCm26yuDEbJZnr9mx4
J/qeKIMmLG4YrgNnSpYJacCxHaXEUDyxjE/jK0jJlj43JKOBWBcbDt9h
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBjzCCATagAwIBAgIUctQuxRqnLDo2iAkV3TlCfMeb11kwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyODExMTExNVoYDzIxMjYxMTA0
MTExMTE1WjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAToCQDRmd1uEemCm26yuDEbJZnr9mx4J/qeKIMmLG4YrgNnSpYJacCx
HaXEUDyxjE/jK0jJlj43JKOBWBcbDt9ho2QwYjAdBgNVHQ4EFgQUHduuQMXBBJKd
8kphpM13/2Dj5b0wHwYDVR0jBBgwFoAUHduuQMXBBJKd8kphpM13/2Dj5b0wDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0cAMEQC
IAnCuy4Ev1tmm92GeTg8hd5g0qRDoAYIXhgnfDAUprZ0AiBVLuZZPWU1qvvGHEgg
OZAtEgkPjZ8TLYFVyEIM4egp3w==
-----END CERTIFICATE-----
"""

SORRY = b"<html><h1>Sorry</h1></html>"


@dataclass
class Answer:
    """What the site says to one request.

    It waits for `seconds` (`math.inf`: for ever) before the first byte. `half`: it promises the whole, and hangs up in
    the midst. `drip`: it waits for so many seconds before each quarter.
    """

    body: bytes = SORRY
    status: int = 200
    kind: str = "image/jpeg"
    seconds: float = 0
    half: bool = False
    drip: float = 0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Visit:
    """One request: for what, over which connection, and from when to when by the clock of the loop."""

    path: str
    connection: int
    began: float
    ended: float = math.inf


@contextlib.contextmanager
def watched_disk(folder, about_to_write, about_to_move=lambda path: None):
    """Call `about_to_write(path)` in the thread that opens a file of the folder for writing, before it does.

    Call `about_to_move(path)` in the one that moves a file to that path of the folder, before it does.
    """

    def watching(original, writes):
        def watched(path, *args, **kwargs):
            if isinstance(path, str | os.PathLike) and Path(folder) in Path(path).parents and writes(*args, **kwargs):
                about_to_write(Path(path))
            return original(path, *args, **kwargs)

        return watched

    def moving(original):
        def moved(source, target, **kwargs):
            if isinstance(target, str | os.PathLike) and Path(folder) in Path(target).parents:
                about_to_move(Path(target))
            return original(source, target, **kwargs)

        return moved

    def by_mode(mode="r", *args, **kwargs):
        return set(mode) & set("wxa+")

    def by_flags(flags, *args, **kwargs):
        return flags & (os.O_WRONLY | os.O_RDWR)

    with pytest.MonkeyPatch.context() as patch:
        for module in (builtins, io):
            patch.setattr(module, "open", watching(module.open, by_mode))
        patch.setattr(os, "open", watching(os.open, by_flags))
        for move in ("rename", "replace"):
            patch.setattr(os, move, moving(getattr(os, move)))
        yield


class Tries:
    """Counts how often somebody tries to write; the hundredth try is one too many, and no error of the disk."""

    def __init__(self):
        """Begin at none."""
        self.number = 0

    def __call__(self, path):
        """Count one more."""
        self.number += 1
        if self.number >= 100:
            raise RuntimeError("a hundred tries to write")

    def check(self):
        """Say what a hundred tries mean."""
        assert self.number < 100, (
            f"the disk has said no {self.number} times, to one name after the other: only FileExistsError means that "
            "the name is taken, and any other error is the one to tell"
        )


class Site:
    """Answers for each path, in turn; the last one again and again. What it does not know is an error 404."""

    def __init__(self):
        """Begin without a page."""
        self._answers = {}
        self.visits = []
        self.connections = set()
        self._kept = []
        self._open = 0
        self.peak = 0
        self.meeting, self.meets = 0, "/"
        self.met = False

    def page(self, path, images, title="图片", **more):
        """Add a page in GBK with an `<img>` for each image, an address or a pair of address and title."""
        pairs = [image if isinstance(image, tuple) else (image, title) for image in images]
        tags = [f'<p><img class="big" src="{html.escape(src)}" alt="{alt}"></p>\n' for src, alt in pairs]
        body = f"<html><title>{title}</title>\n{''.join(tags)}</html>".encode("gbk")
        self.says(path, Answer(body, kind="text/html", **more))

    def picture(self, path, **more):
        """Add a picture, and return its bytes, which no other path has."""
        body = b"\xff\xd8\r\n\x00\x1a" + path.encode() * 40 + b"\xff\xd9"
        self.says(path, Answer(body, **more))
        return body

    def find(self, page, content):
        """Return the addresses of the pictures on a page of this site, once."""
        return (urljoin(page, html.unescape(src)) for src in re.findall(r' src="([^"]*)"', content.decode("gbk")))

    def says(self, path, *answers):
        """Let a path have these answers, one for each request; the last again and again."""
        self._answers[path] = list(answers)

    @property
    def asked(self):
        """List the paths that were asked for, in the order of asking."""
        return [visit.path for visit in self.visits]

    def crowd(self):
        """Return how many requests were open at once for more than an instant of the loop's clock."""
        edges = [(visit.began, 1) for visit in self.visits] + [(visit.ended, -1) for visit in self.visits]
        now = most = 0
        for _, step in sorted(edges):  # who leaves at an instant goes before who comes
            now += step
            most = max(most, now)
        return most

    def hold_until(self, number, prefix="/"):
        """Keep what begins so back until so many requests are open at once; five seconds at most."""
        self.meeting, self.meets = number, prefix
        self._together = asyncio.Event()

    @property
    def open_requests(self):
        """Name what is being answered just now."""
        return [visit.path for visit in self.visits if visit.ended == math.inf]

    async def _handle(self, request):
        answers = self._answers.get(request.raw_path, [Answer(status=404, kind="text/html")])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        visit = Visit(request.raw_path, self._connection(request.transport), asyncio.get_running_loop().time())
        self.visits.append(visit)
        self._open += 1
        self.peak = max(self.peak, self._open)
        try:
            if visit.path.startswith(self.meets):
                await self._meet()
            await self._wait(answer.seconds)
            return await self._send(request, answer)
        finally:
            self._open -= 1
            visit.ended = asyncio.get_running_loop().time()

    def _connection(self, transport):
        self._kept.append(transport)  # and so no two have the same number
        self.connections.add(id(transport))
        return id(transport)

    @property
    def open_connections(self):
        """Count the connections that nobody has closed."""
        return len({id(transport) for transport in self._kept if not transport.is_closing()})

    async def _meet(self):
        if self.meeting:
            if self._open >= self.meeting:
                self.met = True
                self._together.set()
            try:
                async with asyncio.timeout(5):
                    await self._together.wait()
            except TimeoutError:
                self.meeting = 0

    async def _wait(self, seconds):
        if seconds == math.inf:
            await asyncio.Event().wait()
        if seconds:
            await asyncio.sleep(seconds)

    async def _send(self, request, answer):
        headers = {"Content-Type": answer.kind, **answer.headers}
        if not answer.half and not answer.drip:
            return web.Response(body=answer.body, status=answer.status, headers=headers)
        response = web.StreamResponse(status=answer.status, headers=headers)
        response.content_length = len(answer.body)
        await response.prepare(request)
        quarter = len(answer.body) // 4 + 1
        for number in range(2 if answer.half else 4):
            await self._wait(answer.drip)
            await response.write(answer.body[number * quarter : (number + 1) * quarter])
        if answer.half:
            request.transport.close()
        return response

    @contextlib.asynccontextmanager
    async def opened(self, ssl_context=None):
        """Open the site in the loop that runs, at a free port; yield its address, without a slash at the end."""
        server = web.Server(self._handle, handler_cancellation=True, access_log=None)
        runner = web.ServerRunner(server, shutdown_timeout=0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=ssl_context).start()
            yield f"{'https' if ssl_context else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    @contextlib.contextmanager
    def running(self, hold_until=0, prefix="/"):
        """Open the site in a thread of its own, for callers without a loop."""
        ready, found = threading.Event(), {}

        async def run():
            if hold_until:
                self.hold_until(hold_until, prefix)
            async with self.opened() as address:
                over = asyncio.Event()
                found.update(address=address, loop=asyncio.get_running_loop(), over=over)
                ready.set()
                await over.wait()

        thread = threading.Thread(target=asyncio.run, args=(run(),), name="site", daemon=True)
        thread.start()
        assert ready.wait(10), "the site did not open within 10 s"
        try:
            yield found["address"]
        finally:
            found["loop"].call_soon_threadsafe(found["over"].set)
            thread.join(10)
            assert not thread.is_alive(), "the site did not close within 10 s"

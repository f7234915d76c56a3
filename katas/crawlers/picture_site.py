"""A picture site on this machine, which the tests of the crawlers crawl: slow, sulking and counting as they want it."""

import asyncio
import contextlib
import html
import math
import threading
from dataclasses import dataclass, field

from aiohttp import web

SORRY = b"<html><h1>Sorry</h1></html>"


@dataclass
class Answer:
    """What the site says to one request.

    It waits for `seconds` (`math.inf`: for ever) before the first byte. `half`: it promises the whole, and hangs up in
    the midst.
    """

    body: bytes = SORRY
    status: int = 200
    kind: str = "image/jpeg"
    seconds: float = 0
    half: bool = False
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Visit:
    """One request: for what, over which connection, and from when to when by the clock of the loop."""

    path: str
    connection: int
    began: float
    ended: float = math.inf


class Site:
    """Answers for each path, in turn; the last one again and again. What it does not know is an error 404."""

    def __init__(self):
        """Begin without a page."""
        self._answers = {}
        self.visits = []
        self.connections = set()
        self.hung_up = set()
        self._kept = []
        self._open = 0
        self.peak = 0
        self.meeting = 0
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

    def hold_until(self, number):
        """Keep every answer back until so many requests are open at once; five seconds at most."""
        self.meeting = number
        self._together = asyncio.Event()

    async def _handle(self, request):
        answers = self._answers.get(request.raw_path, [Answer(status=404, kind="text/html")])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        visit = Visit(request.raw_path, self._connection(request.transport), asyncio.get_running_loop().time())
        self.visits.append(visit)
        self._open += 1
        self.peak = max(self.peak, self._open)
        try:
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

    async def _wait(self, seconds):
        if self.meeting:
            if self._open >= self.meeting:
                self.met = True
                self._together.set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(5):
                    await self._together.wait()
        if seconds == math.inf:
            await asyncio.Event().wait()
        if seconds:
            await asyncio.sleep(seconds)

    async def _send(self, request, answer):
        if not answer.half:
            return web.Response(
                body=answer.body, status=answer.status, headers={"Content-Type": answer.kind, **answer.headers}
            )
        response = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.kind})
        response.content_length = len(answer.body)
        await response.prepare(request)
        await response.write(answer.body[: len(answer.body) // 2])
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
    def running(self, hold_until=0):
        """Open the site in a thread of its own, for callers without a loop."""
        ready, found = threading.Event(), {}

        async def run():
            if hold_until:
                self.hold_until(hold_until)
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

"""The morning papers: a worked solution."""

from collections.abc import Iterable
from http.client import HTTPConnection, HTTPException, HTTPResponse
from io import BufferedReader
from typing import Any
from urllib.parse import urlsplit

import gevent
from gevent import socket

Page = tuple[int, bytes]
"""The status and the body (given)."""


class Lost(Exception):
    """What `fetch` raises when no whole answer comes (given)."""


class Lines(BufferedReader):
    """Refuses half a line; http.client takes it for the end of the head."""

    def readline(self, size: int | None = -1) -> bytes:
        line = super().readline(size)
        if not line.endswith(b"\n"):
            raise ConnectionError("the head ends too early")
        return line


class Answer(HTTPResponse):
    """Reads its head in whole lines."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = Lines(self.fp.detach())


class Cooperative(HTTPConnection):
    """The standard library's HTTP, over a socket that lets others have their turn."""

    response_class = Answer

    def connect(self) -> None:
        self.sock = socket.create_connection((self.host, self.port))


def fetch(url: str) -> Page:
    """Get one page; other greenlets have their turn meanwhile."""
    parts = urlsplit(url)
    connection = Cooperative(parts.netloc)
    try:
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        with connection.getresponse() as answer:
            return answer.status, answer.read()
    except (OSError, HTTPException) as error:
        raise Lost(url) from error
    finally:
        connection.close()


def fetch_all(urls: Iterable[str]) -> list[Page | Lost]:
    """Spawn one for each, and ask for their values when all are done."""
    greenlets = [gevent.spawn(_fetched, url) for url in urls]
    gevent.joinall(greenlets, raise_error=True)
    return [each.value for each in greenlets]


def _fetched(url: str) -> Page | Lost:
    """Return the error instead of raising it: gevent prints what a greenlet dies of."""
    try:
        return fetch(url)
    except Lost as error:
        return error

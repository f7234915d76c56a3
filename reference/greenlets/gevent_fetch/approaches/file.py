"""The morning papers: a file around the socket, and as many bytes as the head says."""

from collections.abc import Iterable
from http.client import HTTPException, parse_headers
from io import BytesIO
from urllib.parse import urlsplit

import gevent
from gevent import socket

Page = tuple[int, bytes]
"""The status and the body (given)."""


class Lost(Exception):
    """What `fetch` raises when no whole answer comes (given)."""


def fetch(url: str) -> Page:
    """Read the head line by line, and then the body; the server need not hang up."""
    parts = urlsplit(url)
    target = parts._replace(scheme="", netloc="", path=parts.path or "/").geturl()
    try:
        with socket.create_connection((parts.hostname, parts.port)) as line, line.makefile("rwb") as file:
            file.write(f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
            file.flush()
            head = [file.readline()]
            while head[-1].rstrip(b"\r\n"):
                head.append(file.readline())
            size = int(parse_headers(BytesIO(b"".join(head[1:])))["Content-Length"])
            body: bytes = file.read(size)
    except (OSError, ValueError, TypeError, HTTPException) as error:
        raise Lost(url) from error
    if not head[-1] or len(body) < size:
        raise Lost(url)
    return int(head[0].split()[1]), body


def fetch_all(urls: Iterable[str]) -> list[Page | Lost]:
    """Fill a list; each greenlet has its own place in it."""
    addresses = list(urls)
    pages: list[Page | Lost] = [Lost(url) for url in addresses]

    def fill(place: int) -> None:
        try:
            pages[place] = fetch(addresses[place])
        except Lost as error:
            pages[place] = error

    gevent.joinall([gevent.spawn(fill, place) for place in range(len(addresses))])
    return pages

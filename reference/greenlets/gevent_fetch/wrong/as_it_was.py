"""The morning papers, broken: repair it. The contract is in README.md."""

import socket
from collections.abc import Iterable

import gevent

Page = tuple[int, bytes]
"""The status and the body (given)."""


class Lost(Exception):
    """What `fetch` raises when no whole answer comes (given)."""


def fetch(url: str) -> Page:
    """Get one page; other greenlets have their turn meanwhile."""
    host, slash, path = url.removeprefix("http://").partition("/")
    name, port = host.split(":")
    line = socket.create_connection((name, int(port)))
    line.sendall(f"GET {slash or '/'}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    answer = line.recv(65536)
    if not answer:
        raise Lost(url)
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def fetch_all(urls: Iterable[str]) -> list[Page | Lost]:
    """Get all of them at the same time; return them in order."""
    greenlets = [gevent.spawn(fetch, url) for url in urls]
    gevent.joinall(greenlets)
    return [each.value for each in greenlets]

"""The morning papers: HTTP by hand."""

from collections.abc import Iterable

from gevent import socket
from gevent.pool import Group

Page = tuple[int, bytes]
"""The status and the body (given)."""


class Lost(Exception):
    """What `fetch` raises when no whole answer comes (given)."""


def fetch(url: str) -> Page:
    """Ask the server to hang up behind the answer, and read to the end."""
    _, _, host, *path = url.split("/", 3)
    (name, port), target = host.split(":"), "/" + "".join(path)
    try:
        with socket.create_connection((name, int(port))) as line:
            line.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            pieces = []
            while piece := line.recv(65536):
                pieces.append(piece)
    except OSError as error:
        raise Lost(url) from error
    return _parsed(url, b"".join(pieces))


def _parsed(url: str, answer: bytes) -> Page:
    head, blank, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(":") for line in lines)}
    if not blank or len(body) != int(headers["content-length"]):
        raise Lost(url)
    return int(status.split()[1]), body


def fetch_all(urls: Iterable[str]) -> list[Page | Lost]:
    """Let a group fetch them, in order."""

    def fetched(url: str) -> Page | Lost:
        try:
            return fetch(url)
        except Lost as error:
            return error

    return list(Group().imap(fetched, urls))

"""Messages to a board, and its answers: the pair's side of the wire, with nothing but the standard library."""

from __future__ import annotations

import http.client
import json
import urllib.parse
from typing import Any

from pytest_concurrency._katas.refusals import Refused

SECONDS = 3.0
MOST_ANSWER = 16 * 1024  # bytes
HEADERS = {"Content-Type": "application/json"}


class Unreachable(Refused):
    """The board does not answer, or cannot keep what it is told now."""


def checked(url: str) -> str:
    """Return the address of a board without a slash at its end.

    Raises:
        ValueError: it is no address.
    """
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused("URL must be the address that `katas board` shows, got {got!r}", {"got": url})
    return url.rstrip("/")


def post(url: str, what: str, message: dict[str, Any], language: str = "en") -> dict[str, Any]:
    """Send a message; return the answer. What the board refuses, it says in the language.

    Raises:
        Unreachable: the board cannot be reached, or cannot keep what it is told; the line says why.
        ValueError: the board refuses the message; the line says why.
    """
    parts = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)  # no proxy: a board is in the same room
    headers = {**HEADERS, "Accept-Language": language}
    try:
        connection.request("POST", f"{parts.path}/{what}", json.dumps(message).encode(), headers)
        answer = connection.getresponse()
        body = answer.read(MOST_ANSWER)
        found: dict[str, Any] = json.loads(body) if answer.status == http.HTTPStatus.OK else {}
    except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
        raise Unreachable("no board answers at {url}: {error}", {"url": url, "error": error}) from None
    finally:
        connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise _refusal(answer.status, body.decode("utf-8", "replace").strip())
    return found


def _refusal(status: int, line: str) -> Refused:
    """Return what a board has said, in its own words: what it cannot do now may be sent again, what it refuses not."""
    refuse = Unreachable if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR else Refused
    return refuse("{line}", {"line": line}) if line else refuse("the board answers {status}", {"status": status})

"""Messages to a board, and its answers: the pair's side of the wire, with nothing but the standard library."""

from __future__ import annotations

import http.client
import json
import urllib.parse
from typing import Any

SECONDS = 3.0
MOST_ANSWER = 16 * 1024  # bytes
HEADERS = {"Content-Type": "application/json"}


def checked(url: str) -> str:
    """Return the address of a board without a slash at its end.

    Raises:
        ValueError: it is no address.
    """
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"URL must be the address that `katas board` shows, got {url!r}")
    return url.rstrip("/")


def post(url: str, what: str, message: dict[str, Any]) -> dict[str, Any]:
    """Send a message; return the answer.

    Raises:
        ConnectionError: the board cannot be reached, or cannot keep what it is told; the line says why.
        ValueError: the board refuses the message; the line says why.
    """
    parts = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)  # no proxy: a board is in the same room
    try:
        connection.request("POST", f"{parts.path}/{what}", json.dumps(message).encode(), HEADERS)
        answer = connection.getresponse()
        body = answer.read(MOST_ANSWER)
        found: dict[str, Any] = json.loads(body) if answer.status == http.HTTPStatus.OK else {}
    except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
        raise ConnectionError(f"no board answers at {url}: {error}") from None
    finally:
        connection.close()
    if answer.status != http.HTTPStatus.OK:
        line = body.decode("utf-8", "replace").strip() or f"the board answers {answer.status}"
        # What the board cannot do now may be sent again later; what it refuses may not.
        raise (ConnectionError if answer.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR else ValueError)(line)
    return found

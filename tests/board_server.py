"""A board that is served by a process of its own, and a pair that talks to it."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

REPORT: dict[str, Any] = {
    "run": "a1",
    "step": 0,
    "kata": "two_spiders",
    "state": "red",
    "running": False,
    "tasks": {"1": "green", "2": "red"},
    "task": 2,
    "seconds": 1.5,
    "line": "the spiders ran one after the other: 8 s instead of 5 s",
    "failed": ["test_side_by_side[3-5]"],
    "ago": 0,
}


class Served:
    """A board at an address."""

    def __init__(self, url: str, process: "subprocess.Popen[str]") -> None:
        self.url = url
        self.process = process
        self._steps = 0
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)

    def close(self) -> None:
        self._connection.close()

    def ask(
        self, path: str, message: object = None, kind: str = "application/json", headers: dict[str, str] | None = None
    ) -> tuple[int, str, dict[str, str]]:
        """Send a message, or ask for a page; return status, body and headers."""
        body = None if message is None else message if isinstance(message, bytes) else json.dumps(message).encode()
        given = {"Content-Type": kind} if body is not None else {}
        parts = urlsplit(self.url)
        self._connection.request(
            "POST" if body is not None else "GET", f"{parts.path}/{path}", body, {**given, **(headers or {})}
        )
        answer = self._connection.getresponse()
        return answer.status, answer.read().decode(), dict(answer.headers)

    def join(self, name: str, **more: Any) -> dict[str, Any]:
        status, body, _ = self.ask("join", {"name": name, **more})
        assert status == 200, body
        found: dict[str, Any] = json.loads(body)
        return found

    def report(self, pair: dict[str, Any], **changes: Any) -> None:
        """Report as a pair; every report is a new one."""
        self._steps += 1
        message = {**REPORT, "step": self._steps, **changes, "pair": pair["pair"], "key": pair["key"]}
        status, body, _ = self.ask("report", message)
        assert status == 200, body

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.ask("state")[1])
        return found

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0


@contextmanager
def served(file: Path, *options: str) -> Iterator[Served]:
    """Serve a board on a free port, and end it."""
    command = [sys.executable, "-m", "pytest_concurrency._dojo", "board", "--file", str(file), "--port", "0", *options]
    environment = {**os.environ, "KATAS_LANG": "en", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout
    try:
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line
        board = Served(found[0].rstrip("/"), process)
        yield board
        board.close()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()

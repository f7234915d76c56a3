"""Under debugpy, with somebody at the other end who sets a breakpoint and lets the session go on."""

import itertools
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from companions.test_companions import FOUND, OTHERS_OFF, RACY, RIGHT

pytestmark = pytest.mark.soak


class Editor:
    """Speaks the Debug Adapter Protocol, as far as it takes to stop at a line."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._file = self._socket.makefile("rwb")
        self._numbers = itertools.count(1)

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def ask(self, command: str, **arguments: Any) -> None:
        request = {"seq": next(self._numbers), "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(request).encode()
        self._file.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._file.flush()

    def hear(self) -> dict[str, Any] | None:
        length = 0
        while (line := self._file.readline()) not in (b"\r\n", b""):
            length = int(line.partition(b":")[2]) if line.lower().startswith(b"content-length") else length
        return json.loads(self._file.read(length)) if length else None

    def stops(self, file: Path, line: int) -> int:
        """Set a breakpoint, and return how often the session stops there until it ends."""
        self.ask("initialize", adapterID="a test", pathFormat="path", linesStartAt1=True)
        self.ask("attach", justMyCode=False)
        count = 0
        while (told := self.hear()) is not None and told.get("event") != "terminated":
            assert told.get("success", True), told
            if told.get("event") == "initialized":
                self.ask("setBreakpoints", source={"path": str(file)}, breakpoints=[{"line": line}])
                self.ask("configurationDone")
            elif told.get("event") == "stopped":
                count += 1
                self.ask("continue", threadId=told["body"]["threadId"])
        return count


# Not `-m debugpy --wait-for-client`: an editor that comes before both halves of debugpy have met may wait for ever.
LISTENING = """
import os, runpy, sys, debugpy
host, port = debugpy.listen(("127.0.0.1", 0))
with open(int(sys.argv.pop(1)), "w") as told:
    told.write(str(port))
debugpy.wait_for_client()
runpy.run_module("pytest", run_name="__main__", alter_sys=True)
"""


def debugged(file: Path, line: int) -> tuple[int, list[str]]:
    """Return how often a session under debugpy stops at a line of a file, and what it prints."""
    off = [word for each in OTHERS_OFF.split() for word in ("-p", f"no:{each}")]
    reading, writing = os.pipe()
    command = [sys.executable, "-X", "frozen_modules=off", "-c", LISTENING, str(writing), *off]
    # Not a pipe: debugpy's adapter is a process of its own, keeps it, and outlives the session for a while.
    with open("printed", "w", encoding="utf-8") as printed:
        session = subprocess.Popen(command, stdout=printed, stderr=printed, pass_fds=[writing])
    os.close(writing)
    try:
        with open(reading, encoding="utf-8") as told:
            port = told.read()
        assert port, Path("printed").read_text(encoding="utf-8")
        editor = Editor(int(port))
        stops = editor.stops(file, line)
        editor.close()
        session.wait(60)
    finally:
        session.kill()
        session.wait()
    return stops, Path("printed").read_text(encoding="utf-8").splitlines()


def test_a_breakpoint_stops_a_session_with_explorations(pytester: pytest.Pytester) -> None:
    own = "def test_it():\n    there = 1\n    assert there\n"
    (test_own, *_) = [pytester.makepyfile(test_own=own), pytester.makepyfile(test_racy=RACY, test_right=RIGHT)]
    stops, lines = debugged(test_own, 3)
    assert stops == 1, lines
    assert FOUND in lines, lines
    assert "1 failed, 2 passed" in lines[-1]


INSIDE = """
import asyncio
import threading

def scenario():
    seen, lock = [], threading.Lock()
    def add():
        with lock:
            seen.append(len(seen))
    tasks = [threading.Thread(target=add) for _ in range(3)]
    for task in tasks:
        task.start()
    for task in tasks:
        task.join()
    assert seen == [0, 1, 2]

async def coroutines():
    async def add():
        await asyncio.sleep(0)
        seen.append(len(seen))
    seen = []
    await asyncio.gather(add(), add())
    assert seen == [0, 1]

def test_inside(race):
    assert race.explore(TASKS, schedules=4).schedules == 4
"""


@pytest.mark.parametrize(("tasks", "line", "count"), [("scenario", 8, 3), ("coroutines", 19, 2)])
def test_a_breakpoint_stops_each_task_of_each_schedule(
    pytester: pytest.Pytester, tasks: str, line: int, count: int
) -> None:
    file = pytester.makepyfile(test_inside=INSIDE.replace("TASKS", f"{tasks}, strategy='random'"))
    stops, lines = debugged(file, line)
    assert "1 passed" in lines[-1], lines
    schedules, further = divmod(stops, count)
    assert (schedules >= 4, further) == (True, 0), stops

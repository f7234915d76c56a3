"""How quickly a board answers a room that is much too full, and whether it loses anything.

Prints the percentiles of the time from a report to its answer, how many reports were kept,
and how the server's memory grew.
"""

import argparse
import asyncio
import json
import os
import re
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, TCPConnector

REPORT: dict[str, Any] = {
    "kata": "two_spiders",
    "running": False,
    "tasks": {"1": "green", "2": "red"},
    "task": 2,
    "seconds": 1.5,
    "line": "the spiders ran one after the other: 8 s instead of 5 s; start both before you join one",
    "failed": ["test_side_by_side[3-5]"],
    "run": "a1",
    "ago": 0,
}


def resident(pid: int) -> float:
    """The megabytes of memory that a process has now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def post(session: ClientSession, url: str, message: dict[str, Any]) -> dict[str, Any]:
    async with session.post(url, json=message) as answer:
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = await answer.json()
        return found


async def pair(session: ClientSession, url: str, number: int, pairs: int, seconds: int) -> list[float]:
    """Join, then report once a second; return how long each answer took."""
    known = await post(session, f"{url}/join", {"name": f"pair {number}"})
    identity = {"pair": known["pair"], "key": known["key"]}
    begin = time.perf_counter() + 1 + number / pairs  # not all in the same moment
    took = []
    for step in range(seconds):
        await asyncio.sleep(max(0, begin + step - time.perf_counter()))
        sent = time.perf_counter()
        state = ("red", "green", "amber", "hung")[step % 4]
        await post(session, f"{url}/report", {**REPORT, **identity, "step": step, "state": state})
        took.append(time.perf_counter() - sent)
    return took


async def load(pairs: int, seconds: int, folder: Path) -> None:
    file = folder / "dojo.sqlite"
    board = [sys.executable, "-m", "pytest_concurrency._dojo", "board"]
    command = [*board, "--port", "0", "--pairs", str(pairs), "--file", str(file)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    server = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=environment)
    assert server.stdout
    found = re.search(rb"http://\S+", await server.stdout.readline())
    assert found
    url = found[0].decode().rstrip("/")
    async with ClientSession(connector=TCPConnector(limit=200)) as session:
        async with session.get(f"{url}/events") as page:  # one page is open meanwhile
            reader = asyncio.create_task(drain(page))
            before = resident(server.pid)
            rounds = await asyncio.gather(*(pair(session, url, number, pairs, seconds) for number in range(pairs)))
            after = resident(server.pid)
            reader.cancel()
        async with session.get(f"{url}/state") as answer:
            shown = len(json.loads(await answer.text())["pairs"])
    server.terminate()
    await server.wait()
    tell(sorted(each for took in rounds for each in took), pairs * seconds, kept(file), shown, before, after)


async def drain(page: Any) -> None:
    async for _ in page.content.iter_any():
        pass


def kept(file: Path) -> int:
    base = sqlite3.connect(file)
    (count,) = base.execute("select count(*) from steps").fetchone()
    base.close()
    return int(count)


def tell(took: list[float], sent: int, found: int, shown: int, before: float, after: float) -> None:
    shares = {"50": 0.5, "90": 0.9, "99": 0.99, "99.9": 0.999}
    line = ", ".join(f"{name} %: {took[int(share * (len(took) - 1))] * 1000:.1f} ms" for name, share in shares.items())
    print(f"{sent} reports of {shown} pairs: {line}, longest {took[-1] * 1000:.0f} ms")
    print(f"kept: {found}, lost: {sent - found}")
    print(f"memory of the server: {before:.0f} MB before, {after:.0f} MB after")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(load(options.pairs, options.seconds, Path(folder)))


if __name__ == "__main__":
    main()

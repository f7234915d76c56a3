"""Failing explorations in the Trace Event Format, which Perfetto and chrome://tracing open.

The format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MIDDLE: Final = 0.5
"""Where in its step, which is one microsecond long, an arrow begins or ends: not at a border of two."""


def render_trace(pictures: Sequence[dict[str, Any]], *, ended: bool = True) -> str:
    """Return the trace: each failure is a process, each task a thread of it, each step a microsecond.

    As on Linux a process has the number of its first thread, and no two threads have one: Perfetto names by it.

    Args:
        pictures: What `picture` has made of each failure.
        ended: Whether the session is over.
    """
    events: list[dict[str, Any]] = []
    pid, arrows = 1, 0
    for values in pictures:
        events += _names(pid, values)
        events += sorted([*_steps(pid, values), *_waits(pid, values)], key=lambda event: (event["ts"], -event["dur"]))
        events += _arrows(pid, values, arrows)
        pid, arrows = pid + max(len(values["lanes"]), 1), arrows + len(values["hand_overs"])
    about = [{key: each[key] for key in ("test", "headline", "cause", "replay")} for each in pictures]
    rest = {"displayTimeUnit": "ns", "otherData": {"ended": ended, "failures": about}}
    lines = ",\n".join(json.dumps(event) for event in events)
    return f'{{"traceEvents": [\n{lines}\n],\n{json.dumps(rest)[1:]}\n'


def _names(pid: int, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"ph": "M", "name": "process_name", "pid": pid, "tid": pid, "args": {"name": values["test"]}}
    for tid, name in enumerate(values["lanes"], pid):
        yield {"ph": "M", "name": "thread_name", "pid": pid, "tid": tid, "args": {"name": name}}
        yield {"ph": "M", "name": "thread_sort_index", "pid": pid, "tid": tid, "args": {"sort_index": tid}}


def _steps(pid: int, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for at, step in enumerate(values["steps"]):
        args = {key: step[key] for key in ("value", "source", "function") if step[key]}
        if step["file"]:
            args["at"] = f"{step['file']}:{step['line']}"
        what = f"{step['what']} = {step['value']}" if step["value"] else step["what"]
        yield {"ph": "X", "name": what, "cat": "step", "pid": pid, "tid": pid + step["task"], "ts": at, "dur": 1,
               "args": args}  # fmt: skip


def _waits(pid: int, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield how long each task waits for one thing: from the step after which it does until it goes on."""
    steps = values["steps"]
    for lane in range(len(values["lanes"])):
        waited = [next((thing for who, thing in step["waits"] if who == lane), "") for step in steps]
        own = [at for at, step in enumerate(steps) if step["task"] == lane]
        at = 0
        for thing, group in groupby(waited):
            begin = at + 1
            at += sum(1 for _ in group)
            end = min([at + 1, *(each for each in own if each >= begin)])
            if thing and begin < end:
                yield {"ph": "X", "name": f"waits for {thing}", "cat": "wait", "pid": pid, "tid": pid + lane,
                       "ts": begin, "dur": end - begin, "args": {}}  # fmt: skip


def _arrows(pid: int, values: dict[str, Any], number: int) -> Iterator[dict[str, Any]]:
    """Yield both ends of an arrow for each hand-over; no two of a trace have one id."""
    steps = values["steps"]
    for giver, taker, what in values["hand_overs"]:
        number += 1
        for phase, at in (("s", giver), ("f", taker)):
            event = {"ph": phase, "id": number, "name": what, "cat": "hand-over", "pid": pid,
                     "tid": pid + steps[at]["task"], "ts": at + MIDDLE}  # fmt: skip
            yield event | {"bp": "e"} if phase == "f" else event

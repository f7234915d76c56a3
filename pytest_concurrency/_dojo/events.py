"""What one run of pytest tells while it goes on: one line of JSON for each event, folded into a view of the run."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_concurrency._dojo import states
from pytest_concurrency._dojo.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_concurrency._dojo.states import State


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one test.

    Attributes:
        test: its name, with the parameters in brackets.
        task: the task of the README that it belongs to; 0 when none is known.
        outcome: one of `states.OUTCOMES`.
        line: the first line of its failure.
        text: the whole failure, as pytest shows it; never sent to a board.
    """

    test: str
    task: int
    outcome: str
    line: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one kata, as far as it has come.

    Attributes:
        kata: its name; empty as long as no event has named one.
        results: one for each test that has ended.
        test: the test that runs now; empty between two tests.
        whole: whether all tests of the kata are asked for.
        trouble: why the run as a whole is worth nothing, in one line; empty when it is.
        done: whether pytest has ended.
    """

    kata: str = ""
    results: tuple[Result, ...] = ()
    test: str = ""
    whole: bool = True
    trouble: str = ""
    done: bool = False
    seconds: float = 0.0

    @property
    def state(self) -> State:
        """Return where the kata stands after this run."""
        if self.trouble and not self.results:
            return states.State.AMBER
        found = [each.outcome for each in self.results] + (["error"] if self.trouble else [])
        return states.state_of(found)

    @property
    def tasks(self) -> dict[int, State]:
        """Return the state of each task that had a test in this run."""
        return states.states_of_tasks((each.task, each.outcome) for each in self.results if each.task)

    @property
    def worst(self) -> Result | None:
        """Return the result to look at first: a hang, then what could not run, then the first failure."""
        for outcome in ("hung", "error", "failed", "not started"):
            for each in self.results:
                if each.outcome == outcome:
                    return each
        return None


def encode(event: dict[str, Any]) -> str:
    """Write an event as one line, with the line's end."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n"


def decode(line: str) -> dict[str, Any]:
    """Read an event."""
    event: dict[str, Any] = json.loads(line)
    return event


def fold(run: Run, event: dict[str, Any]) -> Run:
    """Return the view of a run after one event more; events of another kata than the first are passed over."""
    kata = event.get("kata", "")
    if kata and run.kata and kata != run.kata:
        return run
    run = replace(run, kata=run.kata or kata)
    match event["event"]:
        case "start":
            return replace(run, whole=event["whole"])
        case "begin":
            return replace(run, test=event["test"])
        case "end":
            result = Result(event["test"], event["task"], event["outcome"], event["line"], event.get("text", ""))
            return replace(run, test="", results=(*run.results, result))
        case "trouble":
            return replace(run, trouble=run.trouble or event["line"])
        case "finish":
            return replace(run, done=True, seconds=event["seconds"])
    return run


def hung(run: Run, seconds: float, where: str, tasks: dict[str, int], words: Words | None = None) -> Run:
    """Return a run that was ended because nothing came from it for so many seconds."""
    words = words or Words()
    name = run.test or words("the import or the collection")
    line = words("{test} did not end within {seconds:g} s", test=name, seconds=seconds)
    line += words(": it was at {where}", where=where) if where else ""
    result = Result(run.test or "(collection)", tasks.get(run.test.partition("[")[0], 0), "hung", line, line)
    return replace(run, results=(*run.results, result), test="", done=True)


def katas_in(events: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """Name the katas that events speak of, each once, in order."""
    return tuple(dict.fromkeys(event["kata"] for event in events if event.get("kata")))

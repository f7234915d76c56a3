"""The process that reports a run to a board: it reads events, and speaks of a hang when none come any more."""

from __future__ import annotations

import collections
import json
import queue
import secrets
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_concurrency._dojo import events, folder, states
from pytest_concurrency._dojo.board import client, link, protocol
from pytest_concurrency._dojo.events import Run
from pytest_concurrency._dojo.states import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PATIENCE = 8.0  # seconds without an event that mean a hang
OFTEN = 1.0  # seconds between two reports about a run that goes on
PAUSE = 2.0  # seconds between two tries while the board does not answer
LAST_TRY = 2.0  # seconds for what is left when the run is over
MOST_UNSENT = 1000
UNSENT = "unsent.jsonl"


def message_of(run: Run, *, running: bool) -> dict[str, Any]:
    """Return what a board is told of a run: no code, and of a failure the first line only."""
    worst = run.worst
    line = worst.line if worst and worst.outcome != "not started" else run.trouble
    failing = [each.test for each in run.results if each.outcome in ("failed", "hung", "error")]
    return {
        "kata": run.kata,
        "state": run.state if run.results or run.trouble else State.NOT_BEGUN,
        "running": running,
        "tasks": {str(task): state for task, state in run.tasks.items()},
        "task": states.task_at_hand(run.tasks) or 0,
        "seconds": run.seconds,
        "line": protocol.one_line(line),
        "failed": [protocol.one_line(test, 200) for test in failing[:50]],
    }


class Outbox:
    """Reports that wait to be sent, in order; kept in a file when the board cannot be reached.

    Args:
        post: sends one message.
        identity: pair and key.
        clock: seconds since any moment, and the same in every process of this machine.
    """

    def __init__(
        self, post: Callable[[dict[str, Any]], object], identity: dict[str, str], clock: Callable[[], float]
    ) -> None:
        """Begin empty."""
        self._post = post
        self._identity = identity
        self._clock = clock
        self._waiting: collections.deque[dict[str, Any]] = collections.deque(maxlen=MOST_UNSENT)
        self._retry_at = 0.0

    def load(self, lines: Iterable[str]) -> None:
        """Put what an earlier run could not send in front."""
        self._waiting.extendleft(reversed([json.loads(line) for line in lines if line.strip()]))

    def dump(self) -> str:
        """Return what is not sent yet, one line for each."""
        return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in self._waiting)

    def add(self, message: dict[str, Any]) -> None:
        """Take a message; its time is now."""
        self._waiting.append({**message, "at": self._clock()})

    def send(self, *, at_once: bool = False) -> bool:
        """Send what waits, unless the board was just found silent; tell whether nothing is left."""
        if self._clock() < self._retry_at and not at_once:
            return not self._waiting
        while self._waiting:
            message = dict(self._waiting[0])
            message["ago"] = max(0.0, self._clock() - message.pop("at"))
            try:
                self._post({**self._identity, **message})
            except client.Unreachable:
                self._retry_at = self._clock() + PAUSE
                return False
            except ValueError as error:
                sys.stderr.write(f"refused: {error}\n")  # sending it again would not help
            self._waiting.popleft()
        return True


class Reporter:
    """Turns events into reports.

    Args:
        outbox: where reports go.
        clock: seconds since any moment.
        patience: so many seconds without an event mean a hang.
    """

    def __init__(self, outbox: Outbox, clock: Callable[[], float], patience: float = PATIENCE) -> None:
        """Begin without a run."""
        self._outbox = outbox
        self._clock = clock
        self._patience = patience
        self._runs: dict[str, Run] = {}
        self._id = secrets.token_hex(8)
        self._step = 0
        self._news = self._told = clock()
        self._said_hung = False

    def take(self, line: str) -> None:
        """Take one event."""
        event = events.decode(line)
        kata = event["kata"]
        self._news = self._clock()
        self._said_hung = False
        self._runs[kata] = run = events.fold(self._runs.get(kata, Run()), event)
        if run.done:
            self._report(run, running=False)
        elif event["event"] == "start" or self._news - self._told >= OFTEN:
            self._report(run, running=True)

    def tick(self) -> None:
        """Speak of a hang when there was no event for too long."""
        run = self._under_way()
        if run and not self._said_hung and self._clock() - self._news >= self._patience:
            self._said_hung = True
            self._report(events.hung(run, self._patience, "", {}), running=False)

    def end(self) -> None:
        """Tell what became of a run whose process is gone without a word."""
        run = self._under_way()
        if run and not self._said_hung:
            line = f"pytest ended in the middle of {run.test}" if run.test else "pytest ended before it was through"
            self._report(events.fold(run, {"event": "trouble", "line": line}), running=False)

    def _under_way(self) -> Run | None:
        """Return the run that goes on: one that is in the middle of a test, else the first that is not done."""
        going = [run for run in self._runs.values() if not run.done]
        return next((run for run in going if run.test), going[0] if going else None)

    def _report(self, run: Run, *, running: bool) -> None:
        self._told = self._clock()
        self._outbox.add({**message_of(run, running=running), "run": self._id, "step": self._step})
        self._step += 1


def follow(lines: queue.SimpleQueue[str | None], reporter: Reporter, outbox: Outbox, step: float = 0.25) -> None:
    """Report until there are no events any more."""
    while True:
        try:
            line = lines.get(timeout=step)
        except queue.Empty:
            reporter.tick()
        else:
            if line is None:
                reporter.end()
                return
            reporter.take(line)
        outbox.send()


def main(root: Path) -> None:
    """Report the events that come by standard input."""
    home = folder.of(root)
    known = link.joined(home)
    identity = {"pair": known["pair"], "key": known["key"]}
    # The clock of the day, as messages may wait for another process; the board believes differences only.
    outbox = Outbox(lambda message: client.post(known["url"], "report", message), identity, time.time)
    outbox.load(home.recall(UNSENT).splitlines())
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, name="events", daemon=True).start()
    follow(lines, Reporter(outbox, time.perf_counter), outbox)
    until = time.perf_counter() + LAST_TRY
    while not outbox.send(at_once=True) and time.perf_counter() < until:
        threading.Event().wait(0.2)
    home.remember(UNSENT, outbox.dump())


if __name__ == "__main__":
    main(Path(sys.argv[1]))

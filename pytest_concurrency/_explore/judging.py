"""Which oracles judge an exploration: those of the table that its plan asks for."""

from __future__ import annotations

import contextlib
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.oracles import TABLE
from pytest_concurrency._engine.entries import Entries
from pytest_concurrency._engine.listened import ListenedRun
from pytest_concurrency._machine.patches import Patches
from pytest_concurrency._runtimes.threads import answers, installing
from pytest_concurrency._sight.functions import Functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._core.errors import ConcurrencyError
    from pytest_concurrency._core.oracles import Row
    from pytest_concurrency._core.telling.report import Report
    from pytest_concurrency._core.verdict import Verdict
    from pytest_concurrency._engine.listener import Listener
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._engine.scripts.recorder import Recorder
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._explore.plan import Plan
    from pytest_concurrency._oracles.oracle import Explorer, Marks, Oracle
    from pytest_concurrency._sight.watching import Watch


def judge(row: Row) -> type[Oracle]:
    """Return the class of an oracle; its file is loaded when it is wanted."""
    file, name = row.judge.split(".")
    found: type[Oracle] = getattr(import_module(f"pytest_concurrency._oracles.{file}"), name)
    return found


def _is_wanted(row: Row, plan: Plan) -> bool:
    if row.name == "races":
        return plan.races != "ignore"
    return not row.is_setting or plan.oracles.on(row.name)


class Judges:
    """The oracles of one exploration, each asked in its turn; see `Oracle`."""

    def __init__(self, plan: Plan, watch: Watch) -> None:
        rows = sorted((row for row in TABLE if _is_wanted(row, plan)), key=lambda row: row.turn)
        self._oracles = [judge(row)(plan, watch) for row in rows]
        self._watch = watch

    @property
    def doubt(self) -> str:
        """Why no search proves anything, if one of these says so."""
        return next((each.doubt for each in self._oracles if each.doubt), "")

    @contextlib.contextmanager
    def present(self) -> Iterator[None]:
        """Let the runs of the body tell what these oracles are to hear."""
        with contextlib.ExitStack() as stack:
            patches = Patches()
            stack.callback(patches.undo)
            if any(each.hears_answers for each in self._oracles):
                answers.install(patches)
            if any(each.knows_every_lock for each in self._oracles):
                installing.double_captured(patches, self._watch)
            entered = Functions(tuple(name for each in self._oracles for name in each.enters), self._watch)
            if entered:
                entries = Entries(entered, _tell)
                stack.callback(entries.stop)
                entries.start()
            yield

    def prepare(self, number: int | None, *, replay: bool) -> bool:
        """Make ready for the next run; answer whether anybody listens to it."""
        wanted = [each.prepare(number, replay=replay) for each in self._oracles]  # all of them have to make ready
        return any(wanted)

    def listeners(self, run: ListenedRun) -> list[Listener]:
        """Return all who listen to a run."""
        return [listener for each in self._oracles if (listener := each.listens(run)) is not None]

    def heard(self, record: Record, offered: set[int]) -> None:
        """Let all take over what the last run has shown."""
        for each in self._oracles:
            each.heard(record, offered)

    def error(self, record: Record, report: Report) -> ConcurrencyError | None:
        """Return the error by which an oracle tells the failure of the last run."""
        return next((error for each in self._oracles if (error := each.error(record, report)) is not None), None)

    def replayed(self, explorer: Explorer, record: Record, recorder: Recorder, marks: Marks) -> Verdict | None:
        """Return what an oracle tells of a replay that does not fail."""
        told = (each.replayed(explorer, record, recorder, marks) for each in self._oracles)
        return next((verdict for verdict in told if verdict is not None), None)

    def after(self, explorer: Explorer, verdict: Verdict) -> Verdict:
        """Judge a search without a failure; the first who finds one has the last word."""
        for each in self._oracles:
            if verdict.error is None:
                verdict = each.after(explorer, verdict)
        return verdict


def _tell(task: Task, code: Any) -> None:
    run = task.run
    if isinstance(run, ListenedRun):
        run.listener.entered(task, code)

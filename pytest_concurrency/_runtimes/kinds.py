"""The table of the kinds of concurrency: a row for each, loaded when it is used first."""

from __future__ import annotations

import contextlib
import importlib
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from pytest_concurrency._machine.patched import child

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from pytest_concurrency._core.telling.report import Place, Report, TaskState
    from pytest_concurrency._engine.contracts import StagedKind
    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._hangs.book import Outlook
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.joining import Joinable, Origins
    from pytest_concurrency._sight.watching import Watch


class Kind(Protocol):
    """One kind of concurrency, as the plugin needs it; it keeps no state of its own.

    What a kind has to know of one test lies in its `since`, a value that only the kind itself reads.

    Attributes:
        name: What a person calls it.
        joins: What of it can be joined, as a list in a sentence says it.
        outlook: Knows of those who wait in real time; None where all its waits are waits of threads.
    """

    name: str
    joins: tuple[str, ...]
    outlook: Outlook | None

    def joinable(self, thing: Any, watch: Watch, made: Place | None) -> Joinable | None:
        """Wrap something of this kind, so that it can be joined; None if it is of another kind."""

    def since(self, origins: Origins) -> Any:
        """Note, at the beginning of a test, what is there already; it must not look like the test's."""

    def noting(self, since: Any) -> AbstractContextManager[None]:
        """Note, while this is entered, where the test starts things, and what fails without anybody being told."""

    def errors(self, since: Any) -> list[BaseException]:
        """Return, once, what has failed without anybody being told."""

    def notes(self, error: BaseException, since: Any) -> list[str]:
        """Return what is known of an error of the kind's own library beyond what it says itself."""

    def left_behind(self, since: Any) -> Iterable[Joinable]:
        """Return what the test has started and what is still there."""

    def bystanders(self, since: Any) -> Iterable[TaskState]:
        """Return who else is there, because of whom somebody may be stuck."""

    def explains(self, error: BaseException, watch: Watch) -> Report | None:
        """Return what an error of the kind's own library says too shortly: who waits for what; None of any other."""


@dataclass(frozen=True, slots=True)
class Row:
    """Where a kind is to be found.

    Attributes:
        module: The module to load.
        cls: The class in it, which is called without arguments.
        only_with: A module that must be loaded already, or nothing of this kind can be there; "" for none.
        is_staged: Whether its tasks take part in controlled runs.
        is_joined: Whether the plugin can join what is of it, and look for what a test has left.
        comes_late: What a verdict says if the module is loaded in the midst of a run; "" where that does no harm.
    """

    module: str
    cls: str
    only_with: str = ""
    is_staged: bool = False
    is_joined: bool = True
    comes_late: str = ""

    def is_wanted(self) -> bool:
        """Tell whether anything of this kind can be there."""
        return not self.only_with or self.only_with in sys.modules

    def load(self) -> Any:
        """Return the kind."""
        return getattr(importlib.import_module(self.module), self.cls)()


class NotThere:
    """Stands on the stage for a kind of which nothing is there when an exploration begins.

    Args:
        row: Its row.
    """

    name = "none"

    def __init__(self, row: Row) -> None:
        self._row = row

    def install(self, patches: Patches, watch: Watch) -> None:
        """Do nothing."""

    def enter(self, patches: Patches, watch: Watch) -> AbstractContextManager[None]:
        """Do nothing."""
        return contextlib.nullcontext()

    def root(self, run: Run) -> Task:
        """Refuse: a scenario runs in a thread."""
        raise NotImplementedError

    def begin(self, run: Run) -> None:
        """Do nothing."""

    def closes(self, run: Run) -> None:
        """Do nothing."""

    def end(self, run: Run) -> None:
        """Say so if something of the kind has come: nobody has decided what it did."""
        if self._row.is_wanted():
            run.record.went_outside(run.root.name, self._row.comes_late)


ROWS: Final[tuple[Row, ...]] = (
    Row("pytest_concurrency._runtimes.threads.kind", "Threads", is_staged=True),
    Row("pytest_concurrency._runtimes.processes.kind", "Processes"),
    Row(
        "pytest_concurrency._runtimes.processes.staged",
        "StagedProcesses",
        only_with="multiprocessing",
        is_staged=True,
        is_joined=False,
    ),
    Row("pytest_concurrency._runtimes.greenlets.kind", "Greenlets", only_with="gevent"),
    Row(
        "pytest_concurrency._runtimes.greenlets.staged",
        "StagedGreenlets",
        only_with="gevent",
        is_staged=True,
        is_joined=False,
        comes_late="gevent, which the scenario itself imports: import it where its module begins",
    ),
    Row("pytest_concurrency._runtimes.aio.kind", "Aio", only_with="asyncio", is_staged=True, is_joined=False),
)


PATCHED: Final = (
    Row("pytest_concurrency._runtimes.threads.hosting.kind", "HostThread", is_staged=True),
    *(row for row in ROWS if row.cls == "StagedGreenlets"),
)
"""The kinds of a child process in which greenlets stand for threads."""


def every() -> tuple[Kind, ...]:
    """Return all kinds of which something can be there."""
    return tuple(row.load() for row in ROWS if row.is_joined and row.is_wanted())


def of_threads() -> StagedKind:
    """Return the kind whose locks are doubles in a plain test, too."""
    kind: StagedKind = ROWS[0].load()
    return kind


def staged() -> tuple[StagedKind, ...]:
    """Return the kinds whose tasks take part in controlled runs; the first one runs the scenario."""
    rows = [
        row for row in (PATCHED if child.explores else ROWS) if row.is_staged and (row.is_wanted() or row.comes_late)
    ]
    return tuple(row.load() if row.is_wanted() else NotThere(row) for row in rows)


def outlooks() -> list[Outlook]:
    """Return what is asked before a verdict."""
    return [kind.outlook for kind in every() if kind.outlook is not None]

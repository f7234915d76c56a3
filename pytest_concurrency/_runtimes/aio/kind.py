"""asyncio, as the stage needs a kind of concurrency."""

from __future__ import annotations

import concurrent.futures.thread  # noqa: F401 - loops import it when they need it, and the first run would differ
import contextlib
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine.loops.strangers import strangers
from pytest_concurrency._runtimes.aio import ending, makers, noticing, parts, patched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._sight.watching import Watch


class Aio:
    """The kind of asyncio's event loops: their steps are tasks that live in the thread of their loop."""

    name = "asyncio"

    def __init__(self) -> None:
        self._before: int | None = None
        self._made: list[Any] = []  # in the present run, if somebody listens

    def install(self, patches: Patches, watch: Watch) -> None:
        """Do nothing: outside a run a loop is as it was."""

    @contextlib.contextmanager
    def enter(self, patches: Patches, watch: Watch) -> Iterator[None]:
        """Let event loops obey the run."""
        patched.install(patches, watch)
        makers.install(patches, watch, self._made)
        noticing.install(patches, watch, self._made)
        parts.install(patches)
        try:
            yield
        finally:
            strangers.stop()

    def root(self, run: Run) -> Task:
        """Refuse: a scenario runs in a thread."""
        raise NotImplementedError

    def begin(self, run: Run) -> None:
        """Let coroutines remember where they were made, if somebody listens."""
        self._before = noticing.begin(run)

    def closes(self, run: Run) -> None:
        """Tell, if somebody listens, what asyncio would say at the end of the interpreter."""
        if noticing.is_heard(run):
            noticing.lost_at_the_end(run)

    def end(self, run: Run) -> None:
        """Take down the coroutines that the run has left."""
        noticing.end(self._before)
        self._made.clear()
        ending.take_down(run)

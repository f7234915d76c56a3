"""asyncio, as the stage needs a kind of concurrency."""

from __future__ import annotations

import concurrent.futures.thread  # noqa: F401 - loops import it when they need it, and the first run would differ
import contextlib
from typing import TYPE_CHECKING

from pytest_concurrency._runtimes.aio import ending, makers, patched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._sight.watching import Watch


class Aio:
    """The kind of asyncio's event loops: their steps are tasks that live in the thread of their loop."""

    name = "asyncio"

    def install(self, patches: Patches, watch: Watch) -> None:
        """Do nothing: outside a run a loop is as it was."""

    @contextlib.contextmanager
    def enter(self, patches: Patches, watch: Watch) -> Iterator[None]:
        """Let event loops obey the run."""
        patched.install(patches, watch)
        makers.install(patches, watch)
        yield

    def root(self, run: Run) -> Task:
        """Refuse: a scenario runs in a thread."""
        raise NotImplementedError

    def begin(self, run: Run) -> None:
        """Do nothing: everything that is numbered belongs to a loop of the run."""

    def closes(self, run: Run) -> None:
        """Do nothing: an interpreter that ends leaves loops alone."""

    def end(self, run: Run) -> None:
        """Take down the coroutines that the run has left."""
        ending.take_down(run)

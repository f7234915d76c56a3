"""The one thread of a process in which greenlets stand for all others: it runs the scenario, in virtual time."""

from __future__ import annotations

import contextlib
import itertools
import sys
import threading
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._runtimes.threads import installing
from pytest_concurrency._runtimes.threads.baton import ThreadTask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._sight.watching import Watch

_threads: Any = threading  # its private names too


class HostThread:
    """The kind of a patched process's thread; its locks, events and threads are gevent's, and so another kind's."""

    name = "host"

    def install(self, patches: Patches, watch: Watch) -> None:
        """Do nothing: who has patched first wins."""

    @contextlib.contextmanager
    def enter(self, patches: Patches, watch: Watch) -> Iterator[None]:
        """Let clocks obey the run."""
        counter = _threads._counter
        try:
            installing.install_world(patches)
            make = _threads._make_invoke_excepthook
            patches.set(_threads, "_make_invoke_excepthook", lambda: _telling_the_run(make()))
            yield
        finally:
            _threads._counter = counter

    def root(self, run: Run) -> ThreadTask:
        """Make the task of the calling thread."""
        task = ThreadTask(run, "main", None)
        task.is_root()
        run.add(task)
        return task

    def begin(self, run: Run) -> None:
        """Number threads from one."""
        _threads._counter = itertools.count(1).__next__

    def closes(self, run: Run) -> None:
        """Do nothing: there are no threads that wait for an end marker."""

    def end(self, run: Run) -> None:
        """Do nothing: the greenlets' own kind ends them."""


def _telling_the_run(original: Callable[[Any], None]) -> Callable[[Any], None]:
    """Keep what ends a thread in the run, unless the scenario has its own `threading.excepthook`."""

    def invoke(thread: Any) -> None:
        task, error = here.task, sys.exception()
        if task is None or error is None:
            original(thread)
        elif not isinstance(error, Unwind) and not task.run.stopping:
            if threading.excepthook is not task.run.root.excepthook:
                original(thread)
            elif not isinstance(error, SystemExit):
                task.run.record.errors.append((thread.name, error))

    return invoke

"""Processes of multiprocessing, as the stage needs a kind of concurrency."""

from __future__ import annotations

import contextlib
import gc
import itertools
import multiprocessing.process
import sys
from typing import TYPE_CHECKING, Any

from pytest_concurrency._runtimes.processes import outer
from pytest_concurrency._runtimes.processes.board import Board
from pytest_concurrency._runtimes.processes.connections import Connections, Feeders
from pytest_concurrency._runtimes.processes.files.installing import install
from pytest_concurrency._runtimes.processes.memory import Memory
from pytest_concurrency._runtimes.processes.semaphores import Semaphores
from pytest_concurrency._runtimes.processes.starting import Starting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.processes.files.seen import Files
    from pytest_concurrency._sight.watching import Watch

_process: Any = multiprocessing.process  # its private names too


class StagedProcesses:
    """The kind of `multiprocessing`: this process decides, and each of its children is a task."""

    name = "processes"

    def __init__(self) -> None:
        self._board: Board | None = None
        self._semaphores: Semaphores | None = None
        self._files: Files | None = None
        self._feeders = Feeders()

    def install(self, patches: Patches, watch: Watch) -> None:
        """Do nothing: outside a run processes are as they were."""

    @contextlib.contextmanager
    def enter(self, patches: Patches, watch: Watch) -> Iterator[None]:
        """Let processes, and what they meet at, obey the run; where the system is another they stay outside."""
        if sys.platform != "linux":
            yield
            return
        if outer.has_unseen_maps() or (_has_company() and outer.has_shared_memory()):
            gc.collect()  # what an exploration before this has left would take the proof away
        board = self._board = Board(watch, patches)
        counter = _process._process_counter
        Starting(board).install(patches)
        self._semaphores = Semaphores(board)
        self._semaphores.install(patches)
        self._feeders.install(patches)
        Memory(board).install(patches)
        Connections(board).install(patches)
        self._files = install(patches, board, watch)
        try:
            yield
        finally:
            board.leave()
            _process._process_counter = counter

    def root(self, run: Run) -> Task:
        """Refuse: a scenario runs in a thread."""
        raise NotImplementedError

    def begin(self, run: Run) -> None:
        """Number processes from one."""
        if self._board is not None and self._files is not None and self._semaphores is not None:
            if self._board.has_company:
                self._semaphores.look()
            self._board.begin(has_company=_has_company())
            self._files.begin()
            _process._process_counter = itertools.count(1)

    def closes(self, run: Run) -> None:
        """Prove nothing if somebody has still a view of a map, or if others may know what was met; wait for nobody."""
        board = self._board
        if board is not None and (board.views or board.is_known_elsewhere):
            run.shared.note_opaque()

    def end(self, run: Run) -> None:
        """Leave no process behind, and tell what has ended one that nobody asked about."""
        if self._board is None or self._semaphores is None:
            return
        for child in self._board.children:
            if child.failure is not None and not child.is_asked:
                run.record.errors.append(child.failure)
        self._feeders.end()
        met = self._board.met_before()
        self._board.end()
        self._semaphores.restore(met)


def _has_company() -> bool:
    """Tell whether a process from before lives on."""
    return any(each.is_alive() for each in list(_process._children))

"""Puts the doubles of files in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_concurrency._runtimes.processes.files import maps, shared_memory
from pytest_concurrency._runtimes.processes.files.descriptors import Descriptors
from pytest_concurrency._runtimes.processes.files.opening import Opening
from pytest_concurrency._runtimes.processes.files.seen import Files

if TYPE_CHECKING:
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.processes.board import Board
    from pytest_concurrency._sight.watching import Watch


def install(patches: Patches, board: Board, watch: Watch) -> Files:
    """Let accesses to files be steps where processes are in a run; return what is known of those that are open."""
    from pytest_concurrency._runtimes.processes.files.locking import FileLocks  # not on every system

    files, bound = Files(board), list(watch.modules())
    for each in (Opening(files), Descriptors(files), FileLocks(files)):
        each.install(patches, bound)
    maps.install(patches, files)
    shared_memory.install(patches, files)
    return files

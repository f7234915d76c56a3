"""Processes of a plain test that begin as a new interpreter: they write down how they wait, as forked ones do."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from pytest_concurrency._engine.current import here
from pytest_concurrency._hangs.book import waits
from pytest_concurrency._hangs.slices import PATIENCE
from pytest_concurrency._runtimes.processes import pickling
from pytest_concurrency._runtimes.processes.hangs import early
from pytest_concurrency._runtimes.processes.hangs.notes import notes

if TYPE_CHECKING:
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._sight.watching import Watch


def install(patches: Patches, watch: Watch, later: str) -> None:
    """From now on have such processes begin with that.

    Args:
        patches: Take it back.
        watch: Whose code is the user's.
        later: The module that they load when a wait lasts; its `take_over` goes on.
    """
    notes.share()

    def prelude() -> pickling.Prelude | None:
        if here.task is not None or waits.root == 0 or notes.slots.handle is None or not _is_this_python():
            return None
        made = {target.key: target.made for target in notes.known()}
        folders = tuple(map(str, watch.folders))
        return early.prelude(notes.owner, made, folders, watch.names, PATIENCE, later)

    pickling.put_first(patches, "hangs", prelude)


def _is_this_python() -> bool:
    """Tell whether the new interpreter is the present one, and so has what is to be imported there."""
    from multiprocessing.spawn import get_executable

    return os.fsdecode(get_executable()) == sys.executable

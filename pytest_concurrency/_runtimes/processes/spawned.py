"""Processes that begin as a new interpreter: what they need to be part of a run comes before what they are to do."""

from __future__ import annotations

import contextlib
import pickle
from typing import TYPE_CHECKING, Any

from pytest_concurrency._machine.patches import Patches
from pytest_concurrency._runtimes import kinds
from pytest_concurrency._runtimes.processes import link, pickling
from pytest_concurrency._sight.watching import Watch

if TYPE_CHECKING:
    from pathlib import Path


def reduced(process: Any, protocol: Any, watch: Watch) -> Any:
    """Return how a process is pickled: with its end of the line, if it is started in a run."""
    line = process.__dict__.get("_concurrency_line")
    if line is None:
        return pickling.reduced(process, protocol)
    from multiprocessing.reduction import DupFd, ForkingPickler

    number, _, theirs = line
    state = {name: value for name, value in vars(process).items() if not name.startswith("_concurrency")}
    handle: Any = DupFd(theirs.number)
    return _made_again, (type(process), bytes(ForkingPickler.dumps(state)), handle, number, watch.folders, watch.names)


def _made_again(
    cls: type, state: bytes, handle: Any, number: int, folders: tuple[Path, ...], names: tuple[str, ...]
) -> Any:
    """Put the doubles in place in the new process, for its whole life, and then make what it is to run."""
    watch, stack = Watch(folders, names), contextlib.ExitStack()
    patches = Patches()
    for kind in kinds.staged():
        stack.enter_context(kind.enter(patches, watch))
    kept = _keeping(patches)
    process: Any = object.__new__(cls)
    vars(process).update(pickle.loads(state))
    vars(process)["_concurrency_line"] = (number, None, link.taken_over(handle.detach()))
    vars(process)["_concurrency_queues"] = kept
    vars(process)["_concurrency_stage"] = stack  # what leaves it would take the doubles away
    return process


def _keeping(patches: Patches) -> list[Any]:
    """Return a list of the queues that are unpickled from now on."""
    from multiprocessing import queues

    kept: list[Any] = []
    setstate: Any = queues.Queue.__setstate__

    def unpickled(queue: Any, state: Any) -> None:
        setstate(queue, state)
        kept.append(queue)

    patches.set(queues.Queue, "__setstate__", unpickled)
    return kept


def take_part(process: Any) -> None:
    """Let queues that came with a process have locks of the run, as threads of the run meet there."""
    for queue in process.__dict__.pop("_concurrency_queues"):
        queue._reset()

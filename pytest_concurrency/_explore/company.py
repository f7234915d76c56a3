"""Who else is there beside a scenario and may change what the world has: files, the environment, the folder."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._explore.at_hand import all_acting
from pytest_concurrency._explore.further import is_of_a_runner
from pytest_concurrency._runtimes.processes.guarding.descendants import serves
from pytest_concurrency._runtimes.processes.joining import children, command, command_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_POOL: Final = "concurrent.futures.thread"
_OWN: Final = __name__.partition(".")[0]


def company() -> str:
    """Return who may do something of its own accord, in words; "" for nobody."""
    for ident, frame in all_acting().items():
        if _is_of_the_program(frame):
            return f"thread {_name(ident)}"
    processes = {*children(), *_of_multiprocessing()}
    process = next((each for each in sorted(processes) if not serves(each)), None)
    return "" if process is None else f"process {command(command_line(process))}"


def _is_of_the_program(innermost: FrameType) -> bool:
    """Tell whether a thread does what neither who runs the tests has given it, nor waits for something to do."""
    modules = [name for each in _frames(innermost) if not _hands_on(name := each.f_globals.get("__name__"))]
    if not modules:
        return not is_of_a_runner(_module_of(_given(innermost)))
    outermost = modules[-1]
    return modules != [_POOL] if outermost == _POOL else not is_of_a_runner(outermost)


def _given(innermost: FrameType) -> Any:
    """Return the function of a timer, or what else a thread is to do or does, in code of C."""
    for frame in _frames(innermost):
        thread = frame.f_locals.get("self")
        if isinstance(thread, threading.Thread):
            own = vars(thread)
            return own.get("function", own.get("_target"))
    return None


def _frames(innermost: FrameType) -> Iterator[FrameType]:
    frame: FrameType | None = innermost
    while frame is not None:
        yield frame
        frame = frame.f_back


def _hands_on(module: Any) -> bool:
    """Tell whether code of a module only begins a thread, or waits for it as one of ours does."""
    return module == "threading" or (isinstance(module, str) and module.partition(".")[0] == _OWN)


def _module_of(function: Any) -> Any:
    return getattr(getattr(function, "func", function), "__module__", None)


def _name(ident: int) -> str:
    return next((each.name for each in threading.enumerate() if each.ident == ident), str(ident))


def _of_multiprocessing() -> set[int]:
    module = sys.modules.get("multiprocessing.process")
    living = () if module is None else list(vars(module)["_children"])
    return {each.pid for each in living if each.is_alive()}

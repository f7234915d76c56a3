"""Signals between the processes of a run: who is killed has ended when the call returns, with all that it held."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any, Final, Protocol

from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from pytest_concurrency._machine.patches import Patches

_HARMLESS: Final = frozenset(
    getattr(signal, name, 0) for name in ("SIGCHLD", "SIGURG", "SIGWINCH", "SIGCONT", "SIGSTOP", "SIGTSTP")
)
"""Of them a process that does not handle them does not end."""


class Asked(Protocol):
    """What is asked of the board."""

    desk: Any

    def task(self) -> Any:
        """Return the task that asks, if what it does is under control."""


def install(patches: Patches, board: Asked) -> None:
    """Let signals to processes of the run be steps of it."""

    def kill(pid: int, number: int) -> None:
        task: Any = board.task()
        if task is None or task.run.stopping or not number or pid == os.getpid():
            real.kill(pid, number)
            return
        task.run.reach(task, ("kill", None))
        real.kill(pid, number)
        board.desk.signalled(task, pid, int(number))  # plain, as it may go to another process

    patches.set(os, "kill", kill)


def fate(pid: int, number: int) -> str:
    """Tell what a signal does to a process: it `ends`, `hears` it in a handler, or nothing, which is ""."""
    if number == signal.SIGKILL:
        return "ends"
    masks = {}
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            for line in file:
                name, _, value = line.partition(":")
                masks[name] = value.strip()
    except OSError:
        return "ends"
    bit = 1 << (number - 1)
    if int(masks.get("SigCgt", "0"), 16) & bit:
        return "hears"
    return "" if int(masks.get("SigIgn", "0"), 16) & bit or number in _HARMLESS else "ends"

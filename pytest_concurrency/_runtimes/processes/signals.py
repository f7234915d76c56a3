"""Signals between the processes of a run: who is killed has ended when the call returns, with all that it held."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found] # whoever has bound a name of `signal` comes here, too
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

    def is_left(self, pid: int) -> bool:
        """Tell whether a process has ended that the scenario has not met yet."""


def install(patches: Patches, board: Asked) -> None:
    """Let signals to processes of the run be steps of it."""

    def kill(pid: int, number: int) -> None:
        task: Any = board.task()
        if task is None or task.run.stopping or not number or pid == os.getpid():
            real.kill(pid, number)
            return
        task.run.reach(task, ("kill", None))
        if board.is_left(pid):  # we have met it, but the scenario has not
            return
        real.kill(pid, number)
        board.desk.signalled(task, pid, int(number))  # plain, as it may go to another process

    patches.set(os, "kill", kill)


class Handling(Protocol):
    """What a process whose handlers are held asks."""

    def is_away(self) -> bool:
        """Tell whether its main thread waits for its turn."""

    def handled(self, error: BaseException | None) -> None:
        """Note that a handler has run meanwhile, and what it has raised."""


class _Held:
    """A handler of the user's, which comes whoever has the turn; what it raises is raised when the turn has come."""

    def __init__(self, given: Any, handling: Handling) -> None:
        self.given = given
        self._handling = handling

    def __call__(self, number: int, frame: Any) -> None:
        if not self._handling.is_away():
            self.given(number, frame)
            return
        raised: BaseException | None = None
        try:
            self.given(number, frame)
        except BaseException as error:  # told, and raised again in its turn
            raised = error
        self._handling.handled(raised)


def hold(handling: Handling) -> None:
    """Hold what handlers of this process raise, those that are set already and those to come, until it has the turn."""
    plain_set, plain_get = _signal.signal, _signal.getsignal

    def held(handler: Any) -> Any:
        return _Held(handler, handling) if callable(handler) else handler

    def getsignal(number: int, /) -> Any:
        handler = plain_get(number)
        return handler.given if type(handler) is _Held else handler

    def set_handler(number: int, handler: Any, /) -> Any:
        before = getsignal(number)
        plain_set(number, held(handler))
        return before

    for number in range(1, signal.NSIG):
        if callable(plain_get(number)):
            plain_set(number, held(plain_get(number)))
    for name, double in (("signal", set_handler), ("getsignal", getsignal)):
        setattr(_signal, name, double)  # for good: this is a process of its own


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

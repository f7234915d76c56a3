"""Signals inside a run: their handlers come in between, in the main thread, whoever has the turn."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found] # in C, and quick
import _thread
import functools
import os
import signal
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine import explain, naming
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.record import Finding
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.threads.serving.workers import Workers

ARRIVES_WITHIN: Final = 1.0  # seconds
MISSED_AFTER: Final = 0.1  # seconds
_MOMENT: Final = 0.001
_getsignal: Final = signal.getsignal
_set: Final = signal.signal
_to_thread: Final = getattr(signal, "pthread_kill", None)


class _Handler:
    """A handler that was set inside a run, or that of Ctrl-C from before it.

    Where the main thread waits for its turn, the handler is no part of its task: what it does is
    done as by a thread from outside, which needs no turn.

    Attributes:
        begun: How often it has been called.
        calls: How often it has ended.

    Args:
        handler: What the program has set.
        from_before: Whether it has been there before: it is the run's only where a task has sent the signal.
    """

    def __init__(self, handler: Callable[[int, Any], Any], *, from_before: bool = False) -> None:
        self._handler = self.__wrapped__ = handler
        self._from_before = from_before
        self._is_sent = False
        self.begun = self.calls = 0

    def __call__(self, number: int, frame: Any) -> Any:
        self.begun += 1
        task, before = here.task, here.handling
        is_sent, self._is_sent = self._is_sent, False
        try:
            if task is None or task.run.stopping:  # a Ctrl-C that a task has sent comes too late
                return None if self._from_before and is_sent else self._handler(number, frame)
            if self._from_before and not is_sent:
                return self._handler(number, frame)
            if is_sent and number == signal.SIGINT:  # asyncio's handler raises nothing itself, but later
                task.run.record.interrupts_itself()
            here.handles(task, as_task=task if task.run.current is task else None)
            try:
                return self._handler(number, frame)
            except BaseException as error:
                here.raises(None if _is_for_a_runner(number, error, is_sent=is_sent) else error)
                if is_sent and isinstance(error, KeyboardInterrupt):
                    task.run.record.interrupts_itself()
                raise
            finally:
                here.handles(before, as_task=task)
        finally:
            self.calls += 1

    def is_sent(self, *, comes: bool = True) -> None:
        """Note that a task sends the signal, or that it does not come: it is blocked."""
        self._is_sent = comes


def _is_for_a_runner(number: int, error: BaseException, *, is_sent: bool) -> bool:
    """Tell whether a handler raises what is for who runs the tests: of `KeyboardInterrupt`, that of Ctrl-C alone."""
    if isinstance(error, KeyboardInterrupt):
        return number == signal.SIGINT and not is_sent
    return explain.is_for_a_runner(error)


entered: Final[list[Any]] = []
"""Locks of events that a handler has gone into; handlers go in the main thread alone."""


def goes_in(lock: Any) -> bool:
    """Let the calling handler set an event though its own thread, in whose midst it came, holds the event's lock.

    With luck as bad a real program stands still there; but who sets an event in a handler is not told so.
    """
    task = here.handling
    goes = task is not None and lock.holder is task and isinstance(lock.part_of, threading.Event)
    if goes:
        entered.append(lock)
    return goes


def goes_out(lock: Any) -> bool:
    """Tell whether the calling handler gives back what it has not taken."""
    if here.handling is None or not any(each is lock for each in entered):
        return False
    entered[:] = [each for each in entered if each is not lock]
    return True


def refuse_own(lock: Any) -> None:
    """End the run if the calling handler is to wait for a lock that its own thread holds, in whose midst it came.

    Raises:
        Unwind: So it is.
    """
    task = here.handling
    if task is None or here.task is task or lock.holder is not task or task.run.stopping:
        return
    task.waits(lock)
    task.run.record.stands(naming.task_states(task.run.tasks, task.run.watch))
    task.run.halt(Finding("deadlock"))
    raise task.run.unwind(task)


def hear_interrupts() -> None:
    """Let the handler of Ctrl-C that is there from before know which of its signals a task has sent."""
    handler: Any = _signal.getsignal(signal.SIGINT)  # before each schedule: that of `signal` looks names up
    if isinstance(handler, _Handler):
        handler.is_sent(comes=False)
    elif callable(handler) and threading.current_thread() is threading.main_thread():
        _set(signal.SIGINT, _Handler(handler, from_before=True))


def leave_interrupts() -> None:
    """Let the handler of Ctrl-C be what it was, or what the scenario has set for good."""
    handler = _getsignal(signal.SIGINT)
    if isinstance(handler, _Handler) and threading.current_thread() is threading.main_thread():
        _set(signal.SIGINT, handler.__wrapped__)


def install(patches: Patches, workers: Workers | None) -> None:
    """Let handlers come in between, and nobody run ahead of a signal that is under way, or take one that all block."""
    patches.set(signal, "signal", _setting(signal.signal))
    patches.set(signal, "getsignal", _asking(_getsignal))
    patches.set(signal, "raise_signal", _sending(signal.raise_signal))
    patches.set(os, "kill", _sending(os.kill))
    patches.set(_thread, "interrupt_main", _interrupting(_thread.interrupt_main))
    if _to_thread is not None:
        patches.set(signal, "pthread_kill", _sending(_to_thread))
    for name in ("alarm", "setitimer"):
        if hasattr(signal, name):
            patches.set(signal, name, _arming(getattr(signal, name)))
    if workers is not None and hasattr(signal, "pthread_sigmask"):
        patches.set(signal, "pthread_sigmask", _masking(signal.pthread_sigmask, workers))


def _task() -> Task | None:
    task = here.task
    return None if task is None or task.run.stopping else task


def _setting(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def set_handler(number: int, handler: Any) -> Any:
        ours = _task() is not None and callable(handler) and not isinstance(handler, (signal.Handlers, _Handler))
        return _as_given(original(number, _Handler(handler) if ours else handler))

    return set_handler


def _asking(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def getsignal(number: int) -> Any:
        return _as_given(original(number))

    return getsignal


def _as_given(handler: Any) -> Any:
    return handler.__wrapped__ if type(handler) is _Handler else handler


def _sending(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def send(*args: Any) -> Any:
        to_us = args[:-1] in ((), (os.getpid(),), (threading.main_thread().ident,))
        handler = _getsignal(args[-1]) if _task() is not None and to_us else None
        if not isinstance(handler, _Handler):
            return original(*args)
        before = handler.begun, handler.calls
        handler.is_sent()
        answer = original(*args)
        if args[-1] in signal.sigpending():  # blocked by everybody
            handler.is_sent(comes=False)
            return answer
        _await_call(handler, *before, args[-1] if len(args) > 1 else None)
        return answer

    return send


def _interrupting(original: Callable[..., Any]) -> Callable[..., Any]:
    send = _sending(original)

    @functools.wraps(original)
    def interrupt_main(signum: int = signal.SIGINT) -> Any:
        return send(signum)

    return interrupt_main


def _await_call(handler: _Handler, begun: int, calls: int, number: int | None) -> None:
    """Wait until a handler has been called, for a while.

    A signal that comes to the main thread just before it waits for its turn, as it mostly does whom it has handed over
    to, does not end that wait: it is sent again, to that thread alone, which still calls the handler once. `number` is
    None where it is no matter of the whole process: what a thread raises in itself wakes no other.
    """
    main = threading.main_thread().ident
    again = real.monotonic() + MISSED_AFTER
    until = real.monotonic() + (MISSED_AFTER if number is None and real.get_ident() != main else ARRIVES_WITHIN)
    while handler.calls == calls and real.monotonic() < until:
        real.sleep(_MOMENT)
        missed = handler.begun == begun and number is not None and real.get_ident() != main
        if missed and _to_thread is not None and real.monotonic() > again:
            _to_thread(main, number)
            again = real.monotonic() + MISSED_AFTER


def _arming(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def arm(*args: Any) -> Any:
        task = _task()
        seconds = args[0] if len(args) == 1 else args[1]
        if task is not None and callable(_getsignal(signal.SIGALRM)):
            task.run.outside.expects(seconds + ARRIVES_WITHIN if seconds else 0.0, "a timer of the system")
        return original(*args)

    return arm


def _masking(original: Callable[..., Any], workers: Workers) -> Callable[..., Any]:
    @functools.wraps(original)
    def pthread_sigmask(how: int, mask: Any) -> Any:
        if _task() is not None and how != signal.SIG_UNBLOCK:
            workers.stay_away()
        return original(how, mask)

    return pthread_sigmask

"""What a schedule finds around it and must find again: streams, environment, handlers of signals and logs."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
from typing import Any, Final

from pytest_concurrency._machine import real

_STREAMS: Final = ("stdin", "stdout", "stderr")
_ALARM: Final[Any] = getattr(signal, "SIGALRM", None)
_SIGNALS: Final = tuple(
    found
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGBREAK")
    if (found := getattr(signal, name, None)) is not None
)


class Surroundings:
    """What a schedule finds, noted when it is made; `give_back` is for a schedule that was cut before it cleaned up."""

    def __init__(self) -> None:
        self._streams = [getattr(sys, name) for name in _STREAMS]
        self._environ = os.environ
        self._values = dict(getattr(os.environ, "_data", os.environ))  # as the system has them: no decoding
        self._signals = [signal.getsignal(each) for each in _SIGNALS]
        self._timer = signal.getitimer(signal.ITIMER_REAL) if _ALARM is not None else (0.0, 0.0)
        self._noted = real.monotonic()
        self._logs = {id(each): (each.level, each.handlers.copy()) for each in _loggers()}

    def give_back(self) -> None:
        """Put back what is different now."""
        for name, stream in zip(_STREAMS, self._streams, strict=True):
            if getattr(sys, name) is not stream:
                setattr(sys, name, stream)
        self._give_back_environment()
        for logger in _loggers():
            level, handlers = self._logs.get(id(logger), (logging.NOTSET, []))
            if logger.level != level:
                logger.setLevel(level)
            if logger.handlers != handlers:
                logger.handlers[:] = handlers
        if threading.current_thread() is threading.main_thread():
            self._give_back_signals()

    def _give_back_environment(self) -> None:
        if os.environ is not self._environ:
            vars(os)["environ"] = self._environ  # the object itself was replaced
        environ: Any = self._environ
        data = getattr(environ, "_data", environ)
        if data == self._values:
            return
        decode = getattr(environ, "decodevalue", lambda value: value)
        decode_key = getattr(environ, "decodekey", lambda key: key)
        for key in data.keys() - self._values.keys():
            del environ[decode_key(key)]
        for key, value in self._values.items():
            if data.get(key) != value:
                environ[decode_key(key)] = decode(value)

    def _give_back_signals(self) -> None:
        for number, handler in zip(_SIGNALS, self._signals, strict=True):
            if handler is None or signal.getsignal(number) is handler:
                continue  # None: not set from Python, so it cannot be set back from here
            if number == _ALARM:  # what the schedule has wound up must not ring for somebody else
                left, again = self._timer
                left = max(left - (real.monotonic() - self._noted), 1e-3) if left else 0.0
                signal.setitimer(signal.ITIMER_REAL, left, again)
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, handler)


def _loggers() -> list[logging.Logger]:
    """Return every logger there is, the root among them."""
    named = logging.root.manager.loggerDict.values()
    return [logging.root, *[each for each in named if isinstance(each, logging.Logger)]]

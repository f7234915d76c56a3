"""Hears code begin, or go on, that nobody watches: a step in which such code runs touches nobody knows what."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here
from pytest_concurrency._sight import events
from pytest_concurrency._sight.watching import OWN, WATCHED

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pytest_concurrency._sight.watching import Watch

_ASYNC_GENERATOR: Final = 0x200
_QUIET: Final = frozenset(
    {
        "asyncio/base_events.py BaseEventLoop._call_soon",
        "asyncio/base_events.py BaseEventLoop._check_closed",
        "asyncio/base_events.py BaseEventLoop.call_later",
        "asyncio/base_events.py BaseEventLoop._set_coroutine_origin_tracking",
        "asyncio/base_events.py BaseEventLoop.get_debug",
        "asyncio/base_events.py BaseEventLoop.is_closed",
        "asyncio/base_events.py BaseEventLoop.is_running",
        "asyncio/base_futures.py isfuture",
        "asyncio/coroutines.py iscoroutine",
        "asyncio/events.py Handle.__init__",
        "asyncio/events.py Handle._run",
        "asyncio/events.py TimerHandle.__init__",
        "asyncio/events.py TimerHandle.__lt__",
        "asyncio/futures.py _set_result_unless_cancelled",
        "asyncio/mixins.py _LoopBoundMixin._get_loop",
        "asyncio/tasks.py __sleep0",
        "asyncio/tasks.py create_task",
        "asyncio/tasks.py sleep",
        "asyncio/tasks.py wait_for",
        "asyncio/timeouts.py timeout",
        "gevent/hub.py sleep",
    }
)
"""Functions of libraries that touch nothing, but by what they call."""


class Strangers:
    """Tells a step that gathers what it touches of code that nobody watches, from `start` to `stop`."""

    def __init__(self) -> None:
        self._heard: Any = None
        self._watch: Watch | None = None
        self._known: dict[int, tuple[CodeType, bool]] = {}

    def start(self, watch: Watch) -> bool:
        """Begin to hear, unless that is so already; False where this Python or its tools do not let us."""
        if self._heard is None:
            self._watch = watch
            heard = events.Begun(self._is_quiet, _enters)
            try:
                heard.start()
            except RuntimeError:
                return False
            self._heard = heard
        return True

    def stop(self) -> None:
        """Hear no more."""
        heard, self._heard = self._heard, None
        self._known.clear()
        if heard is not None:
            heard.stop()

    def _is_quiet(self, code: CodeType) -> bool:
        """Tell whether code touches nothing that its own instructions or what it calls do not tell."""
        known = self._known.get(id(code))
        if known is None:
            known = self._known[id(code)] = (code, self._touches_nothing(code))
        return known[1]

    def _touches_nothing(self, code: CodeType) -> bool:
        kind = self._watch.kind(code.co_filename) if self._watch is not None else OWN
        if kind == WATCHED:
            return not code.co_flags & _ASYNC_GENERATOR  # which has a place of its own, that no instruction shows
        if kind == OWN:
            return True
        return f"{'/'.join(code.co_filename.split(os.sep)[-2:])} {code.co_qualname}" in _QUIET


def _enters(frame: FrameType) -> None:
    task = here.task
    if task is not None and task.run.shared.step is not None:
        task.run.shared.step.enters(frame)


strangers: Final = Strangers()

"""The events of Python 3.11, by `sys.settrace` and `sys.setprofile`.

Goes away when Python 3.11 is dropped.
"""

from __future__ import annotations

import inspect
import opcode
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import CodeType
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._sight.catalogue import catalogue
from pytest_concurrency._sight.watching import OTHER, OWN, STANDARD

if TYPE_CHECKING:
    from types import FrameType

    from pytest_concurrency._sight.site import Site
    from pytest_concurrency._sight.watching import Watch

Tracer = Callable[["FrameType", Any, Any], Any]
_settrace: Final = sys.settrace
"""The real one, also while a run has its own way to set a tracer."""
_UNHEARD: Final = frozenset({STANDARD, OWN, OTHER})


class Instructions:
    """Traces the threads of a run; a tracer that was there before still gets its events.

    Attributes:
        saw_watched: Whether any watched code ran at all.
    """

    def __init__(self, watch: Watch, at_site: Callable[[Site, FrameType], None]) -> None:
        self._watch = watch
        self._at_site = at_site
        self._before: Any = None
        self._ours: _Ours | None = None
        self._on = False
        self.saw_watched = False

    def start(self) -> None:
        """Begin to hear, in the calling thread."""
        self._before = sys.gettrace()
        self._on = True
        self._ours = _Ours(self, self._before, self._watch.known)
        _settrace(self._ours)

    def start_again(self) -> None:
        """Hear on: the interpreter takes a tracer away through which an error has passed, as a run's end does."""
        if self._on and sys.gettrace() is None:
            _settrace(self._ours)

    def stop(self) -> None:
        """Leave no trace."""
        if self._on:
            self._on = False
            _settrace(self._before)

    def enter_thread(self) -> None:
        """Begin to hear in a task's thread, before the tracer that its thread would have."""
        _settrace(_Ours(self, sys.gettrace(), self._watch.known))

    def leave_thread(self) -> None:
        """Stop hearing in a task's thread."""
        _settrace(None)

    def hush(self) -> _Ours | None:
        """Hear nothing in the calling thread, while nothing of the user's runs there; return what heard.

        Each call of our own code is told else. A tracer that was there before goes on.
        """
        ours = sys.gettrace()
        if not isinstance(ours, _Ours) or ours.before is not None:
            return None
        _settrace(None)
        return ours

    def hear_again(self, hushed: _Ours | None) -> None:
        """Hear again what heard before."""
        if hushed is not None:
            _settrace(hushed)

    def hearing(self, settrace: Callable[[Any], None]) -> Callable[[Any], None]:
        """Return what sets a tracer and hears on: where we hear, others come behind us, and go from there."""

        def set_tracer(tracer: Any, /) -> None:
            ours = sys.gettrace()
            if self._on and isinstance(ours, _Ours):
                self.hear_on(sys._getframe(1), ours)
                ours.before = tracer  # at last: it would stop at what we call
            else:
                settrace(tracer)

        return set_tracer

    def hear(self, frame: FrameType, below: Tracer | None, ours: _Ours) -> Tracer | None:
        """Return the tracer of a frame: ours if its code is watched and touches anything, else that below."""
        code = frame.f_code
        if not self._on or not self._watch.is_watched(code.co_filename):
            return below
        self.saw_watched = True
        table = catalogue.table(code)
        if not table:
            return below
        frame.f_trace_opcodes = True
        frame.f_trace_lines = below is not None
        return frame_tracer(table, self._at_site, below, ours)

    def hear_on(self, frame: FrameType | None, ours: _Ours) -> None:
        """Hear frames that run: a debugger takes all that are above each other for itself when it comes and goes."""
        while frame is not None:
            below: Any = frame.f_trace
            if getattr(below, "__code__", None) not in _OF_FRAMES:
                heard = self.hear(frame, below, ours)
                if heard is not below:
                    frame.f_trace = heard
            frame = frame.f_back


class _Ours:
    """The tracer of one thread.

    Attributes:
        before: The one that the thread would have.
    """

    def __init__(self, of: Instructions, before: Tracer | None, kind: Callable[[str], str | None]) -> None:
        self._of = of
        self._kind = kind
        self.before = before

    def __call__(self, frame: FrameType, event: str, arg: Any) -> Any:
        if self.before is None:
            if self._kind(frame.f_code.co_filename) in _UNHEARD:  # most calls: those of the standard library
                return None
            return self._of.hear(frame, None, self)
        return self._of.hear(frame, self.forward(self.before, frame, event, arg), self)

    def forward(self, tracer: Tracer | None, frame: FrameType, event: str, arg: Any) -> Tracer | None:
        """Pass an event on; a debugger that goes then takes with it what all frames have."""
        before = self.before
        result = _forward(tracer, frame, event, arg, self)
        if self.before is not before:
            self._of.hear_on(frame.f_back, self)
        return result


def _forward(tracer: Tracer | None, frame: FrameType, event: str, arg: Any, ours: Tracer) -> Tracer | None:
    """Pass an event on; a C tracer that installs itself then is replaced by ours again."""
    if tracer is None:
        return None
    result: Tracer | None = tracer(frame, event, arg)
    if sys.gettrace() is not ours:
        _settrace(ours)
    return result


def frame_tracer(
    table: dict[int, Site], at_site: Callable[[Site, FrameType], None], below: Tracer | None, ours: _Ours
) -> Tracer:
    """Return the tracer of one frame; all that it needs is bound, as it is called most of all."""
    site_at = table.get

    def on_event(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal below
        if event == "opcode":
            site = site_at(frame.f_lasti)
            if site is not None:
                at_site(site, frame)
                # Other tasks may have changed our closure variables meanwhile. The interpreter writes the
                # dict behind f_locals back into the frame when a trace function returns, so it has to be
                # fresh: reading f_locals makes it so.
                _ = frame.f_locals
        elif below is not None:
            below = ours.forward(below, frame, event, arg)
        return on_event

    return on_event


_OF_FRAMES: Final = frozenset(each for each in frame_tracer.__code__.co_consts if isinstance(each, CodeType))


class _Around(ABC):
    """Puts a tracer around those that the calling thread and the threads to come would have."""

    def __init__(self) -> None:
        self._before: tuple[Any, Any] | None = None

    @abstractmethod
    def _tracer(self, before: Tracer | None) -> Tracer:
        """Return the tracer that stands around the one that was there."""

    def start(self) -> None:
        """Begin to hear, in the calling thread and in threads that begin from now on."""
        here, threads = self._before = sys.gettrace(), threading.gettrace()
        threading.settrace(self._tracer(threads))
        _settrace(self._tracer(here))  # around ours, not behind it

    def stop(self) -> None:
        """Leave no trace."""
        before, self._before = self._before, None
        if before is not None:
            _settrace(before[0])
            threading.settrace(before[1])


class Lines(_Around):
    """Tells the lines that are wanted."""

    def __init__(self, wanted: Callable[[CodeType], frozenset[int]], at_line: Callable[[], None]) -> None:
        super().__init__()
        self._wanted = wanted
        self._at_line = at_line

    def _tracer(self, before: Tracer | None) -> Tracer:
        def on_call(frame: FrameType, event: str, arg: Any) -> Any:
            below = _forward(before, frame, event, arg, on_call)
            lines = self._wanted(frame.f_code)
            return self._local(lines, below, on_call) if lines else below

        return on_call

    def _local(self, lines: frozenset[int], below: Tracer | None, ours: Tracer) -> Tracer:
        def on_event(frame: FrameType, event: str, arg: Any) -> Any:
            nonlocal below
            below = _forward(below, frame, event, arg, ours)
            if event == "line" and frame.f_lineno in lines:
                self._at_line()
                _ = frame.f_locals  # see frame_tracer: the interpreter writes it back
            return on_event

        return on_event


class Entries(_Around):
    """Tells when functions begin that are wanted."""

    def __init__(self, wanted: Callable[[CodeType], bool], entered: Callable[[CodeType], None]) -> None:
        super().__init__()
        self._wanted = wanted
        self._entered = entered

    def _tracer(self, before: Tracer | None) -> Tracer:
        def on_call(frame: FrameType, event: str, arg: Any) -> Any:
            if event == "call" and self._wanted(frame.f_code):
                self._entered(frame.f_code)
            return _forward(before, frame, event, arg, on_call)

        return on_call


class Begun:
    """Would tell the frames of all code that begins: with `sys.settrace` that costs more than it saves."""

    def __init__(self, is_quiet: Callable[[CodeType], bool], begins: Callable[[FrameType], None]) -> None:
        """Take what the other half takes."""

    def start(self) -> None:
        """Refuse.

        Raises:
            RuntimeError: Always.
        """
        raise RuntimeError("Python 3.11 does not tell it")

    def stop(self) -> None:
        """Nothing to do."""


_SUSPENDED: Final = inspect.CO_COROUTINE | inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR
_RESUME: Final = opcode.opmap["RESUME"]
_YIELD: Final = opcode.opmap["YIELD_VALUE"]


class Calls:
    """Tells the calls of one code object; threads that run already are not heard."""

    def __init__(self, code: CodeType, enter: Callable[[], None], leave: Callable[[], None]) -> None:
        self._code = code
        self._enter = enter
        self._leave = leave
        self._before: tuple[Any, Any] | None = None
        self._bytes = code.co_code
        self._is_suspended = bool(code.co_flags & _SUSPENDED)

    def start(self) -> None:
        """Begin to hear, in the calling thread and in threads that begin from now on."""
        self._before = sys.getprofile(), threading.getprofile()
        sys.setprofile(self._profile)
        threading.setprofile(self._profile)

    def stop(self) -> None:
        """Leave no trace."""
        before, self._before = self._before, None
        if before is not None:
            threading.setprofile(before[1])
            sys.setprofile(before[0])

    def _profile(self, frame: FrameType, event: str, _: Any) -> None:
        if frame.f_code is self._code:
            if event == "call":
                if not self._is_suspended or self._begins(frame.f_lasti):
                    self._enter()
            elif event == "return" and not (self._is_suspended and self._bytes[frame.f_lasti] == _YIELD):
                self._leave()

    def _begins(self, at: int) -> bool:
        """Tell whether a coroutine begins there; it also comes in where it goes on."""
        return self._bytes[at] == _RESUME and not self._bytes[at + 1] & 3

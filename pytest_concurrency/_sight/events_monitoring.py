"""The events of Python 3.12 and later, by `sys.monitoring`."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._sight.catalogue import catalogue

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pytest_concurrency._sight.site import Site
    from pytest_concurrency._sight.watching import Watch

assert sys.version_info >= (3, 12)
Callback = Callable[..., Any]
_monitoring: Final = sys.monitoring
_events: Final = _monitoring.events
_TOOLS: Final = {  # who hears -> the numbers of tools that it may take, the first that is free
    "pytest_concurrency": (4, 3),
    "pytest_concurrency.play": (3, 5, 4),
    "pytest_concurrency.oracles": (3, 5, 4),
    "pytest_concurrency.peak": (2, 4, 3),
    "pytest_concurrency.steps": (5, 3, 4),
}
DISABLE: Final = _monitoring.DISABLE
_NOTHING: Final[dict[int, Site]] = {}
_NO_LINES: Final[frozenset[int]] = frozenset()


class _Tool(ABC):
    """A tool of the interpreter, from `start` to `stop`.

    Attributes:
        name: Under which it stands in the table of numbers.
        everywhere: The events that are told of all code; others are told of the code that `_hear` names.
        number: The number that it has taken, or -1.
    """

    name: str
    everywhere: int = _events.PY_START

    def __init__(self) -> None:
        self.number = -1
        self._codes: list[CodeType] = []

    @abstractmethod
    def _callbacks(self) -> dict[int, Callback]:
        """Return what is called at which event."""

    def start(self) -> None:
        """Begin to hear.

        Raises:
            RuntimeError: No tool number is free.
        """
        numbers = _TOOLS[self.name]
        number = next((each for each in numbers if _monitoring.get_tool(each) is None), None)
        if number is None:
            names = [_monitoring.get_tool(each) for each in numbers]
            raise RuntimeError(f"one sys.monitoring tool of {numbers} must be free, got {names!r}")
        _monitoring.use_tool_id(number, self.name)
        self.number = number
        for event, callback in self._callbacks().items():
            _monitoring.register_callback(number, event, callback)
        _monitoring.set_events(number, self.everywhere)
        _monitoring.restart_events()

    def stop(self) -> None:
        """Leave no trace."""
        number, self.number = self.number, -1
        if number < 0:
            return
        _monitoring.set_events(number, 0)
        while self._codes:
            _monitoring.set_local_events(number, self._codes.pop(), 0)
        for event in self._callbacks():
            _monitoring.register_callback(number, event, None)
        _monitoring.free_tool_id(number)

    def _hear(self, code: CodeType, events: int) -> None:
        _monitoring.set_local_events(self.number, code, events)
        self._codes.append(code)


class Instructions(_Tool):
    """Tells the instructions of watched code that have a site.

    Attributes:
        saw_watched: Whether any watched code ran at all.
    """

    name = "pytest_concurrency"

    def __init__(self, watch: Watch, at_site: Callable[[Site, FrameType], None]) -> None:
        super().__init__()
        self._watch = watch
        self._at_site = at_site
        self.saw_watched = False

    def _callbacks(self) -> dict[int, Callback]:
        return {_events.PY_START: self._on_start, _events.INSTRUCTION: instruction_callback(self._at_site)}

    def start_again(self) -> None:
        """Nothing to do: an error that passes through a callback takes nothing away."""

    def enter_thread(self) -> None:
        """Nothing to do: the events of all threads are heard."""

    def leave_thread(self) -> None:
        """Nothing to do."""

    def hush(self) -> Any:
        """Nothing to do: code that nobody watches costs nothing."""

    def hear_again(self, hushed: Any) -> None:
        """Nothing to do."""

    def hearing(self, settrace: Callable[[Any], None]) -> Callable[[Any], None]:
        """Return what sets a tracer and hears on.

        Where a tracer comes to a frame that runs and goes again, as that of pdb does, the interpreter (3.12 to 3.15)
        forgets whom it told of the instructions of that code, until events are begun again.
        """

        def set_tracer(tracer: Any, /) -> None:
            settrace(tracer)
            frame: FrameType | None = sys._getframe(1)
            while frame is not None and frame.f_trace is None:
                frame = frame.f_back
            if self.number >= 0 and frame is not None:
                _monitoring.restart_events()

        return set_tracer

    def _on_start(self, code: CodeType, _offset: int) -> Any:
        return self.hear(code)

    def hear(self, code: CodeType) -> Any:
        """Hear of a code object's instructions if it is watched and touches anything."""
        if not self._watch.is_watched(code.co_filename):
            return DISABLE
        self.saw_watched = True
        if catalogue.table(code):
            self._hear(code, _events.INSTRUCTION)
        return DISABLE


def instruction_callback(at_site: Callable[[Site, FrameType], None]) -> Callback:
    """Return what is called at an instruction; all that it needs is bound, as it is called most of all."""
    table, frame = catalogue.tables.get, sys._getframe

    def on_instruction(code: CodeType, offset: int) -> Any:
        site = table(id(code), _NOTHING).get(offset)  # the code may be of an earlier tool
        if site is None:
            return DISABLE
        at_site(site, frame(1))
        return None

    return on_instruction


class Lines(_Tool):
    """Tells the lines that are wanted."""

    name = "pytest_concurrency.play"

    def __init__(self, wanted: Callable[[CodeType], frozenset[int]], at_line: Callable[[], None]) -> None:
        super().__init__()
        self._wanted = wanted
        self._at_line = at_line
        self._heard: dict[int, tuple[CodeType, frozenset[int]]] = {}

    def _callbacks(self) -> dict[int, Callback]:
        return {_events.PY_START: self._on_start, _events.LINE: self._on_line}

    def _on_start(self, code: CodeType, _offset: int) -> Any:
        lines = self._wanted(code)
        if lines:
            self._heard[id(code)] = (code, lines)
            self._hear(code, _events.LINE)
        return DISABLE

    def _on_line(self, code: CodeType, line: int) -> Any:
        # Python 3.12 may still tell of code that another user of this tool number listened to.
        _, lines = self._heard.get(id(code), (code, _NO_LINES))
        if line not in lines:
            return DISABLE
        self._at_line()
        return None


class Entries(_Tool):
    """Tells when functions begin that are wanted."""

    name = "pytest_concurrency.oracles"

    def __init__(self, wanted: Callable[[CodeType], bool], entered: Callable[[CodeType], None]) -> None:
        super().__init__()
        self._wanted = wanted
        self._entered = entered

    def _callbacks(self) -> dict[int, Callback]:
        return {_events.PY_START: self._on_start}

    def _on_start(self, code: CodeType, _offset: int) -> Any:
        if not self._wanted(code):
            return DISABLE
        self._entered(code)
        return None


class Begun(_Tool):
    """Tells the frames of all code that begins or goes on, but for what is quiet."""

    name = "pytest_concurrency.steps"
    everywhere = _events.PY_START | _events.PY_RESUME | _events.PY_THROW

    def __init__(self, is_quiet: Callable[[CodeType], bool], begins: Callable[[FrameType], None]) -> None:
        super().__init__()
        self._is_quiet = is_quiet
        self._begins = begins

    def _callbacks(self) -> dict[int, Callback]:
        return {_events.PY_START: self._on, _events.PY_RESUME: self._on, _events.PY_THROW: self._on_throw}

    def _on(self, code: CodeType, _offset: int) -> Any:
        if self._is_quiet(code):
            return DISABLE
        self._begins(sys._getframe(1))
        return None

    def _on_throw(self, code: CodeType, _offset: int, _error: object) -> None:
        if not self._is_quiet(code):
            self._begins(sys._getframe(1))


class Calls(_Tool):
    """Tells the calls of one code object, also in threads that run already."""

    name = "pytest_concurrency.peak"
    everywhere = _events.PY_UNWIND  # it knows no local events

    def __init__(self, code: CodeType, enter: Callable[[], None], leave: Callable[[], None]) -> None:
        super().__init__()
        self._code = code
        self._enter = enter
        self._leave = leave

    def _callbacks(self) -> dict[int, Callback]:
        return {
            _events.PY_START: self._on_start,
            _events.PY_RETURN: self._on_end,
            _events.PY_UNWIND: self._on_end,
        }

    def start(self) -> None:
        """Begin to hear.

        Raises:
            RuntimeError: No tool number is free.
        """
        super().start()
        self._hear(self._code, _events.PY_START | _events.PY_RETURN)

    def _on_start(self, code: CodeType, _offset: int) -> None:
        if code is self._code:
            self._enter()

    def _on_end(self, code: CodeType, _offset: int, _value: object) -> None:
        if code is self._code:
            self._leave()

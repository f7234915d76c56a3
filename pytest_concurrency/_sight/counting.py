"""How many calls are inside a function, or a block, at the same time: overlap without a clock."""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
from typing import TYPE_CHECKING, Any, Final, Self

from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType


class Probe:
    """Counts who is inside: `with probe:` around a block, or `probe(function)` instead of a function.

    Attributes:
        inside: How many are inside now.
        peak: How many were inside at once at most.
        entered: How often somebody came in.
    """

    def __init__(self) -> None:
        self.inside = 0
        self.peak = 0
        self.entered = 0
        self._mutex = real.allocate_lock()

    def __repr__(self) -> str:
        return f"<probe: {self.inside} inside, at most {self.peak} at once, {self.entered} altogether>"

    def enter(self) -> None:
        """Come in."""
        with self._mutex:
            self.entered += 1
            self.inside += 1
            self.peak = max(self.peak, self.inside)

    def leave(self) -> None:
        """Go out."""
        with self._mutex:
            self.inside -= 1

    def __enter__(self) -> Self:
        self.enter()
        return self

    def __exit__(self, *exc: object) -> None:
        self.leave()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with this probe around each call."""

        @functools.wraps(function)
        def probed(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return probed


def code_of(function: Any) -> CodeType:
    """Return the code whose calls are counted.

    Raises:
        TypeError: The function is not written in Python.
    """
    plain = getattr(function, "__func__", function)
    code = getattr(plain, "__code__", None) or getattr(type(plain).__call__, "__code__", None)
    if code is None:
        raise TypeError(f"counting must be a function written in Python, got {function!r}")
    return code  # type: ignore[no-any-return] # a code object wherever there is one


@contextlib.contextmanager
def counted(code: CodeType) -> Iterator[Probe]:
    """Count the calls of one code object, in all threads and under whatever name they are made."""
    probe = Probe()
    with _by_monitoring(code, probe) if sys.version_info >= (3, 12) else _by_profile(code, probe):
        yield probe


_TOOLS: Final = (2, 4, 3)


@contextlib.contextmanager
def _by_monitoring(code: CodeType, probe: Probe) -> Iterator[None]:
    monitoring: Any = getattr(sys, "monitoring", None)  # from Python 3.12 on
    events = monitoring.events
    tool = next(number for number in _TOOLS if monitoring.get_tool(number) is None)
    monitoring.use_tool_id(tool, "pytest-concurrency peak")

    def begins(_: CodeType, __: int) -> None:
        probe.enter()

    def ends(_: CodeType, __: int, ___: object) -> None:
        probe.leave()

    def unwinds(unwound: CodeType, __: int, ___: BaseException) -> None:
        if unwound is code:
            probe.leave()

    try:
        monitoring.register_callback(tool, events.PY_START, begins)
        monitoring.register_callback(tool, events.PY_RETURN, ends)
        monitoring.register_callback(tool, events.PY_UNWIND, unwinds)
        monitoring.set_local_events(tool, code, events.PY_START | events.PY_RETURN)
        monitoring.set_events(tool, events.PY_UNWIND)  # it knows no local events
        yield
    finally:
        monitoring.set_events(tool, 0)
        monitoring.set_local_events(tool, code, 0)
        for event in (events.PY_START, events.PY_RETURN, events.PY_UNWIND):
            monitoring.register_callback(tool, event, None)
        monitoring.free_tool_id(tool)


@contextlib.contextmanager
def _by_profile(code: CodeType, probe: Probe) -> Iterator[None]:
    """Until Python 3.11 is dropped: threads that run already are not seen."""
    before, before_all = sys.getprofile(), threading.getprofile()

    def profile(frame: Any, event: str, _: Any) -> None:
        if frame.f_code is code:
            if event == "call":
                probe.enter()
            elif event == "return":
                probe.leave()

    sys.setprofile(profile)
    threading.setprofile(profile)
    try:
        yield
    finally:
        threading.setprofile(before_all)
        sys.setprofile(before)

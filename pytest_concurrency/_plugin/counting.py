"""How many calls are inside a function, or a block, at the same time: overlap without a clock."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Any, Self

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
    """Count the calls of one code object, in all threads and under whatever name they are made.

    On Python 3.11 threads that run already are not seen.
    """
    from pytest_concurrency._sight.events import Calls  # a session that counts nothing needs no events

    probe = Probe()
    calls = Calls(code, probe.enter, probe.leave)
    calls.start()
    try:
        yield probe
    finally:
        calls.stop()

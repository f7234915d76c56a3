"""The `timing` fixture: exact time, and bounds on it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from pytest_concurrency._explore import virtual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._runtimes.watching import Watch


class Timing:
    """Virtual time and bounds on how long things take.

    Tests get one as the fixture `timing`.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    @contextlib.contextmanager
    def virtual(self) -> Iterator[None]:
        """Let the body run in virtual time: exact, and no real time passes.

        Raises:
            DeadlockFound: Everybody in the body waits for ever.
        """
        __tracebackhide__ = True
        with virtual.virtual_time(self._watch):
            yield

    @contextlib.contextmanager
    def within(self, at_least: float = 0.0, at_most: float = float("inf")) -> Iterator[None]:
        """Require that the body takes between `at_least` and `at_most` seconds.

        Measured on the clock that the calling thread lives by: virtual time inside `virtual()`
        and inside a scenario, real time elsewhere.

        Raises:
            AssertionError: It was faster or slower.
            ValueError: The bounds exclude everything.
        """
        __tracebackhide__ = True
        if not 0 <= at_least <= at_most:
            raise ValueError(f"within needs 0 <= at_least <= at_most, got {at_least!r} and {at_most!r}")
        began = virtual.now_ns()
        yield
        took = virtual.seconds(virtual.now_ns() - began)
        kind = "virtual" if virtual.is_virtual() else "real"
        if took < at_least:
            raise AssertionError(f"took {took:g} s of {kind} time, less than at_least={at_least:g} s")
        if took > at_most:
            raise AssertionError(f"took {took:g} s of {kind} time, more than at_most={at_most:g} s")

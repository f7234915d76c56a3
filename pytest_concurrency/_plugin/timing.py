"""The `timing` fixture: exact time, and bounds on it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final, Self

import pytest

from pytest_concurrency._core import timing as samples
from pytest_concurrency._explore import virtual
from pytest_concurrency._machine import real
from pytest_concurrency._machine.noise import NoiseMeter
from pytest_concurrency._plugin import counting as counting_
from pytest_concurrency._plugin.counting import Probe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_concurrency._runtimes.processes.gathering import Meeting
    from pytest_concurrency._sight.watching import Watch

LEAST_PAIRS: Final = 5
MOST_PAIRS: Final = 25
PRECISION: Final = 0.1


class Timing:
    """Virtual time, bounds on how long things take, and how much of them overlaps.

    Tests get one as the fixture `timing`.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    @contextlib.contextmanager
    def virtual(self) -> Iterator[None]:
        """Let the body run in virtual time: exact, and no real time passes.

        For a whole test there is `@pytest.mark.virtual_time`.

        Raises:
            DeadlockFound: Everybody in the body waits for ever.
        """
        __tracebackhide__ = True
        with virtual.virtual_time(self._watch):
            yield

    def within(self, at_least: float = 0.0, at_most: float = float("inf")) -> Within:
        """Require that the body takes between `at_least` and `at_most` seconds.

        Measured on the clock that the calling thread lives by: virtual time inside `virtual()`
        and inside a scenario, real time elsewhere. A body that takes too long in real time while
        the machine is so busy that this may be the reason skips the test: that is no failure, and
        a pass would be a lie.

        Raises:
            AssertionError: It was faster or slower.
            ValueError: The bounds exclude everything.
        """
        if not 0 <= at_least <= at_most:
            raise ValueError(f"within needs 0 <= at_least <= at_most, got {at_least!r} and {at_most!r}")
        return Within(at_least, at_most)

    def speedup(self, slow: Callable[[], Any], fast: Callable[[], Any], *, seconds: float = 5.0) -> samples.Speedup:
        """Measure how many times faster `fast` is than `slow`.

        They are called in turn, pair by pair, until the spread of the paired ratios is narrow; the
        answer is their median. It compares with numbers by its spread: a comparison that this leaves
        open skips the test as too noisy to tell. In virtual time one pair is exact.

        Args:
            slow: What ought to take longer.
            fast: What ought to take less.
            seconds: Measure no longer than this, except for the first pairs.

        Raises:
            TypeError: One of the two cannot be called.
        """
        if not callable(slow) or not callable(fast):
            raise TypeError(f"timing.speedup takes two functions, got {slow!r} and {fast!r}")
        pairs = _Pairs(slow, fast)
        if virtual.is_virtual():
            pairs.measure()
            return samples.Speedup(tuple(pairs.ratios))
        deadline = real.monotonic() + seconds
        while len(pairs.ratios) < LEAST_PAIRS or (
            real.monotonic() < deadline
            and len(pairs.ratios) < MOST_PAIRS
            and not samples.is_settled(pairs.ratios, PRECISION)
        ):
            pairs.measure()
        return _OpenSpeedup(tuple(pairs.ratios))

    def peak(self, function: Callable[[], Any], *, counting: Callable[..., Any]) -> int:
        """Call `function` and return how many calls of `counting` were inside at once at most.

        No clock is needed, and it does not matter under which name the calls are made.

        Raises:
            TypeError: `counting` is not written in Python.
        """
        __tracebackhide__ = True
        with counting_.counted(counting_.code_of(counting)) as probe:
            function()
        return probe.peak

    def probe(self) -> Probe:
        """Return a counter of who is inside: `with probe:` in a worker, then `probe.peak`."""
        return Probe()

    def meeting(self, calls: int, *, start_method: str | None = None) -> Meeting:
        """Return a function that lets its callers go on when so many of them are inside at once.

        Called in the jobs of threads or processes, it proves without a clock that they overlap: where they
        run one after the other, or under one lock, they wait for ever, and the test is told who does.

        Args:
            calls: How many have to be inside.
            start_method: How the processes are started that get it, as `multiprocessing.get_context` takes it.

        Raises:
            ValueError: Fewer than one call, or a start method that there is not.
        """
        if isinstance(calls, bool) or not isinstance(calls, int) or calls < 1:
            raise ValueError(f"timing.meeting takes how many calls have to be inside, 1 or more, got {calls!r}")
        from pytest_concurrency._runtimes.processes.gathering import meeting  # few need multiprocessing

        return meeting(calls, start_method)


class Within:
    """Bounds on the time that a block takes, as a context manager."""

    def __init__(self, at_least: float, at_most: float) -> None:
        self._at_least = at_least
        self._at_most = at_most
        self._began = 0
        self._meter: NoiseMeter | None = None

    def __enter__(self) -> Self:
        if not virtual.is_virtual() and self._at_most != float("inf"):
            self._meter = NoiseMeter().__enter__()
        self._began = virtual.now_ns()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        __tracebackhide__ = True
        took = virtual.now_ns() - self._began
        noise = samples.Noise()
        if self._meter is not None:
            self._meter.__exit__()
            noise, self._meter = self._meter.noise, None
        if error is None:
            self._judge(took, noise)

    def _judge(self, took: int, noise: samples.Noise) -> None:
        __tracebackhide__ = True
        verdict = samples.judge_bounds(took, self._at_least * 1e9, self._at_most * 1e9, noise)
        if verdict == samples.KEPT:
            return
        kind = "virtual" if virtual.is_virtual() else "real"
        text = f"took {took / 1e9:.6g} s of {kind} time, "
        if took < self._at_least * 1e9:
            raise AssertionError(f"{text}less than at_least={self._at_least:g} s")
        text += f"more than at_most={self._at_most:g} s"
        if verdict == samples.TOO_NOISY:  # neither kept nor broken: to pass or to fail would be a lie
            pytest.skip(f"{verdict}: {text}, but meanwhile {noise}")
        raise AssertionError(text if not noise.total_ns else f"{text} ({noise})")


class _Pairs:
    """Calls two functions in turn, each as often first as second."""

    def __init__(self, slow: Callable[[], Any], fast: Callable[[], Any]) -> None:
        self._slow = slow
        self._fast = fast
        self.ratios: list[float] = []

    def measure(self) -> None:
        if len(self.ratios) % 2:
            fast, slow = _time(self._fast), _time(self._slow)
        else:
            slow, fast = _time(self._slow), _time(self._fast)
        self.ratios.append(slow / fast if fast else float("inf") if slow else 1.0)


def _time(function: Callable[[], Any]) -> int:
    began = virtual.now_ns()
    function()
    return virtual.now_ns() - began


class _OpenSpeedup(samples.Speedup):
    """A speed-up in real time: a comparison that cannot be decided skips the test."""

    __slots__ = ()

    def _settle(self, other: Any) -> None:
        __tracebackhide__ = True
        if isinstance(other, int | float) and self.low <= other < self.high:  # either answer would be a guess
            pytest.skip(f"too noisy to tell: {self!r}, compared with {other:g}")

    def __lt__(self, other: Any) -> bool:
        __tracebackhide__ = True
        self._settle(other)
        return samples.Speedup.__lt__(self, other)

    def __gt__(self, other: Any) -> bool:
        __tracebackhide__ = True
        self._settle(other)
        return samples.Speedup.__gt__(self, other)

    def __le__(self, other: Any) -> bool:
        return not self > other

    def __ge__(self, other: Any) -> bool:
        return not self < other

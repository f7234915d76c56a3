"""The `race` fixture: explore, run, stress."""

from __future__ import annotations

import inspect
import math
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pytest_concurrency._core import oracles as oracles_
from pytest_concurrency._core.linear.misuse import ProgramError
from pytest_concurrency._core.linear.program import program
from pytest_concurrency._engine.current import here
from pytest_concurrency._explore.linear import Linear
from pytest_concurrency._explore.plan import check_scenario
from pytest_concurrency._explore.play import played
from pytest_concurrency._plugin import exploring, generated, options, parted
from pytest_concurrency._runtimes.threads import together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import FrameType

    from pytest_concurrency._core.hand_written import Played
    from pytest_concurrency._core.verdict import Verdict
    from pytest_concurrency._sight.watching import Watch


class Race:
    """Runs a scenario under many schedules, or side by side, or many times over.

    Tests get one as the fixture `race`.
    """

    def __init__(self, item: pytest.Item, watch: Watch) -> None:
        self._item = item
        self._watch = watch
        self._calls: dict[tuple[str, int], int] = {}

    @oracles_.documented
    def explore(self, scenario: Callable[[], Any], **settings: Any) -> Verdict:
        """Call the scenario once per schedule and raise what it found.

        Args:
            scenario: A function without arguments that makes its state anew; it may be `async`.
            **settings: `schedules`, `strategy`, `seed`, `preemptions`, `seconds`, `races`,
                `clock`, `require`, `watch`, which beat marker, option and ini key; and the oracles, each
                `"fail"` or `"ignore"`:
                <oracles>
                `invariant`: a function, or a list of them, without arguments, that must not return false, nor
                raise AssertionError, after any step.

        Returns:
            The verdict, when no schedule fails.

        Raises:
            RaceFound: Some schedule makes the scenario fail; the message has the command that
                replays it.
            DeadlockFound: Some schedule makes tasks wait for ever.
        """
        __tracebackhide__ = True
        check_scenario(scenario)
        owner = self._owner(sys._getframe(1))
        try:
            return _raised(self._explored(scenario, settings, owner))
        except oracles_.MisuseError as error:
            raise pytest.UsageError(f"race.explore: {error}") from None

    def linearizable(
        self,
        make: Callable[[], Any],
        operations: Iterable[Any],
        *,
        threads: int | None = None,
        setup: Iterable[Any] = (),
        after: Iterable[Any] = (),
        model: Callable[[], Any] | None = None,
        result: Callable[[Any], Any] | None = None,
        invariant: Callable[[Any], Any] | None = None,
        **settings: Any,
    ) -> Verdict:
        """Let threads call methods of one object, in every order, and raise what no order one after the other explains.

        Args:
            make: A class, or a function that makes the object.
            operations: The calls, each a tuple like `("put", 1)`, or `op("get", block=False)`: a list that is dealt
                out to the threads like cards, or a list of lists, one for each thread; or a strategy of Hypothesis
                for these, like `pytest_concurrency.hypothesis.programs`, and then the smallest that fails is told.
            threads: How many share a flat list; None is one for each call.
            setup: Calls made before, whose answers do not count.
            after: Calls made when all threads have ended.
            model: Makes what is called one after the other instead, to compare with.
            result: Returns what of a result is to be compared.
            invariant: A function of the object, looked at after every step.
            **settings: Those of `explore`.

        Returns:
            The verdict, when no schedule fails.

        Raises:
            NotLinearizableFound: What the calls have answered fits no order of them; the message has the history.
            BrokenInvariantFound: The invariant is false after some step.
            DeadlockFound: Calls wait for ever that would not, one after the other.
            RaceFound: Something else fails.
        """
        __tracebackhide__ = True
        owner = self._owner(sys._getframe(1))

        def explore(operations: Any, *, is_one_of_many: bool = False) -> Verdict:
            __tracebackhide__ = True
            calls = program(operations, threads, setup=setup, after=after)
            linear = Linear(make, calls, model=model, result=result, invariant=invariant)
            return self._explored(linear.scenario, settings, owner, linear, is_one_of_many=is_one_of_many)

        try:
            if generated.is_strategy(operations):
                settings = {"schedules": generated.SCHEDULES} | settings
                conclude, seconds = self._concluding(settings, owner), settings.get("seconds")
                return generated.tried(self._item, owner, operations, explore, conclude, seconds=seconds)
            return _raised(explore(operations))
        except (ProgramError, oracles_.MisuseError) as error:
            raise pytest.UsageError(f"race.linearizable: {error}") from None

    def _concluding(self, settings: dict[str, Any], owner: str) -> Callable[[Verdict], None]:
        """Return what concludes from the verdict on one of many explorations."""
        known = {name: value for name, value in settings.items() if name not in oracles_.EXTRAS}
        return lambda verdict: exploring.conclude(self._item, verdict, options.settings_for(self._item, known), owner)

    def _owner(self, frame: FrameType) -> str:
        """Return what replays of a call in the test are bound to."""
        site = (frame.f_code.co_filename, frame.f_lineno)
        number = self._calls.setdefault(site, len(self._calls) + 1)
        whole = parted.whole_id(self._item)
        return whole if number == 1 else f"{whole}#{number}"

    def _explored(
        self,
        scenario: Callable[[], Any],
        settings: dict[str, Any],
        owner: str,
        linear: Linear | None = None,
        *,
        is_one_of_many: bool = False,
    ) -> Verdict:
        settings = dict(settings)
        extras = oracles_.take_extras(settings) | ({} if linear is None else linear.extras)
        return exploring.explore_item(
            self._item,
            scenario,
            options.settings_for(self._item, settings, "race.explore" if linear is None else "race.linearizable"),
            self._watch,
            owner=owner,
            extras=extras,
            judge=None if linear is None else linear.judge,
            is_one_of_many=is_one_of_many,
        )

    def run(self, *functions: Any) -> Any:
        """Run the functions side by side in threads A, B, C ..., join them, return their results.

        Coroutines run as tasks of one event loop; inside a running one the answer is to be awaited.
        Inside a scenario threads and tasks are controlled, elsewhere they are plain.

        Raises:
            Exception: What a function raised; an ExceptionGroup if several did.
        """
        __tracebackhide__ = True
        if functions and all(map(inspect.iscoroutine, functions)):
            from pytest_concurrency._runtimes.aio.together import run_together

            return run_together(functions)
        for function in functions:
            if not callable(function):
                raise TypeError(f"race.run takes functions, or coroutines alone, got {function!r}")
        return together.run_together(functions)

    def play(self, scenario: Callable[[], Any], steps: Sequence[str], *, check: bool = True) -> Played:
        """Run a scenario once, under a schedule written by hand.

        Each step names a task and says how far it goes on: `"A: until withdraw:12"` (before that
        line of the file), `"A: until read balance"` (before it does that), `"A: until it waits"`,
        `"A: for 3 steps"`, `"A: to the end"`. A task is a thread's name, `main` for the scenario,
        or a number: the order of the start. After the last step the run goes on by itself.

        Args:
            scenario: A function without arguments.
            steps: The schedule.
            check: Whether to raise what the scenario fails with; else it is in the answer.

        Returns:
            What happened; as text it is the interleaving.

        Raises:
            ConcurrencyError: The scenario fails under this schedule, and `check` is true.
            ScheduleError: The schedule cannot be read, or a step cannot happen.
        """
        __tracebackhide__ = True
        check_scenario(scenario)
        return played(scenario, steps, self._watch, check=check)

    def stress(
        self, function: Callable[[], Any], *, threads: int = 8, repeat: int = 200, timeout: float = 30.0
    ) -> None:
        """Call a function again and again in real parallel threads.

        For what cannot be controlled, a C extension for example: it may find a bug, it cannot
        replay one.

        Raises:
            Exception: What a thread raised; an ExceptionGroup if several did.
            AssertionError: Some thread had not ended after `timeout` seconds.
        """
        __tracebackhide__ = True
        if not callable(function):
            raise TypeError(f"race.stress takes a function, got {function!r}")
        for name, value in (("threads", threads), ("repeat", repeat)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} must be a whole number >= 1, got {value!r}")
        if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not 0 < timeout < math.inf:
            raise ValueError(f"timeout must be a finite number > 0, got {timeout!r}")
        if here.task is not None:
            raise RuntimeError("race.stress must be called outside a controlled run, got a call from inside one")
        together.stress(function, threads=threads, repeat=repeat, timeout=timeout)


def _raised(verdict: Verdict) -> Verdict:
    """Raise what a verdict is about; return one of no failure."""
    __tracebackhide__ = True
    if verdict.error is not None:
        raise verdict.error
    return verdict

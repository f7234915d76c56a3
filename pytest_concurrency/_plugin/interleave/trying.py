"""One test in other orders: outside its ordinary run, and without a trace in what that has shown."""

from __future__ import annotations

import contextlib
import gc
import io
import pdb
import sys
import warnings
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_concurrency._core.strategies.sampling import Sampling
from pytest_concurrency._core.verdict import Grade
from pytest_concurrency._engine import explain
from pytest_concurrency._explore.plan import DEFAULT_SECONDS, Plan
from pytest_concurrency._explore.trial import Trial
from pytest_concurrency._hangs.book import waits
from pytest_concurrency._machine import real
from pytest_concurrency._machine.limit import TimeIsUp, limited
from pytest_concurrency._machine.patches import Patches
from pytest_concurrency._plugin import exploring, marked, memory, options, output
from pytest_concurrency._plugin.fixtures import watch_key
from pytest_concurrency._plugin.interleave.budget import SCHEDULES
from pytest_concurrency._plugin.interleave.told import FOUND, NOT_CONTROLLED, NOT_TWICE, PASSED, UNTRIED, Told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_concurrency._core.errors import ConcurrencyError
    from pytest_concurrency._core.verdict import Verdict

PLAINLY: Final = 2.0
"""Seconds that a plain run may take, more than twice as long as its ordinary run has taken."""
_LATE: Final = "a plain run after its orders has not ended within"
_PHASES: Final = ("setup", "call", "teardown")
_ENDS_THE_SESSION: Final = (KeyboardInterrupt, pytest.exit.Exception)


class Orders:
    """A plugin for as long as one test is run again; it takes the place of whoever runs tests.

    All wrappers around a test are there as in its ordinary run, so that it finds what it is used to. What it
    prints, warns of and reports goes nowhere.
    """

    def __init__(self, seconds: float, number: int, took: float) -> None:
        """Try one test for so long; `number` orders of it have been tried before, and it takes so long plainly."""
        self.told: Told | None = None
        self._patience = 2 * took + PLAINLY
        self._seconds = max(round(seconds, 1), 0.1)
        self._number = number
        self._kind, self._text = PASSED, ""
        self._schedules, self._count = 0, ""
        self._pictures: list[dict[str, Any]] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Run the test again, in other orders."""
        began = real.monotonic()
        refused = dict(waits.refused)
        with _silence(item.config):
            try:
                self._run(item, nextitem)
            finally:
                for each in waits.refused.keys() - refused.keys():
                    del waits.refused[each]
                _collect_quietly()
        seconds = real.monotonic() - began
        found = (self._schedules, seconds, self._count, self._pictures)
        self.told = Told(item.nodeid, self._kind, self._text, *found)
        return True

    def _run(self, item: Any, nextitem: pytest.Item | None) -> None:
        if hasattr(getattr(item, "obj", None), "hypothesis"):
            self._kind, self._text = NOT_CONTROLLED, "Hypothesis draws other examples in every run"
            return
        if hasattr(item, "_initrequest"):
            item._initrequest()  # its ordinary run has taken the last one away
        plain = item.runtest
        item.runtest = lambda: self._call(item, plain)
        try:
            for phase in _PHASES:
                if not self._passes(item, phase, nextitem) and phase == "setup":
                    self._passes(item, "teardown", nextitem)
                    return
        finally:
            vars(item).pop("runtest", None)
            item._request = False
            item.funcargs = None

    def _passes(self, item: pytest.Item, phase: Any, nextitem: pytest.Item | None) -> bool:
        """Run a phase as pytest does; a failure is none of the test's orders.

        What fails in the call is a plugin, at what an order that was broken off has left: that says nothing.
        """
        hook = getattr(item.ihook, f"pytest_runtest_{phase}")
        given = {"nextitem": nextitem} if phase == "teardown" else {}
        call = pytest.CallInfo.from_call(lambda: hook(item=item, **given), when=phase, reraise=_ENDS_THE_SESSION)
        item.ihook.pytest_runtest_makereport(item=item, call=call)  # plugins keep there what they need at the end
        if call.excinfo is not None and not (phase == "call" and self._schedules) and self._kind != FOUND:
            self._kind, self._text = NOT_TWICE, f"{phase}: {_brief(call.excinfo.value)}"
        return call.excinfo is None

    def _call(self, item: Any, plain: Callable[[], None]) -> None:
        """Explore in place of the test."""
        vars(item).pop("runtest", None)
        _stop_the_clock(item)
        scenario, fresh, _ = marked.as_scenario(item, plain)
        fresh.drop()
        try:
            self._explore(item, scenario, fresh)
        except (Exception, pytest.fail.Exception, pytest.skip.Exception) as error:
            self._kind, self._text = NOT_CONTROLLED, _brief(error)
        finally:
            fresh.drop()

    def _explore(self, item: pytest.Item, scenario: Callable[[], None], fresh: marked.Fresh) -> None:
        replay = exploring.replay_for(item, item.nodeid)
        trial, verdict = self._tried(item, scenario, fresh, replay)
        self._schedules = max(trial.schedules, 1)
        late = ""
        if verdict.grade is Grade.UNFINISHED and not (trial.place or trial.doubt):
            again = self._plainly(scenario, fresh)  # what an order that was broken off has not tidied up, this one does
            late = again if again.startswith(_LATE) else ""
        if trial.place:
            self._kind, self._text = NOT_CONTROLLED, trial.place
        elif late:
            self._kind, self._text = NOT_TWICE, late
        elif trial.doubt:
            again = self._plainly(scenario, fresh)
            self._kind, self._text = (NOT_TWICE, again) if again else (NOT_CONTROLLED, trial.doubt)
        elif verdict.grade is Grade.UNFINISHED and trial.schedules <= 1:
            self._kind = UNTRIED  # one order takes longer than its share
        elif verdict.error is not None and (again := self._plainly(scenario, fresh)):
            self._kind, self._text = NOT_TWICE, again
        elif verdict.error is not None:
            memory.remember(item, item.nodeid, verdict.replay)
            self._kind, self._text = FOUND, _text(verdict.error)
            self._count = f"schedule {verdict.schedules}"
            if _draws(item):
                from pytest_concurrency._plugin import pictures

                self._pictures = pictures.drawn(f"{item.nodeid} (in another order)", verdict.error)
        elif replay is not None:
            self._text = verdict.reason
        else:
            memory.remember(item, item.nodeid, "")

    def _plainly(self, scenario: Callable[[], None], fresh: marked.Fresh) -> str:
        """Run the test once more as pytest does; return how it fails, "" if it passes."""
        fresh.drop()
        try:
            with limited(self._patience):
                scenario()
            if waits.verdicts:
                return str(waits.verdicts[0].headline)
        except KeyboardInterrupt:
            raise
        except TimeIsUp:
            return f"{_LATE} {self._patience:.0f} s"
        except BaseException as error:
            return _brief(error)
        finally:
            waits.verdicts.clear()
        return ""

    def _tried(
        self, item: pytest.Item, scenario: Callable[[], None], fresh: marked.Fresh, replay: str | None
    ) -> tuple[Trial, Verdict]:
        shown = output.Output(item)
        chosen = options.Settings(**{"schedules": SCHEDULES} | options.session_values(item.config))

        def before_run() -> None:
            shown.clear()
            fresh.drop()

        trial = Trial(
            scenario,
            _plan(chosen, self._seconds, self._number, draws=_draws(item)),
            exploring.further(item.config.stash[watch_key], chosen),
            owner=item.nodeid,
            command=lambda token: memory.command(item, token, "--interleave"),
            before_run=before_run,
            passes=explain.passes_a_test,
            patience=DEFAULT_SECONDS / 2,
        )
        if replay is None:
            trial.tries_first(memory.recall(item, item.nodeid))
        with shown:
            return trial, trial.run(replay)


def _draws(item: pytest.Item) -> bool:
    return item.config.pluginmanager.has_plugin(options.PICTURES)


def _plan(chosen: options.Settings, seconds: float, number: int, *, draws: bool) -> Plan:
    """Return a plan for a share of the session's time, which goes on where the last session ended."""
    seed = chosen.seed + number
    default = options.SETTINGS["strategy"].default
    return Plan(
        schedules=chosen.schedules,
        strategy=Sampling(seed) if chosen.strategy == default else chosen.strategy,
        seed=seed,
        preemptions=chosen.preemptions,
        seconds=min(seconds, chosen.seconds or seconds),
        races="ignore",
        clock=chosen.clock,
        order=chosen.order,
        draws=draws,
    )


def _text(error: ConcurrencyError) -> str:
    return "\n".join([str(error), *getattr(error, "__notes__", ())])


def _brief(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__


def _stop_the_clock(item: pytest.Item) -> None:
    """Take pytest-timeout's limit away, which is that of the ordinary run: it may end the whole session."""
    cancel = getattr(item.config.hook, "pytest_timeout_cancel_timer", None)
    if cancel is not None:
        cancel(item=item)


@contextlib.contextmanager
def _silence(config: pytest.Config) -> Iterator[None]:
    """Let nothing be heard of what a test prints and warns of; nobody would see what a breakpoint asks."""
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    with contextlib.ExitStack() as stack:
        if not config.getoption("race_replay"):
            patches = Patches()
            stack.callback(patches.undo)
            patches.set(sys, "breakpointhook", _stop_nowhere)
            patches.set(pdb, "set_trace", _stop_nowhere)
        stack.enter_context(warnings.catch_warnings(record=True))
        if not (capture is not None and capture.is_globally_capturing()) and not config.getoption("race_replay"):
            stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
            stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        yield


def _stop_nowhere(*_: object, **__: object) -> None:
    """Go on."""


def _collect_quietly() -> None:
    """Let what was left to the collector end now, so that nobody hears of it later."""
    patches = Patches()
    patches.set(sys, "unraisablehook", lambda _: None)
    try:
        gc.collect()
    finally:
        patches.undo()

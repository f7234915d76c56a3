"""The hooks of `--interleave`: who starts threads, the further orders when all tests have run, and what is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_concurrency._core import schedule as schedules
from pytest_concurrency._explore import replaying
from pytest_concurrency._hangs.book import waits
from pytest_concurrency._machine import real
from pytest_concurrency._plugin import options
from pytest_concurrency._plugin.interleave import told
from pytest_concurrency._plugin.interleave.budget import Learnt
from pytest_concurrency._plugin.interleave.told import Told

if TYPE_CHECKING:
    from collections.abc import Iterator


NAME: Final = "concurrency-interleave"
_OURS: Final = frozenset({"deadlocks", "guard", "race", "timing"})


class Interleave:
    """Watches the ordinary session, runs its tests that start threads again when it is over, and tells what fails.

    So no further run comes before an ordinary one: whatever it does to files or modules, no ordinary outcome changes.
    """

    def __init__(self, config: pytest.Config, seconds: float) -> None:
        """Take so many seconds for all of it."""
        self._config = config
        self._seconds = seconds
        self._starts = 0
        self._candidates: dict[str, pytest.Item] = {}
        self._took: dict[str, float] = {}  # seconds that each of them takes plainly
        self._not_passed: set[str] = set()
        self._told: list[Told] = []
        self._undo = waits.tell_starts(self._count)
        self._is_over = False
        self._lost = 0  # workers that have handed in nothing

    def _count(self, _: object) -> None:
        self._starts += 1

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """See whether a test starts threads."""
        self._starts, began = 0, real.monotonic()
        result = yield
        if self._starts and not self._is_over and _is_for_us(item):
            self._candidates[item.nodeid] = item
            self._took[item.nodeid] = real.monotonic() - began
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """See whether it passes, in all its phases."""
        if not report.passed or hasattr(report, "wasxfail"):
            self._not_passed.add(report.nodeid)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Iterator[None]:
        """When all tests have run, run those that start threads again."""
        result = yield
        self._is_over = True
        items = [item for test, item in self._candidates.items() if test not in self._not_passed]
        given = self._config.getoption("race_replay")
        if given is not None:
            token = replaying.given(given)
            items = [item for item in items if schedules.belongs(token, item.nodeid)]
        if items:
            self._further(session, items)
        return result

    def _further(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        learnt = Learnt(self._config)
        items = learnt.sorted(items)
        deadline = real.monotonic() + self._seconds / _workers(self._config)
        self._announce(len(items))
        why_not = told.BROKEN_OFF
        try:
            for left in range(len(items), 0, -1):
                share = (deadline - real.monotonic()) / left
                if session.shouldstop or session.shouldfail:
                    break
                if share <= 0:
                    why_not = told.UNTRIED
                    break
                at = len(items) - left
                self._try(items[at], items[at + 1] if left > 1 else None, share, learnt.schedules(items[at].nodeid))
        finally:
            self._told += [Told(item.nodeid, why_not) for item in items[len(self._told) :]]
            _tear_down(session)

    def _try(self, item: pytest.Item, nextitem: pytest.Item | None, seconds: float, number: int) -> None:
        from pytest_concurrency._plugin.interleave.trying import Orders

        orders = Orders(seconds, number, self._took[item.nodeid])
        self._config.pluginmanager.register(orders)
        try:
            item.ihook.pytest_runtest_protocol(item=item, nextitem=nextitem)
        finally:
            self._config.pluginmanager.unregister(orders)
        if orders.told is not None:
            self._told.append(orders.told)

    def _announce(self, count: int) -> None:
        reporter: Any = self._config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None and reporter.verbosity >= 0 and not hasattr(self._config, "workerinput"):
            tests = "1 test that starts" if count == 1 else f"{count} tests that start"
            reporter.ensure_newline()
            reporter.write_line(f"further orders of {tests} threads, for {self._seconds:g} s at most ...")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: Any) -> None:
        """Hand in what a worker has found, or let the session fail with it."""
        handed_in = getattr(self._config, "workeroutput", None)
        if handed_in is not None:
            handed_in["interleave"] = [each.values() for each in self._told]
            return
        drawing: Any = self._config.pluginmanager.getplugin(options.PICTURES)
        if drawing is not None:
            drawing.add([each for test in self._told for each in test.pictures])
        if self._config.getoption("race_replay") is None:
            Learnt(self._config).learn(self._told)
        if self._has_found and session.exitstatus == pytest.ExitCode.OK and options.interleave_fails(self._config):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @property
    def _has_found(self) -> bool:
        return any(each.kind == told.FOUND for each in self._told)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker of pytest-xdist hands in."""
        self._lost += not hasattr(node, "workeroutput")
        self._told += [Told(*values) for values in getattr(node, "workeroutput", {}).get("interleave", [])]

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Tell it, apart from what the tests have shown."""
        if self._told or self._lost:
            terminalreporter.section("interleavings")
            for line in told.lines(self._told, self._config.getoption("tbstyle")):
                terminalreporter.line(line)
            for _ in range(self._lost):
                terminalreporter.line("a worker died: what its tests do in other orders is not known")

    def pytest_unconfigure(self) -> None:
        """Watch nobody any more."""
        self._undo()


def _is_for_us(item: pytest.Item) -> bool:
    """Tell whether a test is a plain one, which does not ask for control itself."""
    if not isinstance(item, pytest.Function) or _OURS & set(item.fixturenames):
        return False
    return not any(item.get_closest_marker(name) for name in options.MARKERS)


def _workers(config: pytest.Config) -> int:
    """Return how many processes share the time."""
    return int(getattr(config, "workerinput", {}).get("workercount", 1))


def _tear_down(session: Any) -> None:
    """Tear down what a further run that was broken off has left set up."""
    call = pytest.CallInfo.from_call(
        lambda: session._setupstate.teardown_exact(None), when="teardown", reraise=KeyboardInterrupt
    )
    del call

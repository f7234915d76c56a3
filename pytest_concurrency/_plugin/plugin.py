"""The hooks: a few lines each; what they do lies beside this file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_concurrency._plugin import deadlocks, guard, leftovers, marked, options, report
from pytest_concurrency._plugin import timing as timing_module
from pytest_concurrency._plugin.fixtures import deadlocks as deadlocks_fixture
from pytest_concurrency._plugin.fixtures import guard as guard_fixture
from pytest_concurrency._plugin.fixtures import race, timing, watch_key
from pytest_concurrency._runtimes.threads import patching
from pytest_concurrency._runtimes.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ("deadlocks_fixture", "guard_fixture", "race", "timing")

_patches_key = pytest.StashKey[patching.Patches]()

_MARKER = (
    "race(schedules=, strategy=, seed=, preemptions=, seconds=, races=, clock=, require=, "
    "busy_waiting=, sleep_ordering=, ignored_timeouts=, kept_locks=, starvation=, outliving_threads=): "
    "explore the whole test as a scenario, with its function fixtures anew for each schedule; "
    "in a test that uses the fixture `race`, the settings of race.explore"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Put the doubles in place before any test module makes a lock."""
    if early_config.known_args_namespace.concurrency == "off":
        return
    if early_config.getini("concurrency") == "off":
        return
    _install(early_config)


def _install(config: pytest.Config) -> None:
    watch = Watch([config.rootpath], config.getini("concurrency_watch"))
    config.stash[watch_key] = watch
    config.stash[_patches_key] = patches = patching.Patches()
    patching.install_doubles(patches, watch)
    deadlocks.begin(config, watch)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARKER)
    config.addinivalue_line("markers", timing_module.MARKER)
    options.check(config)
    if watch_key not in config.stash:
        config.stash[watch_key] = Watch([config.rootpath], config.getini("concurrency_watch"))


def pytest_unconfigure(config: pytest.Config) -> None:
    if config.stash.get(_patches_key, None) is not None:
        leftovers.end_all(config, config.stash[watch_key])
    deadlocks.end(config)
    patches = config.stash.get(_patches_key, None)
    if patches is not None:
        patches.undo()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    if marked.is_marked(item):
        plain = item.runtest
        item.runtest = lambda: marked.run_marked(item, plain, item.config.stash[watch_key])  # type: ignore[method-assign]
        try:
            return (yield)
        finally:
            del item.runtest
    undo = timing_module.make_virtual(item, item.config.stash[watch_key])
    try:
        result = yield from deadlocks.around_call(item)
    finally:
        undo()
    guard.after_call(item)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    result = yield
    report.shorten(result, call)
    deadlocks.add_section(result, call)
    return result


def pytest_sessionfinish(session: pytest.Session) -> None:
    deadlocks.hand_in(session)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    deadlocks.collect_from(node)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    report.summarise(terminalreporter)
    deadlocks.summarise(terminalreporter)

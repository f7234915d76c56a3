"""The hooks: a few lines each; what they do lies beside this file."""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def _no_rewriting() -> Iterator[None]:
    """Import without pytest's rewriting of assertions: we have none, and it makes imports four times as slow."""
    rewriting = [each for each in sys.meta_path if type(each).__module__ == "_pytest.assertion.rewrite"]
    places = [sys.meta_path.index(each) for each in rewriting]
    for each in rewriting:
        sys.meta_path.remove(each)
    try:
        yield
    finally:
        for place, each in zip(places, rewriting, strict=True):
            sys.meta_path.insert(place, each)


with _no_rewriting():
    from pytest_concurrency._hangs.book import waits
    from pytest_concurrency._machine.patched import child
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._plugin import companions, hangs, options, report, shown
    from pytest_concurrency._plugin.fixtures import deadlocks, guard, guard_key, race, timing, watch_key
    from pytest_concurrency._runtimes.aio import real_loops
    from pytest_concurrency._runtimes.processes.hangs import installing as installing_processes
    from pytest_concurrency._runtimes.threads import installing as patching
    from pytest_concurrency._sight.watching import Watch

__all__ = ("deadlocks", "guard", "race", "timing")

_patches_key = pytest.StashKey[Patches]()


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
    if child.explores:
        hangs.begin(config, watch)
        return
    config.stash[_patches_key] = patches = Patches()
    patching.install_doubles(patches, watch)
    with _no_rewriting():  # asyncio may be there, and then a part of ours is needed
        real_loops.install(patches, watch)
        config.add_cleanup(installing_processes.install(patches, watch))
    hangs.begin(config, watch)
    # Also where a session ends before it is configured, and so is not unconfigured.
    config.add_cleanup(functools.partial(hangs.end, config))
    config.add_cleanup(patches.undo)


def pytest_configure(config: pytest.Config) -> None:
    for text in options.MARKERS.values():
        config.addinivalue_line("markers", text)
    options.check(config)
    _interleave(config)
    if any(config.getoption(f"race_{kind}") is not None for kind in options.DRAWN):
        from pytest_concurrency._plugin import pictures

        config.pluginmanager.register(pictures.Pictures(config), options.PICTURES)
    if watch_key not in config.stash:
        config.stash[watch_key] = Watch([config.rootpath], config.getini("concurrency_watch"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.pluginmanager.has_plugin(companions.RUN_PARALLEL):
        companions.declare_unsafe(items)


def _interleave(config: pytest.Config) -> None:
    seconds = options.interleave_seconds(config)
    if seconds is not None:
        with _no_rewriting():
            from pytest_concurrency._plugin.interleave import session
        config.pluginmanager.register(session.Interleave(config, seconds), session.NAME)


def pytest_collection_finish(session: pytest.Session) -> None:
    items = [] if child.explores else [item for item in session.items if options.is_patched(item)]
    if items:
        with _no_rewriting():
            from pytest_concurrency._plugin.patched import session as patched

        session.config.pluginmanager.register(patched.Patched(session.config, items), patched.NAME)


def pytest_unconfigure(config: pytest.Config) -> None:
    if config.stash.get(_patches_key, None) is not None and threading.active_count() > 1:
        from pytest_concurrency._plugin import leftovers

        leftovers.end_all(config, config.stash[watch_key])
    hangs.end(config)
    patches = config.stash.get(_patches_key, None)
    if patches is not None:
        patches.undo()


# Every test comes through the next three, also where nobody uses the plugin: a wrapper would cost
# several times as much.


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "race" not in metafunc.fixturenames:
        node: Any = metafunc.definition
        while not node.own_markers:
            node = node.parent
            if node is None:
                return
    from pytest_concurrency._plugin import shards

    shards.cut(metafunc)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    if waits.verdicts:
        waits.verdicts.clear()  # of whatever came before this test
    if waits.deaths:
        waits.deaths.clear()
    node: Any = item
    while not node.own_markers:
        node = node.parent
        if node is None:
            return
    if any(item.get_closest_marker(name) for name in options.MARKERS):
        from pytest_concurrency._plugin import marked

        marked.take_over(item, item.config.stash[watch_key])


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> pytest.TestReport | None:
    is_guarded = call.when == "call" and guard_key in item.stash
    if call.excinfo is None and (waits.verdicts or is_guarded):
        call.excinfo = report.found_late(hangs.untold(item.config), item.stash[guard_key] if is_guarded else None)
    told = None if call.excinfo is None else report.of_ours(item, call)
    if waits.verdicts:
        hangs.is_told(item.config)
    return told


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    companions.tell_of_namesake(session.config)


def pytest_sessionfinish(session: pytest.Session) -> None:
    hangs.hand_in(session)
    report.show(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    from pytest_concurrency._plugin import shards

    node.workerinput["race_width"] = shown.width_of(node.config)
    node.workerinput["race_shards"] = str(shards.joining(node.config).folder)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    hangs.collect_from(node)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    report.summarise(terminalreporter)
    hangs.summarise(terminalreporter)

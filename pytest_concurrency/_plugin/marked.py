"""The markers: `race`, by which the whole test is the scenario, and `virtual_time`."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_concurrency._plugin import options

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._runtimes.watching import Watch

MARKERS: Final = (
    (
        "race(schedules=, strategy=, seed=, preemptions=, seconds=, races=, clock=, require=, "
        "busy_waiting=, sleep_ordering=, ignored_timeouts=, kept_locks=, starvation=, outliving_threads=): "
        "explore the whole test as a scenario, with its function fixtures anew for each schedule; "
        "in a test that uses the fixture `race`, the settings of race.explore"
    ),
    "virtual_time: the whole test runs in virtual time, as inside timing.virtual()",
)


def may_be_marked(item: pytest.Item) -> bool:
    """Tell, for little, whether a test could have one of the markers: the name of a folder deceives it."""
    keywords = item.keywords
    return "race" in keywords or "virtual_time" in keywords


def take_over(item: pytest.Item, watch: Watch) -> Callable[[], None]:
    """Let a marked test be explored, or run in virtual time; return what undoes that."""
    plain = item.runtest
    if item.get_closest_marker("race") is not None and "race" not in getattr(item, "fixturenames", ()):
        item.runtest = lambda: _run_marked(item, plain, watch)  # type: ignore[method-assign] # for one call
    elif item.get_closest_marker("virtual_time") is not None:
        item.runtest = lambda: _run_virtually(plain, watch)  # type: ignore[method-assign] # for one call
    else:
        return lambda: None

    def undo() -> None:
        del item.runtest

    return undo


def _run_marked(item: Any, runtest: Callable[[], None], watch: Watch) -> None:
    """Explore a marked test instead of running it once."""
    from pytest_concurrency._plugin.race import explore_item

    __tracebackhide__ = True
    function = getattr(item, "obj", None)
    if inspect.iscoroutinefunction(function):
        raise pytest.UsageError(f"mark.race needs a plain test function, got the async function {item.name!r}")
    chosen = options.settings_for(item, {})
    fresh = _Fresh(item)

    def scenario() -> None:
        __tracebackhide__ = True
        fresh.set_up()
        runtest()
        caught = vars(item).pop("_excinfo", None)  # unittest keeps its failures instead of raising
        if caught:
            raise caught[0].value
        fresh.tear_down()

    verdict = explore_item(item, scenario, chosen, watch, owner=item.nodeid, twice=True, before_run=fresh.tear_down)
    if verdict.error is not None:
        raise verdict.error


def _run_virtually(runtest: Callable[[], None], watch: Watch) -> None:
    """Run a test as inside `timing.virtual()`."""
    from pytest_concurrency._explore import virtual

    __tracebackhide__ = True
    with virtual.virtual_time(watch):
        runtest()


class _Fresh:
    """Sets up and tears down the function fixtures of one test, again and again."""

    def __init__(self, item: Any) -> None:
        self._item = item
        self._state = item.session._setupstate
        self._up = True  # pytest has set it up once already

    def set_up(self) -> None:
        self._item._initrequest()
        self._up = True
        self._state.setup(self._item)

    def tear_down(self) -> None:
        if self._up:
            self._up = False
            self._state.teardown_exact(self._item.parent)

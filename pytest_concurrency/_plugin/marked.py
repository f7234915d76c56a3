"""The markers: `race`, by which the whole test is the scenario, and `virtual_time`."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

import pytest

from pytest_concurrency._plugin import options

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._sight.watching import Watch


def take_over(item: pytest.Item, watch: Watch) -> None:
    """Let a marked test be explored, or run in virtual time, this once."""
    if item.get_closest_marker("race") is not None and "race" not in getattr(item, "fixturenames", ()):
        run: Callable[[Any, Callable[[], None], Watch], None] = _run_marked
    elif item.get_closest_marker("virtual_time") is not None:
        run = _run_virtually
    else:
        return
    plain = item.runtest

    def runtest() -> None:
        __tracebackhide__ = True
        del item.runtest
        run(item, plain, watch)

    item.runtest = runtest  # type: ignore[method-assign] # for one call


def _run_marked(item: Any, runtest: Callable[[], None], watch: Watch) -> None:
    """Explore a marked test instead of running it once."""
    from pytest_concurrency._plugin.race import explore_item

    __tracebackhide__ = True
    function = getattr(item, "obj", None)
    if inspect.iscoroutinefunction(function) and type(item) is pytest.Function and not _is_of_anyio(item):
        item.obj = as_plain_test(function)  # no plugin runs it
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


def _run_virtually(_: Any, runtest: Callable[[], None], watch: Watch) -> None:
    """Run a test as inside `timing.virtual()`."""
    from pytest_concurrency._explore import virtual

    __tracebackhide__ = True
    with virtual.virtual_time(watch):
        runtest()


def as_plain_test(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return an async test as a plain one that runs it in an event loop."""
    import asyncio

    @functools.wraps(function)
    def test(*args: Any, **kwargs: Any) -> None:
        __tracebackhide__ = True
        asyncio.run(function(*args, **kwargs))

    return test


def _is_of_anyio(item: pytest.Item) -> bool:
    """Tell whether the plugin of anyio runs this test."""
    return item.get_closest_marker("anyio") is not None


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

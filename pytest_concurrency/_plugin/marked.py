"""The markers: `race`, by which the whole test is the scenario, and `virtual_time`."""

from __future__ import annotations

import contextlib
import functools
import inspect
import shutil
import sys
from typing import TYPE_CHECKING, Any, cast

import pytest

from pytest_concurrency._engine.current import here
from pytest_concurrency._plugin import options, parted
from pytest_concurrency._plugin.subtests import Subtests

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._sight.watching import Watch


def take_over(item: pytest.Item, watch: Watch) -> None:
    """Let a marked test be explored, or run in virtual time, this once."""
    if item.get_closest_marker("race") is not None and "race" not in getattr(item, "fixturenames", ()):
        run: Callable[[Any, Callable[[], None], Watch], None] = _run_marked
    elif item.get_closest_marker("virtual_time") is not None:
        _takes_nothing(item, "virtual_time")
        run = _run_virtually
    else:
        return
    plain = item.runtest

    def runtest() -> None:
        __tracebackhide__ = True
        del item.runtest
        run(item, plain, watch)

    item.runtest = runtest  # type: ignore[method-assign] # for one call


def _takes_nothing(item: pytest.Item, name: str) -> None:
    for marker in item.iter_markers(name):
        if marker.args or marker.kwargs:
            given = ", ".join([*map(repr, marker.args), *(f"{key}={value!r}" for key, value in marker.kwargs.items())])
            raise pytest.UsageError(f"{item.nodeid}: mark.{name} must be without arguments, got {given}")


def _run_marked(item: Any, runtest: Callable[[], None], watch: Watch) -> None:
    """Explore a marked test instead of running it once."""
    from pytest_concurrency._plugin.exploring import explore_item

    __tracebackhide__ = True
    function = getattr(item, "obj", None)
    if inspect.iscoroutinefunction(function) and type(item) is pytest.Function and not _is_of_anyio(item):
        item.obj = as_plain_test(function)  # no plugin runs it
    chosen = options.settings_for(item, {})
    scenario, fresh, subtests = as_scenario(item, runtest)
    fresh.drop()  # a fixture that replaces `time.sleep` shall find, and give back, the double
    verdict = explore_item(
        item, scenario, chosen, watch, owner=parted.whole_id(item), is_test=True, before_run=fresh.drop
    )
    if verdict.error is not None:
        raise verdict.error
    subtests.report()


def as_scenario(item: Any, runtest: Callable[[], None]) -> tuple[Callable[[], None], Fresh, Subtests]:
    """Return what runs a test with its function fixtures anew, and what sees to these and to its subtests."""
    fresh, subtests = Fresh(item), Subtests(item)

    def scenario() -> None:
        __tracebackhide__ = True
        fresh.set_up()
        subtests.begin()
        runtest()
        subtests.end()
        caught = vars(item).pop("_excinfo", None)  # unittest keeps its failures instead of raising
        if caught:
            raise caught[0].value
        if here.task is not None and len(_kept(item)) > len(kept):  # made by this schedule, and kept for those to come
            here.task.run.shared.note_opaque()
        fresh.tear_down()

    function = cast("Any", getattr(item, "obj", None))
    kept = _kept(item)
    reached = functools.partial(function, **kept) if callable(function) else function
    functools.update_wrapper(scenario, reached, (), ())  # what it can reach is looked for from there
    return scenario, fresh, subtests


def _kept(item: Any) -> dict[str, Any]:
    """Return the values of fixtures that the schedules of a test share."""
    made = getattr(getattr(item, "_request", None), "_fixture_defs", {})
    results = {name: each.cached_result for name, each in made.items() if each.scope != "function"}
    return {name: result[0] for name, result in results.items() if result is not None and result[2] is None}


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


class Fresh:
    """Sets up and tears down the function fixtures of one test, again and again."""

    def __init__(self, item: Any) -> None:
        self._item = item
        self._state = item.session._setupstate
        self._up = True  # pytest has set it up once already
        self._folder: Any = None  # of the schedule before
        self._noted = dict(item.stash._storage)  # what plugins have noted at its set-up, and take at its end

    def set_up(self) -> None:
        """Set them up."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)  # a thousand would fill the disk
        self._item._initrequest()
        self._up = True
        self._item.stash._storage.update(self._noted)
        self._state.setup(self._item)

    def _made(self) -> Any:
        """Return the folder that `tmp_path` or `tmpdir` has made for this test."""
        made = self._item._request._fixture_defs.get("tmp_path")
        return None if made is None or made.cached_result is None else made.cached_result[0]

    def drop(self) -> None:
        """Tear down what no test has used to its end: what a check after the test says of that means nothing."""
        with contextlib.suppress(Exception, pytest.fail.Exception):
            self.tear_down()

    def tear_down(self) -> None:
        """Tear them down, if they are set up."""
        if self._up:
            self._up = False
            self._folder = self._made()
            self._state.teardown_exact(self._item.parent)
            _forget_runner()


def _forget_runner() -> None:
    """Let anyio make a new runner where the end of a schedule has broken off the end of the one before."""
    module: Any = sys.modules.get("anyio.pytest_plugin")
    if module is not None and not getattr(module, "_runner_leases", 1):
        vars(module).update(_current_runner=None, _runner_stack=None)

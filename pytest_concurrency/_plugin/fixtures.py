"""The fixtures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_concurrency._plugin.deadlocks import Deadlocks
from pytest_concurrency._plugin.deadlocks import make as make_deadlocks
from pytest_concurrency._plugin.guard import Guard
from pytest_concurrency._plugin.guard import make as make_guard
from pytest_concurrency._plugin.race import Race
from pytest_concurrency._plugin.timing import Timing
from pytest_concurrency._runtimes.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

watch_key = pytest.StashKey[Watch]()


@pytest.fixture
def race(request: pytest.FixtureRequest) -> Race:
    """Find data races: explore(scenario), run(f, g), stress(f)."""
    return Race(request.node, request.config.stash[watch_key])


@pytest.fixture(name="deadlocks")
def deadlocks(request: pytest.FixtureRequest) -> Iterator[Deadlocks]:
    """Deadlocks in real time: told at once, and lock orders that could become one."""
    yield from make_deadlocks(request)


@pytest.fixture(name="guard")
def guard(request: pytest.FixtureRequest) -> Iterator[Guard]:
    """Joins that cannot hang: spawn(f), join(thread, process, timeout=), allow(pattern)."""
    yield from make_guard(request, request.config.stash[watch_key])


@pytest.fixture
def timing(request: pytest.FixtureRequest) -> Timing:
    """Exact time and overlap: virtual(), within(at_least=, at_most=), speedup(f, g), peak(f, counting=g)."""
    return Timing(request.config.stash[watch_key])

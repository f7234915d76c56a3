"""The fixtures; what stands behind each is loaded by the first test that asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._plugin.deadlocks import Deadlocks
    from pytest_concurrency._plugin.guard import Guard
    from pytest_concurrency._plugin.race import Race
    from pytest_concurrency._plugin.timing import Timing
    from pytest_concurrency._sight.watching import Watch

watch_key: pytest.StashKey[Watch] = pytest.StashKey()
guard_key: pytest.StashKey[Guard] = pytest.StashKey()


@pytest.fixture
def race(request: pytest.FixtureRequest) -> Race:
    """Find data races: explore(scenario), run(f, g), stress(f)."""
    from pytest_concurrency._plugin.race import Race

    return Race(request.node, request.config.stash[watch_key])


@pytest.fixture(name="deadlocks")
def deadlocks(request: pytest.FixtureRequest) -> Iterator[Deadlocks]:
    """Deadlocks in real time: told at once, and lock orders that could become one."""
    from pytest_concurrency._plugin.deadlocks import make

    yield from make(request)


@pytest.fixture(name="guard")
def guard(request: pytest.FixtureRequest) -> Iterator[Guard]:
    """Joins that cannot hang: spawn(f), process(f), task(coroutine), gevent(f), join(any, timeout=), allow(pattern)."""
    from pytest_concurrency._plugin.guard import Guard

    request.node.stash[guard_key] = made = Guard(request.config.stash[watch_key])
    with made.active():
        yield made


@pytest.fixture
def timing(request: pytest.FixtureRequest) -> Timing:
    """Exact time and overlap: virtual(), within(at_least=, at_most=), speedup(f, g), peak(f, counting=g)."""
    from pytest_concurrency._plugin.timing import Timing

    return Timing(request.config.stash[watch_key])

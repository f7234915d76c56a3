"""To which runs of an exploration the oracles for races and deadlocks listen."""

import pytest

from pytest_concurrency._explore.plan import Plan
from pytest_concurrency._oracles.deadlocks import Deadlocks
from pytest_concurrency._oracles.oracle import Oracle
from pytest_concurrency._oracles.races import Races
from pytest_concurrency._sight.watching import Watch


@pytest.mark.parametrize("kind", [Races, Deadlocks])
def test_they_listen_often_at_first_and_now_and_then_later(kind: type[Oracle]) -> None:
    oracle = kind(Plan(), Watch([]))
    heard = [count for count in range(100) if oracle.prepare(count, replay=False)]
    assert heard == [0, 1, 3, 7, 15, 31, 40, 63, 80]
    assert not oracle.prepare(None, replay=False)


def test_what_is_tried_on_purpose_is_always_heard() -> None:
    oracle = Races(Plan(), Watch([]))
    assert not oracle.prepare(2, replay=False)
    with oracle.hearing():
        assert oracle.prepare(None, replay=False)
    assert oracle.prepare(None, replay=True)
    assert not oracle.prepare(2, replay=False)

"""Virtual time moves to the earliest deadline, in whole nanoseconds, and never back."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_concurrency._core.clock import FOREVER_NS, NS, Instant, VirtualClock, to_ns


def test_a_clock_starts_at_a_whole_second() -> None:
    clock = VirtualClock()
    assert clock.now_ns % NS == 0
    assert clock.next_deadline() is None
    assert clock.advance() == []


@pytest.mark.parametrize(
    ("seconds", "nanoseconds"),
    [
        (0, 0),
        (1, NS),
        (0.1, 100_000_000),
        (0.3, 300_000_000),
        (1e-9, 1),
        (4e-10, 0),
        (6e-10, 1),
        (5.000000001, 5 * NS + 1),
    ],
)
def test_to_ns_rounds_to_the_nearest(seconds: float, nanoseconds: int) -> None:
    assert to_ns(seconds) == nanoseconds


def test_forever_is_later_than_any_timeout() -> None:
    assert to_ns(1e9) < FOREVER_NS


def test_advance_moves_to_the_earliest_deadline_and_names_its_task() -> None:
    clock = VirtualClock(0)
    clock.add(5 * NS, 1)
    clock.add(3 * NS, 2)
    assert clock.next_deadline() == 3 * NS
    assert clock.now_ns == 0
    assert clock.advance() == [2]
    assert clock.now_ns == 3 * NS
    assert clock.advance() == [1]
    assert clock.now_ns == 5 * NS
    assert clock.advance() == []
    assert clock.now_ns == 5 * NS


def test_equal_deadlines_fire_together_in_the_order_of_waiting() -> None:
    clock = VirtualClock(0)
    for task in (3, 1, 2):
        clock.add(NS, task)
    clock.add(NS + 1, 4)
    assert clock.advance() == [3, 1, 2]
    assert clock.now_ns == NS
    assert clock.advance() == [4]


def test_a_cancelled_deadline_does_not_fire() -> None:
    clock = VirtualClock(0)
    first = clock.add(1, 1)
    clock.add(2, 2)
    same = clock.add(2, 3)
    clock.cancel(first)
    clock.cancel(same)
    assert clock.next_deadline() == 2
    assert clock.advance() == [2]
    assert clock.now_ns == 2
    assert clock.advance() == []


def test_a_deadline_in_the_past_fires_now() -> None:
    clock = VirtualClock(10)
    clock.add(3, 7)
    assert clock.next_deadline() == 10
    assert clock.advance() == [7]
    assert clock.now_ns == 10


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=30))
def test_every_deadline_that_is_not_cancelled_fires_once_and_in_order(waits: list[tuple[int, bool]]) -> None:
    clock = VirtualClock(0)
    for task, (deadline, cancelled) in enumerate(waits):
        token = clock.add(deadline, task)
        if cancelled:
            clock.cancel(token)
    fired: list[tuple[int, int]] = []
    while clock.next_deadline() is not None:
        before = clock.now_ns
        tasks = clock.advance()
        assert tasks
        assert clock.now_ns >= before
        fired += [(clock.now_ns, task) for task in tasks]
    expected = [(deadline, task) for task, (deadline, cancelled) in enumerate(waits) if not cancelled]
    assert fired == sorted(expected)


def test_differences_of_instants_are_exact() -> None:
    began = Instant(1000 * NS)
    for seconds in (0.002, 0.1, 0.3, 5.0, 1 / 3):
        ended = Instant(1000 * NS + to_ns(seconds))
        assert ended - began == pytest.approx(seconds, abs=1e-9)
        assert ended - began == to_ns(seconds) / NS
    assert Instant(1000 * NS + to_ns(0.002)) - began == 0.002


def test_an_instant_and_a_duration_make_an_instant() -> None:
    began = Instant(1000 * NS)
    assert (began + 0.1).ns == (0.1 + began).ns == 1000 * NS + to_ns(0.1)  # type: ignore[attr-defined] # an Instant
    assert (began + 0.1) - 0.1 == began
    assert began + float("inf") == float("inf")
    assert type(pickle.loads(pickle.dumps(began))) is float

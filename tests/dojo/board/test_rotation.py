"""Whose turn it is."""

from hypothesis import given
from hypothesis import strategies as st

from pytest_concurrency._dojo.board import rotation
from pytest_concurrency._dojo.board.rotation import Rotation

DO = st.sampled_from(["start", "pause", "skip", "minutes"])


def test_a_turn_ends_and_the_next_begins_by_itself() -> None:
    timer = rotation.change(rotation.new(60), "start", 10)
    assert rotation.left(timer, 40) == 30
    assert rotation.settle(timer, 69.9) == timer
    assert rotation.settle(timer, 70) == Rotation(60, 60, 70, turn=1, rings=1)
    assert rotation.settle(timer, 200) == Rotation(60, 60, 190, turn=3, rings=3)


def test_a_pause_keeps_what_is_left() -> None:
    timer = rotation.change(rotation.change(rotation.new(60), "start", 10), "pause", 40)
    assert (timer.left, timer.since) == (30, None)
    assert rotation.settle(timer, 9000) == timer
    timer = rotation.change(timer, "start", 100)
    assert rotation.settle(timer, 129).turn == 0
    assert rotation.settle(timer, 130).turn == 1


def test_a_skipped_turn_does_not_ring() -> None:
    timer = rotation.change(rotation.change(rotation.new(60), "start", 10), "skip", 40)
    assert timer == Rotation(60, 60, 40, turn=1, rings=0)
    assert rotation.change(rotation.new(60), "skip", 40) == Rotation(60, 60, None, turn=1)


def test_another_length_counts_from_the_next_turn_on() -> None:
    assert rotation.change(rotation.new(60), "minutes", 0, 2) == Rotation(120, 120)
    timer = rotation.change(rotation.change(rotation.new(60), "start", 0), "minutes", 20, 2)
    assert rotation.settle(timer, 60) == Rotation(120, 120, 60, turn=1, rings=1)


@given(st.lists(st.tuples(DO, st.floats(0, 500))))
def test_what_is_left_is_never_more_than_a_turn_nor_less_than_nothing(found: list[tuple[str, float]]) -> None:
    timer, now, rings = rotation.new(60), 0.0, 0
    for do, seconds in found:
        now += seconds
        timer = rotation.change(timer, do, now, 1)
        assert 0 <= rotation.left(timer, now) <= timer.length
        assert timer.rings >= rings
        rings = timer.rings


def test_drivers_take_turns() -> None:
    assert [rotation.drivers(["ann", "bob"], turn)[0] for turn in range(3)] == ["ann", "bob", "ann"]
    assert rotation.drivers(["ann"], 5) == ("ann", "ann")
    assert rotation.drivers([], 5) == ("", "")

"""Shrinking keeps the failure and leaves nothing that it does not need."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_concurrency._core.shrink import shrink


def test_it_finds_the_two_items_that_matter_in_few_attempts() -> None:
    calls: list[tuple[int, ...]] = []

    def fails(items: tuple[int, ...]) -> bool:
        calls.append(items)
        return {3, 60} <= set(items)

    assert shrink(range(64), fails, 1000) == (3, 60)
    assert len(calls) < 64


def test_halves_are_tried_before_single_items() -> None:
    calls: list[tuple[int, ...]] = []

    def fails(items: tuple[int, ...]) -> bool:
        calls.append(items)
        return 0 in items

    assert shrink([0, 1, 2, 3], fails, 100) == (0,)
    assert calls[0] == ()
    assert calls[1] == (2, 3)
    assert calls[2] == (0, 1)


def test_an_item_that_becomes_droppable_later_is_dropped() -> None:
    # 2 can go only once 3 has gone, and 3 comes after it.
    possible = {(1, 2, 3), (1, 2), (1,)}
    assert shrink((1, 2, 3), lambda items: items in possible, 100) == (1,)


def test_a_failure_that_needs_nothing_is_empty() -> None:
    assert shrink([1, 2, 3], lambda _: True, 100) == ()
    assert shrink([], lambda _: True, 100) == ()


def test_a_failure_that_needs_everything_stays() -> None:
    assert shrink("abc", lambda items: len(items) == 3, 100) == ("a", "b", "c")


def test_it_stops_after_so_many_attempts_and_answers_what_fails() -> None:
    calls = 0

    def fails(items: tuple[int, ...]) -> bool:
        nonlocal calls
        calls += 1
        return 7 in items

    result = shrink(range(100), fails, 3)
    assert calls == 3
    assert 7 in result
    assert shrink([1, 2], lambda _: True, 0) == (1, 2)


@pytest.mark.slow
@given(
    st.integers(0, 9).flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.frozensets(st.integers(0, max(n - 1, 0)), max_size=4), max_size=3))
    )
)
def test_no_single_item_can_be_dropped(case: tuple[int, list[frozenset[int]]]) -> None:
    size, causes = case
    whole = tuple(range(size))

    def fails(items: tuple[int, ...]) -> bool:
        return items == whole or any(cause <= set(items) for cause in causes)

    result = shrink(whole, fails, 10_000)
    assert fails(result)
    assert list(result) == sorted(result)
    for at in range(len(result)):
        assert not fails(result[:at] + result[at + 1 :])

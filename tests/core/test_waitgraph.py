"""Cycles among tasks that wait for each other."""

import pytest

from pytest_concurrency._core.detectors.wait_graph import cycle_through, find_cycle


@pytest.mark.parametrize(
    ("edges", "start", "cycle"),
    [
        ({}, "A", []),
        ({"A": ["A"]}, "A", ["A"]),
        ({"A": ["B"], "B": ["A"]}, "A", ["A", "B"]),
        ({"A": ["B"], "B": ["C"], "C": ["A"]}, "B", ["B", "C", "A"]),
        ({"A": ["B"], "B": ["C"]}, "A", []),
        ({"A": ["B"], "B": ["C"], "C": ["B"]}, "A", []),  # A waits for a cycle but is not on it
        ({"A": ["B", "C"], "B": ["D"], "C": ["A"], "D": ["A"]}, "A", ["A", "C"]),  # the shortest
    ],
)
def test_the_way_back_to_a_task(edges: dict[str, list[str]], start: str, cycle: list[str]) -> None:
    assert cycle_through(edges, start) == cycle


def test_some_cycle_is_found_wherever_it_is() -> None:
    assert find_cycle({"main": ["B"], "A": ["C"], "B": ["C"], "C": ["B"]}) == ["B", "C"]


def test_no_cycle_is_found_where_there_is_none() -> None:
    assert find_cycle({"A": ["B"], "B": []}) == []

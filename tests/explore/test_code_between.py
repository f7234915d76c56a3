"""Operators behind which other people's Python code runs, which can be left in the midst of it: no proof."""

from collections import ChainMap, Counter
from collections.abc import Callable

import pytest
from programs.program import together

from pytest_concurrency import explore

Program = Callable[[], object]


def delete_from_a_counter() -> object:
    counts = Counter(a=1)

    def delete() -> None:
        del counts["a"]  # it asks, then deletes: a KeyError lies between

    together(delete, counts.clear)
    return counts


def sign_of_a_counter() -> object:
    counts, seen = Counter(a=1, b=2), []

    def sign() -> None:
        seen.append(+counts)

    def count() -> None:
        counts["c"] += 1

    together(sign, count)
    return seen


def sum_of_counters() -> object:
    counts, seen = Counter(a=1, b=2), []

    def add() -> None:
        seen.append(counts + counts)

    def count() -> None:
        counts["c"] += 1

    together(add, count)
    return seen


def look_twice_into_a_chain() -> object:
    chain, seen = ChainMap({"a": 1}), []

    def look() -> None:
        seen.append(("c" in chain, "c" in chain))

    def grow() -> None:
        chain.maps.append({"c": 1})

    together(look, grow)
    return seen


@pytest.mark.parametrize(
    "program", [delete_from_a_counter, sign_of_a_counter, sum_of_counters, look_twice_into_a_chain]
)
def test_code_of_the_library_behind_an_operator_is_no_proof(program: Program) -> None:
    verdict = explore(program, strategy="dpor")
    assert verdict.grade == "sampled", verdict
    assert "shared state can" in verdict.reason


def test_an_index_that_changes_within_its_statement_is_that_of_the_beginning() -> None:
    def program() -> object:
        items, seen = [0, 0], []

        def add() -> None:
            place = 0
            items[place] += (place := 1)

        def put() -> None:
            items[0] = 5
            seen.append(items[0])

        together(add, put)
        return items[0], items[1], seen[0]

    verdict = explore(program, strategy="dpor")
    expected = {(1, 0, 5), (1, 0, 1), (6, 0, 5), (6, 0, 6), (5, 0, 5)}
    assert (verdict.grade, set(verdict.outcomes)) == ("proved", set(map(repr, expected)))

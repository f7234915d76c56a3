"""Slots of one container are apart from each other, as long as nothing touches the whole."""

import threading
from typing import Any

import pytest

from pytest_concurrency import explore
from pytest_concurrency._core.verdict import Grade, Verdict


def side_by_side(*bodies: Any) -> None:
    threads = [threading.Thread(target=body) for body in bodies]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def judged(scenario: Any) -> Verdict:
    return explore(scenario, strategy="dpor", stop_on_failure=False)


@pytest.mark.parametrize("count", [2, 8])
@pytest.mark.parametrize(
    "make", [lambda count: [0] * count, lambda count: dict.fromkeys(range(count))], ids=["list", "dict"]
)
def test_writes_to_different_slots_are_one_interleaving(make: Any, count: int) -> None:
    def scenario() -> Any:
        slots = make(count)

        def write(at: int) -> None:
            slots[at] = at

        side_by_side(*(lambda at=at: write(at) for at in range(count)))
        return list(slots)

    verdict = judged(scenario)
    assert verdict.grade is Grade.PROVED, verdict
    assert verdict.reason.startswith("the only interleaving")
    assert verdict.schedules <= 2


def test_halves_of_a_list_are_apart() -> None:
    def scenario() -> Any:
        slots = [0] * 8

        def fill(first: int) -> None:
            for at in range(4):
                slots[first + at] += 1

        side_by_side(lambda: fill(0), lambda: fill(4))
        return slots

    verdict = judged(scenario)
    assert verdict.grade is Grade.PROVED
    assert verdict.reason.startswith("the only interleaving")


def whole_length() -> Any:
    slots, seen = [0, 0], []

    def write(at: int) -> None:
        try:
            slots[at] = 5
        except IndexError:
            seen.append("gone")

    def shorten() -> None:
        slots.pop()

    side_by_side(lambda: write(1), shorten)
    return slots, seen


def same_slot() -> Any:
    slots = [0, 0]

    def grow(at: int) -> None:
        slots[at] += 1

    side_by_side(lambda: grow(1), lambda: grow(1))
    return slots


def read_of_the_whole() -> Any:
    slots, seen = [0, 0], []

    def write() -> None:
        slots[0] = 1
        slots[1] = 1

    side_by_side(write, lambda: seen.append(list(slots)))
    return seen


def new_keys() -> Any:
    slots: dict[str, int] = {}

    def write(key: str) -> None:
        slots[key] = 1

    side_by_side(lambda: write("a"), lambda: write("b"))
    return slots


def read_of_another_slot() -> Any:
    slots, seen = {"a": 0, "b": 0}, []

    def write() -> None:
        slots["a"] = 1
        slots["b"] = 1

    def read() -> None:
        later = slots["b"]
        seen.append((later, slots["a"]))

    side_by_side(write, read)
    return seen


def moving_index() -> Any:
    slots, at = [0, 0], 0

    def write() -> None:
        slots[at] = 1

    def move() -> None:
        nonlocal at
        at = 1

    side_by_side(write, move, write)
    return slots


def from_the_end() -> Any:
    slots = [0, 0]

    def write(value: int) -> None:
        slots[-1] = value

    def first() -> None:
        slots[1] = 3

    side_by_side(lambda: write(1), first)
    return slots


@pytest.mark.parametrize(
    ("scenario", "outcomes"),
    [
        (whole_length, {"([0], [])", "([0], ['gone'])"}),
        (same_slot, {"[0, 1]", "[0, 2]"}),
        (read_of_the_whole, {"[[0, 0]]", "[[1, 0]]", "[[1, 1]]"}),
        (new_keys, {"{'a': 1, 'b': 1}", "{'b': 1, 'a': 1}"}),
        (read_of_another_slot, {"[(0, 0)]", "[(0, 1)]", "[(1, 1)]"}),
        (moving_index, {"[1, 0]", "[0, 1]", "[1, 1]"}),
        (from_the_end, {"[0, 1]", "[0, 3]"}),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_what_slots_can_show_is_all_seen(scenario: Any, outcomes: set[str]) -> None:
    verdict = judged(scenario)
    assert outcomes <= set(verdict.outcomes)


def test_a_key_that_goes_while_its_writer_waits_is_no_proof_that_misses_an_order() -> None:
    def scenario() -> Any:
        slots = {"a": 0, "b": 0}

        def write(key: str) -> None:
            slots[key] = 1

        side_by_side(lambda: write("a"), lambda: write("b"), slots.clear)
        return list(slots)

    verdict = judged(scenario)
    orders = {"[]", "['a']", "['b']", "['a', 'b']", "['b', 'a']"}
    assert verdict.grade is not Grade.PROVED or set(verdict.outcomes) == orders

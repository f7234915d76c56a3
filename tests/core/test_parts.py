"""The verdict on all parts of an exploration: as good as the weakest, and never better than what is there."""

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from pytest_concurrency._core.parts import Joined, PartVerdict, Shown, contradiction, digests, from_values, joined
from pytest_concurrency._core.verdict import Grade, schedules

SHOWN = Shown(words="all 3", interleavings=3, met="2.9.abc", seen=digests("ab"), searched=digests("ab"))


def part(number: int, grade: Grade = Grade.PROVED, *, shown: Shown | None = SHOWN, of: int = 3) -> PartVerdict:
    return PartVerdict(number=number, of=of, grade=grade, schedules=10, reason=f"why {number}", shown=shown, notes=[])


def of_all(*parts: PartVerdict) -> Joined:
    return joined({each.number: each for each in parts})


def test_it_is_proved_if_all_parts_are() -> None:
    told = of_all(part(0), part(1), part(2))
    assert told == Joined(
        Grade.PROVED, 30, "all 9 interleavings that can differ, without a bound, in 30 schedules in 3 parts"
    )


def test_what_does_not_count_interleavings_says_what_it_has_shown() -> None:
    shown = replace(SHOWN, words="every schedule with at most 2 preemptions", interleavings=None)
    told = of_all(*(part(number, shown=shown) for number in range(3)))
    assert told.reason == "every schedule with at most 2 preemptions, in 30 schedules in 3 parts"


@pytest.mark.parametrize("missing", range(3))
def test_a_part_that_is_missing_leaves_it_unfinished(missing: int) -> None:
    told = of_all(*(part(number) for number in range(3) if number != missing))
    assert (told.grade, told.reason) == (Grade.UNFINISHED, f"1 of 3 parts has no verdict: {missing + 1}")
    told = of_all(part(missing))
    assert told.grade is Grade.UNFINISHED
    assert told.reason.startswith("2 of 3 parts have no verdict: ")


@pytest.mark.parametrize("weak", [Grade.SAMPLED, Grade.UNCONTROLLED, Grade.UNFINISHED, Grade.FAILED])
def test_it_is_as_good_as_the_weakest_part(weak: Grade) -> None:
    told = of_all(part(0), part(1, weak), part(2))
    assert (told.grade, told.reason) == (weak, "30 schedules in 3 parts; part 2/3: why 1")


def test_a_failure_needs_no_other_part() -> None:
    assert of_all(part(1, Grade.FAILED)).grade is Grade.FAILED


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"met": "2.9.abd"}, "they have met other choices or other shared state"),
        ({"leaks": True}, "one has found an order that the others do not know of"),
        ({"seen": digests("abc")}, "sampling has met the outcome"),
        ({"seen": digests("abcdefghij"), "searched": digests("abcdefghij")}, "9 interleavings that can differ have 10"),
        (None, "they have met other choices or other shared state"),
    ],
)
def test_parts_that_do_not_fit_together_prove_nothing(changed: dict[str, Any] | None, why: str) -> None:
    shown = None if changed is None else replace(SHOWN, **changed)
    told = of_all(part(0), part(1, shown=shown), part(2))
    assert told.grade is Grade.UNFINISHED
    assert told.reason.startswith("30 schedules in 3 parts, but they do not fit together: ")
    assert why in told.reason


def test_what_one_part_samples_another_may_have_searched() -> None:
    first = replace(SHOWN, seen=digests("abc"), searched=digests("a"))
    second = replace(SHOWN, seen=digests("bc"), searched=digests("bc"))
    assert of_all(part(0, shown=first, of=2), part(1, shown=second, of=2)).grade is Grade.PROVED


def test_a_part_that_was_run_twice_counts_as_its_weaker_verdict() -> None:
    strong, weak = part(0), part(0, Grade.SAMPLED)
    assert strong.weaker(None) is strong
    assert strong.weaker(weak) is weak.weaker(strong) is weak


def test_it_travels_as_plain_values() -> None:
    for each in (part(1), part(2, Grade.SAMPLED, shown=None)):
        assert from_values(json.loads(json.dumps(asdict(each)))) == each


def test_a_contradiction_is_said_in_words() -> None:
    assert contradiction(["a"], ["a"], None) == contradiction(["a"], ["a", "b"], 2) == ""
    assert contradiction(["a", "b"], ["a", "b"], 1) == "1 interleaving that can differ has 2 outcomes"
    assert contradiction(["b", "c"], ["b"], 3) == "sampling has met the outcome c, and the search has not"


def test_what_there_is_one_of_is_told_in_the_singular() -> None:
    assert schedules(1) == "1 schedule"
    assert schedules(0) == "0 schedules"
    assert schedules(2) == "2 schedules"

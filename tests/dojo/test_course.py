"""Where to go next."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pytest_concurrency._dojo import course
from pytest_concurrency._dojo.states import State
from pytest_concurrency._katas.index import Kata

FIRST = Kata("first", "tea", Path(), Path(), "First", "t", (), 1, 5, "write", (), ())
KATAS = [FIRST, replace(FIRST, name="second", requires=("first",)), replace(FIRST, name="third")]


def states(*found: State) -> dict[str, State]:
    return dict(zip(("first", "second", "third"), found, strict=True))


def at(hour: int) -> datetime:
    return datetime(2026, 1, 1, hour, tzinfo=UTC)


def suggested(found: dict[str, State], last: dict[str, datetime] | None = None) -> str:
    kata = course.suggest(KATAS, found, last or {})
    return kata.name if kata else ""


def test_the_first_that_is_open_comes_next() -> None:
    new, green = State.NOT_BEGUN, State.GREEN
    assert suggested(states(new, new, new)) == "first"
    assert suggested(states(green, new, new)) == "second"
    assert suggested(states(green, green, green)) == ""


def test_what_is_under_way_comes_first_and_the_latest_of_it() -> None:
    new, red, hung = State.NOT_BEGUN, State.RED, State.HUNG
    assert suggested(states(new, red, new)) == "second"
    assert suggested(states(red, new, hung), {"first": at(9), "third": at(10)}) == "third"
    assert suggested(states(State.BEGUN, new, hung), {"third": at(10)}) == "third"


def test_what_requires_another_waits_for_it() -> None:
    found = states(State.RED, State.NOT_BEGUN, State.NOT_BEGUN)
    following = course.following(KATAS, found, "first")
    assert following
    assert following.name == "third"
    assert course.unmet(KATAS[1], found) == ["first"]
    assert course.unmet(KATAS[1], states(State.GREEN, State.RED, State.RED)) == []

"""The game of mistakes: which test will tell it? Pure, but for the file of tests that is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_concurrency._katas import check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_concurrency._katas.index import Kata
    from pytest_concurrency._katas.mistakes import Mistake


def open_questions(mistakes: Sequence[Mistake], answered: Mapping[str, str]) -> list[Mistake]:
    """Return the mistakes that were not guessed at yet, then those that were guessed wrong."""
    fresh = [each for each in mistakes if each.name not in answered]
    return fresh or [each for each in mistakes if answered[each.name] == "wrong"]


def choices(kata: Kata) -> list[str]:
    """Return the tests to choose from, in the order of the file."""
    return list(check.test_functions(kata.tests))


def chosen(answer: str, tests: Sequence[str]) -> str | None:
    """Return the test that an answer means: its number, or a part of its name that only one has."""
    answer = answer.strip()
    if answer.isdecimal():
        return tests[int(answer) - 1] if 1 <= int(answer) <= len(tests) else None
    found = [test for test in tests if answer and answer in test]
    return answer if answer in tests else found[0] if len(found) == 1 else None


def score(answered: Mapping[str, str]) -> tuple[int, int]:
    """Return how many were right, of how many that were guessed."""
    return list(answered.values()).count("right"), len(answered)

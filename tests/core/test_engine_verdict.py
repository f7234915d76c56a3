"""A verdict says how much was shown, in one line or in the words of what it found."""

import dataclasses

import pytest

from pytest_concurrency import Grade, Outcome, RaceFound, Verdict
from pytest_concurrency._core.telling.report import Report


def test_the_grades_are_words() -> None:
    assert [str(grade) for grade in Grade] == ["failed", "proved", "sampled", "unfinished", "uncontrolled"]
    assert f"{Grade.PROVED}" == Grade("proved").value == "proved"


def test_a_verdict_without_error_is_one_line() -> None:
    assert str(Verdict(Grade.SAMPLED, 1000, "1000 schedules")) == "sampled: 1000 schedules"


def test_a_verdict_with_error_is_its_text() -> None:
    error = RaceFound(Report("main raised AssertionError", error=("AssertionError: 1 != 2",)))
    verdict = Verdict(Grade.FAILED, 3, "main raised AssertionError (schedule 3)", error, "token")
    assert str(verdict) == str(error) == "main raised AssertionError\n  AssertionError: 1 != 2"


def test_a_verdict_is_a_value() -> None:
    verdict = Verdict(Grade.PROVED, 6, "why", outcomes={"1": Outcome(6, "token")})
    assert verdict == Verdict(Grade.PROVED, 6, "why", outcomes={"1": Outcome(6, "token")})
    assert (verdict.error, verdict.replay, verdict.races) == (None, "", ())
    with pytest.raises(dataclasses.FrozenInstanceError):
        verdict.grade = Grade.FAILED  # type: ignore[misc] # that it cannot be done is the point

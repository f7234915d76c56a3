"""The game of mistakes."""

import pytest

from pytest_concurrency._dojo import quiz
from pytest_concurrency._katas.mistakes import Mistake

COLD, DRY = (Mistake(name, name, "", "test_hot", ()) for name in ("cold", "dry"))


def test_what_was_guessed_wrong_comes_again_when_nothing_is_new() -> None:
    assert quiz.open_questions([COLD, DRY], {}) == [COLD, DRY]
    assert quiz.open_questions([COLD, DRY], {"cold": "wrong"}) == [DRY]
    assert quiz.open_questions([COLD, DRY], {"cold": "wrong", "dry": "right"}) == [COLD]
    assert quiz.open_questions([COLD, DRY], {"cold": "right", "dry": "right"}) == []


@pytest.mark.parametrize(
    ("answer", "test"),
    [("1", "test_hot"), (" 2 ", "test_hot_water"), ("water", "test_hot_water"), ("test_hot", "test_hot"), ("hot", None)]
    + [(nothing, None) for nothing in ("", "0", "3", "cold")],
)
def test_an_answer_is_a_number_or_a_part_of_one_name(answer: str, test: str | None) -> None:
    assert quiz.chosen(answer, ["test_hot", "test_hot_water"]) == test


def test_a_score_counts_what_was_right() -> None:
    assert quiz.score({"cold": "right", "dry": "wrong"}) == (1, 2)

"""A corpus of right programs: none is blamed, also where an alarm fails a test."""

from typing import Any

import pytest
from oracles.blameless import PROGRAMS

from pytest_concurrency import explore
from pytest_concurrency._core.verdict import Grade


def test_there_are_sixty() -> None:
    assert len(PROGRAMS) >= 60
    assert len({each.__name__ for each in PROGRAMS}) == len(PROGRAMS)


@pytest.mark.parametrize("program", [pytest.param(each, id=each.__name__) for each in PROGRAMS])
def test_it_is_not_blamed(program: Any) -> None:
    verdict = explore(program, races="fail", schedules=12)
    assert verdict.grade is not Grade.FAILED, verdict
    assert not [race for race in verdict.races if race.is_alarm]


@pytest.mark.slow
@pytest.mark.parametrize("program", [pytest.param(each, id=each.__name__) for each in PROGRAMS])
def test_it_is_not_blamed_by_more_schedules_either(program: Any) -> None:
    verdict = explore(program, races="fail", schedules=150, seconds=4)
    assert verdict.grade is not Grade.FAILED, verdict

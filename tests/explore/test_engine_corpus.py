"""The corpus: every bug is found with its stated finding, and no right program is blamed."""

import os

import pytest
from programs import bugs, right, sctbench
from programs.program import Program

from pytest_concurrency import DeadlockFound, Grade, RaceFound, Verdict, explore
from pytest_concurrency.strategies import NAMES

WITHIN = 1000
SCHEDULES = int(os.environ.get("RIGHT_SCHEDULES", "200"))  # 2000 for a longer look
OUTSIDE = {"thread_pool"}  # its pool keeps a pipe, in which it waits in real time


def named(programs: tuple[Program, ...]) -> list[object]:
    return [pytest.param(program, id=program.name) for program in programs]


def finding_of(verdict: Verdict) -> str:
    error = verdict.error
    if type(error) is DeadlockFound:
        return "deadlock"
    assert type(error) is RaceFound, str(verdict)
    return "assertion" if isinstance(error.__cause__, AssertionError) else "exception"


@pytest.mark.soak
@pytest.mark.parametrize("program", named(bugs.PROGRAMS))
def test_every_bug_is_found_with_its_stated_finding(program: Program) -> None:
    verdict = explore(program.scenario, schedules=WITHIN, seconds=30)
    assert verdict.grade is Grade.FAILED, str(verdict)
    assert finding_of(verdict) == program.finding, str(verdict)
    assert verdict.schedules <= WITHIN


@pytest.mark.soak
@pytest.mark.parametrize("program", named(sctbench.PROGRAMS))
def test_a_published_bug_is_never_found_as_something_else(program: Program) -> None:
    verdict = explore(program.scenario, schedules=100, seconds=20)
    if verdict.grade is Grade.FAILED:
        assert finding_of(verdict) == program.finding, str(verdict)


@pytest.mark.soak
@pytest.mark.parametrize("strategy", NAMES)
@pytest.mark.parametrize("program", named(right.PROGRAMS))
def test_no_right_program_is_blamed(program: Program, strategy: str) -> None:
    verdict = explore(program.scenario, schedules=SCHEDULES, strategy=strategy, seconds=SCHEDULES / 10)
    assert verdict.error is None, str(verdict)
    if program.name not in OUTSIDE:
        assert verdict.grade is not Grade.UNCONTROLLED, str(verdict)
        assert "not deterministic" not in verdict.reason

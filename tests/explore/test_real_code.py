"""The standard library's own classes: no alarm, no prediction, no word of an oracle."""

import pytest
from programs import real_standard  # noqa: F401 # enters its cases
from programs.real import CASES

pytestmark = pytest.mark.slow

STANDARD = [name for name, each in CASES.items() if not each.needs]


@pytest.mark.parametrize("name", STANDARD)
def test_the_standard_library_gets_no_alarm(name: str) -> None:
    verdict = CASES[name].explore(schedules=200, seconds=60)
    assert verdict.error is None, str(verdict)
    assert str(verdict.grade) in ("proved", "sampled"), verdict.reason
    assert [str(race) for race in verdict.races if race.is_alarm] == []
    assert verdict.deadlocks == ()


def test_all_schedules_are_no_proof_where_a_call_cannot_be_seen() -> None:
    verdict = CASES["concurrent.futures.thread: cancelled or run but never both"].explore(seconds=60)
    assert verdict.schedules < 1000
    assert str(verdict).startswith(
        f"sampled: {verdict.schedules} schedules, all that are known to differ, but no proof: "
        "not all that this does to shared state can be seen: "
    )

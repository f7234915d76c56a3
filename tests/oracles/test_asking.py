"""How oracles are asked for, and that none of them alarms in right programs."""

import pytest
from programs import right, small
from programs.program import Program

from pytest_concurrency import explore
from pytest_concurrency._core.oracles import NAMES

ALL_ON = dict.fromkeys((name for name in NAMES if name != "serialised"), "fail")


@pytest.mark.soak
@pytest.mark.parametrize("program", [*right.PROGRAMS, *small.PROGRAMS], ids=lambda program: program.name)
def test_no_right_program_alarms(program: Program) -> None:
    names = ["work", "put", "notifier", "produce", "write"]
    settings = {"schedules": 4, "seconds": 2.0, "watch": ["programs"], "inject": names, **ALL_ON}
    error = explore(program.scenario, **settings).error  # type: ignore[arg-type] # one dict for all keywords
    assert error is None, error


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"busy_waiting": "yes"}, "busy_waiting must be one of ignore, fail, got 'yes'"),
        ({"inject": "work"}, "inject is for kept_locks='fail', got kept_locks='ignore'"),
        ({"kept_locks": "fail", "inject": 3}, "inject must be a function, its name, or a list of them, got 3"),
        ({"starvation": "fail", "bound": 0}, "bound must be a whole number >= 1, got 0"),
    ],
)
def test_misuse_is_refused_in_one_line(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=r"must|is for") as caught:
        explore(lambda: None, **settings)  # type: ignore[arg-type] # on purpose
    assert str(caught.value) == message


def test_an_unknown_keyword_is_refused() -> None:
    with pytest.raises(TypeError, match=r"an oracle must be one of busy_waiting, .*, got 'busywaiting'"):
        explore(lambda: None, busywaiting="fail")

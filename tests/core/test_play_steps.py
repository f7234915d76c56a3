"""A hand-written schedule is read as it was meant, and refused with the forms that there are."""

import pytest

from pytest_concurrency import ScheduleError
from pytest_concurrency._core.hand_written import PlayStep, parse_steps


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("A: until withdraw:12", {"kind": "line", "function": "withdraw", "line": 12}),
        ("A: until Account.withdraw:12", {"kind": "line", "function": "Account.withdraw", "line": 12}),
        ("A: until acquire lock", {"kind": "operation", "verb": "acquire", "thing": "lock"}),
        ("A:   until   read   self.balance ", {"kind": "operation", "verb": "read", "thing": "self.balance"}),
        ("A: until release", {"kind": "operation", "verb": "release"}),
        ("A: until it waits", {"kind": "waits"}),
        ("A: to the end", {"kind": "end"}),
        ("A: to its end", {"kind": "end"}),
        ("A: for 1 step", {"kind": "steps", "count": 1}),
        ("A: for 12 steps", {"kind": "steps", "count": 12}),
    ],
)
def test_each_form_is_read(text: str, fields: dict[str, object]) -> None:
    (step,) = parse_steps([text])
    assert step == PlayStep(text, "A", **fields)  # type: ignore[arg-type] # one dict for all fields


def test_a_thread_may_have_any_name() -> None:
    assert [step.task for step in parse_steps(["Thread-1 (work): to the end", "2: to the end"])] == [
        "Thread-1 (work)",
        "2",
    ]


@pytest.mark.parametrize("line", ["A", "A until x:1", "A: until", "A: for 0 steps", ": to the end", "A: go", 3])
def test_anything_else_is_refused(line: object) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_steps(["B: to the end", line])
    text = str(caught.value)
    assert text.startswith('step 2 must be one of "NAME: until FUNCTION:LINE", ')
    assert text.endswith(f"got {line!r}")


@pytest.mark.parametrize("steps", ["A: to the end", None, {"A": 1}])
def test_a_schedule_is_a_list(steps: object) -> None:
    with pytest.raises(ScheduleError, match="a schedule must be a list of lines, got"):
        parse_steps(steps)


@pytest.mark.parametrize(
    ("wanted", "thing", "fits"),
    [
        ("lock", "Lock `self.lock`", True),
        ("self.lock", "Lock `lock`", True),
        ("Lock", "Lock `self.lock`", True),
        ("loc", "Lock `self.lock`", False),
        ("jobs", "Queue `jobs`", True),
        ("", "anything", True),
    ],
)
def test_things_are_found_by_their_name(wanted: str, thing: str, fits: bool) -> None:  # noqa: FBT001
    (step,) = parse_steps([f"A: until acquire {wanted}"] if wanted else ["A: until acquire"])
    assert step.is_operation([("acquire", thing)]) is fits
    assert not step.is_operation([("release", thing)])

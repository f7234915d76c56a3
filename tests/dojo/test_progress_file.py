"""What a learner has done: written, read, joined."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_concurrency._dojo import progress
from pytest_concurrency._dojo.progress import Entry, Progress
from pytest_concurrency._dojo.states import State

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
LATER = datetime(2026, 1, 31, 13, tzinfo=UTC)
INSTANTS = st.sampled_from([NOON, LATER, datetime(2026, 2, 1, tzinfo=UTC)])
ENTRIES = st.builds(
    Entry,
    state=st.sampled_from(State),
    at=INSTANTS,
    task=st.integers(0, 3),
    green=st.none() | INSTANTS,
    runs=st.dictionaries(st.sampled_from(["a1", "b2"]), st.integers(1, 9)),
    hints=st.dictionaries(st.sampled_from("12"), st.integers(1, 3)),
    mistakes=st.dictionaries(st.sampled_from(["cold", "dry"]), st.sampled_from(progress.ANSWERS)),
)
PROGRESS = st.dictionaries(st.sampled_from(["tea", "coffee"]), ENTRIES)


@pytest.mark.slow
@given(PROGRESS)
def test_what_is_written_is_read_again(found: Progress) -> None:
    assert progress.read(progress.write(found), "progress.toml") == found


@pytest.mark.slow
@given(PROGRESS, PROGRESS, PROGRESS)
def test_joining_knows_no_order_and_no_twice(one: Progress, two: Progress, three: Progress) -> None:
    assert progress.merge(one, two) == progress.merge(two, one)
    assert progress.merge(progress.merge(one, two), three) == progress.merge(one, progress.merge(two, three))
    assert progress.merge(progress.merge(one, two), two) == progress.merge(one, two)


def test_two_machines_add_up() -> None:
    ours = {"tea": Entry(State.RED, LATER, 2, None, {"a1": 3}, {"1": 1}, {"cold": "wrong"})}
    theirs = {"tea": Entry(State.GREEN, NOON, 0, NOON, {"b2": 5}, {"1": 3}, {"cold": "right"})}
    joined = Entry(State.RED, LATER, 2, NOON, {"a1": 3, "b2": 5}, {"1": 3}, {"cold": "right"})
    assert progress.merge(ours, theirs) == {"tea": joined}


def test_a_run_is_noted_down_and_green_stays() -> None:
    entry = progress.after_run(Entry(), State.GREEN, 0, NOON, "a1")
    entry = progress.after_run(entry, State.RED, 2, LATER, "a1")
    assert entry == Entry(State.RED, LATER, 2, NOON, {"a1": 2})


def test_the_file_can_be_read_by_people() -> None:
    entry = Entry(State.RED, LATER, 2, NOON, {"a1": 3}, {"1": 1}, {"cold": "wrong"})
    assert progress.write({"tea": entry}).removeprefix(progress.HEAD).strip().splitlines() == [
        "[tea]",
        'state = "red"',
        "at = 2026-01-31T13:00:00Z",
        "task = 2",
        "green = 2026-01-31T12:00:00Z",
        "runs = { a1 = 3 }",
        "hints = { 1 = 1 }",
        'mistakes = { cold = "wrong" }',
    ]


@pytest.mark.parametrize("base", ["", "||||||| base\n"])
def test_both_sides_of_a_conflict_are_joined(base: str) -> None:
    text = (
        f'[tea]\n<<<<<<< HEAD\nstate = "red"\nruns = {{ a1 = 1 }}\n{base}=======\n'
        'state = "green"\nruns = { b2 = 2 }\n>>>>>>> other\n'
    )
    assert progress.read(text, "progress.toml")["tea"].runs == {"a1": 1, "b2": 2}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[tea", "progress.toml must be TOML, got: "),
        ('tea = "x"', "progress.toml: table must be named like a kata, got 'tea'"),
        (
            '[tea]\nstate = "blue"',
            "progress.toml: tea.state must be one of not begun, begun, red, amber, green, hung, got 'blue'",
        ),
        ('[tea]\nstate = "red"\nruns = 3', "progress.toml: tea.runs must map machines to counts, got 3"),
        ('[tea]\nstate = "red"\nat = 2026-01-31', "progress.toml: tea.at must be an instant with its offset, such as"),
        (
            '[tea]\nstate = "red"\nmood = 1',
            "progress.toml: tea.key must be one of state, at, task, green, runs, hints, mistakes",
        ),
    ],
)
def test_a_file_that_was_edited_wrongly_is_named(text: str, line: str) -> None:
    with pytest.raises(ValueError, match=r"^progress\.toml") as caught:
        progress.read(text, "progress.toml")
    assert str(caught.value).startswith(line)

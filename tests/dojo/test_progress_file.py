"""What a learner has done: written, read, joined."""

import tomllib
from dataclasses import asdict, replace
from datetime import UTC, datetime

import pytest
from dojo_folder import Katas
from hypothesis import given
from hypothesis import strategies as st

from pytest_concurrency._dojo import progress
from pytest_concurrency._dojo.folder import Folder
from pytest_concurrency._dojo.progress import Entry, Progress
from pytest_concurrency._dojo.states import State

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
LATER = datetime(2026, 1, 31, 13, tzinfo=UTC)
INSTANTS = st.sampled_from([NOON, LATER, datetime(2026, 2, 1, tzinfo=UTC)])
OTHERS = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text() | INSTANTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
).filter(lambda value: "None" not in repr(value))  # TOML knows no nothing
ENTRIES = st.builds(
    Entry,
    state=st.sampled_from(State),
    at=INSTANTS,
    task=st.integers(0, 3),
    green=st.none() | INSTANTS,
    runs=st.dictionaries(st.sampled_from(["a1", "b2"]), st.integers(1, 9)),
    hints=st.dictionaries(st.sampled_from("12"), st.integers(1, 3)),
    mistakes=st.dictionaries(st.sampled_from(["cold", "dry"]), st.sampled_from(progress.ANSWERS)),
    more=st.dictionaries(st.sampled_from(["mood", "né à"]), OTHERS, max_size=2),
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
        ('["green tea"]', "progress.toml: table must be named like a kata, got 'green tea'"),
        (
            "[tea]\nstate = 3",
            "progress.toml: tea.state must be one of not begun, begun, red, amber, green, hung, got 3",
        ),
        ('[tea]\nstate = "red"\nruns = 3', "progress.toml: tea.runs must map machines to counts, got 3"),
        ('[tea]\nstate = "red"\nat = 2026-01-31', "progress.toml: tea.at must be an instant with its offset, such as"),
    ],
)
def test_a_file_that_was_edited_wrongly_is_named(text: str, line: str) -> None:
    with pytest.raises(ValueError, match=r"^progress\.toml") as caught:
        progress.read(text, "progress.toml")
    assert str(caught.value).startswith(line)


OLDEST = """
[tea]
state = "green"
"""
OLD = """
# What you have done so far, written by `katas`.

[coffee]
state = "not begun"
hints = { 1 = 2 }

[tea]
state = "red"
at = 2026-01-31T12:00:00Z
task = 2
runs = { a1 = 3 }
"""
NEWER = """
format = 2
theme = "dark"

[settings]
sound = { bell = [1.5, true], at = 12:30:00 }

[tea]
state = "paused"
at = 2026-01-31T12:00:00Z
mood = "fine"
runs = { a1 = 3 }
notes = ["hot", 2026-01-31]
"""


def test_older_files_are_read() -> None:
    assert progress.read("", "progress.toml") == {}
    assert progress.read(OLDEST, "progress.toml") == {"tea": Entry(State.GREEN)}
    assert progress.read(OLD, "progress.toml") == {
        "coffee": Entry(hints={"1": 2}),
        "tea": Entry(State.RED, NOON, 2, None, {"a1": 3}),
    }


def test_what_a_newer_version_has_written_is_kept() -> None:
    found = progress.read(NEWER, "progress.toml")
    assert (found["tea"].state, found["tea"].runs) == (State.BEGUN, {"a1": 3})
    written = progress.write(found)
    assert tomllib.loads(written) == tomllib.loads(NEWER)
    assert progress.read(written, "progress.toml") == found
    found["tea"] = progress.after_run(found["tea"], State.GREEN, 0, LATER, "a1")
    again = tomllib.loads(progress.write(found))
    assert (again["tea"]["state"], again["tea"]["mood"], again["format"]) == ("green", "fine", 2)
    joined = progress.merge(progress.read(OLD, "progress.toml"), found)
    assert (joined["tea"].more["mood"], joined["tea"].runs, joined[""].more["theme"]) == ("fine", {"a1": 4}, "dark")


@pytest.mark.parametrize("length", range(1, len(OLD) + 1, 7))
def test_of_a_file_that_was_half_written_what_is_whole_is_read(length: int) -> None:
    whole, found = progress.read(OLD, "progress.toml"), progress.salvaged(OLD[:length], "progress.toml")
    for name, entry in found.items():
        read = {key: value for key, value in asdict(entry).items() if value != asdict(Entry())[key]}
        assert read.items() <= asdict(whole[name]).items()
    assert ("coffee" in found) == (length >= OLD.index("[tea]"))


def test_a_damaged_file_is_mended_once_and_kept_beside(home: Folder, katas: Katas) -> None:
    damaged = OLD.replace("tea", "boil_water") + 'green = "2026-01'
    home.progress_file.write_text(damaged, encoding="utf-8")
    line = "progress.toml was damaged: what can be read of it stays, and the file as it was is now progress.toml.1"
    assert katas("progress").splitlines()[0] == line
    assert home.progress_file.with_name("progress.toml.1").read_text(encoding="utf-8") == damaged
    assert home.progress() == {"coffee": Entry(hints={"1": 2})}
    assert line not in katas("progress")
    home.progress_file.write_bytes(b"[coffee]\nstate = 'red'\n[tea]\nmood = '\xff")
    home.update("boil_water", lambda entry: replace(entry, task=1))  # as the learner's own pytest does
    assert {name: entry.state for name, entry in home.progress().items()} == {
        "boil_water": State.NOT_BEGUN,
        "coffee": State.RED,
    }
    assert home.progress_file.with_name("progress.toml.2").is_file()
    (home.root / "other.toml").write_text(damaged, encoding="utf-8")
    assert katas("progress", "--merge", "other.toml", status=2).startswith("katas: other.toml must be TOML, got: ")


def test_two_machines_that_worked_on_one_kata_are_joined(home: Folder, katas: Katas) -> None:
    ours = {"boil_water": Entry(State.RED, LATER, 2, None, {"a1": 2}, {"1": 3}, {"cold": "wrong"})}
    theirs = {"boil_water": Entry(State.GREEN, NOON, 0, NOON, {"b2": 4}, {"2": 1}, {"cold": "right", "dry": "wrong"})}
    home.progress_file.write_text(progress.write(ours), encoding="utf-8")
    (home.root / "theirs.toml").write_text(progress.write(theirs), encoding="utf-8")
    for _ in range(2):  # joining twice counts once
        printed = katas("progress", "--merge", "theirs.toml").splitlines()
        assert printed[0] == "theirs.toml is joined: 1 katas"
        assert printed[-1] == "6 runs, 4 hints read, 1 of 2 mistakes told"
    assert home.progress()["boil_water"].green == NOON

"""The room as the board knows it."""

from typing import Any

import pytest

from pytest_concurrency._dojo.board import lights, picture, retrospective, room, rotation, scores
from pytest_concurrency._dojo.board.lights import Light, Moment
from pytest_concurrency._dojo.board.protocol import Report
from pytest_concurrency._dojo.board.room import Room
from pytest_concurrency._dojo.board.scores import Prediction, Score
from pytest_concurrency._dojo.states import State

GREEN, RED, HUNG, NEW = State.GREEN, State.RED, State.HUNG, State.NOT_BEGUN


def report(state: State, kata: str = "tea", **values: Any) -> Report:
    usual = {"running": False, "tasks": {}, "task": 1, "seconds": 1.0, "line": "", "failed": (), "ago": 0.0}
    return Report(run="r", step=0, kata=kata, state=state, **{**usual, **values})


@pytest.fixture
def found() -> Room:
    made = Room(3, rotation.new(60))
    made.join("p", "ann-and-bob", ["ann", "bob"], "secret", 0)
    return made


def test_two_pairs_of_one_name_are_told_apart(found: Room) -> None:
    assert found.join("q", "ann-and-bob", [], "x", 0).name == "ann-and-bob (2)"
    assert found.join("r", "ann-and-bob", [], "x", 0).name == "ann-and-bob (3)"
    with pytest.raises(ValueError, match=r"^at most 3 pairs may join, got one more: start the board with --pairs$"):
        found.refuse_if_full()


def test_a_pair_shows_its_key(found: Room) -> None:
    assert found.known("p", "secret").name == "ann-and-bob"
    for number, key in (("p", "other"), ("q", "secret"), ("p", "")):
        with pytest.raises(room.Foreign, match=r"^pair and key must be those that this board gave"):
            found.known(number, key)


def test_a_minute_has_the_light_of_its_last_run(found: Room) -> None:
    for at, state in ((5, RED), (59, HUNG), (185, GREEN)):
        found.report("p", report(state), at)
    line = list(lights.line(found.pairs["p"].lights, 0, 4))
    assert [(light.state, fresh) for _, light, fresh in line] == [
        (HUNG, True),
        (HUNG, False),
        (HUNG, False),
        (GREEN, True),
        (GREEN, False),
    ]
    assert [light.state for _, light, _ in lights.line({}, 2, 3)] == [NEW, NEW]


def test_a_run_that_goes_on_lights_nothing(found: Room) -> None:
    found.report("p", report(RED), 5)
    pair = found.report("p", report(NEW, "coffee", running=True, task=0), 70)
    assert (pair.running, pair.state, pair.kata, pair.task) == (True, RED, "coffee", 1)
    assert list(pair.lights) == [0]


def test_a_late_report_changes_its_minute_and_not_the_present(found: Room) -> None:
    found.report("p", report(GREEN), 300)
    pair = found.report("p", report(RED), 70)
    assert pair.state is GREEN
    assert pair.lights[1].state is RED
    assert pair.reports == 2


def test_moments_between_red_and_green_are_remembered(found: Room) -> None:
    for at, state in enumerate((RED, RED, GREEN, HUNG)):
        found.report("p", report(state, line=f"line {at}"), at)
    found.report("p", report(RED, "coffee"), 9)
    moments = list(found.pairs["p"].moments)
    assert lights.turns(moments) == [
        Moment(2, RED, GREEN, "tea", "line 2"),
        Moment(3, GREEN, HUNG, "tea", "line 3"),
    ]
    assert moments[-1] == Moment(9, NEW, RED, "coffee", "")


@pytest.mark.slow
def test_what_a_pair_is_remembered_by_is_bounded() -> None:
    made = Room(1, rotation.new(60), most_moments=10)
    made.join("p", "p", [], "k", 0)
    for minute in range(2 * lights.MOST_MINUTES):
        pair = made.report("p", report(GREEN if minute % 2 else RED), minute * 60)
    assert len(pair.lights) == lights.MOST_MINUTES
    assert len(pair.moments) == 10
    assert len(picture.pair(pair, 0, minute * 60)["lights"]) == picture.SHOWN_MINUTES


def test_a_prediction_is_judged_by_the_next_run_that_ends(found: Room) -> None:
    found.predict("p", Prediction("fail", "test_hot"))
    assert picture.pair(found.pairs["p"], 0, 1)["prediction"] == "fail test_hot"
    found.report("p", report(NEW, running=True), 1)
    assert found.pairs["p"].prediction
    pair = found.report("p", report(RED, failed=("test_hot[3]",)), 2)
    assert (pair.prediction, pair.score) == (None, Score(2, 1, 2))
    assert found.report("p", report(GREEN), 3).score == Score(2, 1, 2)


@pytest.mark.parametrize(
    ("prediction", "state", "failed", "points"),
    [
        (Prediction("pass"), GREEN, (), 1),
        (Prediction("pass"), RED, ("a",), 0),
        (Prediction("fail"), RED, ("a",), 1),
        (Prediction("fail"), State.AMBER, (), 1),
        (Prediction("fail", "a"), HUNG, ("a",), 2),
        (Prediction("fail", "a"), RED, ("ab",), 1),
        (Prediction("fail", "a"), GREEN, (), 0),
    ],
)
def test_points(prediction: Prediction, state: State, failed: tuple[str, ...], points: int) -> None:
    assert scores.earned(prediction, state, failed) == points


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("ann-and-bob", ["ann", "bob"]),
        ("Ann & Bob", ["Ann", "Bob"]),
        ("ann and bob and cy", ["ann", "bob", "cy"]),
        ("sandy", ["sandy"]),
        ("安和波", ["安", "波"]),
        ("ann, bob/cy+dan", ["ann", "bob", "cy", "dan"]),
        ("&", []),
    ],
)
def test_people_are_read_from_a_name(name: str, people: list[str]) -> None:
    assert room.people_in(name) == people


def test_the_page_is_told_what_it_shows(found: Room) -> None:
    found.report("p", report(RED, tasks={1: GREEN, 2: RED}, task=2, line="cold"), 65)
    found.rotate("start", 65)
    shown = picture.board(found, 70)
    assert shown["timer"] == {"left": 55, "length": 60, "going": True, "turn": 0, "rings": 0}
    (row,) = shown["pairs"]
    assert row["lights"] == [[0, "not begun", 0, "", ""], [1, "red", 1, "tea", "cold"]]
    assert (row["driver"], row["next"], row["task"], row["tasks"]) == ("ann", "bob", 2, {"1": "green", "2": "red"})


def test_light_is_a_value() -> None:
    assert lights.lit({0: Light(RED)}, 61, Light(GREEN)) == {0: Light(RED), 1: Light(GREEN)}


def test_who_has_only_joined_is_said_to_have_run_nothing(found: Room) -> None:
    found.join("q", "cy", ["cy"], "x", 0)
    found.report("q", report(RED), 60)
    found.report("q", report(HUNG), 120)
    ann, cy = retrospective.render(found, 0, 180).split("<section>")[1:]
    assert "No run that changed anything." in ann
    assert "No moment between red and green." in cy

"""What is looked into by code that `dataclasses` wrote, and by whoever finds a key: in one moment, or in several."""

import collections
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from explore.pairs import Pair, Program, tasks, threads
from programs.program import together

from pytest_concurrency import Grade, explore

PROGRAMS: dict[str, Program] = {}
AGAIN: dict[str, Program] = {}
"""These look more than once at the same, with code between that is not watched."""


def program(make: Program) -> Program:
    PROGRAMS[make.__name__] = make
    return make


def again(make: Program) -> Program:
    AGAIN[make.__name__] = make
    return make


@dataclasses.dataclass(order=True, unsafe_hash=True)
class Point:
    x: int = 0


@dataclasses.dataclass
class Drawing:
    first: Any
    names: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(slots=True)
class Slim:
    x: int = 0


@program
def equal() -> Pair:
    one, other = Point(), Point()
    return lambda: setattr(other, "x", 1), lambda: one == other


@program
def with_slots() -> Pair:
    one, other = Slim(), Slim()
    return lambda: setattr(other, "x", 1), lambda: one == other


@program
def in_order() -> Pair:
    one, other = Point(), Point()
    return lambda: setattr(other, "x", 1), lambda: one < other


@program
def in_words() -> Pair:
    point = Point()
    return lambda: setattr(point, "x", 1), lambda: f"{point}"


@again
def within_another() -> Pair:
    drawing = Drawing(Point())
    return lambda: setattr(drawing.first, "x", 1), lambda: drawing == Drawing(Point())


@again
def a_list_of_it() -> Pair:
    drawing = Drawing(None)
    return lambda: drawing.names.append("a"), lambda: drawing == Drawing(None)


@program
def its_hash() -> Pair:
    point = Point()
    return lambda: setattr(point, "x", 1), lambda: hash(point) == hash(Point())


@again
def the_key_that_is_asked_for() -> Pair:
    point, kept = Point(), {Point(): 1}
    return lambda: setattr(point, "x", 1), lambda: kept.get(point)


@again
def the_key_in_brackets() -> Pair:
    point, kept = Point(), collections.defaultdict(int, {Point(): 1})
    return lambda: setattr(point, "x", 1), lambda: kept[point]


@again
def the_key_that_is_kept() -> Pair:
    point = Point()
    kept = {point: 1}
    return lambda: setattr(point, "x", 1), lambda: kept.get(Point())


@again
def a_key_in_a_tuple() -> Pair:
    point, kept = Point(), {(Point(), 1): 1}
    return lambda: setattr(point, "x", 1), lambda: kept.get((point, 1))


@again
def a_member() -> Pair:
    point, kept = Point(), {Point()}
    return lambda: setattr(point, "x", 1), lambda: point in kept


@again
def a_member_that_is_added() -> Pair:
    point, kept = Point(), {Point()}

    def add() -> int:
        kept.add(point)
        return len(kept)

    return lambda: setattr(point, "x", 1), add


@program
def the_number_of_an_error() -> Pair:
    error = OSError(1, "a")
    return lambda: setattr(error, "errno", 2), lambda: str(error)


class Namespace(dict[str, Any]):
    """Its attributes are its items."""

    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__
    __delattr__ = dict.__delitem__


@program
def an_item_that_is_read_as_an_attribute() -> Pair:
    space: Any = Namespace(n=0)
    return lambda: space.update(n=1), lambda: space.n


@program
def an_item_that_is_written_as_an_attribute() -> Pair:
    space = Namespace(n=0)
    return lambda: setattr(space, "n", 1), lambda: space["n"]


@program
def an_item_that_is_deleted_as_an_attribute() -> Pair:
    space = Namespace(n=0)
    return lambda: delattr(space, "n"), lambda: space.get("n")


@pytest.mark.parametrize("make", PROGRAMS.values(), ids=PROGRAMS)
def test_both_outcomes_are_proved(make: Program) -> None:
    verdict = explore(threads(make), strategy="dpor", stop_on_failure=False)
    assert (verdict.grade, len(verdict.outcomes)) == (Grade.PROVED, 2), verdict
    assert verdict.schedules <= 4
    verdict = explore(tasks(make), strategy="dpor", order="any", stop_on_failure=False)
    assert len(verdict.outcomes) == 2, verdict


@pytest.mark.parametrize("make", AGAIN.values(), ids=AGAIN)
def test_both_outcomes_are_seen_and_nothing_is_proved(make: Program) -> None:
    verdict = explore(threads(make), strategy="dpor", stop_on_failure=False)
    assert (verdict.grade, len(verdict.outcomes)) == (Grade.SAMPLED, 2), verdict
    verdict = explore(tasks(make), strategy="dpor", order="any", stop_on_failure=False)
    assert len(verdict.outcomes) == 2, verdict


@dataclasses.dataclass
class Place:
    row: int = 0
    column: int = 0


def moved(reads: Callable[[Place, Place], object]) -> Callable[[], object]:
    """Return what asks for something of two places, while each of their fields is changed."""

    def scenario() -> object:
        one, other = Place(), Place()
        seen: list[object] = []

        def write() -> None:
            one.row, one.column, other.row = 1, 1, 1

        together(write, lambda: seen.append(reads(one, other)))
        return seen

    return scenario


@pytest.mark.parametrize(
    "reads",
    [
        lambda one, _: one == Place(0, 1),
        lambda one, _: repr(one),
        lambda one, _: f"{one}",
        lambda one, _: "%s" % one,  # noqa: UP031 # what is tested
        lambda one, _: [Place(), Place(1, 1)].count(one),
        lambda one, other: [one, other] == [Place(), Place(1, 0)],
        lambda one, other: one == other,
        lambda one, other: f"{one} {other}",
        lambda one, other: dict.fromkeys([(0,), (1,)]) | {(0,): one} == {(0,): other, (1,): None},
        lambda one, _: max([one, one], key=repr),
    ],
)
def test_nothing_is_proved_where_two_fields_change_in_the_midst_of_a_call(
    reads: Callable[[Place, Place], object],
) -> None:
    verdict = explore(moved(reads), strategy="dpor", stop_on_failure=False)
    assert verdict.grade is Grade.SAMPLED, verdict


def test_fields_that_nobody_changes_are_proved() -> None:
    def scenario() -> list[bool]:
        one, other = Place(), Place(1, 1)
        seen: list[bool] = []
        together(lambda: seen.append(one == other), lambda: seen.append([one, other].count(other) == 1))
        return sorted(seen)

    verdict = explore(scenario, strategy="dpor", stop_on_failure=False)
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, {"[False, True]"}), verdict


def test_what_is_compared_when_the_others_have_ended_costs_no_proof() -> None:
    def scenario() -> None:
        seen: list[Place] = []
        together(lambda: seen.append(Place(1, 2)), lambda: seen.append(Place(3, 4)))
        assert Place(1, 2) in seen
        assert sorted(seen, key=repr) == [Place(1, 2), Place(3, 4)]

    assert explore(scenario, strategy="dpor").grade is Grade.PROVED


def test_keys_that_never_change_cost_nothing() -> None:
    @dataclasses.dataclass(frozen=True)
    class Place:
        row: int
        column: int

    def counted() -> Pair:
        kept = {Place(0, 0): 0, Place(0, 1): 0}
        return lambda: kept.__setitem__(Place(0, 0), 1), lambda: kept[Place(0, 0)]

    verdict = explore(threads(counted), strategy="dpor", stop_on_failure=False)
    assert (verdict.grade, len(verdict.outcomes)) == (Grade.PROVED, 2), verdict


def test_nothing_is_proved_where_code_of_the_user_runs_in_between() -> None:
    class Same:
        def __eq__(self, other: object) -> bool:
            return asked[0] >= 0

        def __hash__(self) -> int:
            return 0

    asked = [0]

    def compared() -> Pair:
        rows: list[Any] = [Same(), Same()]

        def write() -> None:
            asked[0] = 1
            rows[1] = 5

        return write, lambda: rows == [1, 2]

    verdict = explore(threads(compared), strategy="dpor", stop_on_failure=False)
    assert verdict.grade is Grade.SAMPLED
    assert len(verdict.outcomes) == 2


def test_operators_of_the_user_and_of_a_class_above_cost_no_proof() -> None:
    def scenario() -> list[object]:
        class Words(dict[str, int]):
            __getattr__ = dict.__getitem__
            __hash__ = None

            def __len__(self) -> int:
                return 1

        words: Any = Words(n=0)
        seen: list[object] = []
        together(lambda: words.update(n=1), lambda: seen.append(words.n))
        return seen

    verdict = explore(scenario, strategy="dpor", stop_on_failure=False)
    assert (verdict.grade, len(verdict.outcomes)) == (Grade.PROVED, 2), verdict

"""What sets, dictionaries, words and operators look into where nothing is called in the source: no proof misses it."""

import collections
import contextvars
import dataclasses
import enum
import fractions
import io
import itertools
import types
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest
from explore.pairs import Pair, Program, tasks, threads

from pytest_concurrency import Grade, explore

SEEN: dict[str, Program] = {}
FOUND: dict[str, Program] = {}
UNSEEN: dict[str, Program] = {}


def seen(make: Program) -> Program:
    """Add a program of which both outcomes are found, by threads and by tasks; what is looked at twice is no proof."""
    SEEN[make.__name__] = make
    return make


def found(make: Program) -> Program:
    """Add a program of which both outcomes are found; code that nobody watches may stand against a proof."""
    FOUND[make.__name__] = make
    return make


def unseen(make: Program) -> Program:
    """Add a program of which nothing is proved."""
    UNSEEN[make.__name__] = make
    return make


@dataclasses.dataclass(unsafe_hash=True)
class Point:
    x: int = 0

    def name(self) -> None:
        """Stand for a method that is told with its object."""


@dataclasses.dataclass(frozen=True)
class Place:
    point: Any


class Pairing(NamedTuple):
    point: Point
    other: int = 0


def moves(read: Callable[[Point], object], start: int = 0) -> Pair:
    """Return a pair of which one moves a point that the other reads."""
    point = Point(start)
    return lambda: setattr(point, "x", 1), lambda: read(point)


@seen
def a_set_that_is_displayed() -> Pair:
    return moves(lambda point: len({point, Point()}))


@seen
def a_dictionary_that_is_displayed() -> Pair:
    return moves(lambda point: len({point: 1, Point(): 2}))


@seen
def a_display_of_tuples() -> Pair:
    return moves(lambda point: len({(point, 1), (Point(), 1)}))


@seen
def a_display_of_named_tuples() -> Pair:
    return moves(lambda point: len({Pairing(point), Pairing(Point())}))


@seen
def a_display_of_what_is_frozen_around_a_point() -> Pair:
    return moves(lambda point: len({Place(point), Place(Point())}))


@seen
def a_display_with_what_is_unpacked() -> Pair:
    return moves(lambda point: len({Point(), *[point]}))


@seen
def a_display_with_a_dictionary() -> Pair:
    point = Point()
    kept = {point: 1}
    return lambda: setattr(point, "x", 1), lambda: len({Point(): 2, **kept})


@seen
def a_set_of_a_loop() -> Pair:
    return moves(lambda point: len({each for each in (point, Point())}))


@seen
def a_dictionary_of_a_loop() -> Pair:
    return moves(lambda point: len({each: 1 for each in (point, Point())}))  # noqa: C420 - the loop is meant


@seen
def a_set_that_is_made() -> Pair:
    return moves(lambda point: len(set([point, Point()])))  # noqa: C405 - the call is meant


@seen
def a_frozen_set_that_is_made() -> Pair:
    return moves(lambda point: len(frozenset((point, Point()))))


@seen
def a_dictionary_of_two_lists() -> Pair:
    return moves(lambda point: len(dict(zip((point, Point()), "ab", strict=True))))


@seen
def what_two_sets_have() -> Pair:
    point = Point()
    kept = {point}
    return lambda: setattr(point, "x", 1), lambda: len(kept & {Point()})


@seen
def what_a_set_has_more() -> Pair:
    point = Point()
    kept = frozenset([point])
    return lambda: setattr(point, "x", 1), lambda: len(kept - {Point()})


@seen
def what_two_dictionaries_have() -> Pair:
    point = Point()
    kept = {point: 1}
    return lambda: setattr(point, "x", 1), lambda: len(kept | {Point(): 1})


@seen
def what_keys_have_in_common() -> Pair:
    point = Point()
    kept = {point: 1}
    return lambda: setattr(point, "x", 1), lambda: len(kept.keys() & {Point()})


@seen
def what_items_have_in_common() -> Pair:
    point = Point()
    kept = {point: 1}
    return lambda: setattr(point, "x", 1), lambda: len(kept.items() & {(Point(), 1)})


@seen
def a_part_of_a_set() -> Pair:
    point = Point()
    kept = {point}
    return lambda: setattr(point, "x", 1), lambda: kept.issubset([Point()])


@seen
def keys_apart() -> Pair:
    point = Point()
    kept = {point: 1}
    return lambda: setattr(point, "x", 1), lambda: kept.keys().isdisjoint([Point()])


@seen
def a_set_that_is_cut() -> Pair:
    point = Point()
    kept = {point}

    def cut() -> int:
        kept.intersection_update([Point()])
        return len(kept)

    return lambda: setattr(point, "x", 1), cut


@seen
def a_frozen_key_around_a_point() -> Pair:
    point = Point()
    kept = {Place(Point()): 1}
    return lambda: setattr(point, "x", 1), lambda: kept.get(Place(point))


@seen
def a_key_behind_a_view() -> Pair:
    point, kept = Point(), types.MappingProxyType(collections.defaultdict(int, {Point(): 1}))
    return lambda: setattr(point, "x", 1), lambda: kept[point]


@seen
def a_key_of_a_pattern() -> Pair:
    class Keys:
        key = Point()

    kept = {Point(): 1}

    def read() -> bool:
        match kept:
            case {Keys.key: 1}:
                return True
        return False

    return lambda: setattr(Keys.key, "x", 1), read


@found
def groups_of_what_is_equal() -> Pair:
    return moves(lambda point: len(list(itertools.groupby([point, Point()]))))


@seen
def an_iterator_that_is_looked_in() -> Pair:
    rows: list[int] = []
    walk = iter(rows)
    return lambda: rows.append(1), lambda: 1 in walk


@seen
def the_words_of_a_method() -> Pair:
    return moves(lambda point: "x=0" in repr(point.name))


@seen
def the_words_of_a_slice() -> Pair:
    rows: list[int] = []
    part = slice(rows)
    return lambda: rows.append(1), lambda: "[]" in f"{part}"


@seen
def an_equal_slice() -> Pair:
    return moves(lambda point: slice(point, 1) == slice(Point(), 1))


@seen
def words_that_are_asked_for_by_name() -> Pair:
    return moves(lambda point: "x=0" in point.__str__())


@seen
def a_format_that_is_asked_for_by_name() -> Pair:
    return moves(lambda point: "x=0" in point.__format__(""))


@seen
def words_of_a_list_that_are_asked_for_by_name() -> Pair:
    return moves(lambda point: "x=0" in [point].__repr__())


@seen
def a_hash_that_is_asked_for_by_name() -> Pair:
    return moves(lambda point: (point,).__hash__() == hash((Point(),)))


@seen
def an_order_that_is_asked_for_by_name() -> Pair:
    return moves(lambda point: point.__eq__(Point()))


@seen
def an_order_that_is_asked_for_in_its_class() -> Pair:
    return moves(lambda point: Point.__eq__(point, Point()))


@seen
def an_attribute_that_is_given_under_another_name() -> Pair:
    class Thing:
        give = object.__setattr__
        ask = object.__getattribute__

    thing: Any = Thing()
    thing.x = 0
    return lambda: thing.give("x", 1), lambda: thing.ask("x")


@seen
def a_method_of_a_list_under_another_name() -> Pair:
    class Rows(list[Any]):
        has = list.__contains__

    point = Point()
    rows = Rows([point])
    return lambda: setattr(point, "x", 1), lambda: rows.has(Point())


@seen
def bytes_with_a_number() -> Pair:
    page = bytearray(b"%d")
    return lambda: page.extend(b"1"), lambda: bytes(page % 1)


@found
def a_member_found_by_its_value() -> Pair:
    rows: list[int] = []

    class Kind(enum.Enum):
        EMPTY = rows

    def read() -> object:
        try:
            return Kind([]).name
        except ValueError:
            return None

    return lambda: rows.append(1), read


@found
def a_set_of_what_a_generator_gives() -> Pair:
    return moves(lambda point: len({Point()}.union(each for each in [point])))


@found
def the_largest_that_a_generator_gives() -> Pair:
    rows: list[list[int]] = [[1], [2]]
    return lambda: rows[0].insert(0, 3), lambda: max(each for each in rows)[-1]


@found
def something_true_that_a_generator_gives() -> Pair:
    rows: list[list[int]] = [[]]
    return lambda: rows[0].append(1), lambda: any(each for each in rows)


@found
def what_is_looked_for_among_what_a_generator_gives() -> Pair:
    return moves(lambda point: Point() in (each for each in [point]))


class Bag:
    """A collection of its own."""

    def __init__(self, *items: Any) -> None:
        self.items = items

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)


@unseen
def the_largest_of_a_collection() -> Pair:
    bag = Bag([1], [2])
    return lambda: bag.items[0].insert(0, 3), lambda: max(bag)[-1]


@found
def an_element_that_is_unpacked() -> Pair:
    tree = ElementTree.Element("a")
    return lambda: tree.append(ElementTree.Element("b")), lambda: len([*tree])


@unseen
def a_chain_of_dictionaries_that_is_unpacked() -> Pair:
    kept: dict[str, int] = {}
    chain = collections.ChainMap(kept)
    return lambda: kept.update(a=1), lambda: len({**chain})


@unseen
def a_context_that_is_unpacked() -> Pair:
    name: contextvars.ContextVar[int] = contextvars.ContextVar("name")
    context = contextvars.Context()
    return lambda: context.run(lambda: name.set(1)), lambda: len([*context])


@unseen
def an_equal_list_of_types() -> Pair:
    return moves(lambda point: types.GenericAlias(list, (point,)) == types.GenericAlias(list, (Point(),)))


@unseen
def members_that_are_made() -> Pair:
    class Kind(enum.Flag):
        A = 1
        B = 2

    return lambda: Kind.A | Kind.B, lambda: len(Kind._value2member_map_)


@unseen
def an_equal_text() -> Pair:
    text = collections.UserString("a")
    return lambda: setattr(text, "data", "b"), lambda: text == "a"


@unseen
def a_text_with_a_number() -> Pair:
    text = collections.UserString("a%d")
    return lambda: setattr(text, "data", "b%d"), lambda: (text % 1).data


@unseen
def a_number_that_is_made_another() -> Pair:
    half: Any = fractions.Fraction(1, 2)
    return lambda: setattr(half, "_numerator", 3), lambda: half + 1


@unseen
def variables_of_a_context() -> Pair:
    name: contextvars.ContextVar[int] = contextvars.ContextVar("name")
    context = contextvars.Context()
    return lambda: context.run(lambda: name.set(1)), lambda: [each.name for each in context]


@unseen
def a_variable_of_a_context() -> Pair:
    name: contextvars.ContextVar[int] = contextvars.ContextVar("name")
    context = contextvars.Context()

    def twice() -> None:
        name.set(1)
        name.set(2)

    return lambda: context.run(twice), lambda: context.get(name)


@unseen
def an_equal_context() -> Pair:
    name: contextvars.ContextVar[int] = contextvars.ContextVar("name")
    context = contextvars.Context()
    return lambda: context.run(lambda: name.set(1)), lambda: context == contextvars.Context()


@unseen
def a_stream_that_ends_with_another() -> Pair:
    stream = io.BytesIO(b"a")
    kept = [io.TextIOWrapper(stream)]
    return kept.clear, lambda: stream.closed


@unseen
def a_class_that_calls_something_else() -> Pair:
    class Meta(type):
        __call__ = type.__setattr__

    class Thing(metaclass=Meta):
        x = 0

    given: Any = Thing
    return lambda: given("x", 1), lambda: Thing.x


@pytest.mark.parametrize("make", SEEN.values(), ids=SEEN)
def test_both_outcomes_are_found_by_threads_and_tasks(make: Program) -> None:
    verdict = explore(threads(make), strategy="dpor", stop_on_failure=False)
    assert len(verdict.outcomes) == 2, verdict
    verdict = explore(tasks(make), strategy="dpor", order="any", stop_on_failure=False)
    assert len(verdict.outcomes) == 2, verdict


@pytest.mark.parametrize("make", FOUND.values(), ids=FOUND)
def test_both_outcomes_are_found(make: Program) -> None:
    verdict = explore(threads(make), strategy="dpor", stop_on_failure=False)
    assert len(verdict.outcomes) == 2, verdict


@pytest.mark.parametrize("make", UNSEEN.values(), ids=UNSEEN)
def test_nothing_is_proved(make: Program) -> None:
    verdict = explore(threads(make), strategy="dpor", stop_on_failure=False)
    assert verdict.grade is Grade.SAMPLED, verdict


@dataclasses.dataclass
class Name:
    text: str

    def __eq__(self, other: object) -> bool:
        return bool(self.text == other.text)  # type: ignore[attr-defined] # who compares it with anything else, fails


def test_no_comparison_of_the_users_runs_where_one_is_looked_for() -> None:
    def compared() -> Pair:
        name = Name("a")
        return lambda: setattr(name, "text", "b"), lambda: [name] == [Name("a")]

    verdict = explore(threads(compared), strategy="dpor", stop_on_failure=False)
    assert (verdict.error, len(verdict.outcomes)) == (None, 2), verdict


def test_keys_that_never_change_cost_nothing() -> None:
    def gathered() -> Pair:
        kept = {Place(1), Place(2)}
        numbers = [1, 2]
        return lambda: numbers.append(3), lambda: (len({Place(1), *kept} | {Place(3)}), {*numbers})

    verdict = explore(threads(gathered), strategy="dpor", stop_on_failure=False)
    assert (verdict.grade, len(verdict.outcomes)) == (Grade.PROVED, 2), verdict
    assert verdict.schedules <= 4

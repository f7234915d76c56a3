# ruff: noqa: C400, C417, RUF017, SIM300, UP030, UP031, UP032 -- how each expression is written is the subject
"""An object that its words do not name, or that lies within another, is seen: what a call gives, a list in a list."""

import collections
import concurrent.futures
import contextlib
import itertools
import operator
import sys
import threading
import weakref
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

from pytest_concurrency import Grade, explore

LIST, ITERATOR = "a list", "an iterator"


def two(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Run both, and return what the first one gives."""
    got: list[Any] = []

    def tell() -> None:
        try:
            got.append(first())
        except ValueError as error:
            got.append(type(error))

    threads = [threading.Thread(target=tell), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def outcomes(look: Callable[[Callable[[], Any]], Any], kind: str) -> set[str]:
    """Return what a task can find that looks at an object by a call, beside one that appends to it or uses it up."""
    found: set[str] = set()

    def scenario() -> None:
        thing: Any = [1, 2] if kind is LIST else iter([1, 2, 3])

        def change() -> None:
            if kind is LIST:
                thing.append(9)
            else:
                next(thing, None)

        found.add(str(two(lambda: look(lambda: thing), change)))

    verdict = explore(scenario, strategy="dpor")
    assert verdict.grade is Grade.PROVED, verdict
    return found


def looped(give: Callable[[], Any]) -> list[int]:
    found = []
    for each in give():
        found.append(each)  # the loop is the subject
    return found


def generated(give: Callable[[], Any]) -> Iterator[int]:
    yield from give()


def rebound(give: Callable[[], Any]) -> list[int]:
    things, found = give(), []
    for each in things:
        things = []
        found.append(each)
    return [*found, len(things)]


def added(give: Callable[[], Any]) -> list[int]:
    found: list[int] = []
    found += give()
    return found


def put_in(give: Callable[[], Any]) -> list[int]:
    found = [0]
    found[0:1] = give()
    return found


def unpacked(give: Callable[[], Any]) -> list[int]:
    _, *rest = give()
    return rest  # type: ignore[no-any-return] # a list


def unpacked_within(give: Callable[[], Any]) -> list[int]:
    (_, *rest), _ = give(), 1
    return rest  # type: ignore[no-any-return] # a list


TAKEN_STEP_BY_STEP = ["1, 2, 3", "2, 3", "1, 3", "1, 2"]
Look = Callable[[Any], Any]
LOOPS: list[Look] = [
    looped,
    lambda give: [each for each in give()],
    lambda give: list(each for each in give()),
    lambda give: list(generated(give)),
    lambda give: [int(each) for each in map(str, give())],
    lambda give: [each for _, each in enumerate(give())],
    lambda give: [each for each in (give() or [])],
    lambda give: [each for each in (give() if give else [])],
    lambda give: [each for each in itertools.chain(give())],
]
USES: list[Look] = [
    lambda give: [*give()],
    lambda give: sorted({*give()}),
    lambda give: list(give()),
    lambda give: list(itertools.islice(give(), 9)),
    added,
    put_in,
]
LOOKS: list[tuple[Look, str, str]] = [
    (lambda give: give() + [5], "[1, 2, 5]", "[1, 2, 9, 5]"),
    (lambda give: [5] + give(), "[5, 1, 2]", "[5, 1, 2, 9]"),
    (lambda give: give() == [1, 2], "True", "False"),
    (lambda give: [1, 2] == give(), "True", "False"),
    (lambda give: [0] < give() <= [1, 2], "True", "False"),
    (lambda give: 9 in give(), "False", "True"),
    (lambda give: f"{give()}", "'[1, 2]'", "'[1, 2, 9]'"),
    (lambda give: f"{give()!r:>3}", "'[1, 2]'", "'[1, 2, 9]'"),
    (lambda give: "%s" % give(), "'[1, 2]'", "'[1, 2, 9]'"),
    (lambda give: len(give()[0:]), "2", "3"),
    (lambda give: f"{0}".join(map(str, give())), "'102'", "'10209'"),
]
INSIDE: list[tuple[Look, str, str]] = [
    (lambda thing: [thing] == [[1, 2]], "True", "False"),
    (lambda thing: {"a": thing} == {"a": [1, 2]}, "True", "False"),
    (lambda thing: (thing, 1) == ([1, 2], 1), "True", "False"),
    (lambda thing: [1, 2] in [thing], "True", "False"),
    (lambda thing: [0, thing].count([1, 2]), "1", "0"),
    (lambda thing: (0, thing).count([1, 2]), "1", "0"),
    (lambda thing: f"{[thing]}", "'[[1, 2]]'", "'[[1, 2, 9]]'"),
    (lambda thing: str({0: thing}), "'{0: [1, 2]}'", "'{0: [1, 2, 9]}'"),
    (lambda thing: repr(ValueError(thing)), "'ValueError([1, 2])'", "'ValueError([1, 2, 9])'"),
    (lambda thing: "{}".format([thing]), "'[[1, 2]]'", "'[[1, 2, 9]]'"),
    (lambda thing: "%s" % ([thing],), "'[[1, 2]]'", "'[[1, 2, 9]]'"),
    (lambda thing: len(sorted([[1, 2, 5], thing])[0]), "2", "3"),
    (lambda thing: sum([thing], []), "[1, 2]", "[1, 2, 9]"),
    (lambda thing: list(map(len, [thing])), "[2]", "[3]"),
    (lambda thing: [each for each in map(len, [thing])], "[2]", "[3]"),
    (lambda thing: next(map(len, [thing])), "2", "3"),
    (lambda thing: list(itertools.chain(*[thing])), "[1, 2]", "[1, 2, 9]"),
    (lambda thing: sorted([0, 1], key=[[1, 2, 5], thing].__getitem__), "[1, 0]", "[0, 1]"),
    (lambda thing: max([thing, [1, 2, 5]]) == [1, 2, 5], "True", "False"),
]


@pytest.mark.slow
@pytest.mark.parametrize("walk", LOOPS)
def test_each_step_of_a_loop_over_what_a_call_gives_can_be_between_two_of_another_task(walk: Look) -> None:
    assert outcomes(walk, ITERATOR) == {f"[[{each}]]" for each in TAKEN_STEP_BY_STEP}
    assert outcomes(walk, LIST) == {"[[1, 2]]", "[[1, 2, 9]]"}


def test_a_loop_walks_on_over_what_it_began_with() -> None:
    assert outcomes(rebound, LIST) == {"[[1, 2, 0]]", "[[1, 2, 9, 0]]"}


@pytest.mark.slow
@pytest.mark.parametrize("use", USES)
def test_what_a_call_gives_is_used_up_at_once(use: Look) -> None:
    assert outcomes(use, ITERATOR) == {"[[1, 2, 3]]", "[[2, 3]]"}
    assert outcomes(use, LIST) == {"[[1, 2]]", "[[1, 2, 9]]"}


@pytest.mark.parametrize("use", [unpacked, unpacked_within])
def test_what_a_call_gives_is_unpacked(use: Look) -> None:
    assert outcomes(use, ITERATOR) == {"[[2, 3]]", "[[3]]"}
    assert outcomes(use, LIST) == {"[[2]]", "[[2, 9]]"}


@pytest.mark.slow
@pytest.mark.parametrize(("look", "before", "after"), LOOKS)
def test_what_a_call_gives_is_looked_at(look: Look, before: str, after: str) -> None:
    assert outcomes(look, LIST) == {f"[{before}]", f"[{after}]"}


@pytest.mark.slow
@pytest.mark.parametrize(("look", "before", "after"), INSIDE)
def test_a_list_within_another_is_looked_at(look: Look, before: str, after: str) -> None:
    assert outcomes(lambda give: look(give()), LIST) == {f"[{before}]", f"[{after}]"}


def test_of_very_much_within_one_object_nothing_is_proved() -> None:
    things = [[each] for each in range(2000)]

    def scenario() -> None:
        two(lambda: things == [[0]], lambda: things[0].append(1))

    assert explore(scenario, strategy="dpor").grade is not Grade.PROVED


def test_a_list_of_plain_things_may_be_long() -> None:
    def scenario() -> None:
        things = list(range(5000))
        two(lambda: things == [0], lambda: None)

    assert explore(scenario, strategy="dpor").grade is Grade.PROVED


MAKERS: list[Callable[[], Any]] = [
    lambda: collections.OrderedDict(a=1, b=2),
    lambda: {"a": 1, "b": 2},
    lambda: collections.deque("ab"),
]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("walk", [reversed, iter])
def test_an_iterator_that_was_made_before_shows_what_it_walks_over(make: Callable[[], Any], walk: Any) -> None:
    found: set[str] = set()

    def scenario() -> None:
        thing = make()

        def tell() -> str:
            made = walk(thing)
            try:
                return "".join(list(made))
            except RuntimeError:
                return "changed"

        found.add(two(tell, thing.clear)[0])

    assert explore(scenario, strategy="dpor").grade is Grade.PROVED
    assert found == {"ab" if walk is iter else "ba", "changed", ""}


class Meta(type):
    """Has what its classes show."""

    level = 0


class Leveled(metaclass=Meta):
    """Has nothing of its own."""

    n = 0


def test_an_attribute_is_written_by_its_method_and_one_of_a_class_by_its_metaclass() -> None:
    found: set[str] = set()

    def scenario() -> None:
        Meta.level, thing = 0, Leveled()

        def change() -> None:
            thing.__setattr__("n", 5)  # the call is the subject
            Meta.level = 1

        found.add(str(two(lambda: (thing.n, Leveled.level), change)))

    assert explore(scenario, strategy="dpor").grade is Grade.PROVED
    assert found == {"[(0, 0)]", "[(0, 1)]", "[(5, 0)]", "[(5, 1)]"}


class Slotted:
    """Keeps its number in a slot."""

    __slots__ = ("n",)
    n: int


def test_a_slot_is_read_and_written_by_its_descriptor() -> None:
    found: set[str] = set()
    slot: Any = vars(Slotted)["n"]

    def scenario() -> None:
        thing = Slotted()
        thing.n = 0

        def change() -> None:
            slot.__set__(thing, 1)
            thing.n += 2

        found.add(str(two(lambda: (slot.__get__(thing), thing.n), change)))

    assert explore(scenario, strategy="dpor").grade is Grade.PROVED
    assert found == {"[(0, 0)]", "[(0, 1)]", "[(0, 3)]", "[(1, 1)]", "[(1, 3)]", "[(3, 3)]"}


@pytest.mark.parametrize(
    "look",
    [
        lambda thing: thing.__dict__["n"],
        lambda thing: thing.__dict__.copy(),
        lambda _thing: "{0.level}".format(Leveled),
    ],
)
def test_an_attribute_that_is_read_under_another_name_takes_the_proof_away(look: Look) -> None:
    def scenario() -> None:
        Meta.level, thing = 0, Leveled()

        def change() -> None:
            thing.n = 5
            Meta.level = 1

        two(lambda: look(thing), change)

    assert explore(scenario, strategy="dpor").grade is not Grade.PROVED


class Row:
    """Has items that are made anew."""

    def __init__(self) -> None:
        self.items = [1]
        self.at = 0


def test_an_item_is_of_the_container_that_was_there_when_its_index_was_found() -> None:
    found: set[str] = set()

    def scenario() -> None:
        row = Row()

        def index() -> int:
            row.at += 1
            return 0

        def renew() -> None:
            before, row.items = row.items, [0]
            before[0] = 7

        found.add(str(two(lambda: row.items[index()], renew)))

    assert explore(scenario, strategy="dpor").grade is Grade.PROVED
    assert found == {"[1]", "[0]", "[7]"}


def firsts(letters: str) -> Iterator[tuple[str, int]]:
    for each in letters:
        yield each, 1


CHANGES: list[Callable[[Any], Any]] = [
    lambda thing: thing.update(firsts("cd")),
    lambda thing: thing.update((each, 1) for each in "cd"),
    lambda thing: thing.update(map(lambda each: (each, 1), "cd")),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_runs_code_in_between_is_proved_only_where_nobody_looks(change: Callable[[Any], Any]) -> None:
    def scenario(*, looks: bool) -> None:
        thing = {"a": 1}
        two(lambda: sorted(thing) if looks else 0, lambda: change(thing))

    assert explore(lambda: scenario(looks=True), strategy="dpor").grade is not Grade.PROVED
    assert explore(lambda: scenario(looks=False), strategy="dpor").grade is Grade.PROVED


CALLED: list[Callable[[list[int]], Any]] = [
    lambda rows: list(map(rows.append, (8, 9))),
    lambda rows: any(map(rows.append, (8, 9))),
    lambda rows: [*map(rows.append, (8, 9))],
    lambda rows: list(filter(rows.append, (8, 9))),
    lambda rows: operator.call(rows.extend, (8, 9)),
]


@pytest.mark.parametrize("change", CALLED)
def test_a_method_that_code_in_c_is_given_changes_what_it_belongs_to(change: Callable[[list[int]], Any]) -> None:
    found: set[str] = set()

    def scenario() -> None:
        rows = [1, 2]
        found.add(str(two(lambda: list(rows), lambda: change(rows))))

    assert explore(scenario, strategy="dpor").grade is Grade.PROVED
    assert found == {"[[1, 2]]", "[[1, 2, 8, 9]]"}


def by_a_timer(rows: list[int]) -> None:
    timer = threading.Timer(0, rows.append, (9,))
    timer.start()
    timer.join()


def by_a_barrier(rows: list[Any]) -> None:
    threading.Barrier(1, action=rows.clear).wait()


def by_a_condition(rows: list[int]) -> None:
    condition = threading.Condition()
    with condition:
        condition.wait_for(rows.pop)


def by_a_future(rows: list[Any]) -> None:
    future = concurrent.futures.Future[int]()
    future.add_done_callback(rows.append)
    future.set_result(9)


def by_a_weak_reference(rows: list[Any]) -> None:
    leveled = Leveled()
    kept = weakref.ref(leveled, rows.append)
    del leveled
    assert kept() is None


@pytest.mark.parametrize("change", [by_a_timer, by_a_barrier, by_a_condition, by_a_future, by_a_weak_reference])
def test_a_method_that_the_library_calls_later_takes_the_proof_away(change: Callable[[list[Any]], None]) -> None:
    def scenario() -> None:
        rows = [1, 2]
        two(lambda: list(rows), lambda: change(rows))

    assert explore(scenario, strategy="dpor", schedules=200).grade is Grade.SAMPLED


def test_a_function_that_is_watched_may_be_called_later() -> None:
    def scenario() -> None:
        rows = [1, 2]

        def change() -> None:
            threading.Barrier(1, action=lambda: rows.append(9)).wait()

        two(lambda: list(rows), change)

    assert explore(scenario, strategy="dpor").grade is Grade.PROVED


def test_a_generator_that_is_closed_is_busy_until_its_last_words_are_over() -> None:
    found: set[str] = set()

    def scenario() -> None:
        log: list[int] = []

        def numbers() -> Generator[int, None, None]:
            try:
                yield 1
                yield 2
            finally:
                log.append(9)

        thing = numbers()
        next(thing)

        def close() -> None:
            with contextlib.suppress(ValueError):
                thing.close()

        found.add(str(two(lambda: next(thing, 0), close)))

    assert explore(scenario, strategy="dpor").grade is Grade.PROVED
    assert found == {"[2]", "[0]", "[<class 'ValueError'>]"}


@pytest.mark.parametrize(
    "change",
    [
        lambda thing: thing.subtract(a=2),
        lambda thing: thing.update("ab"),
        lambda thing: thing.most_common(1),
    ],
)
def test_what_a_counter_does_in_python_is_proved_only_where_nobody_else_looks(change: Callable[[Any], Any]) -> None:
    def scenario(*, changes: bool) -> None:
        thing = collections.Counter(a=1)
        two(lambda: thing.pop("a", 0) if changes else 0, lambda: change(thing))

    assert explore(lambda: scenario(changes=True), strategy="dpor").grade is Grade.SAMPLED
    assert explore(lambda: scenario(changes=False), strategy="dpor").grade is Grade.PROVED


def test_the_words_of_an_exception_are_what_it_was_given() -> None:
    found: set[str] = set()

    def scenario() -> None:
        error = ValueError("a")

        def change() -> None:
            error.args = ("b",)

        found.add(str(two(lambda: str(error), change)))

    assert explore(scenario, strategy="dpor").grade is Grade.PROVED
    assert found == {"['a']", "['b']"}


@pytest.mark.parametrize("kind", [bytearray, bytes])
def test_a_view_of_memory_is_proved_only_where_its_length_cannot_be_changed(kind: Callable[[bytes], Any]) -> None:
    def scenario() -> None:
        thing = kind(b"ab")
        two(lambda: bytes(memoryview(thing)), lambda: len(thing) if kind is bytes else thing.extend(b""))

    grade = explore(scenario, strategy="dpor").grade
    assert grade is (Grade.PROVED if kind is bytes else Grade.SAMPLED)


def test_a_dictionary_that_asks_its_factory_has_not_got_the_item_yet() -> None:
    def scenario() -> None:
        found: collections.defaultdict[str, list[int]] = collections.defaultdict(lambda: list())  # noqa: C408
        two(lambda: found["k"].append(1), lambda: found["k"].append(2))
        assert sorted(found["k"]) == [1, 2]

    verdict = explore(scenario, strategy="dpor")
    keeps_the_first = sys.version_info >= (3, 14)
    assert verdict.grade is (Grade.SAMPLED if keeps_the_first else Grade.FAILED), verdict
    assert ("[1, 2]" in verdict.reason) is not keeps_the_first


def test_a_list_is_empty_while_it_is_sorted_by_a_key() -> None:
    found: set[str] = set()

    def scenario() -> None:
        rows = [-3, 1, 2]
        found.add(str(two(lambda: len(rows), lambda: rows.sort(key=lambda each: abs(each)))))

    assert explore(scenario, strategy="dpor").grade is Grade.SAMPLED
    assert found == {"[3]", "[0]"}

"""Ordered results: the tests. Time is virtual in them, and the threads mix in many ways."""

import functools
import threading
import time

import pytest
from ordered_results import in_threads, squares


class Class:
    """Pupils, each as quick as was said, and what they were asked."""

    def __init__(self, *seconds):
        self.seconds = dict(enumerate(seconds, start=1))
        self.asked = []
        self.threads = []

    def square(self, number):
        """Square a number, in the time that this number takes."""
        self.asked.append(number)
        self.threads.append(threading.current_thread())
        time.sleep(self.seconds.get(number, 0))
        return number * number


def check(found, wanted):
    """Compare the results with what they should be; the commonest mistake first."""
    assert found is not None, "nothing came back: return the list of the results"
    found = list(found)
    assert len(found) == len(wanted), (
        f"{len(wanted)} items were given, {len(found)} results came back: {found} instead of "
        f"{wanted}; each item has a place of its own, even if it is equal to another one or its "
        "thread has the ident of one that has ended"
    )
    assert not (found != wanted and sorted(map(repr, found)) == sorted(map(repr, wanted))), (
        f"the results are {found}, and in the order of the items they are {wanted}: decide the place of a result "
        "when you start its thread; neither who ends first nor how long the list is by then says where it belongs"
    )
    assert found == wanted, (
        f"the results are {found} instead of {wanted}: join every thread before you look, and "
        "let each write to its own place"
    )


@pytest.mark.task(1)
def test_each_item_is_asked_once_in_threads(race):
    def scenario():
        pupils = Class(1, 1, 1)
        found = in_threads(pupils.square, [1, 2, 3])
        assert sorted(pupils.asked) == [1, 2, 3], (
            f"the function was called for {sorted(pupils.asked)} instead of [1, 2, 3], each once: "
            "hand each thread its own item, in args"
        )
        assert threading.current_thread() not in pupils.threads, (
            "the function was called in the thread of the caller: it is the thread that has to call it"
        )
        assert found is not None, "nothing came back: return the list of the results"
        assert sorted(found, key=repr) == [1, 4, 9], (
            f"the results are {found}, they should be 1, 4 and 9: the thread itself has to put "
            "its result somewhere, and you have to join it before you look"
        )

    race.explore(scenario, schedules=8)


@pytest.mark.task(1)
def test_one_item_has_a_thread_as_well(race):
    def scenario():
        pupils = Class(1)
        check(in_threads(pupils.square, [1]), [1])
        assert threading.current_thread() not in pupils.threads, (
            "there was one item only, and the caller called the function: none of the calls is made in its thread"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(1)
def test_seventy_items_take_as_long_as_one(timing):
    pupils = Class(*[1] * 70)
    with timing.virtual():
        began = time.monotonic()
        found = in_threads(pupils.square, range(1, 71))
        took = time.monotonic() - began
    assert took == 1, (
        f"70 calls of 1 s took {took:g} s instead of 1 s: not all were made at the same time; a pool has a limit, each "
        "item needs a thread of its own"
    )
    check(found, [number * number for number in range(1, 71)])


@pytest.mark.task(1)
def test_a_stranger_is_not_waited_for(race):
    def scenario():
        stranger = threading.Thread(target=time.sleep, args=(60,))
        stranger.start()
        began = time.monotonic()
        in_threads(Class(2, 3).square, [1, 2])
        took = time.monotonic() - began
        assert took == 3, (
            f"another thread of the program needed 60 s, and in_threads came back after {took:g} s instead of 3 s: "
            "wait for your own threads, and for nobody else"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(1)
def test_a_thread_that_is_new_may_be_a_strangers(race):
    def scenario():
        stranger, began = threading.Thread(target=time.sleep, args=(60,)), time.monotonic()
        in_threads(lambda call: call(), [stranger.start, lambda: time.sleep(3)])
        took = time.monotonic() - began
        assert took == 3, (
            f"a call started a thread that needs 60 s, and in_threads came back after {took:g} s instead of 3 s: not "
            "all that is new is yours; join the threads that you have started"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(1)
@pytest.mark.parametrize("seconds", [(1, 2, 5), (5, 2, 1)])
def test_it_takes_as_long_as_the_slowest(race, seconds):
    def scenario():
        began = time.monotonic()
        in_threads(Class(*seconds).square, [1, 2, 3])
        took = time.monotonic() - began
        assert took <= 5, (
            f"calls of {seconds} s took {took:g} s instead of 5 s: they waited for each other; "
            "start all threads before you join one"
        )
        assert took == 5, f"in_threads came back after {took:g} s, the slowest call needs 5 s: join every thread"

    race.explore(scenario, schedules=7)


@pytest.mark.task(2)
@pytest.mark.parametrize(
    "seconds",
    [(3, 2, 1), (1, 3, 2), (0, 0, 0)],
    ids=["the last is the quickest", "the first is the quickest", "all are equally quick"],
)
def test_the_results_have_the_order_of_the_items(race, seconds):
    def scenario():
        check(in_threads(Class(*seconds).square, [1, 2, 3]), [1, 4, 9])

    race.explore(scenario, schedules=6)


@pytest.mark.task(2)
def test_the_order_of_the_items_is_their_own(race):
    def scenario():
        check(in_threads(Class(2, 3, 1).square, [2, 3, 1, -2]), [4, 9, 1, 4])

    race.explore(scenario, schedules=40)


@pytest.mark.task(2)
def test_all_results_are_there_on_return(race):
    def scenario():
        check(in_threads(Class(1, 60, 3).square, [1, 2, 3]), [1, 4, 9])

    race.explore(scenario, schedules=40, clock="any")


@pytest.mark.task(3)
def test_a_quick_thread_leaves_its_ident_to_the_next(race):
    def scenario():
        check(in_threads(lambda item: item, list("abcdef")), list("abcdef"))

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_equal_items_have_a_result_each(race):
    def scenario():
        check(in_threads(Class(1, 2).square, [2, 1, 2]), [4, 1, 4])

    race.explore(scenario, schedules=40)


@pytest.mark.task(2)
def test_more_than_ten_have_their_order_as_well(race):
    def scenario():
        numbers = [7, 3, 12, 1, 9, 5, 11, 2, 10, 4, 8, 6]
        found = in_threads(Class(*numbers).square, numbers)
        wanted = [number * number for number in numbers]
        assert found == wanted, (
            f"of twelve numbers the results are {found} instead of {wanted}: a place is a number and no text, as a "
            "text '10' comes before '2'"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
def test_the_very_same_item_twice(race):
    def scenario():
        item, answers, made = object(), iter(["first", "second", "third"]), []

        def ask(given):
            answer = next(answers)
            made.append((given, answer))
            return answer

        found = in_threads(ask, [item, item, item])
        assert [given for given, _ in made] == [item] * 3, f"one object stood in the list three times, asked was {made}"
        assert sorted(found, key=str) == ["first", "second", "third"], (
            "one object stood in the list three times, the calls returned 'first', 'second' and 'third', and the "
            f"results are {found}: each place has a result of its own, whatever stands there; do not keep results by "
            "the item or its id"
        )

    race.explore(scenario, schedules=6)


class Everything:
    """Is equal to everything, has no hash, and is neither true nor false."""

    __hash__ = None

    def __eq__(self, other):
        return True

    def __bool__(self):
        raise TypeError("neither true nor false")


@pytest.mark.task(3)
@pytest.mark.means(
    TypeError="a result that is neither true nor false was asked whether it is; ask no result anything",
    AttributeError="the function has no __name__: whatever can be called is one, ask it for nothing else",
    DeadlockFound="a result that is equal to everything was taken for one that is missing; ask no result anything",
)
def test_any_object_is_a_result(race):
    def scenario():
        results = [Everything(), None, ValueError("a result"), Everything(), False, iter("ab"), dict]
        found = in_threads(functools.partial(results.__getitem__), range(7))
        same = [place for place in range(7) if len(found) == 7 and found[place] is results[place]]
        assert same == [0, 1, 2, 3, 4, 5, 6], (
            "results that are equal to everything, None, False, an exception that was returned, an iterator and a "
            f"class: they did not all come back as they are, in their order, only those at {same}; put them where they "
            "belong, and ask them nothing"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(3)
def test_a_call_may_ask_in_threads_itself(race):
    def scenario():
        found = in_threads(lambda row: in_threads(lambda number: number * 2, row), [[1, 2], [3], []])
        assert found == [[2, 4], [6], []], (
            f"the function itself called in_threads for [1, 2], [3] and []: the results are {found} instead of "
            "[[2, 4], [6], []]; what a call writes to must be its own"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
@pytest.mark.means(
    KeyError="a call has renamed its thread, and its result is looked for under the old name: a name is no identity"
)
def test_a_call_may_rename_its_thread(race):
    def scenario():
        def call(number):
            threading.current_thread().name = "pupil"
            return number * number

        found = in_threads(call, [1, 2])
        assert list(found) == [1, 4], (
            f"each call has renamed its thread, both have the same name now, and the results are {list(found)} instead "
            "of [1, 4]: a name is no identity"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
def test_items_may_be_lists(race):
    def scenario():
        try:
            found = in_threads(sum, [[1, 2], [], [1j]])
        except TypeError as error:
            raise AssertionError(
                f"items may be lists, and numbers that have no order: {error}; use an item neither "
                "as a key nor for sorting, but the number of its place"
            ) from error
        check(found, [3, 0, 1j])

    race.explore(scenario, schedules=40)


@pytest.mark.task(3)
def test_an_item_is_handed_on_as_it_is(race):
    def scenario():
        items = [(), (1, 2), None, {"a": 1}]
        found = in_threads(lambda *args, **kwargs: (args, kwargs), items)
        wanted = [((item,), {}) for item in items]
        assert found == wanted, (
            f"of the items {items} the function got (args, kwargs) {found} instead of {wanted}: function(item), one "
            "argument, whatever it is; nothing is spread"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
def test_none_is_a_result(race):
    def scenario():
        found = in_threads({"a": 1}.get, ["b", "a", "c"])
        assert found == [None, 1, None], (
            f"the results are {found} instead of [None, 1, None]: None is a result like any other"
        )

    race.explore(scenario, schedules=40)


@pytest.mark.task(3)
@pytest.mark.means(
    DeadlockFound="without items nobody ends last: who waits for the last one waits for ever",
    ValueError="without items there is nothing to do; a pool wants one worker at least, so do not make one",
)
def test_no_items_no_results(race):
    def scenario():
        found = in_threads(len, [])
        assert found == [], f"without items the results are {found!r} instead of []"

    race.explore(scenario, schedules=5)


@pytest.mark.task(4)
def test_squares(timing):
    numbers = list(range(1, 11))
    pupils = Class(*reversed(numbers))
    with timing.virtual():
        found = squares(numbers, pupils.square)
    wanted = [(number, number * number) for number in numbers]
    assert found == wanted, f"squares returned {found} instead of {wanted}"
    assert threading.current_thread() not in pupils.threads, "squares let the caller compute: let in_threads do it"


@pytest.mark.task(4)
def test_the_square_is_what_square_returns(race):
    def scenario():
        asked = []

        def square(number):
            asked.append(number)
            time.sleep(1)
            return f"{number} * {number}"

        began = time.monotonic()
        numbers = [2, 2.0, True, 1, 2]
        found = squares(numbers, square)
        took = time.monotonic() - began
        wanted = ["(2, '2 * 2')", "(2.0, '2.0 * 2.0')", "(True, 'True * True')", "(1, '1 * 1')", "(2, '2 * 2')"]
        assert len(found) == 5, f"five numbers, some of them equal, have five squares, not {len(found)}: {found}"
        assert len(asked) == 5, (
            f"of {numbers} only {asked} were squared: each place of the list is a number to square, equal ones as "
            "well; do not use a number as a key"
        )
        assert list(map(repr, found)) == wanted, f"squares({numbers}) is {found}, and should be what square returned"
        assert took == 1, f"each square takes 1 s, squares took {took:g} s: they are computed side by side"
        assert squares([], square) == [], "no numbers have no squares"

    race.explore(scenario, schedules=6)

"""Move items: the tests. Time is virtual in them, and the threads mix in many ways."""

import functools
import threading
import time
from itertools import accumulate, count

import pytest
from move_items import move_all

FULL = ["lamp", "sofa", "book", "vase", "harp", "desk", "fern", "sled"]


class Way:
    """The way from the old flat to the new one: notes what is on it, and what is wrong."""

    def __init__(self, source, target, seconds=1):
        self.source, self.target, self.seconds = source, target, seconds
        self.items = list(source)
        self.carried = []
        self.mistakes = []
        self.steps = []  # +1 and -1: append is one step, counting here would be a race of its own

    def carry(self, item):
        """Take an item over."""
        self.carried.append(item)
        if item in self.source:
            self.mistakes.append(
                f"{item!r} is being carried and still in source, where another worker can take it "
                "too: take it out before you carry it"
            )
        if item in self.target:
            self.mistakes.append(f"{item!r} is still being carried and already in target")
        self.steps.append(+1)
        time.sleep(self.seconds)
        self.steps.append(-1)

    def most(self):
        """How many items were on the way at the same time."""
        return max(accumulate(self.steps), default=0)

    def check(self):
        """Hold the new flat against the old one."""
        compare(self.items, self.source, self.target)
        assert not self.mistakes, self.mistakes[0]
        assert sorted(self.carried) == sorted(self.items), (
            f"carry was called for {self.carried}, it should be once for each of {self.items}"
        )


def compare(items, source, target):
    """Every item has arrived, once."""
    assert source == [], f"{source} was left behind in source"
    missing, doubled = list(items), list(target)
    for item in target:
        if item in missing:
            missing.remove(item)
            doubled.remove(item)
    assert not doubled, (
        f"{doubled} arrived once too often: two workers took the same item; choosing and removing must be one step"
    )
    assert not missing, (
        f"{missing} never arrived: everything that leaves source has to reach target, this very "
        "list, before move_all returns"
    )


@pytest.mark.task(1)
def test_everything_is_moved(race):
    def scenario():
        source, target = list(FULL), []
        way = Way(source, target)
        move_all(source, target, way.carry, 1)
        way.check()

    race.explore(scenario, schedules=10)


@pytest.mark.task(1)
@pytest.mark.means(ValueError="there was nothing to move; a pool wants one worker at least, and a range one number")
def test_what_was_there_stays(race):
    def scenario():
        source, target = ["lamp"], ["sofa", "lamp"]
        move_all(source, target, lambda item: False, 1)
        assert sorted(target) == ["lamp", "lamp", "sofa"], (
            f"target held a sofa and a lamp before, and another lamp came (of which carry returned False, which says "
            f"nothing); now it holds {target}"
        )
        move_all(source, target, lambda item: None, 1)
        assert sorted(target) == ["lamp", "lamp", "sofa"], f"nothing was left to move, and yet target became {target}"

    race.explore(scenario, schedules=10)


@pytest.mark.task(1)
@pytest.mark.means(AttributeError="carry has no __name__: whatever can be called will do, only call it")
def test_any_object_is_an_item(race):
    def scenario():
        items = [None, 0, "", False, None, ("a", "pair")]
        source, target, carried, answers = list(items), [], [], iter([False, True, None, 0, False, 1])
        move_all(source, target, functools.partial(lambda *item: carried.append(item) or next(answers, False)), 1)
        assert len(target) == 6, (
            f"of {items} only {target} arrived: None, 0 and an empty string are items too; "
            "find another way to say that nothing is left"
        )
        assert sorted(carried, key=repr) == sorted([(item,) for item in items], key=repr), (
            f"of the items {items} carry got {carried}: each once, whatever carry returns, and as one argument, "
            "nothing is spread"
        )

    race.explore(scenario, schedules=10)


class Box:
    """One box is like the other: equal, and not the same. It has no hash."""

    __hash__ = None

    def __init__(self, number):
        self.number = number

    def __eq__(self, other):
        return True

    def __repr__(self):
        return f"box {self.number}"


@pytest.mark.task(1)
@pytest.mark.parametrize("workers", [1, 2])
def test_an_equal_item_is_another_item(race, workers):
    def scenario():
        source, target, carried, mistakes = [Box(number) for number in range(6)], [], [], []

        def carry(item):
            if any(each is item for each in source):
                mistakes.append(f"{item!r} is being carried and still in source")
            carried.append(item.number)
            time.sleep(1)
            return Box(99)

        move_all(source, target, carry, workers)
        assert not mistakes, (
            f"of six boxes that are equal to each other {mistakes[0]}: source.remove(item) takes out the first one "
            "that is equal, not the one that was chosen; choose a place, and pop it"
        )
        arrived = sorted(item.number for item in target)
        assert (sorted(carried), arrived) == ([0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5]), (
            f"of the boxes 0 to 5, which are equal to each other, {sorted(carried)} were carried and {arrived} "
            "arrived: each of them once, the box itself and not what carry returned"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
def test_each_item_is_put_down_before_the_next_is_taken(race):
    def scenario():
        source, target, seen = ["lamp", "sofa", "book"], ["desk"], []
        move_all(source, target, lambda item: seen.append(len(target)), 1)
        assert seen == [1, 2, 3], (
            "one worker moved three items to a target that held one; while they were carried target held "
            f"{seen} items instead of [1, 2, 3]: take one, carry it, put it down, then take the next"
        )

    race.explore(scenario, schedules=3)


TAKEN = "two workers had chosen the same item, and one of them found it gone; "
GONE = "another worker came in between looking and taking, and nothing was left; "
ONE_STEP = "choosing and removing must be one step"


@pytest.mark.task(2)
@pytest.mark.means(ValueError=TAKEN + ONE_STEP, IndexError=GONE + ONE_STEP)
@pytest.mark.parametrize(
    ("items", "workers"),
    [
        pytest.param(["lamp", "sofa"], 2, id="two items, two workers"),
        pytest.param(["lamp", "sofa", "book"], 2, id="three items, two workers"),
        pytest.param(["lamp"], 2, id="one item, two workers"),
        pytest.param(["lamp", "sofa"], 3, id="two items, three workers"),
    ],
)
def test_each_item_is_taken_once(race, items, workers):
    def scenario():
        source, target = list(items), []
        way = Way(source, target)
        move_all(source, target, way.carry, workers)
        way.check()

    race.explore(scenario, schedules=100, clock="any")


@pytest.mark.task(2)
@pytest.mark.means(ValueError=TAKEN + ONE_STEP, IndexError=GONE + ONE_STEP)
def test_equal_items_are_all_moved(race):
    def scenario():
        items = ["book", "book", "book"]
        source, target = list(items), []
        move_all(source, target, lambda item: time.sleep(1), 2)
        compare(items, source, target)

    race.explore(scenario, schedules=9, clock="any")


@pytest.mark.task(3)
@pytest.mark.parametrize(("items", "workers", "trips"), [(3, 3, 1), (2, 5, 1), (4, 2, 2), (3, 1, 3)])
def test_as_many_at_once_as_there_are_workers(race, items, workers, trips):
    def scenario():
        source, target = FULL[:items], []
        way = Way(source, target, seconds=10)
        began = time.monotonic()
        move_all(source, target, way.carry, workers)
        took = time.monotonic() - began
        assert way.most() <= workers, f"{way.most()} items were on the way at once, there are {workers} workers"
        assert took <= trips * 10, (
            f"{items} items and {workers} workers took {took:g} s instead of {trips * 10} s: the "
            "workers waited for each other; hold no lock while you carry, start all workers before you join one, and "
            "let nobody go home as long as something is left"
        )
        assert took == trips * 10, (
            f"move_all came back after {took:g} s, before everything was there: the last item "
            f"needs until {trips * 10} s; join every worker"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
def test_nobody_rests_while_there_is_something_left(race):
    def scenario():
        source, numbers, ends = list(FULL), count(), []
        began = time.monotonic()

        def carry(item):
            start = time.monotonic() - began
            time.sleep(50 if next(numbers) == 0 else 10)
            ends.append((time.monotonic() - began, start))

        move_all(source, [], carry, 2)
        starts = sorted(start for _, start in ends)
        assert starts == [0, 0, 10, 20, 30, 40, 50, 50], (
            "eight items and two workers; one way took 50 s, all others 10 s, and the items were taken at "
            f"{starts} instead of [0, 0, 10, 20, 30, 40, 50, 50]: whoever comes back takes the next thing, whatever "
            "it is; do not deal them out beforehand, and do not wait for the others"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
def test_a_shorter_list_is_not_empty(race):
    def scenario():
        began = time.monotonic()
        move_all(["lamp", "sofa"], [], lambda item: time.sleep(10), 2)
        took = time.monotonic() - began
        assert took == 10, (
            f"two items and two workers took {took:g} s instead of 10 s: one of them went home while something was "
            "left, or waited for the other; a list that has become shorter since you asked for its length is not empty"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_there_are_as_many_threads_as_workers(race):
    def scenario():
        threads = []

        def carry(item):
            threads.append(threading.current_thread())
            time.sleep(1)

        move_all(FULL[:5], [], carry, 2)
        found = len(set(threads))
        assert found == 2, (
            f"two workers moved five items, and {found} threads did the carrying: a worker is a thread, which comes "
            "back for the next thing"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
def test_seventy_workers(timing):
    source, target, items = list(range(70)), [], list(range(70))
    with timing.virtual():
        began = time.monotonic()
        move_all(source, target, lambda item: time.sleep(1), 70)
        took = time.monotonic() - began
    assert took == 1, (
        f"70 items and 70 workers took {took:g} s instead of 1 s: there are not enough threads; a pool has a limit "
        "of its own"
    )
    assert (source, sorted(target)) == ([], items), f"of 70 items {len(target)} arrived, {source} were left behind"


@pytest.mark.task(3)
def test_a_stranger_is_not_waited_for(race):
    def scenario():
        stranger = threading.Thread(target=time.sleep, args=(60,))
        stranger.start()
        began = time.monotonic()
        move_all(["lamp", "sofa"], [], lambda item: time.sleep(3), 2)
        took = time.monotonic() - began
        assert took == 3, (
            f"another thread of the program needed 60 s, and move_all came back after {took:g} s instead of 3 s: "
            "wait for your own workers, and for nobody else"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
def test_a_thread_that_is_new_may_be_a_strangers(race):
    def scenario():
        stranger, began = threading.Thread(target=time.sleep, args=(60,)), time.monotonic()

        def carry(item):
            stranger.start()
            time.sleep(3)

        move_all(["lamp"], [], carry, 2)
        took = time.monotonic() - began
        assert took == 3, (
            f"a carry started a thread that needs 60 s, and move_all came back after {took:g} s instead of 3 s: not "
            "all that is new is yours; join the threads that you have started"
        )

    race.explore(scenario, schedules=16)


@pytest.mark.task(3)
@pytest.mark.means(
    DeadlockFound="a carry moved another flat and waits for ever: what a call waits with must be its own"
)
def test_two_houses_are_moved_at_the_same_time(race):
    def scenario():
        began, flats = time.monotonic(), [[], [], []]
        inner = ["vase"]

        def carry(item):
            if item == "harp":
                move_all(inner, flats[2], lambda item: time.sleep(1), 1)
            time.sleep(4)

        race.run(
            lambda: move_all(["lamp", "sofa"], flats[0], lambda item: time.sleep(3), 2),
            lambda: move_all(["harp"], flats[1], carry, 1),
        )
        took, found = time.monotonic() - began, [sorted(flat) for flat in flats]
        assert (found, took) == ([["lamp", "sofa"], ["harp"], ["vase"]], 5), (
            f"three moves went on at the same time, one of them begun by a carry; they took {took:g} s instead of 5 "
            f"s, and {found} arrived: what a call waits with must be its own"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(4)
def test_the_order_is_random(race):
    def scenario():
        orders = []
        for _ in range(5):
            source, order = list(FULL), []
            move_all(source, [], order.append, 1)
            orders.append(order)
        assert any(order != orders[0] for order in orders), (
            f"moved five times, the items always came in the same order, {orders[0]}: choose at "
            "random which one is next"
        )

    race.explore(scenario, schedules=5)

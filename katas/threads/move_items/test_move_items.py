"""Move items: the tests. Time is virtual in them, and the threads mix in many ways."""

import time
from itertools import accumulate

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
def test_what_was_there_stays(race):
    def scenario():
        source, target = ["lamp"], ["sofa", "lamp"]
        move_all(source, target, lambda item: None, 1)
        assert sorted(target) == ["lamp", "lamp", "sofa"], (
            f"target held a sofa and a lamp before; now it holds {target}"
        )
        move_all(source, target, lambda item: None, 1)
        assert sorted(target) == ["lamp", "lamp", "sofa"], f"nothing was left to move, and yet target became {target}"

    race.explore(scenario, schedules=10)


@pytest.mark.task(1)
def test_any_object_is_an_item(race):
    def scenario():
        items = [None, 0, "", False, None]
        source, target, carried = list(items), [], []
        move_all(source, target, carried.append, 1)
        assert len(target) == len(carried) == 5, (
            f"of {items} only {target} arrived: None, 0 and an empty string are items too; "
            "find another way to say that nothing is left"
        )

    race.explore(scenario, schedules=10)


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

    race.explore(scenario, schedules=100, clock="any")


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
            "workers waited for each other; hold no lock while you carry, and start all workers "
            "before you join one"
        )
        assert took == trips * 10, (
            f"move_all came back after {took:g} s, before everything was there: the last item "
            f"needs until {trips * 10} s; join every worker"
        )

    race.explore(scenario, schedules=30)


@pytest.mark.task(4)
def test_the_order_is_random(race):
    def scenario():
        orders = []
        for _ in range(5):
            source, target = list(FULL), []
            move_all(source, target, lambda item: None, 1)
            orders.append(target)
        assert any(order != orders[0] for order in orders), (
            f"moved five times, the items always came in the same order, {orders[0]}: choose at "
            "random which one is next"
        )

    race.explore(scenario, schedules=5)

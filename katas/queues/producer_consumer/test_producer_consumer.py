"""The bakery: the tests. Time is virtual in them, and the threads mix in many ways."""

import threading
import time
from itertools import accumulate

import pytest
from producer_consumer import run_bakery

ODD = 1 + 1 / 512  # nobody who looks every now and then looks at this very moment


class Day:
    """What happens in the bakery on one day: who bakes what when, and what is eaten."""

    def __init__(self, eating=0):
        self.eating = eating
        self.baked, self.eaten, self.threads = [], [], []
        self.steps = []  # +1 for a bun that comes out of an oven, -1 for one that is eaten

    def oven(self, *buns, seconds=0):
        """Bake, each bun for so long."""
        self.threads.append(threading.current_thread())
        for bun in buns:
            time.sleep(seconds)
            self.baked.append((bun, time.monotonic()))
            self.steps.append(+1)
            yield bun
        self.baked.append(("through", time.monotonic()))

    def eat(self, bun):
        """Eat, for as long as eating takes."""
        self.threads.append(threading.current_thread())
        time.sleep(self.eating)
        self.steps.append(-1)
        self.eaten.append(bun)

    def check(self, *buns):
        """Look at everything when the day is over."""
        found = sorted(self.eaten)
        missing = [bun for bun in buns if bun not in found]
        assert not missing, f"run_bakery came back and {missing} was not eaten: it was lost, or is still on its way"
        assert found == sorted(buns), f"{sorted(buns)} were baked, {found} were eaten: each bun is eaten once"
        alive = [thread.name for thread in self.threads if thread.is_alive()]
        assert not alive, f"run_bakery came back, and {alive} still run: join every thread"


@pytest.mark.task(1)
def test_all_is_eaten_in_order(race):
    def scenario():
        day = Day()
        run_bakery([day.oven("a", "b", "c", "d")], 1, day.eat, 2)
        day.check("a", "b", "c", "d")
        assert day.eaten == ["a", "b", "c", "d"], f"one baker, one customer: eaten as {day.eaten}, oldest first"

    race.explore(scenario, schedules=20)


@pytest.mark.task(1)
def test_any_object_is_a_bun(race):
    def scenario():
        buns, eaten = [None, 0, "", None, False], []
        run_bakery([buns], 1, eaten.append, 2)
        assert eaten == buns, f"{buns} were baked, {eaten} were eaten: None and what is false are buns too"

    race.explore(scenario, schedules=20)


@pytest.mark.task(1)
def test_they_work_at_the_same_time(race):
    def scenario():
        day = Day(eating=3)
        began = time.monotonic()
        run_bakery([day.oven("a", "b", "c", seconds=3)], 1, day.eat, 2)
        took = time.monotonic() - began
        day.check("a", "b", "c")
        assert took == 12, (
            f"baking three buns takes 9 s and eating them too; it took {took:g} s instead of 12 s: a bun is eaten "
            "while the next is in the oven"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
@pytest.mark.parametrize(
    ("bakers", "customers", "shelf"),
    [
        pytest.param([["a"], ["b"]], 2, 1, id="two and two"),
        pytest.param([["a", "b"], ["c"]], 1, 1, id="two bakers"),
        pytest.param([["a", "b"]], 2, 1, id="two customers"),
    ],
)
def test_every_bun_is_eaten_once(race, bakers, customers, shelf):
    def scenario():
        day = Day()
        run_bakery([day.oven(*buns) for buns in bakers], customers, day.eat, shelf)
        day.check(*sum(bakers, []))

    race.explore(scenario, schedules=60)


@pytest.mark.task(2)
def test_all_bake_and_all_eat_side_by_side(race):
    def scenario():
        day = Day(eating=3)
        began = time.monotonic()
        run_bakery([day.oven("a", "b", seconds=1), day.oven("c", "d", seconds=1)], 2, day.eat, 4)
        took = time.monotonic() - began
        day.check("a", "b", "c", "d")
        assert took == 7, (
            f"two bakers, two customers, four buns that take 1 s to bake and 3 s to eat: it took {took:g} s "
            "instead of 7 s; nobody waits who could go on, so hold no lock while you eat or bake"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
@pytest.mark.parametrize(("bakers", "customers", "shelf"), [(1, 1, 2), (2, 1, 1), (2, 2, 1)])
def test_bakers_pause_when_the_shelf_is_full(race, bakers, customers, shelf):
    def scenario():
        day = Day(eating=3)
        run_bakery([day.oven(*"abc") for _ in range(bakers)], customers, day.eat, shelf)
        most, room = max(accumulate(day.steps)), shelf + bakers + customers
        assert most <= room, (
            f"{most} buns were out of the oven and not eaten; there is room for {room}: {shelf} on the shelf, one in "
            f"the hand of each of {bakers} bakers, one with each of {customers} customers; a baker must wait for room "
            "before he bakes the next"
        )
        day.check(*sorted(list("abc") * bakers))

    race.explore(scenario, schedules=30)


@pytest.mark.task(3)
@pytest.mark.parametrize(("shelf", "through"), [(1, 4), (2, 3), (5, 3)])
def test_bakers_pause_only_then(race, shelf, through):
    def scenario():
        day = Day(eating=3)
        began = time.monotonic()
        run_bakery([day.oven("a", "b", "c", seconds=1)], 1, day.eat, shelf)
        took = day.baked[-1][1] - began
        assert took == through, (
            f"three buns, 1 s each to bake and 3 s to eat, a shelf for {shelf}: the baker was through after {took:g} s "
            f"instead of {through} s; he waits for room on the shelf, and for nothing else"
        )
        day.check("a", "b", "c")

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
@pytest.mark.parametrize("ovens", [[], [[]], [[], []]], ids=["no baker", "an empty oven", "two empty ovens"])
def test_nothing_is_baked(race, ovens):
    def scenario():
        day = Day()
        run_bakery([day.oven(*buns) for buns in ovens], 2, day.eat, 1)
        day.check()

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
@pytest.mark.parametrize("slow", [0, 1], ids=["the first is slow", "the second is slow"])
def test_nobody_goes_home_before_the_last_bun(race, slow):
    def scenario():
        day = Day(eating=1)
        pace = [9, 0] if slow == 0 else [0, 9]
        run_bakery([day.oven("a", seconds=pace[0]), day.oven("b", seconds=pace[1])], 1, day.eat, 1)
        day.check("a", "b")

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
def test_more_customers_than_buns(race):
    def scenario():
        day = Day(eating=2)
        run_bakery([day.oven("a")], 3, day.eat, 1)
        day.check("a")

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
def test_both_customers_stay_to_the_end(race):
    def scenario():
        day = Day(eating=3)
        began = time.monotonic()
        run_bakery([day.oven(), day.oven("a", "b", seconds=1)], 2, day.eat, 2)
        took = time.monotonic() - began
        day.check("a", "b")
        assert took == 5, (
            f"one oven is empty, the other gives buns at 1 and 2 s, two customers eat for 3 s: it took {took:g} s "
            "instead of 5 s; somebody went home when the first baker did"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(5)
def test_who_waits_does_not_look(race):
    def scenario():
        day = Day(eating=ODD)
        began = time.monotonic()
        run_bakery([day.oven("a", seconds=ODD), day.oven("b", "c")], 1, day.eat, 1)
        took = time.monotonic() - began
        day.check("a", "b", "c")
        assert took == 3 * ODD, (
            f"one customer needs {3 * ODD:g} s for three buns and never has to wait; it took {took:g} s: somebody "
            "looked every now and then instead of waiting in put or get"
        )

    race.explore(scenario, schedules=20, busy_waiting="fail")


@pytest.mark.task(5)
def test_the_customer_comes_at_once(race):
    def scenario():
        day = Day()
        began = time.monotonic()
        run_bakery([day.oven("a", "b", seconds=ODD)], 1, day.eat, 3)
        took = time.monotonic() - began
        day.check("a", "b")
        assert took == 2 * ODD, (
            f"the second bun is there at {2 * ODD:g} s, and eaten at once; it took {took:g} s: "
            "wait in get, do not look again and again"
        )

    race.explore(scenario, schedules=20, busy_waiting="fail")

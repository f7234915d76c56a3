"""Cook, counter, guest: the tests. Time is virtual in them, and the threads mix in many ways."""

import threading
import time
from itertools import accumulate

import pytest
from pipeline import serve

ODD = 1 + 1 / 512  # nobody who looks every now and then looks at this very moment


class House:
    """Notes what is cooked, packed and eaten; a dish is (name, seconds to cook)."""

    def __init__(self, packing=0, eating=0):
        self.packing, self.eating = packing, eating
        self.eaten, self.packed, self.threads, self.stove, self.begun = [], [], [], [], []

    def cook(self, dish):
        """Cook."""
        self.threads.append(threading.current_thread())
        self.begun.append(dish[0])
        self.stove.append(+1)
        time.sleep(dish[1])
        self.stove.append(-1)
        return f"meal of {dish[0]}"

    def pack(self, meal):
        """Pack."""
        self.threads.append(threading.current_thread())
        time.sleep(self.packing)
        self.packed.append(meal)
        return f"box with {meal}"

    def eat(self, guest, box):
        """Eat."""
        self.threads.append(threading.current_thread())
        time.sleep(self.eating)
        self.eaten.append((guest, box, time.monotonic(), threading.current_thread()))

    def got(self, guest):
        """What a guest has eaten, in order."""
        return [box.removeprefix("box with meal of ") for who, box, *_ in self.eaten if who == guest]

    def serve(self, orders, cooks):
        """Serve, look whether everything was eaten, and return how long it took."""
        began = time.monotonic()
        serve(orders, cooks, self.cook, self.pack, self.eat)
        return time.monotonic() - began

    def check(self, orders):
        """Look at everything after closing time."""
        wanted = sorted((guest, f"box with meal of {dish[0]}") for guest, dish in orders)
        found = sorted((guest, box) for guest, box, *_ in self.eaten)
        missing = [entry for entry in wanted if entry not in found]
        assert not missing, (
            f"serve came back, and {missing} was not eaten: cooked were {self.begun}, packed {self.packed}; each stage "
            "may be told that it is over when everybody in the stage before it has ended"
        )
        assert found == wanted, f"eaten were {found}, it should be {wanted}: each box once"
        alive = {thread.name for thread in self.threads if thread.is_alive()}
        assert not alive, f"serve came back, and {sorted(alive)} still run: join every thread"


ANN_AND_BOB = [("Ann", ("roast", 5)), ("Ann", ("salad", 1)), ("Bob", ("soup", 2))]


@pytest.mark.task(1)
def test_an_order_goes_through_all_stages(race):
    def scenario():
        house = House()
        house.serve([("Ann", ("roast", 1))], 1)
        house.check([("Ann", ("roast", 1))])

    race.explore(scenario, schedules=20)


@pytest.mark.task(1)
def test_nothing_is_ordered(race):
    def scenario():
        house = House()
        house.serve([], 2)
        house.check([])

    race.explore(scenario, schedules=10)


@pytest.mark.task(1)
def test_any_object_is_a_meal(race):
    def scenario():
        eaten = []
        things = [None, 0, "", None]
        orders = [("Ann", thing) for thing in things]
        serve(orders, 1, lambda dish: dish, lambda meal: meal, lambda guest, box: eaten.append(box))
        assert eaten == things, (
            f"Ann ordered {things}, and what is cooked is the dish itself; she got {eaten}: None is a meal too"
        )

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
def test_the_stages_work_at_the_same_time(race):
    def scenario():
        house, orders = House(packing=3, eating=3), [("Ann", ("a", 3)), ("Ann", ("b", 3))]
        took = house.serve(orders, 1)
        house.check(orders)
        assert took == 12, (
            f"two orders, 3 s in each of three stages: it took {took:g} s instead of 12 s; while the first is "
            "packed the second is cooked, so do not finish one stage before the next begins"
        )

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
@pytest.mark.parametrize(("cooks", "wanted"), [(1, 9), (2, 6), (3, 3)])
def test_the_cooks_work_side_by_side(race, cooks, wanted):
    def scenario():
        house, orders = House(), [("Ann", ("a", 3)), ("Ann", ("b", 3)), ("Bob", ("c", 3))]
        took = house.serve(orders, cooks)
        house.check(orders)
        most = max(accumulate(house.stove))
        assert most <= cooks, f"{most} dishes were on the stove at the same time, there are {cooks} cooks"
        assert took == wanted, (
            f"three dishes of 3 s and {cooks} cooks: it took {took:g} s instead of {wanted} s; a dish waits only while "
            "every cook is busy"
        )

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
def test_the_guests_eat_side_by_side(race):
    def scenario():
        house, orders = House(eating=3), [("Ann", ("a", 1)), ("Bob", ("b", 1)), ("Ann", ("c", 1))]
        took = house.serve(orders, 3)
        house.check(orders)
        assert took == 7, (
            f"Ann eats two boxes and Bob one, 3 s each, all ready at 1 s: it took {took:g} s instead of 7 s; guests "
            "do not wait for each other, and Ann eats one box at a time"
        )
        threads = {guest: {entry[3] for entry in house.eaten if entry[0] == guest} for guest in ("Ann", "Bob")}
        assert not threads["Ann"] & threads["Bob"], "Ann and Bob ate in the same thread; each guest has one alone"

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
def test_orders_are_cooked_as_they_come(race):
    def scenario():
        def coming():
            yield "Ann", ("a", 1)
            time.sleep(3)
            yield "Ann", ("b", 1)

        house = House()
        began = time.monotonic()
        house.serve(coming(), 1)
        first = house.eaten[0][2] - began
        assert first == 1, f"the second order came after 3 s, the first one was eaten after {first:g} s instead of 1 s"
        assert house.begun == ["a", "b"], f"a, b were ordered, cooked were {house.begun}"

    race.explore(scenario, schedules=10)


@pytest.mark.task(3)
def test_the_example_of_the_readme(race):
    def scenario():
        house = House(eating=2)
        began = time.monotonic()
        house.serve(ANN_AND_BOB, 2)
        house.check(ANN_AND_BOB)
        assert house.got("Ann") == ["roast", "salad"], (
            f"Ann ordered roast and salad, and ate {house.got('Ann')}: the quicker cook has "
            "overtaken; keep each guest's order"
        )
        ended = {box[17:]: when - began for _, box, when, _ in house.eaten}
        assert ended["soup"] == 5, (
            f"Bob's soup was ready after 3 s, and eaten after {ended['soup']:g} s instead of 5 s: "
            "Bob does not wait for what Ann ordered"
        )
        assert (ended["roast"], ended["salad"]) == (7, 9), (
            f"roast and salad were eaten after {ended} s, it should be 7 and 9"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_the_order_in_every_mixture(race):
    def scenario():
        house, orders = House(), [("Ann", ("a", 0)), ("Ann", ("b", 0)), ("Ann", ("c", 0))]
        house.serve(orders, 2)
        house.check(orders)
        assert house.got("Ann") == ["a", "b", "c"], (
            f"Ann ordered a, b, c, and ate {house.got('Ann')}: several cooks keep no order; "
            "number the orders before they are split up"
        )

    race.explore(scenario, schedules=60)


@pytest.mark.task(3)
@pytest.mark.parametrize("seconds", [(3, 2, 1), (1, 3, 2), (2, 1, 3)])
def test_the_order_at_any_speed(race, seconds):
    def scenario():
        house = House(eating=1)
        orders = [("Ann", (name, each)) for name, each in zip("abc", seconds)]
        house.serve(orders, 3)
        house.check(orders)
        assert house.got("Ann") == ["a", "b", "c"], (
            f"Ann ordered a, b, c, cooked in {seconds} s, and ate {house.got('Ann')}"
        )

    race.explore(scenario, schedules=10)


@pytest.mark.task(4)
@pytest.mark.parametrize("slow", [0, 1], ids=["the first is slow", "the last is slow"])
def test_nothing_is_left_in_the_oven(race, slow):
    def scenario():
        house = House()
        orders = [("Ann", ("a", 9 if slow == 0 else 1)), ("Bob", ("b", 9 if slow else 1))]
        house.serve(orders, 2)
        house.check(orders)

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
@pytest.mark.parametrize("cooks", [1, 2, 3])
def test_everybody_goes_home(race, cooks):
    def scenario():
        before = threading.active_count()
        house, orders = House(eating=1), [("Ann", ("a", 0)), ("Bob", ("b", 0))]
        house.serve(orders, cooks)
        house.check(orders)
        left = threading.active_count() - before
        assert left == 0, f"serve came back, and {left} of its threads still run"

    race.explore(scenario, schedules=30)


@pytest.mark.task(4)
def test_a_slow_counter(race):
    def scenario():
        house, orders = House(packing=5, eating=5), [("Ann", ("a", 0)), ("Bob", ("b", 0))]
        house.serve(orders, 2)
        house.check(orders)

    race.explore(scenario, schedules=10)


@pytest.mark.task(5)
def test_who_waits_does_not_look(race):
    def scenario():
        house, orders = House(packing=ODD, eating=ODD), [("Ann", ("a", ODD)), ("Ann", ("b", ODD))]
        took = house.serve(orders, 1)
        house.check(orders)
        assert took == 4 * ODD, (
            f"two orders, {ODD:g} s in each of three stages: it took {took:g} s instead of {4 * ODD:g} s; wait in "
            "get and join, do not look every now and then"
        )

    race.explore(scenario, schedules=10, busy_waiting="fail")

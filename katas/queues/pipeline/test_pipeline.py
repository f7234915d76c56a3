"""Cook, counter, guest: the tests. Time is virtual in them, and the threads mix in many ways."""

import threading
import time
from itertools import accumulate

import pytest
from lying_about import LYING_ABOUT, left_out
from pipeline import serve

ODD = 1 + 1 / 512  # nobody who looks every now and then looks at this very moment
MANY = 1_500  # orders
YEAR = 365 * 86_400


class Touchy:
    """A thing that cannot be compared, and is neither true nor false."""

    def refuse(self, *others):
        raise TypeError("a dish, a meal or a box was compared, or asked whether it is true: compare with `is`")

    __eq__ = __ne__ = __lt__ = __bool__ = refuse
    __hash__ = object.__hash__

    def __repr__(self):
        return "something touchy"


class EqualToAll:
    """A thing that says of itself that it is equal to everything."""

    def __eq__(self, other):
        return True

    def __repr__(self):
        return "something that is equal to everything"

    __hash__ = object.__hash__


class House:
    """Notes what is cooked, packed and eaten; a dish is (name, seconds to cook)."""

    def __init__(self, packing=0, eating=0):
        self.packing, self.eating = packing, eating
        self.eaten, self.packed, self.threads, self.stove, self.begun = [], [], [], [], []
        self.who = {"cook": set(), "pack": set(), "eat": set()}
        self.caller = threading.current_thread()

    def note(self, stage):
        """Note who works in a stage."""
        self.threads.append(threading.current_thread())
        self.who[stage].add(threading.current_thread())

    def cook(self, dish):
        """Cook."""
        self.note("cook")
        self.begun.append(dish[0])
        self.stove.append(+1)
        time.sleep(dish[1])
        self.stove.append(-1)
        return f"meal of {dish[0]}"

    def pack(self, meal):
        """Pack."""
        self.note("pack")
        time.sleep(self.packing)
        self.packed.append(meal)
        return f"box with {meal}"

    def eat(self, guest, box):
        """Eat."""
        self.note("eat")
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
        self.check_threads()
        alive = {thread.name for thread in self.threads if thread.is_alive()}
        assert not alive, f"serve came back, and {sorted(alive)} still run: join every thread"

    def check_threads(self):
        """Look whether everybody has worked in the right thread."""
        cooks, packers, guests = self.who.values()
        assert self.caller not in cooks | packers | guests, (
            "the caller cooked, packed or ate itself: that is for threads"
        )
        assert len(packers) < 2, f"{len(packers)} threads packed: there is one for it"
        assert not (cooks & packers or cooks & guests or packers & guests), (
            "a thread of one stage did the work of another: cooks cook, one further thread packs, and each guest eats "
            "in his own"
        )


ANN_AND_BOB = [("Ann", ("roast", 5)), ("Ann", ("salad", 1)), ("Bob", ("soup", 2))]


@pytest.mark.task(1)
def test_the_next_evening(race):
    def scenario():
        orders = [("Ann", ("roast", 1)), ("Ann", ("salad", 1))]
        house = House()
        house.serve(orders, 1)
        house.check(orders)
        house = House()
        house.serve(orders, 1)
        assert house.got("Ann") == ["roast", "salad"], (
            f"Ann orders roast and salad on two evenings: on the first she got them, on the second {house.got('Ann')}: "
            "what belongs to one call must be made anew by the next"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(1)
def test_an_order_goes_through_all_stages(race):
    def scenario():
        house = House()
        house.serve([("Ann", ("roast", 1))], 1)
        house.check([("Ann", ("roast", 1))])

    race.explore(scenario, schedules=4)


@pytest.mark.task(1)
def test_nothing_is_ordered(race):
    def scenario():
        house = House()
        house.serve([], 2)
        house.check([])

    race.explore(scenario, schedules=6)


@pytest.mark.task(1)
def test_any_object_is_a_meal(race):
    def scenario():
        eaten = []
        things = [None, 0, "", None, EqualToAll(), Touchy(), ..., NotImplemented]
        orders = [("Ann", thing) for thing in things]
        serve(orders, 1, lambda dish: dish, lambda meal: meal, lambda guest, box: eaten.append(box))
        assert [*map(id, eaten)] == [*map(id, things)], (
            f"Ann ordered {things}, and what is cooked is the dish itself; she got {eaten}: None is a meal too, and "
            "none is asked what it is equal to"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(1)
def test_what_lies_about_is_a_meal():
    eaten = []
    orders = [("Ann", thing) for thing in LYING_ABOUT]
    serve(orders, 1, lambda dish: dish, lambda meal: meal, lambda guest, box: eaten.append(box))
    lost = left_out(eaten)
    assert lost is None, (
        f"{lost} was ordered, is its own meal and box, and was not eaten: was it taken for the end, or for a failure? "
        "Any object is a meal, so take an object for the mark that nobody else has, and know it by `is`"
    )


@pytest.mark.task(1)
def test_what_eat_returns_does_not_matter(race):
    def scenario():
        eaten = []
        orders = [("Ann", 1), ("Ann", 2), ("Bob", 3)]
        serve(orders, 1, lambda dish: dish, lambda meal: meal, lambda guest, box: eaten.append(box) or "enough")
        assert sorted(eaten) == [1, 2, 3], (
            f"Ann ordered 1 and 2, Bob 3, eat returned 'enough' each time, and eaten were {eaten}: it may return "
            "anything, and a guest stays for all of his boxes"
        )

    race.explore(scenario, schedules=2)


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

    race.explore(scenario, schedules=4)


@pytest.mark.task(2)
@pytest.mark.parametrize(("cooks", "wanted"), [(1, 9), (2, 6), (3, 3)])
def test_the_cooks_work_side_by_side(race, cooks, wanted):
    def scenario():
        house, orders = House(), [("Ann", ("a", 3)), ("Ann", ("b", 3)), ("Bob", ("c", 3))]
        took = house.serve(orders, cooks)
        house.check(orders)
        most, threads = max(accumulate(house.stove)), len(house.who["cook"])
        assert most <= cooks, f"{most} dishes were on the stove at the same time, there are {cooks} cooks"
        assert threads <= cooks, (
            f"{threads} threads cooked, one after the other, and there are {cooks} cooks: a cook who has cooked a dish "
            "takes the next, so start no thread for each dish"
        )
        assert took == wanted, (
            f"three dishes of 3 s and {cooks} cooks: it took {took:g} s instead of {wanted} s; a dish waits only while "
            "every cook is busy"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_any_cook_takes_the_next_dish(race):
    def scenario():
        house, orders = House(), [("Ann", ("a", 9)), ("Bob", ("b", 1)), ("Bob", ("c", 2)), ("Bob", ("d", 3))]
        took = house.serve(orders, 2)
        house.check(orders)
        assert took == 9, (
            f"dishes of 9, 1, 2 and 3 s, two cooks: it took {took:g} s instead of 9 s; deal no dish out before a cook "
            "is free"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_a_slow_packer_holds_up_no_cook(race):
    def scenario():
        begun = []

        def cook(dish):
            begun.append(time.monotonic() - began)
            time.sleep(1)
            return dish

        began = time.monotonic()
        serve([("Ann", number) for number in range(14)], 1, cook, lambda meal: time.sleep(99), lambda guest, box: None)
        assert begun == [*range(14)], (
            f"fourteen dishes of 1 s, one cook, and a packer who needs 99 s for each: they were begun at {begun} s; a "
            "dish waits for a cook who cooks, not for one who waits for room"
        )

    race.explore(scenario, schedules=1)


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

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_forty_cooks_and_forty_guests(timing):
    with timing.virtual():
        eaten, began = [], time.monotonic()

        def eat(guest, box):
            time.sleep(2 * YEAR)
            eaten.append((guest, box))

        def cook(dish):
            time.sleep(2 * YEAR)
            return dish

        serve([(number, number) for number in range(40)], 40, cook, lambda meal: meal, eat)
        took, through = time.monotonic() - began, len(eaten)
    assert through == 40, (
        f"forty dishes are cooked for two years and eaten for two years, and {through} of them were eaten when serve "
        "came back: join every thread, as long as it takes"
    )
    assert took == 4 * YEAR, (
        f"forty cooks cook for forty guests, for two years, and those eat for as long: it took {took / YEAR:g} "
        "years instead of 4: not all could be at work at the same time; a pool has a limit, and `cooks` is the number "
        "of the cooks"
    )


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
        assert house.got("Ann") == ["a", "b"], (
            f"Ann ordered a at 0 s, b at 3 s, and got {house.got('Ann')}: a guest stays until no more orders can come"
        )
        house.check([("Ann", ("a", 1)), ("Ann", ("b", 1))])
        first = house.eaten[0][2] - began
        assert first == 1, f"the second order came after 3 s, the first one was eaten after {first:g} s instead of 1 s"
        assert house.begun == ["a", "b"], f"a, b were ordered, cooked were {house.begun}"

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_what_is_cooked_is_packed(race):
    def scenario():
        house, orders = House(packing=2), [("Ann", ("roast", 5)), ("Ann", ("salad", 1))]
        took = house.serve(orders, 2)
        house.check(orders)
        assert house.packed == ["meal of salad", "meal of roast"], (
            f"the salad was cooked at 1 s, the roast at 5 s; packed were {house.packed}: what has come out of the "
            "kitchen is packed, whoever waits for what"
        )
        assert took == 7, f"the roast is cooked at 5 s and packed at 7 s; serve took {took:g} s"

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound="all that was ordered is served, and then no more orders come: somebody waits for one that never will"
)
def test_the_last_order_is_known_late(race):
    def scenario():
        def coming():
            yield "Ann", ("a", 0)
            time.sleep(60)

        house = House()
        began = time.monotonic()
        took = house.serve(coming(), 2)
        house.check([("Ann", ("a", 0))])
        eaten = house.eaten[0][2] - began
        assert (eaten, took) == (0, 60), (
            f"a was ordered at 0 s, and at 60 s it was clear that nothing more comes: it was eaten at {eaten:g} s, and "
            f"serve came back after {took:g} s"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound="somebody waits for ever: a guest may be None, or print like another; know him as a dictionary knows "
    "its keys, and let him mean nothing else"
)
def test_any_key_is_a_guest(race):
    def scenario():
        house, guests = House(eating=3), [1, "1", None, "None", "", (), 0, object]
        orders = [(guest, (number, 0)) for number, guest in enumerate(guests)]
        took = house.serve(orders, 2)
        shown = sorted([(guest, box[17:]) for guest, box, *_ in house.eaten], key=lambda entry: entry[1])
        wanted = [(guest, str(number)) for number, guest in enumerate(guests)]
        assert shown == wanted, (
            f"(guest, dish) ordered were {wanted}, eaten {shown}: a guest may be None, and means nothing else"
        )
        assert took == 3, (
            f"the guests {guests} eat for 3 s each, side by side: it took {took:g} s; they are eight, also if two "
            "look alike"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
@pytest.mark.parametrize(
    ("shown", "make"),
    [
        ("('Ann', 'table 1'), built anew for each", lambda: lambda: tuple(["Ann", "table 1"])),
        ("1, 1.0 and True", lambda: iter([1, 1.0, True]).__next__),
    ],
    ids=["the same name", "equal numbers"],
)
def test_a_guest_is_known_by_equality(race, shown, make):
    def scenario():
        house, guest = House(eating=3), make()
        orders = [(guest(), (name, seconds)) for name, seconds in [("a", 1), ("b", 0), ("c", 0)]]
        took = house.serve(orders, 3)
        boxes = [box[17:] for _, box, *_ in house.eaten]
        assert (boxes, took) == (["a", "b", "c"], 10), (
            f"three orders of one guest, who is {shown}: eaten were {boxes} in {took:g} s, instead "
            "of a, b, c, one at a time, in 10 s; two that are equal are one guest"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound="everything takes years here, and somebody has gone home meanwhile: stay until all is over"
)
def test_everything_takes_years(race):
    def scenario():
        def coming():
            yield "Ann", ("a", 2 * YEAR)
            time.sleep(9 * YEAR)
            yield "Bob", ("b", 2 * YEAR)

        house = House(packing=2 * YEAR, eating=2 * YEAR)
        took = house.serve(coming(), 1)
        assert house.got("Ann") + house.got("Bob") == ["a", "b"], (
            "a is ordered at once, b nine years later, and each stage takes two years; serve came back after "
            f"{took / YEAR:g} years, and Ann had eaten {house.got('Ann')}, Bob {house.got('Bob')}: wait for each "
            "thread as long as it takes"
        )
        house.check([("Ann", ("a", 2)), ("Bob", ("b", 2))])
        assert took == 15 * YEAR, (
            "a is ordered at once, b nine years later, and each stage takes two years: serve took "
            f"{took / YEAR:g} years instead of 15"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
def test_a_slow_guest_holds_up_nobody(race):
    def scenario():
        ended = []

        def eat(guest, box):
            time.sleep(9 if guest == "Ann" else 0)
            ended.append((guest, time.monotonic() - began))

        orders = [("Ann", number) for number in range(30)] + [("Bob", "soup")]
        began = time.monotonic()
        serve(orders, 1, lambda dish: dish, lambda meal: meal, eat)
        assert len(ended) == 31, f"31 boxes were ordered, {len(ended)} were eaten"
        assert ended[0] == ("Bob", 0), (
            f"Ann ordered thirty boxes and eats for 9 s each, Bob a soup that is packed at 0 s; the first of all to be "
            f"through was {ended[0][0]} after {ended[0][1]:g} s: Bob does not wait until there is room on Ann's table"
        )

    race.explore(scenario, schedules=1)


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

    race.explore(scenario, schedules=3)


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

    race.explore(scenario, schedules=6)


@pytest.mark.task(3)
def test_who_has_eaten_gets_the_next_box_too(race):
    def scenario():
        eaten = []
        serve([("Ann", "a"), ("Ann", "b")], 1, str, str, lambda guest, box: eaten.append(box))
        assert eaten == ["a", "b"], (
            f"Ann ordered a and b, and got {eaten}: was she on her way home when b was ordered? Whether somebody is "
            "still there is a question about the past: let each guest stay until no more orders can come"
        )

    race.explore(scenario, schedules=40)


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

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize("slow", [0, 1], ids=["the first is slow", "the last is slow"])
def test_nothing_is_left_in_the_oven(race, slow):
    def scenario():
        house = House()
        orders = [("Ann", ("a", 9 if slow == 0 else 1)), ("Bob", ("b", 9 if slow else 1))]
        house.serve(orders, 2)
        house.check(orders)

    race.explore(scenario, schedules=3)


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

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
def test_two_restaurants_side_by_side(race):
    def scenario():
        one, two = House(), House()
        one.caller = two.caller = None

        def coming():
            yield "Ann", ("a", 0)
            time.sleep(2)
            yield "Ann", ("b", 0)

        def come_later():
            time.sleep(1)
            two.serve([("Ann", ("c", 0))], 1)

        race.run(lambda: one.serve(coming(), 1), come_later)
        cooked = [one.begun, two.begun]
        assert cooked == [["a", "b"], ["c"]], (
            f"two restaurants side by side, one is ordered a and b from, the other c, and they cooked {cooked[0]} and "
            f"{cooked[1]}: what belongs to one call must not be seen by another"
        )
        one.check([("Ann", ("a", 0)), ("Ann", ("b", 0))])
        two.check([("Ann", ("c", 0))])

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
@pytest.mark.means(
    DeadlockFound="a restaurant in a restaurant: what belongs to one call must not be seen by another",
    KeyError="a restaurant in a restaurant: what belongs to one call must not be seen by another",
)
def test_a_restaurant_in_a_restaurant(race):
    def scenario():
        inner, outer = [], []

        def eat(guest, box):
            outer.append(box)
            if box in ("a", "b"):
                serve([(guest, f"{box}1"), (guest, f"{box}2")], 1, str, str, lambda _, each: inner.append(each))

        serve([("Ann", "a"), ("Bob", "b")], 1, str, str, eat)
        assert (sorted(outer), sorted(inner)) == (["a", "b"], ["a1", "a2", "b1", "b2"]), (
            f"each of two guests calls serve while eating: eaten were {outer}, and in there {inner}; what belongs to "
            "one call must not be seen by another"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound=f"{MANY} orders are not all served: did a thread call too deep, and end? Use a loop")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_many_orders():
    eaten = []
    orders = [("Ann", number) for number in range(MANY)]
    serve(orders, 1, lambda dish: dish, lambda meal: meal, lambda _, box: eaten.append(box))
    assert len(eaten) == MANY, (
        f"Ann ordered {MANY} dishes and got {len(eaten)}, as a thread ended early: many are no reason to call so "
        "deep, use a loop"
    )
    assert eaten == [*range(MANY)], f"Ann ordered {MANY} dishes, and did not get them in order"


@pytest.mark.task(4)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_many_boxes_are_held_back():
    eaten, ready = [], threading.Event()

    def cook(dish):
        if dish == 0:
            ready.wait()
        if dish == MANY - 1:
            ready.set()
        return dish

    orders = [("Ann", number) for number in range(MANY)]
    serve(orders, 2, cook, lambda meal: meal, lambda _, box: eaten.append(box))
    assert len(eaten) == MANY, (
        f"Ann ordered {MANY} dishes, the first is ready last, and {len(eaten)} were eaten, as a thread ended early: "
        "many boxes that are held back are no reason to call so deep, use a loop"
    )
    assert eaten == [*range(MANY)], f"Ann ordered {MANY} dishes, the first is ready last: she did not get them in order"


@pytest.mark.task(4)
def test_a_slow_counter(race):
    def scenario():
        house, orders = House(packing=5, eating=5), [("Ann", ("a", 0)), ("Bob", ("b", 0))]
        took = house.serve(orders, 2)
        house.check(orders)
        assert took == 15, (
            f"two boxes are packed one after the other, 5 s each, and eaten in 5 s: it took {took:g} s instead of 15 s"
        )

    race.explore(scenario, schedules=3)


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

    race.explore(scenario, schedules=3, busy_waiting="fail")

"""The bakery: the tests. Time is virtual in them, and the threads mix in many ways."""

import threading
import time
from itertools import accumulate

import pytest
from lying_about import LYING_ABOUT, left_out
from producer_consumer import run_bakery

YEAR = 365 * 86_400
ODD = 1 + 1 / 512  # nobody who looks every now and then looks at this very moment
MANY = 1_500  # buns


class Touchy:
    """A bun that cannot be compared, and is neither true nor false."""

    def refuse(self, *others):
        raise TypeError("a bun was compared, or asked whether it is true: compare with `is`")

    __eq__ = __ne__ = __bool__ = refuse
    __hash__ = object.__hash__

    def __repr__(self):
        return "a touchy bun"


class EqualToAll:
    """A bun that says of itself that it is equal to everything."""

    def __eq__(self, other):
        return True

    def __repr__(self):
        return "a bun that is equal to everything"

    __hash__ = object.__hash__


class Day:
    """What happens in the bakery on one day: who bakes what when, and what is eaten."""

    def __init__(self, eating=0):
        self.eating = eating
        self.caller = threading.current_thread()
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
        strange = [bun for bun in self.eaten if bun not in buns]
        assert not strange, f"eat was called with {strange[0]!r}, which nobody has baked: look at it before you eat it"
        found = sorted(self.eaten)
        missing = [bun for bun in buns if bun not in found]
        assert not missing, f"run_bakery came back and {missing} was not eaten: it was lost, or is still on its way"
        assert found == sorted(buns), f"{sorted(buns)} were baked, {found} were eaten: each bun is eaten once"
        assert self.caller not in self.threads, "the caller baked or ate itself: everybody has a thread of its own"
        alive = sorted({thread.name for thread in self.threads if thread.is_alive()})
        assert not alive, f"run_bakery came back, and {alive} still run: join every thread"


@pytest.mark.task(1)
def test_all_is_eaten_in_order(race):
    def scenario():
        day = Day()
        run_bakery([day.oven("a", "b", "c", "d")], 1, day.eat, 2)
        day.check("a", "b", "c", "d")
        assert day.eaten == ["a", "b", "c", "d"], f"one baker, one customer: eaten as {day.eaten}, oldest first"

    race.explore(scenario, schedules=4)


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound="a customer took a bun for the end, and went home: know the end by `is`")
def test_any_object_is_a_bun(race):
    def scenario():
        buns, eaten = [None, 0, "", None, False, (), EqualToAll(), Touchy(), object, ..., NotImplemented], []
        bakers, eat = [buns], eaten.append
        buns += [eat, bakers, buns]
        run_bakery(bakers, 1, eat, 2)
        assert [*map(id, eaten)] == [*map(id, buns)], (
            f"{buns} were baked, {eaten} were eaten: None and what is false are buns too, and none is asked what it is "
            "equal to"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(1)
def test_what_lies_about_is_a_bun():
    eaten = []
    run_bakery([LYING_ABOUT], 1, eaten.append, len(LYING_ABOUT))
    lost = left_out(eaten)
    assert lost is None, (
        f"{lost} was baked, and not eaten: it was taken for the end; anybody can have it, so take an object for the "
        "mark that nobody else has, and know it by `is`"
    )


@pytest.mark.task(1)
def test_what_eat_returns_does_not_matter(race):
    def scenario():
        eaten = []
        run_bakery([["a", "b", "c"]], 1, lambda bun: eaten.append(bun) or "enough", 5)
        assert eaten == ["a", "b", "c"], (
            f"a, b, c were baked, eat returned 'enough' each time, and eaten were {eaten}: it may return anything, and "
            "a customer stays until all is over"
        )

    race.explore(scenario, schedules=2)


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

    race.explore(scenario, schedules=5)


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

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound="one waits in the oven or while he eats for another to come: each baker and each customer needs a "
    "thread of its own, at the same time, and takes one bun after the other"
)
@pytest.mark.parametrize(("bakers", "customers"), [(3, 2), (2, 3)])
def test_everybody_is_there_at_the_same_time(race, bakers, customers):
    def scenario():
        eaten, bake, eat = [], threading.Barrier(bakers), threading.Barrier(customers)

        def oven():
            bake.wait()
            for number in range(6 // bakers):
                yield number

        def eat_together(bun):
            eat.wait()
            eaten.append(bun)

        run_bakery([oven() for _ in range(bakers)], customers, eat_together, 6)
        assert len(eaten) == 6, f"6 buns were baked, {len(eaten)} were eaten"

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="forty bakers and one customer: each needs a thread of its own, however many they are")
def test_as_many_threads_as_people(race):
    def scenario():
        eaten = []
        run_bakery([[number] for number in range(40)], 1, eaten.append, 1)
        assert sorted(eaten) == [*range(40)], f"forty bakers baked a bun each, eaten were {sorted(eaten)}"

    race.explore(scenario, schedules=1)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="somebody was told to go on who cannot, and somebody who can was told nothing")
@pytest.mark.parametrize(("shelf", "eating"), [(1, 0), (2, 1)])
def test_the_right_one_goes_on(race, shelf, eating):
    def scenario():
        day = Day(eating)

        def oven(name):
            time.sleep(1)
            yield from day.oven(f"{name}1", f"{name}2", f"{name}3")

        run_bakery([oven("a"), oven("b")], 2, day.eat, shelf)
        day.check("a1", "a2", "a3", "b1", "b2", "b3")

    race.explore(scenario, schedules=29)


@pytest.mark.task(2)
def test_the_oldest_bun_is_next(race):
    def scenario():
        day = Day(eating=9)

        def oven(**buns):
            for bun, seconds in buns.items():
                time.sleep(seconds)
                yield bun

        run_bakery([oven(a1=0, a2=1, a3=2), oven(b1=2)], 1, day.eat, 3)
        assert day.eaten == ["a1", "a2", "b1", "a3"], (
            "one baker is through with a bun at 0, 1 and 3 s, another one at 2 s, and the customer eats for 9 s each: "
            f"eaten as {day.eaten}, but the oldest bun on the shelf is next, whoever has baked it"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
def test_the_same_list_for_two_bakers(race):
    def scenario():
        buns, eaten = ["a", "b"], []
        run_bakery([buns, buns], 1, eaten.append, 1)
        assert sorted(eaten) == ["a", "a", "b", "b"], (
            f"two bakers walk the same list of two buns, eaten were {eaten}: each of them walks it once"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound="a bakery in a bakery: what belongs to one call of run_bakery must not be seen by another"
)
def test_a_bakery_in_a_bakery(race):
    def scenario():
        crumbs, eaten = [], []

        def eat(bun):
            eaten.append(bun)
            if bun in ("a", "b"):
                run_bakery([[f"{bun}1", f"{bun}2"]], 1, crumbs.append, 1)

        run_bakery([["a"], ["b"]], 2, eat, 1)
        assert (sorted(eaten), sorted(crumbs)) == (["a", "b"], ["a1", "a2", "b1", "b2"]), (
            f"who eats a bun runs a bakery of his own, two at the same time: eaten were {eaten}, and in there "
            f"{crumbs}; "
            "what belongs to one call of run_bakery must not be seen by another"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(2)
def test_two_bakeries_side_by_side(race):
    def scenario():
        one, two = Day(), Day()
        one.caller = two.caller = None

        def slow():
            time.sleep(3)
            yield from one.oven("a")

        def open_later():
            began = time.monotonic()
            run_bakery([two.oven("b", "c", seconds=1)], 1, two.eat, 1)
            return time.monotonic() - began

        took = race.run(lambda: run_bakery([slow()], 1, one.eat, 1), open_later)[1]
        one.check("a")
        two.check("b", "c")
        assert took == 2, (
            f"in one bakery the only bun comes after 3 s, in another one two come after 1 s each; the second was "
            f"through after {took:g} s instead of 2 s: who waits in one was told of a bun in the other"
        )

    race.explore(scenario, schedules=20)


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
            "instead of 7 s; nobody waits who could go on, so hold no lock while you eat or bake, and tell a customer "
            "of each bun"
        )

    race.explore(scenario, schedules=5)


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

    race.explore(scenario, schedules=9)


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


@pytest.mark.task(3)
@pytest.mark.means(
    MemoryError="a shelf for more buns than there can be: make no room before somebody bakes",
    OverflowError="a shelf for more buns than there can be: make no room before somebody bakes",
)
def test_a_shelf_without_an_end(race):
    def scenario():
        day = Day()
        run_bakery([day.oven("a", "b")], 1, day.eat, 10**15)
        day.check("a", "b")

    race.explore(scenario, schedules=1)


@pytest.mark.task(4)
@pytest.mark.parametrize("ovens", [[], [[]], [[], []]], ids=["no baker", "an empty oven", "two empty ovens"])
def test_nothing_is_baked(race, ovens):
    def scenario():
        day = Day()
        run_bakery([day.oven(*buns) for buns in ovens], 2, day.eat, 1)
        day.check()

    race.explore(scenario, schedules=4)


@pytest.mark.task(4)
@pytest.mark.parametrize("slow", [0, 1], ids=["the first is slow", "the second is slow"])
def test_nobody_goes_home_before_the_last_bun(race, slow):
    def scenario():
        day = Day(eating=1)
        pace = [9, 0] if slow == 0 else [0, 9]
        run_bakery([day.oven("a", seconds=pace[0]), day.oven("b", seconds=pace[1])], 1, day.eat, 1)
        day.check("a", "b")

    race.explore(scenario, schedules=4)


@pytest.mark.task(4)
def test_the_oven_cools_slowly(race):
    def scenario():
        day, eaten = Day(), []

        def oven():
            yield "a"
            time.sleep(5)

        began = time.monotonic()
        run_bakery([oven(), day.oven()], 2, lambda bun: eaten.append((bun, time.monotonic() - began)), 1)
        assert eaten == [("a", 0)], (
            "a is out of the oven at 0 s, and 5 s later the baker knows that it was the last; eaten (bun, s) were "
            f"{eaten}"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(4)
def test_more_customers_than_buns(race):
    def scenario():
        day = Day(eating=2)
        run_bakery([day.oven("a")], 3, day.eat, 1)
        day.check("a")

    race.explore(scenario, schedules=6)


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

    race.explore(scenario, schedules=5)


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

    race.explore(scenario, schedules=4, busy_waiting="fail")


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

    race.explore(scenario, schedules=5, busy_waiting="fail")


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound=f"{MANY} buns are not all eaten: did a thread call too deep, and end? Use a loop")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_many_buns():
    eaten = []
    run_bakery([range(MANY)], 1, eaten.append, 2 * MANY)
    assert len(eaten) == MANY, (
        f"{MANY} buns were baked, {len(eaten)} were eaten, as a thread ended early: many are no reason to call so "
        "deep, use a loop"
    )
    assert eaten == [*range(MANY)], f"one customer ate {MANY} buns, and not the oldest first"


@pytest.mark.task(5)
def test_forty_eat_for_years(timing):
    with timing.virtual():
        eaten, began = [], time.monotonic()

        def eat(bun):
            time.sleep(2 * YEAR)
            eaten.append(bun)

        run_bakery([range(40)], 40, eat, 40)
        took, through = time.monotonic() - began, len(eaten)
    assert through == 40, (
        f"forty customers eat forty buns, for two years, and {through} were eaten when run_bakery came back: join "
        "every thread, as long as it takes"
    )
    assert took == 2 * YEAR, (
        f"forty customers eat forty buns, for two years, and it took {took / YEAR:g} years instead of 2: `customers` "
        "is the number of the threads, and a pool has a limit"
    )


@pytest.mark.task(5)
def test_forty_bake_for_years(timing):
    with timing.virtual():
        eaten, began = [], time.monotonic()

        def oven(bun):
            time.sleep(2 * YEAR)
            yield bun

        run_bakery([oven(bun) for bun in range(40)], 1, eaten.append, 40)
        took, through = time.monotonic() - began, len(eaten)
    assert through == 40, (
        f"forty bakers bake a bun each, for two years, and {through} were eaten when run_bakery came back: join every "
        "thread, as long as it takes"
    )
    assert took == 2 * YEAR, (
        f"forty bakers bake a bun each, for two years, and it took {took / YEAR:g} years instead of 2: each of them "
        "has a thread of its own, and a pool has a limit"
    )

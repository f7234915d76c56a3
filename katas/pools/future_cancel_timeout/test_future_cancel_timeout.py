"""Closing time: the tests. Time is virtual in them, and the threads mix in many ways."""

import threading
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor

import pytest
from future_cancel_timeout import ask, call_off, evening

OFF, NOT_YET = ("called off", None), ("not yet", None)
ODD = 1 / 512  # nobody who looks every now and then looks at this very moment


class Fire(BaseException):
    """No Exception, as KeyboardInterrupt and SystemExit are none."""


class Kitchen:
    """Notes who cooks what when."""

    def __init__(self, seconds=None, gives=None):
        self.seconds, self.gives = seconds or {}, gives or {}
        self.began, self.ended, self.threads, self.opened = [], [], [], time.monotonic()
        self.others = threading.enumerate()

    def now(self):
        return time.monotonic() - self.opened

    def cook(self, dish):
        self.began.append(dish)
        self.threads.append(threading.current_thread())
        time.sleep(self.seconds.get(dish, 1))
        self.ended.append(dish)
        value = self.gives.get(dish, f"hot {dish}")
        if isinstance(value, BaseException):
            raise value
        return value

    def check(self):
        assert threading.current_thread() not in self.threads, "the caller has cooked himself"
        alive = {thread.name for thread in threading.enumerate() if thread not in self.others}
        assert not alive, f"the evening is over, and {sorted(alive)} still run: wait for the threads"


def tried(act, *args):
    """Return what comes of it, or say that it raised."""
    try:
        return act(*args)
    except NotImplementedError:
        raise
    except (Exception, KeyboardInterrupt, SystemExit, Fire) as error:
        return "raised", error


@pytest.mark.task(1)
@pytest.mark.parametrize("value", ["soup", None, 0, ValueError("returned")], ids=repr)
def test_what_was_served(race, value):
    def scenario():
        with ThreadPoolExecutor(1) as pool:
            order = pool.submit(lambda: (time.sleep(500_000), value)[1])
            for seconds in (None, 0, 9):
                found = tried(ask, order, seconds)
                assert found == ("served", value), f"the job returned {value!r}, ask(order, {seconds}) gave {found}"

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
@pytest.mark.parametrize("kind", [ValueError, TimeoutError, CancelledError, Fire, SystemExit])
def test_what_has_failed(race, kind):
    def scenario():
        error = kind("burnt")

        def burn():
            time.sleep(1)
            raise error

        with ThreadPoolExecutor(1) as pool:
            order = pool.submit(burn)
            for seconds in (5, None, 0):
                found = tried(ask, order, seconds)
                assert found == ("failed", error), f"the job raised {error!r}, ask(order, {seconds}) gave {found}"

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
@pytest.mark.parametrize("seconds", [0, 2 + ODD])
def test_not_yet(race, seconds):
    def scenario():
        kitchen = Kitchen({"stew": 3})
        with ThreadPoolExecutor(1) as pool:
            orders = [pool.submit(kitchen.cook, dish) for dish in ("stew", "pie")]
            found = [tried(ask, orders[1], seconds), tried(ask, orders[0], 0)]
            when = kitchen.now()
            assert found == [NOT_YET] * 2, f"after {seconds} s one is being cooked and one waits, ask gave {found}"
            assert when == seconds, f"ask(order, {seconds}) came back after {when:g} s"
            found = tried(ask, orders[0], 30)
            assert (found, kitchen.now()) == (("served", "hot stew"), 3), (
                f"a stew was done at 3 s; who waited at most 30 s for it got {found} at {kitchen.now():g} s"
            )

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
def test_done_at_the_last_moment(race):
    def scenario():
        with ThreadPoolExecutor(1) as pool:
            order = pool.submit(lambda: (time.sleep(1), "hot")[1])
            found = tried(ask, order, 1)
            assert found in (NOT_YET, ("served", "hot")), f"a dish was done when time was up, and ask gave {found}"

    race.explore(scenario, schedules=60, clock="any")


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound="somebody waits for an order that was called off: it is done, and nobody cooks it")
@pytest.mark.parametrize("how", ["cancel", "shutdown"])
def test_what_was_called_off(race, how):
    def scenario():
        kitchen, pool, found = Kitchen(), ThreadPoolExecutor(1), []
        orders = [pool.submit(kitchen.cook, dish) for dish in "ab"]

        def close():
            time.sleep(0.5)
            if how == "cancel":
                orders[1].cancel()
            pool.shutdown(cancel_futures=how == "shutdown")
            found.append(tried(ask, orders[1], 0))

        race.run(lambda: found.append((tried(ask, orders[1]), kitchen.now())), close)
        assert found == [(OFF, 0.5), OFF], f"an order was called off after 0.5 s ({how}), and (ask, s) gave {found}"

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
@pytest.mark.parametrize("row", ["abcd", "cadb"])
def test_what_has_not_begun_is_called_off(race, row):
    def scenario():
        kitchen = Kitchen({"b": 2})
        with ThreadPoolExecutor(1) as pool:
            orders = [pool.submit(kitchen.cook, dish) for dish in "abcd"]
            orders[2].cancel()
            orders = [orders["abcd".index(dish)] for dish in row]
            time.sleep(2)
            given = list(orders)
            for _ in range(2):
                found = tried(call_off, orders)
                assert kitchen.now() == 2, f"call_off waited until {kitchen.now():g} s: it returns at once"
                assert orders == given, "the caller's list has changed: leave it as it is"
                found = [row[orders.index(order)] for order in found]
                assert found == ["c", "d"], (
                    f"a is done, b is being cooked, c was called off before, d waits; call_off of {row} gave {found} "
                    "instead of c and d: those that never begin, wherever they stand"
                )
            assert call_off([]) == []
        assert kitchen.ended == ["a", "b"], f"c and d were called off, and cooked were {kitchen.ended}"

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
def test_while_the_cook_takes_the_next(race):
    def scenario():
        kitchen = Kitchen(dict.fromkeys("abc", 0))
        with ThreadPoolExecutor(1) as pool:
            orders = [pool.submit(kitchen.cook, dish) for dish in "abc"]
            off = tried(call_off, orders)
        off = ["abc"[orders.index(order)] for order in off]
        assert sorted(off + kitchen.began) == ["a", "b", "c"], (
            f"a, b, c were ordered; call_off said that {off} never begin, and cooked were {kitchen.began}: what counts "
            "is what cancel says"
        )

    race.explore(scenario, schedules=60)


@pytest.mark.task(3)
@pytest.mark.parametrize(
    ("dishes", "seconds", "right", "when"),
    [
        ("abcde", 3, "SSSS-", 4),
        ("abcdef", 0.5, "SS----", 2),
        ("ab", 50, "SS", 2),
        ("aaa", 1, "SS-", 2),
        ("", 50, "", 0),
    ],
)
def test_the_evening(race, dishes, seconds, right, when):
    def scenario():
        kitchen = Kitchen(dict.fromkeys(dishes, 2))
        found = tried(evening, kitchen.cook, list(dishes), 2, seconds)
        took = kitchen.now()
        wanted = [("served", f"hot {dish}") if how == "S" else OFF for dish, how in zip(dishes, right)]
        assert sorted(kitchen.began) == sorted(dishes[: right.count("S")]), (
            f"{dishes or 'nothing'}, 2 s each, two cooks, closing time after {seconds} s; begun were {kitchen.began}"
        )
        assert found == wanted, (
            f"{dishes}, 2 s each, two cooks, closed after {seconds} s, came to {found}: not {wanted}"
        )
        assert took == when, (
            f"{dishes or 'nothing'}, 2 s each, two cooks, closing time after {seconds} s: back after {took:g} s, not "
            f"{when}: as soon as nothing is left to cook, and not before"
        )
        kitchen.check()

    race.explore(scenario, schedules=10)


@pytest.mark.task(3)
def test_closed_from_the_beginning(race):
    def scenario():
        kitchen = Kitchen()
        found = tried(evening, kitchen.cook, list("abc"), 1, 0)
        assert len(kitchen.began) <= 1, (
            f"one cook, closing time after 0 s, and cooked were {kitchen.began}: 0 is a limit, one may have begun"
        )
        right = [("served", f"hot {dish}") if dish in kitchen.began else OFF for dish in "abc"]
        assert found == right, f"closed after 0 s, cooked were {kitchen.began}, and evening gave {found}"
        kitchen.check()

    race.explore(scenario, schedules=10)


@pytest.mark.task(3)
@pytest.mark.parametrize("kind", [ValueError, TimeoutError, CancelledError, Fire])
def test_a_dish_that_burns(race, kind):
    def scenario():
        error = kind("burnt")
        kitchen = Kitchen(gives={"b": error})
        found = tried(evening, kitchen.cook, list("abcde"), 1, 3.5)
        assert found == [("served", "hot a"), ("failed", error), ("served", "hot c"), ("served", "hot d"), OFF], (
            f"b raises {error!r} at 2 s, it closes at 3.5 s, when d is on the stove and e is not; evening gave {found}"
        )
        kitchen.check()

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
def test_any_object_is_a_dish(race):
    def scenario():
        dishes = [None, [], [], 0, False]
        found = tried(evening, lambda dish: (id(dish), dish), dishes, 2, 9)
        right = [("served", (id(dish), dish)) for dish in dishes]
        assert found == right, f"{dishes} came to {found}: any object is a dish, and equal ones are several"

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="three cooks, and no three dishes are cooked at the same time")
def test_all_cooks_cook(race):
    def scenario():
        meeting = threading.Barrier(3)
        found = evening(lambda dish: meeting.wait() >= 0, [*range(6)], 3, 60)
        assert found == [("served", True)] * 6

    race.explore(scenario, schedules=3)

"""A lock for the counter: the tests. Time is virtual, and the threads mix in many ways."""

import functools
import threading
import time

import pytest
from counter_lock import Stock, ship

FORGOTTEN = (
    "-= and += read, compute and write, and another thread did the same in between: one lock, the "
    "same for all threads and for take and put, has to stand around the whole line"
)


@pytest.mark.task(1)
def test_one_by_one(race):
    def scenario():
        stock = Stock(2)
        assert stock.count == 2, f"a new stock of 2 says {stock.count}"
        for method, wanted in [("take", 1), ("put", 2), ("put", 3), ("take", 2)]:
            getattr(stock, method)()
            assert stock.count == wanted, f"after {method}() the stock says {stock.count} instead of {wanted}"
        for _ in range(3):
            stock.take()
        assert stock.count == -1, f"3 taken from 2 leave {stock.count}; the number may be negative"

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_each_stock_counts_for_itself(race):
    def scenario():
        tins, jars = Stock(5), Stock(7)
        tins.take()
        jars.put()
        assert (tins.count, jars.count) == (4, 8), (
            f"of 5 tins one was taken, to 7 jars one was put: the stocks say {tins.count} and {jars.count}"
        )

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
@pytest.mark.parametrize(
    "threads",
    [
        pytest.param(["take", "take"], id="two take"),
        pytest.param(["put", "put"], id="two put"),
        pytest.param(["take", "put"], id="one takes, one puts"),
        pytest.param(["take", "take", "put"], id="three"),
    ],
)
def test_every_call_counts(race, threads):
    def scenario():
        stock = Stock(10)
        race.run(*(getattr(stock, method) for method in threads))
        wanted = 10 - threads.count("take") + threads.count("put")
        assert stock.count == wanted, (
            f"{' and '.join(threads)} at the same time made 10 into {stock.count} instead of {wanted}: {FORGOTTEN}"
        )

    race.explore(scenario, schedules=60)


@pytest.mark.task(2)
def test_two_of_the_same_name_count_twice(race):
    def scenario():
        stock = Stock(10)
        packers = [threading.Thread(target=stock.take, name="packer") for _ in range(2)]
        for packer in packers:
            packer.start()
        for packer in packers:
            packer.join()
        assert stock.count == 8, (
            f"two threads of the same name took from 10 at the same time, and the stock says {stock.count} instead of "
            "8: a name is no identity; what two change, whatever they are called, needs a lock"
        )

    race.explore(scenario, schedules=60)


@pytest.mark.task(2)
@pytest.mark.parametrize(("calls", "possible"), [(["put", "take"], (10, 11)), (["take", "put"], (10, 9))], ids=str)
def test_who_reads_sees_a_number_that_was_true(race, calls, possible):
    def scenario():
        stock, seen = Stock(10), []
        caller = threading.Thread(target=lambda: [getattr(stock, method)() for method in calls])
        caller.start()
        seen.append(stock.count)
        caller.join()
        assert seen[0] in possible, (
            f"in a stock of 10 one called {' and then '.join(calls)}, and another one read {seen[0]} meanwhile, which "
            "was "
            f"never true: {possible[0]} and {possible[1]} were; read one number, once"
        )

    race.explore(scenario, schedules=66)


@pytest.mark.task(3)
def test_each_packer_has_his_own_rounds(race):
    def scenario():
        stock, paces, packed = Stock(100), {}, []

        def pack():
            packer = threading.current_thread()
            pace = paces.setdefault(packer, 10 if not paces else 1)
            time.sleep(pace)
            packed.append(packer)

        began = time.monotonic()
        ship(stock, 3, 3, pack)
        took = time.monotonic() - began
        rounds = [packed.count(packer) for packer in paces]
        assert rounds == [3, 3, 3], (
            f"three packers with three rounds each, one of them slow, packed {rounds} parcels instead of 3 each: who "
            "is "
            "quick does not do another one's rounds; each packer is a thread, and packs his own"
        )
        assert took == 30, f"the slowest needs 10 s for a parcel, and three rounds took {took:g} s instead of 30 s"

    race.explore(scenario, schedules=4)


@pytest.mark.task(3)
def test_two_ship_from_one_stock(race):
    def scenario():
        stock, packed = Stock(10), []
        race.run(*[lambda: ship(stock, 1, 2, lambda: packed.append("a parcel"))] * 2)
        assert (len(packed), stock.count) == (4, 6), (
            f"two calls of ship for one packer and two rounds each packed {len(packed)} parcels instead of 4, and made "
            "10 "
            f"into {stock.count} instead of 6: {FORGOTTEN}"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(3)
@pytest.mark.parametrize(("packers", "rounds"), [(1, 3), (2, 1), (2, 2), (3, 1), (5, 3)], ids=lambda value: str(value))
def test_the_stock_is_exact(race, packers, rounds):
    def scenario():
        stock, packed = Stock(100), []
        ship(stock, packers, rounds, lambda: packed.append("a parcel"))
        parcels = packers * rounds
        assert len(packed) == parcels, (
            f"{packers} packers with {rounds} rounds packed {len(packed)} parcels instead of {parcels}"
        )
        assert stock.count == 100 - parcels, (
            f"{parcels} tins were taken from 100, and the stock says {stock.count} instead of "
            f"{100 - parcels}: {FORGOTTEN}"
        )

    race.explore(scenario, schedules=5, clock="any")


@pytest.mark.task(3)
@pytest.mark.means(AttributeError="pack has no __name__: whatever can be called will do, only call it")
def test_first_packed_then_taken(race):
    def scenario():
        stock, seen = Stock(100), []
        ship(stock, 1, 3, functools.partial(lambda seen: bool(seen.append(stock.count)), seen))
        assert (seen, stock.count) != ([100, 100, 100], 100), (
            f"three parcels were packed and pack returned False, which says nothing, and the stock says {stock.count}: "
            "who has packed takes a tin"
        )
        assert seen == [100, 99, 98], (
            f"while the three parcels were packed the stock said {seen}, it should say "
            "[100, 99, 98]: pack first, then take, after each parcel"
        )

    race.explore(scenario, schedules=20)


class Noted(Stock):
    """A stock that notes who takes."""

    takers = ()

    def take(self):
        self.takers = (*self.takers, threading.current_thread())
        super().take()


@pytest.mark.task(3)
def test_it_is_the_stock_that_takes(race):
    def scenario():
        stock = Noted(10)
        ship(stock, 1, 2, lambda: None)
        assert (len(stock.takers), stock.count) == (2, 8), (
            f"two parcels were packed from a stock of 10 whose class extends Stock; its take was called "
            f"{len(stock.takers)} times, and it says {stock.count}: how a stock counts is its own affair, call take"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
def test_the_last_parcel_is_waited_for(race):
    def scenario():
        stock, waits = Stock(100), [60, 1, 1]
        ship(stock, 3, 1, lambda: time.sleep(waits.pop()))  # pop is one step
        assert stock.count == 97, (
            f"ship came back while somebody was still packing: the stock says {stock.count} "
            "instead of 97; join every thread, sleeping is guessing"
        )

    race.explore(scenario, schedules=7)


@pytest.mark.task(4)
@pytest.mark.parametrize(("packers", "rounds"), [(3, 1), (2, 3), (5, 3)])
def test_the_packers_pack_side_by_side(race, packers, rounds):
    def scenario():
        stock = Stock(100)
        began = time.monotonic()
        ship(stock, packers, rounds, lambda: time.sleep(10))
        took, wanted = time.monotonic() - began, rounds * 10
        assert took <= wanted, (
            f"{packers} packers, {rounds} × 10 s each, took {took:g} s instead of {wanted} s: they "
            "waited for each other; hold the lock for the number, not while you pack, and start "
            "all threads before you join one"
        )
        assert took == wanted, f"{rounds} rounds of 10 s were over after {took:g} s: each packer packs before each take"

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_nobody_waits_for_who_packs_longer(race):
    def scenario():
        stock, mine = Stock(100), threading.local()

        def pack():
            if not hasattr(mine, "parcels"):
                mine.parcels = firsts.pop()  # pop is one step
            time.sleep(mine.parcels.pop())

        firsts = [[10, 60], [60, 10]]
        began = time.monotonic()
        ship(stock, 2, 2, pack)
        took = time.monotonic() - began
        assert took == 70, (
            f"one packer needed 10 s and then 60 s, the other one 60 s and then 10 s, and ship took {took:g} s instead "
            "of 70 s: nobody waits for another one's parcel before he goes on with his own"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_forty_packers_pack_side_by_side(timing):
    stock = Stock(100)
    with timing.virtual():
        began = time.monotonic()
        ship(stock, 40, 1, lambda: time.sleep(10))
        took = time.monotonic() - began
    assert (took, stock.count) == (10, 60), (
        f"40 packers packed one parcel each, 10 s long, which took {took:g} s instead of 10 s, and 100 tins became "
        f"{stock.count} instead of 60: not all could be at work at the same time; a pool has a limit, each packer "
        "needs a thread of his own"
    )

"""Shared state: the tests. Time is virtual in them, and the threads mix in many ways."""

import threading
import time

import pytest
import shared_state
from shared_state import collect


def slow(seconds, coins):
    """Wait at each door."""
    for coin in coins:
        time.sleep(seconds)
        yield coin


def empty_jar():
    """Begin anew: in every run the global has to begin at 0, too."""
    shared_state.coins_dropped = 0
    return {}


def contents(jar):
    """Tell what is in the jar, whatever the order."""
    return {giver: sorted(coins) for giver, coins in jar.items()}


@pytest.mark.task(1)
def test_the_callers_jar_is_filled(race):
    def scenario():
        jar = empty_jar()
        collect([[("ann", 1), ("bob", 2), ("ann", 5)], [("cleo", 10)]], jar)
        assert jar, (
            "the jar is still empty: put the coins into the dictionary you were given, a new one "
            "does not reach the caller"
        )
        wanted = {"ann": [1, 5], "bob": [2], "cleo": [10]}
        assert contents(jar) == wanted, f"the jar holds {contents(jar)}, it should hold {wanted}"

    race.explore(scenario, schedules=7)


@pytest.mark.task(1)
def test_what_was_in_the_jar_stays(race):
    def scenario():
        jar = empty_jar() | {"ann": [20], "dora": [50]}
        collect([[("ann", 1)], [("bob", 2)]], jar)
        wanted = {"ann": [1, 20], "bob": [2], "dora": [50]}
        assert contents(jar) == wanted, (
            f"the jar held coins before; now it holds {contents(jar)}, it should hold {wanted}"
        )

    race.explore(scenario, schedules=30)


@pytest.mark.task(1)
def test_a_list_that_is_there_is_filled(race):
    def scenario():
        jar = empty_jar() | {"ann": [], "bob": [5]}
        anns, bobs = jar["ann"], jar["bob"]
        collect([[("ann", 1)], [("bob", 2)]], jar)
        assert (anns, bobs) == ([1], [5, 2]), (
            f"ann had an empty list in the jar, bob one with a 5 in it; somebody holds these lists, and now they are "
            f"{anns} and {bobs}, not [1] and [5, 2]: append to the list that is there, also if it is empty"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(1)
def test_any_name_and_any_number(race):
    def scenario():
        jar, rounds = empty_jar(), [[("", 0), ("ann", -1), ("ann", 0), ("ann", 0)]]
        collect(rounds, jar)
        wanted = {"": [0], "ann": [-1, 0, 0]}
        assert contents(jar) == wanted, (
            f"somebody without a name gave 0, ann gave -1, 0 and 0; the jar holds {contents(jar)}, it should hold "
            f"{wanted}: 0 is a coin, an empty name is a name, and the same coin twice is two coins"
        )
        found = shared_state.coins_dropped
        assert found == 4, (
            f"four coins were dropped, three of them worth 0, and coins_dropped is {found}: count them all"
        )
        assert [len(each) for each in rounds] == [4], f"collect has changed the caller's rounds to {rounds}"

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_a_name_is_taken_as_it_is(race):
    def scenario():
        jar = empty_jar()
        collect([[("ann", 1), ("Ann", 2), (" ann", 3), ("ann ", 4)]], jar)
        wanted = {"ann": [1], "Ann": [2], " ann": [3], "ann ": [4]}
        assert contents(jar) == wanted, (
            f"four givers, whose names differ in a space or a capital, and the jar holds {contents(jar)} instead of "
            f"{wanted}: a name is any string, do not tidy it up"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.means(
    ValueError="without rounds there is nothing to do; a pool wants one worker at least, so do not make one"
)
@pytest.mark.task(1)
def test_no_rounds_no_coins(race):
    def scenario():
        jar = empty_jar() | {"ann": [20]}
        collect([], jar)
        collect([[], []], jar)
        assert jar == {"ann": [20]}, f"nobody gave anything, and yet the jar changed to {jar}"

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
@pytest.mark.parametrize(
    "rounds",
    [
        pytest.param([[("ann", 1)], [("ann", 2)]], id="two meet a new giver"),
        pytest.param([[("ann", 1), ("bob", 2)], [("bob", 5), ("ann", 10)]], id="two meet twice"),
        pytest.param([[("ann", 1)], [("ann", 2)], [("ann", 5)]], id="three meet"),
    ],
)
def test_no_coin_is_lost(race, rounds):
    def scenario():
        jar = empty_jar()
        collect([iter(coins) for coins in rounds], jar)
        given = {}
        for giver, coin in sum(rounds, []):
            given.setdefault(giver, []).append(coin)
        for giver, coins in given.items():
            found = sorted(jar.get(giver, []))
            assert found == sorted(coins), (
                f"{giver} gave {sorted(coins)}, the jar holds {found}: a coin is lost or doubled; "
                "looking into the jar and changing it are two steps, and another thread came in "
                "between"
            )

    race.explore(scenario, schedules=100)


@pytest.mark.task(3)
def test_the_rounds_are_walked_side_by_side(race):
    def scenario():
        began = time.monotonic()
        collect([slow(1, [("ann", 1)] * 3), slow(5, [("bob", 2)]), slow(2, [("cleo", 5)] * 2)], {})
        took = time.monotonic() - began
        assert took <= 5, (
            f"rounds of 3, 5 and 4 s took {took:g} s instead of 5 s: they had to wait for each "
            "other; start all threads before you join one, and hold no lock while a round waits"
        )
        assert took == 5, f"the longest round takes 5 s, collect came back after {took:g} s: join every thread"

    race.explore(scenario, schedules=30)


@pytest.mark.task(3)
@pytest.mark.parametrize("seconds", [(60, 1), (1, 60)], ids=["the first is slow", "the last is slow"])
def test_the_last_coin_is_waited_for(race, seconds):
    def scenario():
        jar = empty_jar()
        collect([slow(each, [(f"giver {each}", each)]) for each in seconds], jar)
        missing = [each for each in seconds if f"giver {each}" not in jar]
        assert not missing, (
            "collect came back while a collector was still out: the coin of the round of "
            f"{missing[0]} s is missing; join every thread, sleeping is guessing"
        )

    race.explore(scenario, schedules=12, clock="any")


@pytest.mark.task(4)
def test_the_global_grows(race):
    def scenario():
        collect([[("ann", 1), ("bob", 2)]], empty_jar())
        assert shared_state.coins_dropped != 0, (
            "shared_state.coins_dropped is still 0: an assignment inside a function makes a local "
            "name, unless the function says: global coins_dropped"
        )
        collect([[("ann", 1)]], {})
        found = shared_state.coins_dropped
        assert found == 3, (
            f"2 coins and then 1 were dropped, shared_state.coins_dropped is {found} instead of 3: add to what it "
            "holds, which somebody may have set to 0 before"
        )

    race.explore(scenario, schedules=30)


@pytest.mark.task(4)
@pytest.mark.parametrize(
    "rounds",
    [
        pytest.param([[("ann", 1)], [("bob", 2)]], id="two coins"),
        pytest.param([[("ann", 1), ("ann", 1)], [("bob", 2)], [("cleo", 5)]], id="four coins"),
    ],
)
def test_every_coin_is_counted(race, rounds):
    def scenario():
        collect([iter(coins) for coins in rounds], empty_jar())
        found, wanted = shared_state.coins_dropped, sum(map(len, rounds))
        assert found <= wanted, (
            f"the number was 0 and {wanted} coins were dropped, shared_state.coins_dropped is {found}: count each "
            "coin once, and add to what the global holds"
        )
        assert found == wanted, (
            f"{wanted} coins were dropped, shared_state.coins_dropped is {found}: += reads, adds "
            "and writes, and another thread counted in between; all threads need the same lock "
            "there"
        )

    race.explore(scenario, schedules=11)


@pytest.mark.task(3)
def test_a_stranger_is_not_waited_for(race):
    def scenario():
        stranger = threading.Thread(target=time.sleep, args=(60,))
        stranger.start()
        began = time.monotonic()
        collect([slow(2, [("ann", 1)]), slow(3, [("bob", 2)])], empty_jar())
        took = time.monotonic() - began
        assert took == 3, (
            f"another thread of the program needed 60 s, and collect came back after {took:g} s instead of 3 s: wait "
            "for your own threads, and for nobody else"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
def test_a_thread_that_is_new_may_be_a_strangers(race):
    def scenario():
        stranger, began = threading.Thread(target=time.sleep, args=(60,)), time.monotonic()

        def walk():
            stranger.start()
            yield "ann", 1

        collect([walk(), slow(3, [("bob", 2)])], empty_jar())
        took = time.monotonic() - began
        assert took == 3, (
            f"a round started a thread that needs 60 s, and collect came back after {took:g} s instead of 3 s: not "
            "all that is new is yours; join the threads that you have started"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(3)
def test_seventy_rounds_take_as_long_as_one(timing):
    jar = empty_jar()
    rounds = [slow(1, [("ann", 1)]) for _ in range(70)]
    with timing.virtual():
        began = time.monotonic()
        collect(rounds, jar)
        took = time.monotonic() - began
    assert took == 1, (
        f"70 rounds of 1 s took {took:g} s instead of 1 s: not all were walked at the same time; a pool has a limit, "
        "each round needs a thread of its own"
    )
    assert jar == {"ann": [1] * 70}, f"ann gave 70 coins, the jar holds {len(jar.get('ann', []))} of them"


@pytest.mark.task(4)
def test_rounds_that_are_equal_are_counted_each(race):
    def scenario():
        jar, coins = empty_jar(), [("ann", 1), ("bob", 2)]
        collect([coins, list(coins), coins], jar)
        assert contents(jar) == {"ann": [1] * 3, "bob": [2] * 3}, (
            f"three rounds, equal to each other, brought a coin of ann's and one of bob's each; the jar holds {jar}: "
            "each place of the list is a round"
        )
        found = shared_state.coins_dropped
        assert found == 6, (
            f"three rounds, equal to each other, of two coins each, and coins_dropped is {found} instead of 6: each "
            "place of the list is a round, whatever it is equal to"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(4)
def test_only_the_coins_of_this_call_are_counted(race):
    def scenario():
        collect([[("ann", 1), ("bob", 2)]], empty_jar())
        for begin in (0, 100):
            shared_state.coins_dropped = begin
            collect([[("ann", 1)], [("bob", 5)]], {"ann": [1, 2, 3], "cleo": [5]})
            found = shared_state.coins_dropped - begin
            assert found == 2, (
                f"coins_dropped was set to {begin}, two coins were dropped into a jar that held four, and it grew by "
                f"{found}: add to what the global holds, and count what is dropped, not what is in the jar"
            )

    race.explore(scenario, schedules=6)

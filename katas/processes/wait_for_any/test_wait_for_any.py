"""The pigeon race: the tests. Time is virtual in them."""

import multiprocessing
import signal
import sys
import time
from functools import partial

import pytest
from wait_for_any import arrivals, winner
from wait_for_any import race as fly_race

ODD = 3 + 1 / 512  # nobody who looks every now and then looks at this very moment


def fly(seconds, code=0):
    """Fly home."""
    time.sleep(seconds)
    sys.exit(code)


def fly_and_note(notes, ring):
    """Fly as many seconds as the ring says, and note it; who is called off comes down by himself."""
    signal.signal(signal.SIGTERM, come_down)
    time.sleep(float(ring))
    notes.write(ring)


def fly_as_the_ring_says(ring):
    """Fly as many seconds as its last thing says; who is called off is ended there and then."""
    time.sleep(list(ring.values() if isinstance(ring, dict) else ring)[-1])


def come_down(*_):
    """End when this process has the turn."""
    raise SystemExit


def meet(tree, ring):
    """Fly on when all are there."""
    tree.wait()


def let_fly(*seconds, code=0):
    """Start processes that fly so long."""
    pigeons = [multiprocessing.Process(target=fly, args=(each, code)) for each in seconds]
    for pigeon in pigeons:
        pigeon.start()
    return pigeons


def tried_code(pigeon):
    """Return its exit code, or what keeps it from being read."""
    try:
        return pigeon.exitcode
    except ValueError as error:
        return error


def lofts(pigeons, found):
    """Return the numbers of pigeons."""
    return [pigeons.index(each) if each in pigeons else each for each in found]


@pytest.mark.task(1)
@pytest.mark.parametrize(
    ("away", "seconds", "first", "takes", "code"),
    [
        ((5, ODD, 9), None, 1, ODD, 0),
        ((9, 5, ODD), 60, 2, ODD, 3),
        ((2_000_000, 1_000_000), None, 1, 1_000_000, 0),
        ((5, 9), ODD, None, ODD, 0),
        ((5, 9), 0, None, 0, 0),
        ((), None, None, 0, 0),
        ((), 9, None, 0, 0),
    ],
)
@pytest.mark.means(DeadlockFound="there is no pigeon, and winner waits for one")
def test_the_first_one(race, away, seconds, first, takes, code):
    def scenario():
        pigeons, began = let_fly(*away, code=code), time.monotonic()
        found, took = winner(pigeons, seconds), time.monotonic() - began
        what = f"pigeons {list(away)} s away, limit {seconds}, exit code {code}"
        wanted = None if first is None else pigeons[first]
        assert took == takes, f"{what}: the clerk knew after {took:g} s instead of {takes:g} s: wait for all at once"
        assert found is wanted, f"{what}: number {first} wins, and it was {lofts(pigeons, [found])[0]}"
        late = [number for number, pigeon in enumerate(pigeons) if number != first and pigeon.exitcode is not None]
        assert not late, f"{what}: pigeons {late} were still flying, and have been ended"

    race.explore(scenario, schedules=1)


@pytest.mark.task(1)
@pytest.mark.parametrize("seconds", [None, 9, 0])
def test_somebody_is_home(race, seconds):
    def scenario():
        pigeons = let_fly(9, 1, 2)
        time.sleep(5)
        began = time.monotonic()
        found, took = winner(pigeons, seconds), time.monotonic() - began
        assert found in pigeons[1:], f"1 and 2 are home, 0 is not, and the winner is {lofts(pigeons, [found])[0]}"
        assert took == 0, f"1 and 2 were home, and the clerk knew {took:g} s later"

    race.explore(scenario, schedules=1)


@pytest.mark.task(2)
@pytest.mark.parametrize(
    ("away", "seconds", "busy", "wanted", "end"),
    [
        ((5, 1, ODD), None, 0, [(1, 1), (2, ODD), (0, 5)], 5),
        ((9, ODD, 1), ODD + 1, 0, [(2, 1), (1, ODD)], ODD + 1),
        ((20, 1, ODD), None, 10, [(1, 1), (2, 11), (0, 21)], 31),
        ((1, 2, 99), 4, 10, [(0, 1), (1, 11)], 21),
        ((1_000_000,), None, 0, [(0, 1_000_000)], 1_000_000),
        ((5, 9), 0, 0, [], 0),
        ((), None, 0, [], 0),
    ],
)
def test_each_as_it_comes(race, away, seconds, busy, wanted, end):
    def scenario():
        pigeons, began, seen = let_fly(*away), time.monotonic(), []
        for pigeon in arrivals(pigeons, seconds):
            seen.append((*lofts(pigeons, [pigeon]), time.monotonic() - began))
            assert pigeon.exitcode == 0, f"pigeon {seen[-1][0]} is home, and its exit code is {pigeon.exitcode}"
            time.sleep(busy)
        took = time.monotonic() - began
        what = f"pigeons {list(away)} s away, limit {seconds}, {busy} s to write each down"
        assert seen == wanted, f"{what}: (pigeon, s) were {seen} instead of {wanted}"
        assert took == end, f"{what}: it came to its end after {took:g} s instead of {end:g} s"

    race.explore(scenario, schedules=1)


@pytest.mark.task(2)
@pytest.mark.parametrize("seconds", [None, 0])
def test_several_are_home(race, seconds):
    def scenario():
        pigeons = let_fly(1, 3, 2, 2)
        time.sleep(5)
        found = lofts(pigeons, arrivals(pigeons, seconds))
        assert sorted(found) == [0, 1, 2, 3], f"four were home, and yielded were {found}: none may be lost, none twice"
        codes = [tried_code(pigeon) for pigeon in pigeons]
        assert codes == [0] * 4, f"all were yielded, and who was has an exit code; now they are {codes}: close none"

    race.explore(scenario, schedules=1)


@pytest.mark.task(2)
def test_time_runs_from_the_first_next(race):
    def scenario():
        pigeons = let_fly(9)
        coming = arrivals(pigeons, 5)
        time.sleep(7)
        assert lofts(pigeons, coming) == [0], "asked at 7 s, a limit of 5 s, and it came at 9 s: it should be yielded"
        left = arrivals(let_fly(9, 9), None)
        next(left)
        assert next(left).exitcode == 0, "one was asked for, and later another one, and it is not home"

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
@pytest.mark.parametrize(
    ("rings", "seconds", "wanted", "takes"),
    [([9e6, ODD, 8e6], None, ODD, ODD), ([9e6, 0, 9e6], None, 0, 0), ([9e6, 8e6], 5, None, 5), ([], None, None, 0)],
)
def test_a_race(race, notes, rings, seconds, wanted, takes):
    def scenario():
        notes.clear()
        began = time.monotonic()
        found, took = fly_race(partial(fly_and_note, notes), iter(rings), seconds), time.monotonic() - began
        left = multiprocessing.active_children()
        what = f"pigeons {rings} s away, limit {seconds}"
        assert found == wanted and type(found) is type(wanted), f"{what}: {wanted} wins, and it was {found}"
        assert takes <= took < takes + 1e6, (  # ends of processes take their time, and the clock goes on
            f"{what}: the race took {took:g} s instead of about {takes:g} s: nobody waits for the others"
        )
        assert not left, f"{what}: the race is over, and {len(left)} have not ended: end them, and wait until they have"
        time.sleep(1e7)
        home = [ring for ring in notes.read() if ring != wanted]
        assert not home, f"{what}: the race was over, and {home} came home later"

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="two pigeons meet on their way: let all fly at the same time")
def test_all_fly_at_the_same_time(race):
    def scenario():
        tree = multiprocessing.Barrier(2)
        found = fly_race(partial(meet, tree), ["ann", "ann"])
        assert found == "ann", f"both are ann's, and the winner is {found!r}"

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
def test_somebody_else_flies(race):
    def scenario():
        (other,), began = let_fly(9), time.monotonic()
        found, took = fly_race(fly, [5, 2]), time.monotonic() - began
        other.join()
        assert (took < 9, other.exitcode) == (True, 0), (
            f"a process that flies in no race had 9 s to go: the race of {found} took {took:g} s, and its exit code is "
            f"{other.exitcode}: end those of the race, and wait for no other"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
def test_however_it_has_ended(race):
    def scenario():
        found = fly_race(partial(fly, code=3), [5, 2])
        assert found == 2, f"2 was home first, with exit code 3, and the winner is {found!r}: however it has ended"

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
def test_a_ring_may_be_anything(race):
    def scenario():
        rings, began = [[9], [ODD], {"s": 9}, [9]], time.monotonic()
        found = fly_race(fly_as_the_ring_says, rings)
        took = time.monotonic() - began
        assert found == [ODD] and took == ODD, (
            f"the rings are {rings}, and after {took:g} s the winner was {found}: nobody said that they can be hashed"
        )

    race.explore(scenario, schedules=1)

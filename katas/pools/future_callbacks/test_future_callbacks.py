"""The regatta: the tests. Time is virtual in them, and the threads mix in many ways."""

import random
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from future_callbacks import arrivals, regatta
from odd_errors import FalseAlarm, hint

END = "the end"
ODD = 1 + 1 / 512  # nobody who looks every now and then looks at this very moment


class Storm(BaseException):
    """No Exception, as KeyboardInterrupt and SystemExit are none."""


def ended(future, how):
    """End a future: with a result, with an exception, or cancelled."""
    if how == "cancelled":
        future.cancel()
    elif how == "failed":
        future.set_exception(Storm(how))
    else:
        future.set_result(how)


def names(found, futures):
    return [future if future is END else "abcdefgh"[futures.index(future)] for future in found]


@pytest.mark.task(1)
def test_those_that_are_in_come_as_they_were_given(race):
    def scenario():
        futures = [Future() for _ in range(30)]
        for future in random.Random(1).sample(futures, 30):
            ended(future, "in")
        given = list(futures)
        found = [*arrivals(futures)]
        assert futures == given, "the caller's list has changed: leave it as it is"
        places = [futures.index(future) for future in found]
        assert places == [*range(30)], f"thirty are in before anybody asks, and came as {places}: in the given order"
        assert [*arrivals([])] == [], "there was no future, and something came"

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound="somebody waits for a future that is done: cancelled is done, too, and so is failed")
def test_in_the_order_in_which_they_end(race):
    def scenario():
        futures, found = [Future() for _ in range(5)], []
        ended(futures[3], "cancelled")

        def work():
            for place, how in ((2, "in"), (0, "failed"), (4, "cancelled"), (1, "in")):
                time.sleep(ODD)
                ended(futures[place], how)

        threading.Thread(target=work).start()
        began = time.monotonic()
        for future in arrivals(futures):
            assert future.done(), "a future was given out that is not done"
            found.append((*names([future], futures), (time.monotonic() - began) / ODD))
        right = [("d", 0), ("c", 1), ("a", 2), ("e", 3), ("b", 4)]
        assert [name for name, _ in found] == [name for name, _ in right], (
            f"d was done, then c, a, e, b ended, a second each; (name, s) came {found}, not {right}"
        )
        assert found == right, f"each was given out late, {found} instead of {right}: wait, and do not look"

    race.explore(scenario, schedules=20, busy_waiting="fail")


@pytest.mark.task(1)
def test_they_end_before_anybody_asks(race):
    def scenario():
        futures = [Future() for _ in range(4)]
        one, two = arrivals(futures), arrivals(futures[::-1])
        for place in (2, 0, 3, 1):
            ended(futures[place], "in")
        found = [names([next(values, END) for _ in range(5)], futures) for values in (one, two)]
        assert found[0] == [*"cadb", END], (
            f"arrivals was called, c, a, d, b ended, then somebody asked, and heard {found[0]}: as they "
            "end, from the call on"
        )
        assert found[1] == found[0], f"two look at the same futures: one hears {found[0]}, the other {found[1]}"

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound="a pool has called off what had not begun, and somebody waits for it: it is done")
def test_what_a_pool_has_called_off(race):
    def scenario():
        pool = ThreadPoolExecutor(1)
        futures = [pool.submit(time.sleep, 1) for _ in range(4)]
        values, came = arrivals(futures), []

        def call_off():
            time.sleep(0.5)
            pool.shutdown(wait=False, cancel_futures=True)

        race.run(lambda: came.extend(values), call_off)
        found = names(came, futures)
        assert sorted(found) == [*"abcd"], f"a sails, b, c, d were called off, and {found} came: all four are done"

    race.explore(scenario, schedules=10)


class Day:
    """Boats that sail for so many seconds (themselves, if it does not say), and a pier on which all is noted."""

    def __init__(self, seconds=None, errors=None, voice=None, cheering=0):
        self.seconds, self.errors, self.voice, self.cheering = seconds or {}, errors or {}, voice or {}, cheering
        self.began, self.steps, self.cheered, self.threads, self.pier = [], [], [], [], []
        self.morning = time.monotonic()

    def now(self):
        return time.monotonic() - self.morning

    def sail(self, boat):
        self.threads.append(threading.current_thread())
        self.began.append((boat, self.now()))
        self.steps.append(+1)
        time.sleep(self.seconds.get(boat, boat))
        self.steps.append(-1)
        if boat in self.errors:
            raise self.errors[boat]
        return f"boat {boat}"

    def cheer(self, boat, outcome):
        self.pier.append(threading.current_thread())
        self.cheered.append((boat, outcome, self.now()))
        time.sleep(self.cheering)
        if boat in self.voice:
            raise self.voice[boat]

    def check(self, crews):
        most = max((sum(self.steps[:end]) for end in range(len(self.steps) + 1)), default=0)
        assert most <= crews, f"{crews} crews, and {most} boats were out at the same time"
        me = threading.current_thread()
        assert me not in self.threads, "the caller has sailed himself"
        assert set(self.pier) <= {me}, (
            f"cheer was called in {sorted({thread.name for thread in self.pier})}: in the caller's thread"
        )
        alive = {thread.name for thread in self.threads if thread.is_alive()}
        assert not alive, f"the regatta is over, and {sorted(alive)} still run: shut the pool down"


def sailed(day, boats, crews):
    """Return whether regatta returned or raised, and what."""
    try:
        return "returned", regatta(day.sail, boats, crews, day.cheer)
    except NotImplementedError:
        raise
    except (Exception, KeyboardInterrupt, SystemExit, Storm) as error:
        return "raised", error


@pytest.mark.task(2)
@pytest.mark.parametrize(
    ("boats", "crews", "right"),
    [
        ([3, 1, 1.5], 2, [(1, 1), (1.5, 2.5), (3, 3)]),
        ([2, 1], 1, [(2, 2), (1, 3)]),
        ([3, 2, 1], 3, [(1, 1), (2, 2), (3, 3)]),
        ([], 2, []),
    ],
)
def test_cheered_as_they_come_in(race, boats, crews, right):
    def scenario():
        day = Day()
        found = sailed(day, boats, crews)
        cheered = [(boat, when) for boat, _, when in day.cheered]
        assert cheered == right, f"boats sail {boats} h, {crews} crews; (boat, h) cheered: {cheered} instead of {right}"
        outcomes = [f"boat {boat}" for boat in boats]
        assert found == ("returned", outcomes), f"regatta {found}, it returns {outcomes}: in the order of the boats"
        assert sorted(outcome for _, outcome, _ in day.cheered) == sorted(outcomes), f"cheered were {day.cheered}"
        day.check(crews)

    race.explore(scenario, schedules=10, busy_waiting="fail")


@pytest.mark.task(2)
def test_no_crew_waits_for_a_cheer(race):
    def scenario():
        day = Day(cheering=10)
        sailed(day, [1, 2, 3, 1.5], 2)
        assert day.began == [(1, 0), (2, 0), (3, 1), (1.5, 2)] or day.began == [(2, 0), (1, 0), (3, 1), (1.5, 2)], (
            f"boats sail 1, 2, 3, 1.5 h, two crews, cheers 10 h; (boat, h) began {day.began}: no crew waits for a cheer"
        )
        cheered = [(boat, when) for boat, _, when in day.cheered]
        assert cheered == [(1, 1), (2, 11), (1.5, 21), (3, 31)], (
            f"in at 1, 2, 3.5, 4 h, each cheer takes 10 h; (boat, h) cheered: {cheered}: in turn, at once"
        )
        day.check(2)

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
def test_one_crew_has_one_order(race):
    def scenario():
        boats = [*range(12)]
        day = Day(dict.fromkeys(boats, 0))
        sailed(day, boats, 1)
        cheered = [boat for boat, _, _ in day.cheered]
        assert cheered == boats, f"one crew sailed {boats}, and cheered were {cheered}: in the order of the arrivals"

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="a crew has died of what its boat raised, and somebody waits for that boat")
@pytest.mark.parametrize("kind", [ValueError, Storm, SystemExit])
def test_a_boat_that_sinks_is_cheered(race, kind):
    def scenario():
        error = kind("leak")
        day = Day(errors={2: error})
        found = sailed(day, [1, 2, 3], 1)
        assert found[0] == "returned", f"a boat raised {error!r}, and regatta raised {found[1]!r}: it is an outcome"
        assert found[1][1] is error and found[1][::2] == ["boat 1", "boat 3"], f"boat 2 sank: {error!r}; {found[1]}"
        cheered = [(boat, outcome) for boat, outcome, _ in day.cheered]
        assert len(cheered) == 3 and cheered[1][1] is error, f"boat 2 sank: {error!r}; cheered were {cheered}: it, too"
        day.check(1)

    race.explore(scenario, schedules=5)


@pytest.mark.task(2)
def test_any_object_is_a_boat(race):
    def scenario():
        boats, cheered, error = [[], [], None, 0, False], [], ValueError("returned")
        outcomes = iter([1, None, error, 0, 2])
        found = regatta(
            lambda boat: next(outcomes), boats, 1, lambda boat, outcome: cheered.append((id(boat), outcome))
        )
        right = [1, None, error, 0, 2]
        assert found == right, f"{boats} returned {right}, and regatta {found}"
        assert cheered == [*zip(map(id, boats), right)], f"five boats {boats}, {len(cheered)} cheers: each its own"

    race.explore(scenario, schedules=5)


@pytest.mark.task(2)
def test_two_regattas_at_once(race):
    def scenario():
        days, found = [Day(), Day()], {}
        race.run(*(lambda place=place: found.update({place: sailed(days[place], [2, 1], 2)}) for place in (0, 1)))
        for place, day in enumerate(days):
            assert found[place] == ("returned", ["boat 2", "boat 1"]), f"two regattas at once, and one {found[place]}"
            cheered = [(boat, when) for boat, _, when in day.cheered]
            assert cheered == [(1, 1), (2, 2)], f"two regattas at once, and in one of them were cheered {cheered}"

    race.explore(scenario, schedules=6)


@pytest.mark.task(3)
@pytest.mark.parametrize("kind", [ValueError, Storm, KeyboardInterrupt, FalseAlarm])
def test_a_voice_that_is_lost(race, kind):
    def scenario():
        errors, cause = {1: kind("one"), 2: kind("two")}, OSError("mist")
        errors[1].__cause__ = cause
        day = Day(voice=errors)
        found = sailed(day, [3, 2, 1, 1.5], 4)
        cheered = [boat for boat, _, _ in day.cheered]
        assert cheered == [1, 1.5, 2, 3], (
            f"cheer failed for 1 and 2, and cheered were {cheered}: the others all the same"
        )
        assert found[0] == "raised", (
            f"cheer raised {errors[1]!r}{hint(errors[1])}, and regatta {found}: nobody hears of it"
        )
        assert found[1] is errors[1], (
            f"cheer raised {errors[1]!r}, later {errors[2]!r}, regatta {found[1]!r}: the first"
        )
        assert found[1].__cause__ is cause, (
            f"cheer raised {errors[1]!r} from {cause!r}, it came out from {found[1].__cause__!r}: leave it as it is"
        )
        day.check(4)

    race.explore(scenario, schedules=10)

"""The laundry: the tests. Time is virtual in them, and the threads mix in many ways."""

import threading
import time

import pytest
from executor_submit import Laundry, wash_all


class Flood(BaseException):
    """No Exception, as KeyboardInterrupt and SystemExit are none."""


class Work:
    """A wash that takes so many seconds, and notes when, where and how often."""

    def __init__(self):
        self.began, self.threads, self.steps, self.ended = [], [], [], []

    def wash(self, load, /, *, seconds=0, gives=None):
        self.began.append(load)
        self.threads.append(threading.current_thread())
        self.steps.append(+1)
        time.sleep(seconds)
        self.steps.append(-1)
        self.ended.append(load)
        if isinstance(gives, BaseException):
            raise gives
        return gives

    def for_seconds(self, seconds):
        return self.wash(seconds, seconds=seconds, gives=f"washed for {seconds}")

    def most(self):
        return max((sum(self.steps[:end]) for end in range(len(self.steps) + 1)), default=0)

    def alive(self):
        return sorted({thread.name for thread in self.threads if thread.is_alive()})


def tried(act, *args):
    """Return whether it returned or raised, and what."""
    try:
        return "returned", act(*args)
    except NotImplementedError:
        raise
    except (Exception, KeyboardInterrupt, SystemExit, Flood) as error:
        return "raised", error


@pytest.mark.task(1)
@pytest.mark.parametrize("value", ["clean", None, 0, ()], ids=repr)
def test_the_wash_comes_back(race, value):
    def scenario():
        work, laundry = Work(), Laundry(2)
        ticket = laundry.bring(work.wash, "shirts", seconds=5, gives=value)
        found = laundry.fetch(ticket)
        assert found is value, f"wash returned {value!r}, and fetch gave {found!r}"
        again = tried(laundry.fetch, ticket)
        assert again == ("returned", value), f"fetch gave {value!r}, and {again} when asked again: as often as one asks"
        assert laundry.is_ready(ticket) is True, "a load was fetched, and is_ready does not say True"
        assert work.began == ["shirts"], f"wash('shirts') was to be called once, and was for {work.began}"
        assert work.threads[0] is not threading.current_thread(), (
            "who brought the load has washed it himself: hand over the function and its arguments, apart"
        )
        laundry.close()

    race.explore(scenario, schedules=10)


@pytest.mark.task(1)
def test_keywords_of_any_name(race):
    def scenario():
        laundry, named = Laundry(1), {"self": 1, "wash": 2, "fn": 3, "ticket": 4}
        ticket = tried(lambda: laundry.bring(lambda **kwargs: kwargs, **named))
        assert ticket[0] == "returned", f"bring(wash, **{named}) {ticket}: these names are those of wash"
        found = tried(laundry.fetch, ticket[1])
        assert found == ("returned", named), f"bring(wash, **{named}), and fetch {found}: these names are those of wash"
        laundry.close()

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_nobody_waits_who_brings(race):
    def scenario():
        work, laundry = Work(), Laundry(2)
        began = time.monotonic()
        slow = laundry.bring(work.wash, "coat", seconds=5)
        soon = laundry.bring(work.wash, "scarf", seconds=1)
        ready = laundry.is_ready(slow)
        took = time.monotonic() - began
        assert took == 0, f"to bring two loads, and to ask, took {took:g} s: neither of them waits for the wash"
        assert ready is False, f"the coat has just been brought, and is_ready says {ready!r}"
        time.sleep(2)
        states = [laundry.is_ready(slow), laundry.is_ready(soon)]
        assert states == [False, True], f"after 2 s of 5 and of 1, is_ready says {states}"
        laundry.fetch(soon)
        took = time.monotonic() - began
        assert took == 2, f"the scarf was ready after 1 s, and fetch waited until {took:g} s: for this load only"
        laundry.close()

    race.explore(scenario, schedules=10)


@pytest.mark.task(1)
@pytest.mark.means(
    DeadlockFound="a machine has died of what wash raised, and somebody waits for what it had, or would have"
)
@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit, Flood, StopIteration])
def test_what_spoils_is_told_to_whoever_fetches(race, kind):
    def scenario():
        work, laundry, error, cause = Work(), Laundry(1), kind("red"), OSError("dye")
        error.__cause__ = cause
        spoilt = laundry.bring(work.wash, "socks", gives=error)
        given = laundry.bring(lambda: error)
        fine = laundry.bring(work.wash, "sheets", gives="white")
        for _ in range(2):
            found = tried(laundry.fetch, spoilt)
            assert found[0] == "raised" and found[1] is error, (
                f"wash raised {error!r}, and fetch {found[0]} {found[1]!r}: raise this very object each time one asks"
            )
            assert found[1].__cause__ is cause, (
                f"wash raised {error!r} from {cause!r}, fetch from {found[1].__cause__!r}: raise it as it is"
            )
        assert laundry.is_ready(spoilt) is True, "wash has raised, and is_ready does not say True: it is through"
        found = tried(laundry.fetch, fine)
        assert found == ("returned", "white"), f"the load after one that raised {error!r} {found}: its machine goes on"
        found = tried(laundry.fetch, given)
        assert found[0] == "returned", f"wash returned an exception object, and fetch {found[0]} it: return it"
        laundry.close()

    race.explore(scenario, schedules=6)


@pytest.mark.task(1)
def test_a_wash_that_takes_a_week(race):
    def scenario():
        work, laundry = Work(), Laundry(1)
        found = tried(laundry.fetch, laundry.bring(work.wash, "carpet", seconds=604_800, gives="red"))
        assert found == ("returned", "red"), f"a carpet takes a week, and fetch {found}: wait as long as it takes"
        laundry.close()

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound="a load is through, and of two who wait for it only one was told")
def test_several_fetch_the_same(race):
    def scenario():
        work, laundry, got = Work(), Laundry(1), []
        ticket = laundry.bring(work.wash, "flag", seconds=1, gives="flag")
        race.run(*[lambda: got.append(laundry.fetch(ticket))] * 2)
        assert got == ["flag", "flag"], f"two fetched the same load, and got {got}"
        laundry.close()

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="three machines, and no three loads are washed at the same time, though they wait")
def test_all_machines_work(race):
    def scenario():
        laundry, meeting = Laundry(3), threading.Barrier(3)
        tickets = [laundry.bring(meeting.wait) for _ in range(6)]
        places = sorted(laundry.fetch(ticket) for ticket in tickets)
        assert places == [0, 0, 1, 1, 2, 2], f"six loads in two rounds of three came to {places}"
        laundry.close()

    race.explore(scenario, schedules=6)


@pytest.mark.task(2)
@pytest.mark.parametrize("machines", [1, 2])
def test_no_more_threads_than_machines(race, machines):
    def scenario():
        work, laundry = Work(), Laundry(machines)
        first = [laundry.bring(work.wash, number, seconds=1) for number in range(3)]
        for ticket in first:
            laundry.fetch(ticket)
        time.sleep(1)
        for ticket in [laundry.bring(work.wash, number, seconds=1) for number in (3, 4, 5)]:
            laundry.fetch(ticket)
        laundry.close()
        assert work.most() <= machines, f"{machines} machines, and {work.most()} loads were washed at the same time"
        threads = len({id(thread) for thread in work.threads})
        assert threads <= machines, f"six loads and {machines} machines made {threads} threads: use them again"

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
def test_who_has_waited_longest_is_next(race):
    def scenario():
        work, laundry = Work(), Laundry(1)
        for load in "abcd":
            laundry.bring(work.wash, load, seconds=1)
        laundry.close()
        assert work.began == list("abcd"), f"a, b, c, d were brought, and washed in the order {work.began}"

    race.explore(scenario, schedules=10)


@pytest.mark.task(3)
def test_all_is_through_when_it_is_closed(race):
    def scenario():
        work, laundry = Work(), Laundry(2)
        tickets = [laundry.bring(work.wash, seconds, seconds=seconds, gives=seconds) for seconds in (3, 1, 2)]
        laundry.close()
        assert sorted(work.ended) == [1, 2, 3], f"three loads were brought, close is back, through are {work.ended}"
        assert not work.alive(), f"close is back, and {work.alive()} still run: wait for the threads"
        assert [laundry.fetch(ticket) for ticket in tickets] == [3, 1, 2], "after close, fetch gives something else"

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_closed_is_closed(race):
    def scenario():
        work, laundry, found, when = Work(), Laundry(1), [], []

        def come_late():
            time.sleep(1)  # the laundry is closing, until 3
            found.append(tried(laundry.bring, work.wash, "late"))
            laundry.close()
            when.append(time.monotonic() - began)

        began = time.monotonic()
        laundry.bring(work.wash, "first", seconds=3)
        race.run(laundry.close, come_late)
        found.append(tried(laundry.bring, work.wash, "later"))
        laundry.close()
        assert work.began == ["first"], f"what was brought after close had begun was washed: {work.began[1:]}"
        assert [(how, type(what)) for how, what in found] == [("raised", RuntimeError)] * 2, (
            f"bring, while it was closing and after, {found}: it raises RuntimeError, both times"
        )
        assert when == [3], f"a second close, while the first one waited, was back at {when} s: it waits, too, until 3"

    race.explore(scenario, schedules=10)


@pytest.mark.task(3)
def test_a_laundry_without_customers(race):
    def scenario():
        laundry, other, work = Laundry(2), Laundry(1), Work()
        laundry.close()
        ticket = tried(other.bring, work.wash, "hat")
        assert ticket[0] == "returned", "one laundry was closed, and the other takes nothing: each alone"
        other.close()

    race.explore(scenario, schedules=5)


@pytest.mark.task(4)
@pytest.mark.parametrize(
    ("loads", "machines", "hours"), [([1, 2, 3], 2, 4), ([3, 2, 1], 3, 3), ([2, 1], 1, 3), ([], 2, 0)]
)
def test_in_the_shortest_time(race, loads, machines, hours):
    def scenario():
        work = Work()
        began = time.monotonic()
        found = wash_all(work.for_seconds, (load for load in loads), machines)
        took = time.monotonic() - began
        right = [f"washed for {load}" for load in loads]
        assert found == right, f"loads of {loads} hours came to {found}: in the order of the loads"
        assert sorted(work.began) == sorted(loads), f"loads of {loads} hours, and washed were {work.began}: each once"
        assert took == hours, (
            f"loads of {loads} hours, {machines} machines: {took:g} h instead of {hours} h; bring all, then fetch"
        )
        assert threading.current_thread() not in work.threads, "the caller washed himself"
        assert not work.alive(), f"wash_all is back, and {work.alive()} still run: shut the pool down"

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
def test_equal_loads_are_several(race):
    def scenario():
        loads = [[], [], 0, False, None, None]
        found = wash_all(lambda load: (id(load), load), loads, 2)
        right = [(id(load), load) for load in loads]
        assert found == right, f"{loads} were to be washed, {found} came back: each, also if another one is equal to it"
        error = ValueError("given back")
        found = tried(wash_all, lambda load: error, [1], 1)
        assert found == ("returned", [error]), f"wash returned an exception, it raised none, and wash_all {found}"

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize("kind", [OSError, Flood])
def test_the_first_failure_comes_out_at_the_end(race, kind):
    def scenario():
        work = Work()
        errors = {2: kind("two"), 3: kind("three")}

        def wash(load):
            return work.wash(load, seconds=9 - load, gives=errors.get(load))

        found = tried(wash_all, wash, [1, 2, 3, 4, 4], 2)
        assert found[1] is errors[2], f"loads 2 and 3 of five fail, and wash_all {found}: raise the first, in order"
        assert sorted(work.ended) == [1, 2, 3, 4, 4], f"loads 2 and 3 fail, and through are {work.ended}: all, still"
        assert not work.alive(), f"wash_all has raised, and {work.alive()} still run: shut the pool down"

    race.explore(scenario, schedules=10)

"""The diving school: the tests. In tasks 1 to 3 you say how the threads mix; afterwards time is virtual."""

import threading
import time

import pytest
from odd_errors import FalseAlarm, hint
from token_pool import TokenPool, break_counted, break_gathered, break_hasty
from token_pools import Counted, Gathered, Hasty

from pytest_concurrency import DeadlockFound

ODD = 1 / 512  # nobody who looks every now and then looks at this very moment


def play(race, steps, scenario, is_broken, advice):
    """Play a schedule; what comes of it has to be broken."""
    __tracebackhide__ = True
    if not isinstance(steps, list):
        pytest.fail(f"a schedule is a list of steps, and this is {steps!r}", pytrace=False)
    played = race.play(scenario, steps, check=False)
    if not is_broken(played):
        pytest.fail(f"{advice}. What happened:\n\n{played}".format(value=played.value), pytrace=False)


def run(**acts):
    threads = [threading.Thread(target=act, name=name) for name, act in acts.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.task(1)
def test_the_counted_box_breaks(race):
    def scenario():
        box, told = Counted(1), []

        def take():
            try:
                told.append(box.take())
            except IndexError:
                told.append("IndexError")

        run(A=take, B=take)
        return told

    advice = "the counted box is not broken: A and B got {value}; change over when one has looked and has not taken"
    play(race, break_counted(), scenario, lambda played: "IndexError" in (played.value or []), advice)


@pytest.mark.task(2)
def test_the_hasty_box_breaks(race):
    def scenario():
        box, divers, alive = Hasty(1), [], []

        def job():
            divers.append(threading.current_thread())
            alive.append(sum(diver.is_alive() for diver in divers))

        def dive_twice():
            box.run(job)
            box.run(job)

        run(caller=dive_twice)
        for diver in divers:
            diver.join()
        return alive

    advice = (
        "the hasty box is not broken: when the divers did their job, {value} were in the water; let the second dive "
        "when the first has put its helmet back and has not ended"
    )
    play(race, break_hasty(), scenario, lambda played: 2 in (played.value or []), advice)


@pytest.mark.task(3)
def test_the_gathered_box_breaks(race):
    def scenario():
        box = Gathered(2)
        run(A=box.join, B=box.join)

    advice = "the gathered box is not broken: A and B have come home; let each of them hold one helmet"
    play(race, break_gathered(), scenario, lambda played: isinstance(played.error, DeadlockFound), advice)


class Panic(BaseException):
    """No Exception, as KeyboardInterrupt and SystemExit are none."""


class Water:
    """Where the jobs are done; it notes who is alive."""

    def __init__(self, size):
        self.pool, self.size = TokenPool(size), size
        self.done, self.threads, self.alive, self.opened = [], [], [], time.monotonic()

    def now(self):
        return time.monotonic() - self.opened

    def dive(self, seconds=0, *, error=None):
        self.threads.append(threading.current_thread())
        self.alive.append(sum(thread.is_alive() for thread in list(self.threads)))
        time.sleep(seconds)
        self.done.append(seconds)
        if error is not None:
            raise error

    def check(self, dives):
        assert len(self.done) == dives, f"{dives} jobs were run, join is back, and {len(self.done)} are through: wait"
        alive = sorted(thread.name for thread in self.threads if thread.is_alive())
        assert not alive, f"join is back, and {alive} are still alive: wait for the threads, and not for the tokens"
        most = max(self.alive, default=0)
        assert most <= self.size, (
            f"{self.size} tokens, and {most} threads were alive at the same time: a token may be used again "
            "when the thread that had it has ended"
        )
        threads = {id(thread) for thread in self.threads}
        assert len(threads) == dives, f"{dives} jobs ran in {len(threads)} threads: each has one of its own"
        assert threading.current_thread() not in self.threads, "the caller dived himself"


@pytest.mark.task(4)
@pytest.mark.parametrize(("size", "dives"), [(1, 3), (2, 4)])
def test_never_more_than_tokens(race, size, dives):
    def scenario():
        water = Water(size)
        for _ in range(dives):
            water.pool.run(water.dive)
        water.pool.join()
        water.check(dives)

    race.explore(scenario, schedules=25)


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound="there are three tokens, and no three jobs run at the same time")
def test_as_many_as_tokens(race):
    def scenario():
        pool, meeting, done = TokenPool(3), threading.Barrier(3), []
        for number in range(6):
            pool.run(lambda number=number: done.append((meeting.wait() < 3, number)))
        assert pool.join() == []
        assert len(done) == 6, f"six jobs were run, and {len(done)} are through"

    race.explore(scenario, schedules=6)


@pytest.mark.task(4)
def test_run_waits_for_a_token_only(race):
    def scenario():
        water, when = Water(2), []
        for seconds in (5, 1 + ODD, 1, 1):
            water.pool.run(water.dive, seconds)
            when.append(water.now())
        assert when == [0, 0, 1 + ODD, 2 + ODD], (
            f"2 tokens, jobs of 5, 1, 1, 1 s; run was back at {when} s: at once if there is a token, or as soon as "
            "there is one"
        )
        water.pool.join()
        assert water.now() == 5, (
            f"the last of the jobs was through after 5 s, and join was back after {water.now():g} s"
        )
        water.check(4)

    race.explore(scenario, schedules=10)


@pytest.mark.task(4)
def test_two_pools(race):
    def scenario():
        water, other, when = Water(1), TokenPool(3), []
        other.run(time.sleep, 9)
        for _ in range(2):
            water.pool.run(water.dive, 1)
            when.append(water.now())
        assert when == [0, 1], f"one token, jobs of 1 s, at the same time as another pool: run was back at {when} s"
        water.pool.join()
        assert water.now() == 2, f"its own jobs were through at 2 s, and join was back at {water.now()} s"
        other.join()
        water.check(2)

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
def test_a_job_has_its_arguments(race):
    def scenario():
        pool, seen = TokenPool(1), []
        pool.run(lambda *args, **kwargs: seen.append((args, kwargs)), 1, None, job=2, size=3)
        pool.run(lambda *args, **kwargs: seen.append((args, kwargs)))
        pool.join()
        assert seen == [((1, None), {"job": 2, "size": 3}), ((), {})], f"two jobs were called with {seen}"

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_several_run_jobs(race):
    def scenario():
        water = Water(1)
        race.run(*[lambda: water.pool.run(water.dive)] * 3)
        water.pool.join()
        water.check(3)

    race.explore(scenario, schedules=15)


@pytest.mark.task(5)
@pytest.mark.means(
    DeadlockFound="a job has raised, its token is gone, somebody waits for ever: hand it in in `finally`"
)
@pytest.mark.parametrize("kind", [ValueError, Panic, SystemExit, FalseAlarm])
def test_a_job_that_raises(race, kind):
    def scenario():
        water, errors = Water(1), [kind("one"), kind("two")]
        water.pool.run(water.dive, error=errors[0])
        water.pool.run(water.dive)
        water.pool.run(lambda: ValueError("returned"))
        water.pool.run(water.dive, error=errors[1])
        found = water.pool.join()
        water.check(3)
        assert list(map(id, found)) == list(map(id, errors)), (
            f"two jobs raised {errors}{hint(errors[0])}, one returned an exception, and join returned {found}: all "
            "that is raised, equal ones are two, and what is returned is not raised"
        )
        assert water.pool.join() == [], "join returned the same exceptions again: each in one list only"
        water.pool.run(water.dive, error=errors[0])
        assert water.pool.join() == errors[:1], "a job of the second round raised, and join has not told"
        water.check(4)

    race.explore(scenario, schedules=8)


@pytest.mark.task(6)
@pytest.mark.means(DeadlockFound="several join at the same time, and they wait for each other: wait for the threads")
def test_several_join(race):
    def scenario():
        water, told, error = Water(2), [], ValueError("one")

        def join():
            found = water.pool.join()
            told.append((found, len(water.done), [thread for thread in water.threads if thread.is_alive()]))

        water.pool.run(water.dive, 1, error=error)
        water.pool.run(water.dive, 2)
        race.run(join, join)
        assert [done for _, done, _ in told] == [2, 2], f"two jobs, two who join, and through were {told}: both wait"
        assert [alive for _, _, alive in told] == [[], []], f"two who join were back, and alive were {told}"
        assert [found for found, _, _ in told] in ([[error], []], [[], [error]]), (
            f"a job raised, and the two who joined heard {[found for found, _, _ in told]}: each exception once"
        )
        water.check(2)

    race.explore(scenario, schedules=15)


@pytest.mark.task(6)
def test_join_waits_for_what_was_started(race):
    def scenario():
        water, other, when = Water(2), TokenPool(1), []

        def go_on():
            time.sleep(1)
            water.pool.run(water.dive, 50)

        def join():
            time.sleep(0.5)
            water.pool.join()
            when.append(water.now())

        assert other.join() == [] == other.join(), "nobody dives, and join has something to tell"
        water.pool.run(water.dive, 3)
        race.run(go_on, join)
        assert when[0] in (3, 51), f"a job is through at 3 s; who joined at 0.5 s was back at {when[0]} s: not before"
        water.pool.join()
        assert water.now() == 51, f"jobs are through at 3 and at 51 s, and the second join was back at {water.now()} s"
        water.check(2)

    race.explore(scenario, schedules=10)

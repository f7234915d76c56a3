"""The workshop: the tests. Time is virtual in them, and the threads mix in many ways."""

import queue
import threading
import time

import pytest
from lying_about import LYING_ABOUT, left_out
from task_done_join import Workshop

YEAR = 365 * 86_400
ODD = 1 + 1 / 512  # nobody who looks every now and then looks at this very moment


class Touchy:
    """A job that cannot be compared, and is neither true nor false."""

    def refuse(self, *others):
        raise TypeError("a job was compared, or asked whether it is true: compare with `is`")

    __eq__ = __ne__ = __bool__ = refuse
    __hash__ = object.__hash__

    def __repr__(self):
        return "a touchy job"


class EqualToAll:
    """A job that says of itself that it is equal to everything."""

    def __eq__(self, other):
        return True

    def __repr__(self):
        return "a job that is equal to everything"

    __hash__ = object.__hash__


class Hollow(Exception):
    """An exception that is false."""

    def __bool__(self):
        return False


class Log:
    """Notes what was worked on, by whom."""

    def __init__(self, workshop=None):
        self.begun, self.done, self.threads = [], [], []

    def work(self, job):
        """Work: a job is (name, seconds) or (name, seconds, exception)."""
        self.threads.append(threading.current_thread())
        self.begun.append(job[0])
        time.sleep(job[1])
        self.done.append(job[0])
        if len(job) > 2:
            raise job[2]


def opened(workers, work):
    """Open a workshop, and look whether its list of failures is its own."""
    shop = Workshop(workers, work)
    assert shop.failures == [], (
        f"a new workshop has failures {shop.failures}, which are another one's: make the list in __init__"
    )
    return shop


def elapsed(act):
    """How long a call takes."""
    began = time.monotonic()
    act()
    return time.monotonic() - began


@pytest.mark.task(1)
def test_each_job_is_worked_on_once(race):
    def scenario():
        log = Log()
        shop = Workshop(2, log.work)
        for name in "abc":
            shop.add((name, 1))
        shop.close()
        assert sorted(log.done) == ["a", "b", "c"], f"a, b, c were added, worked on were {log.done}: each once"

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
def test_the_first_is_taken_first(race):
    def scenario():
        log = Log()
        shop = Workshop(1, log.work)
        for name in "cab":
            shop.add((name, 0))
        shop.close()
        assert log.begun == ["c", "a", "b"], f"c, a, b were added, one worker took {log.begun}"

    race.explore(scenario, schedules=6)


@pytest.mark.task(1)
@pytest.mark.means(
    DeadlockFound="a worker took a job for the end, and went home: know the end by `is`, as an object of your own"
)
def test_any_object_is_a_job(race):
    def scenario():
        jobs, done = [None, 0, "", None, (), EqualToAll(), Touchy(), object, ..., NotImplemented], []
        work = done.append
        shop = Workshop(1, work)
        jobs += [work, shop]
        for job in jobs:
            shop.add(job)
        shop.close()
        assert [*map(id, done)] == [*map(id, jobs)], (
            f"{jobs} were added, worked on were {done}: None and what is false are jobs too, and none is asked what "
            "it is equal to"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(1)
@pytest.mark.means(
    DeadlockFound="a worker went home before all was done: it took a job for the end; take an object for the mark that "
    "nobody else has, and know it by `is`"
)
def test_what_lies_about_is_a_job():
    done = []
    shop = Workshop(1, done.append)
    for job in LYING_ABOUT:
        shop.add(job)
    shop.close()
    lost = left_out(done)
    assert lost is None, (
        f"{lost} was added as a job, and not worked on: it was taken for the end; anybody can have it, so take an "
        "object for the mark that nobody else has, and know it by `is`"
    )


@pytest.mark.task(1)
@pytest.mark.means(
    DeadlockFound="jobs that return something are not all done: work may return anything, and the worker goes on"
)
def test_what_work_returns_does_not_matter(race):
    def scenario():
        done, answers = [], {"a": "enough", "b": ValueError("kept, not raised"), "c": StopIteration}
        shop = opened(1, lambda job: done.append(job) or answers[job])
        for job in "abc":
            shop.add(job)
        shop.close()
        assert done == [*"abc"], (
            f"a, b, c were added, work returned {answers}, and done were {done}: it may return anything, and the "
            "worker goes on"
        )
        assert shop.failures == [], (
            f"work returned {answers}, it raised nothing, and failures holds {shop.failures}: what is returned is no "
            "failure, also if it is an exception"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_adding_does_not_wait(race):
    def scenario():
        log = Log()
        shop = Workshop(1, log.work)
        took = elapsed(lambda: [shop.add((name, 1)) for name in "abc"])
        shop.close()
        assert took == 0, f"adding three jobs took {took:g} s: add hands in, and returns at once"

    race.explore(scenario, schedules=6)


@pytest.mark.task(1)
@pytest.mark.means(
    DeadlockFound="three jobs meet each other, and there are three workers: all of them work at the same time"
)
def test_all_workers_work_at_the_same_time(race):
    def scenario():
        meeting, done = threading.Barrier(3), []

        def work(job):
            meeting.wait()
            done.append(job)

        shop = Workshop(3, work)
        for name in "abcdef":
            shop.add(name)
        shop.close()
        assert sorted(done) == list("abcdef"), f"a to f were added, worked on were {sorted(done)}: each once"

    race.explore(scenario, schedules=3)


@pytest.mark.task(1)
def test_two_add_at_the_same_time(race):
    def scenario():
        log = Log()
        shop = Workshop(1, log.work)
        race.run(lambda: shop.add(("a", 0)), lambda: shop.add(("b", 0)))
        shop.wait()
        assert sorted(log.done) == ["a", "b"], (
            f"two threads added a and b, then wait came back, and done are {sorted(log.done)}: both count"
        )
        shop.close()

    race.explore(scenario, schedules=7)


@pytest.mark.task(1)
def test_two_workshops_side_by_side(race):
    def scenario():
        done = []
        one = Workshop(1, lambda job: done.append((1, job)))
        two = Workshop(1, lambda job: done.append((2, job)))
        one.add("a")
        two.add("b")
        one.close()
        two.add("c")
        two.close()
        assert sorted(done) == [(1, "a"), (2, "b"), (2, "c")], (
            "a was added to workshop 1; b, and after the end of workshop 1 also c, to workshop 2; (workshop, job) "
            f"done were {sorted(done)}"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(2)
@pytest.mark.parametrize(("workers", "wanted"), [(1, 3 * ODD), (2, 2 * ODD), (3, ODD)])
def test_wait_is_over_when_all_is_done(race, workers, wanted):
    def scenario():
        log = Log()
        shop = Workshop(workers, log.work)
        for name in "abc":
            shop.add((name, ODD))
        took = elapsed(shop.wait)
        missing = sorted(set("abc") - set(log.done))
        assert not missing, (
            f"wait came back after {took:g} s, and {missing} was not done: that a job is taken, or the queue empty, "
            "does not mean that it is done; call task_done behind the work"
        )
        assert took == wanted, (
            f"three jobs of {ODD:g} s and {workers} workers take {wanted:g} s, wait came back after {took:g} s: the "
            "workers work side by side, and wait waits without looking"
        )
        shop.close()

    race.explore(scenario, schedules=4)


@pytest.mark.task(2)
def test_done_in_every_order(race):
    def scenario():
        log = Log()
        shop = Workshop(2, log.work)
        shop.add(("a", 0))
        shop.add(("b", 0))
        shop.wait()
        assert sorted(log.done) == ["a", "b"], (
            f"wait came back when only {log.done} was done: an empty queue means that all is "
            "taken, not that all is done, and a number that nobody guards means nothing"
        )
        shop.close()

    race.explore(scenario, schedules=21)


@pytest.mark.task(2)
def test_nothing_to_wait_for(race):
    def scenario():
        shop = Workshop(2, Log().work)
        took = elapsed(shop.wait)
        assert took == 0, f"nothing was added, and wait took {took:g} s"
        shop.close()

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="everything is done, and somebody who waits for it is not told: tell all who wait")
def test_all_who_wait_are_told(race):
    def scenario():
        log = Log()
        shop = Workshop(1, log.work)
        shop.add(("a", ODD))
        took = race.run(*[lambda end=end: elapsed(end) for end in (shop.wait, shop.wait, shop.close)])
        assert took == [ODD, ODD, ODD], (
            f"a job of {ODD:g} s, two wait and one closes; they came back after {took} s: all are told at the same "
            "moment"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(2)
def test_what_is_added_meanwhile_counts(race):
    def scenario():
        log, began, begun = Log(), time.monotonic(), {}

        def work(job):
            begun[job[0]] = time.monotonic() - began
            log.work(job)

        shop = Workshop(2, work)
        shop.add(("a", 3))

        def later():
            time.sleep(1)
            return elapsed(lambda: shop.add(("b", 5)))

        waited, adding = race.run(lambda: elapsed(shop.wait), later)
        assert adding == 0, f"one worker is busy and somebody waits; add took {adding:g} s instead of returning at once"
        assert begun.get("b", 1) == 1, (
            f"there are two workers, a takes 3 s, b is added at 1 s and was begun after {begun['b']:g} s: a worker is "
            "free, so who is told of a new job has to be a worker, and not only somebody who waits for the end"
        )
        assert waited == 6, (
            "a takes 3 s, at 1 s b is added, which takes 5 s, and there are two workers: wait came back after "
            f"{waited:g} "
            "s instead of 6 s; everything is done when nothing is left, whoever added it when"
        )
        shop.close()

    race.explore(scenario, schedules=5)


@pytest.mark.task(2)
def test_added_at_the_very_moment(race):
    def scenario():
        log = Log()
        shop = Workshop(1, log.work)
        shop.add(("a", 1))
        time.sleep(1)
        shop.add(("b", 1))
        shop.wait()
        assert log.done == ["a", "b"], (
            "b was added at the very moment at which a was done, and then somebody waits; wait came back when "
            f"{log.done} was done: that nothing is left, and what follows from it, must be one step"
        )
        shop.close()

    race.explore(scenario, schedules=57)


@pytest.mark.task(2)
def test_the_workshop_goes_on(race):
    def scenario():
        log = Log()
        shop = Workshop(2, log.work)
        for name in "ab":
            shop.add((name, 1))
            shop.wait()
            assert log.done[-1:] == [name], (
                f"{name} was added, then wait came back, and done is {log.done}; the workshop goes on after each wait"
            )
        race.run(shop.wait, shop.wait)
        shop.close()

    race.explore(scenario, schedules=4, busy_waiting="fail")


@pytest.mark.task(3)
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.means(
    DeadlockFound="a job has failed, and is not counted as done: count it in `finally`, whatever it raised"
)
def test_a_failed_job_is_done(race, workers):
    def scenario():
        log, error = Log(), ValueError("a finger")
        shop = opened(workers, log.work)
        shop.add(("a", 1, error))
        shop.add(("b", 1))
        shop.wait()
        assert sorted(log.done) == ["a", "b"], (
            f"a fails and b is well, and each is worked on once, the failed one too; worked on were {log.done}"
        )
        found = [(job[0], found) for job, found in list(shop.failures)]
        assert [job for job, _ in found] == ["a"], (
            f"a raised ValueError('a finger'), failures holds {found}: note each failure before the job counts as done"
        )
        assert found[0][1] is error, (
            f"a raised ValueError('a finger'), and failures holds {found[0][1]!r}: note the very exception that was "
            "raised, neither a copy nor its text"
        )
        shop.close()

    race.explore(scenario, schedules=4)


@pytest.mark.task(3)
def test_a_failure_is_noted_in_time(race):
    def scenario():
        log, error = Log(), ValueError("a finger")
        shop = opened(1, log.work)
        shop.add(("a", 0, error))
        shop.wait()
        found = [(job[0], found) for job, found in list(shop.failures)]
        assert [job for job, _ in found] == ["a"], (
            f"a raised ValueError('a finger'), wait came back, and failures holds {found}: note each failure "
            "before the job counts as done"
        )
        assert found[0][1] is error, (
            f"a raised ValueError('a finger'), and failures holds {found[0][1]!r}: note the very exception that was "
            "raised, neither a copy nor its text"
        )
        shop.close()

    race.explore(scenario, schedules=16)


@pytest.mark.task(3)
def test_every_worker_survives(race):
    def scenario():
        log = Log()
        shop = opened(2, log.work)
        for name in "abcd":
            shop.add((name, 1, KeyError(name)))
        shop.add(("e", 1))
        shop.wait()
        assert sorted(log.done) == list("abcde"), f"a to d failed, then came e; done are {sorted(log.done)}"
        found = sorted(job[0] for job, _ in shop.failures)
        assert found == list("abcd"), f"a to d failed, failures holds {found}"
        threads = len(set(log.threads))
        assert threads <= 2, (
            f"a to d failed, and {threads} threads worked in a workshop of two workers: the worker of a failed job "
            "goes on with the next one, so start no new one in its place"
        )
        shop.close()

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
@pytest.mark.means(
    DeadlockFound="jobs have failed, and their worker has ended: catch every Exception of the work, and nothing else "
    "in the same try"
)
def test_any_exception_is_a_failure(race):
    def scenario():
        log = Log()
        errors = [queue.Empty(), queue.Full(), StopIteration(), Hollow(), KeyError(), TimeoutError(), IndexError()]
        errors[4].__cause__ = ValueError("what led to it")
        shop = opened(1, log.work)
        for number, error in enumerate(errors):
            shop.add((number, 0, error))
        shop.add((7, 0))
        shop.wait()
        found = [(job[0], error) for job, error in shop.failures]
        assert log.done == [*range(8)], f"jobs 0 to 6 raised {errors}, 7 is well; worked on were {log.done}"
        assert [*map(repr, found)] == [*map(repr, enumerate(errors))], (
            f"jobs 0 to 6 raised {errors}, failures holds {found}: whatever kind of Exception it is, the job has failed"
        )
        shop.close()

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
def test_failures_stay(race):
    def scenario():
        log, error = Log(), ValueError("a finger")
        shop = opened(1, log.work)
        job = ("a", 0, error)
        for each in (job, ("b", 0), job, ("c", 0)):
            shop.add(each)
            shop.wait()
        found = [(job[0], error) for job, error in shop.failures]
        assert found == [("a", error), ("a", error)], (
            "a failed, b was well, a failed again with the same error, c was well, with a wait after each; failures "
            f"holds {found}: one entry for each failure, and they stay"
        )
        shop.close()

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
def test_a_failure_while_another_works(race):
    def scenario():
        log = Log()
        shop = opened(2, log.work)
        shop.add(("a", 5))
        shop.add(("b", 1, ValueError("a finger")))
        took = elapsed(shop.wait)
        assert took == 5, f"a takes 5 s, b fails after 1 s: wait came back after {took:g} s instead of 5 s"
        found = [job[0] for job, _ in shop.failures]
        assert found == ["b"], f"b failed while a was being worked on, failures holds {found}"
        shop.close()

    race.explore(scenario, schedules=4)


@pytest.mark.task(3)
def test_no_failure_no_entry(race):
    def scenario():
        shop = opened(1, Log().work)
        shop.add(("a", 1))
        shop.wait()
        assert shop.failures == [], f"nothing failed, and failures holds {shop.failures}"
        other = Workshop(1, Log().work)
        assert other.failures is not shop.failures, "two workshops share one list of failures"
        shop.close()
        other.close()

    race.explore(scenario, schedules=5)


class Tree:
    """Jobs that add jobs: a number n adds two jobs n - 1, until 0."""

    def __init__(self, workers):
        self.done = []
        self.shop = Workshop(workers, self.work)

    def work(self, job):
        """Work for a second, then add what follows."""
        time.sleep(1)
        if job:
            self.shop.add(job - 1)
            self.shop.add(job - 1)
        self.done.append(job)


@pytest.mark.task(4)
@pytest.mark.parametrize("end", ["wait", "close"])
def test_what_follows_is_done_too(race, end):
    def scenario():
        tree = Tree(2)
        tree.shop.add(2)
        took = elapsed(tree.shop.wait if end == "wait" else tree.shop.close)
        found = sorted(tree.done)
        assert found == [0, 0, 0, 0, 1, 1, 2], (
            f"2 adds two jobs 1, each of which adds two jobs 0; {end} came back when {found} were "
            "done: a job is done when its work has ended, and not before what it has added is counted"
        )
        assert took == 4, (
            f"seven jobs of 1 s, each of which adds two behind it, and two workers: {end} took {took:g} s instead of "
            "4 s; no worker goes home while something may still be added"
        )
        if end == "wait":
            tree.shop.close()

    race.explore(scenario, schedules=4)


@pytest.mark.task(4)
def test_what_follows_is_counted_first(race):
    def scenario():
        done = []

        def work(job):
            if job == "a":
                shop.add("b")
            done.append(job)

        shop = Workshop(2, work)
        shop.add("a")
        shop.wait()
        found = sorted(done)
        assert found == ["a", "b"], (
            f"a adds b, and goes on; wait came back when {found} was done: count a job before a worker can have it"
        )
        shop.close()

    race.explore(scenario, schedules=30)


@pytest.mark.task(4)
def test_what_follows_stands_behind(race):
    def scenario():
        done = []

        def work(job):
            time.sleep(1)
            done.append(job)
            if job == "a":
                shop.add("c")
                shop.add("d")

        shop = Workshop(1, work)
        shop.add("a")
        shop.add("b")
        shop.wait()
        assert done == ["a", "b", "c", "d"], (
            f"a and b were added, and a adds c and d after 1 s; one worker did {done}: what was added first is taken "
            "first, whoever added it"
        )
        shop.close()

    race.explore(scenario, schedules=4)


@pytest.mark.task(4)
@pytest.mark.means(
    DeadlockFound="a job adds two that meet each other, and there are two workers: any worker takes any job"
)
def test_what_follows_is_done_side_by_side(race):
    def scenario():
        meeting, done = threading.Barrier(2), []

        def work(job):
            if job == "a":
                shop.add("b")
                shop.add("c")
            else:
                meeting.wait()
            done.append(job)

        shop = Workshop(2, work)
        shop.add("a")
        shop.wait()
        assert sorted(done) == ["a", "b", "c"], f"a adds b and c; done were {sorted(done)}"
        shop.close()

    race.explore(scenario, schedules=6)


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound="a job adds many others, and its worker waits: add hands in, and returns at once")
def test_a_job_adds_many(race):
    def scenario():
        done = []

        def work(job):
            for number in range(job):
                shop.add(-number)
            done.append(job)

        shop = Workshop(1, work)
        shop.add(110)
        shop.wait()
        assert len(done) == 111, f"a job adds 110 others, {len(done)} of 111 were done"
        shop.close()

    race.explore(scenario, schedules=1)


@pytest.mark.task(5)
@pytest.mark.means(
    DeadlockFound="all is done, and somebody still waits for that: whatever was put into the queue, a mark, too, has "
    "to be counted as done, or not be put in"
)
def test_closing_waits_for_the_jobs(race):
    def scenario():
        log = Log()
        shop = opened(2, log.work)
        shop.add(("a", 5))
        shop.add(("b", 1, ValueError()))
        shop.add(("c", 2))
        took = elapsed(shop.close)
        assert sorted(log.done) == ["a", "b", "c"], f"close came back, done are only {log.done}"
        assert took == 5, f"jobs of 5, 1 and 2 s and two workers: close took {took:g} s instead of 5 s"
        alive = sorted({thread.name for thread in log.threads if thread.is_alive()})
        assert not alive, f"close came back, and {alive} still run: join every thread"
        shop.wait()

    race.explore(scenario, schedules=6)


@pytest.mark.task(5)
@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.means(
    DeadlockFound="close waits for a worker who still stands at the line: each worker needs a mark of its own"
)
def test_closing_ends_every_thread(race, workers):
    def scenario():
        before = threading.active_count()
        shop = opened(workers, Log().work)
        shop.close()
        left = threading.active_count() - before
        assert left == 0, f"{left} of {workers} threads still run after close"

    race.explore(scenario, schedules=5)


@pytest.mark.task(5)
@pytest.mark.means(
    DeadlockFound="a job came two years after the one before, and no worker was there any more: a worker stays until "
    "the workshop is closed"
)
def test_a_pause_of_years(race):
    def scenario():
        log = Log()
        shop = Workshop(1, log.work)
        for name in "ab":
            shop.add((name, 2 * YEAR))
            shop.wait()
            assert log.done[-1:] == [name], f"{name} takes two years, and wait came back when {log.done} was done"
            time.sleep(2 * YEAR)
        shop.close()

    race.explore(scenario, schedules=1)


@pytest.mark.task(5)
def test_forty_work_for_years(timing):
    with timing.virtual():
        done, began = [], time.monotonic()

        def work(job):
            time.sleep(YEAR)
            done.append(job)

        workshop = Workshop(40, work)
        for job in range(40):
            workshop.add(job)
        workshop.close()
        took, through = time.monotonic() - began, len(done)
    assert through == 40, (
        f"forty workers work for a year, and {through} jobs of forty were done when close came back: wait as long as "
        "it takes"
    )
    assert took == YEAR, (
        f"forty workers do forty jobs, for a year, and it took {took / YEAR:g} years instead of 1: `workers` is the "
        "number of the threads, and a pool has a limit"
    )


@pytest.mark.task(5)
def test_the_failures_of_a_closed_workshop(race):
    def scenario():
        def work(job):
            raise ValueError(job)

        shop = Workshop(2, work)
        shop.add("a")
        shop.add("b")
        shop.close()
        found = sorted(job for job, _ in shop.failures)
        assert found == ["a", "b"], (
            f"a and b failed, the workshop was closed without a wait before, and failures holds those of {found}: they "
            "are there when close returns, too"
        )

    race.explore(scenario, schedules=3)

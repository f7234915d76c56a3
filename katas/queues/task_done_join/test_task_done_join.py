"""The workshop: the tests. Time is virtual in them, and the threads mix in many ways."""

import threading
import time

import pytest
from task_done_join import Workshop

ODD = 1 + 1 / 512  # nobody who looks every now and then looks at this very moment


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

    race.explore(scenario, schedules=30)


@pytest.mark.task(1)
def test_the_first_is_taken_first(race):
    def scenario():
        log = Log()
        shop = Workshop(1, log.work)
        for name in "cab":
            shop.add((name, 0))
        shop.close()
        assert log.begun == ["c", "a", "b"], f"c, a, b were added, one worker took {log.begun}"

    race.explore(scenario, schedules=20)


@pytest.mark.task(1)
def test_any_object_is_a_job(race):
    def scenario():
        jobs, done = [None, 0, "", None, ()], []
        shop = Workshop(1, done.append)
        for job in jobs:
            shop.add(job)
        shop.close()
        assert done == jobs, f"{jobs} were added, worked on were {done}: None and what is false are jobs too"

    race.explore(scenario, schedules=10)


@pytest.mark.task(1)
def test_adding_does_not_wait(race):
    def scenario():
        log = Log()
        shop = Workshop(1, log.work)
        took = elapsed(lambda: [shop.add((name, 1)) for name in "abc"])
        shop.close()
        assert took == 0, f"adding three jobs took {took:g} s: add hands in, and returns at once"

    race.explore(scenario, schedules=20)


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

    race.explore(scenario, schedules=20)


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

    race.explore(scenario, schedules=100)


@pytest.mark.task(2)
def test_nothing_to_wait_for(race):
    def scenario():
        shop = Workshop(2, Log().work)
        took = elapsed(shop.wait)
        assert took == 0, f"nothing was added, and wait took {took:g} s"
        shop.close()

    race.explore(scenario, schedules=20)


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

    race.explore(scenario, schedules=20, busy_waiting="fail")


@pytest.mark.task(3)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_failed_job_is_done(race, workers):
    def scenario():
        log, error = Log(), ValueError("a finger")
        shop = Workshop(workers, log.work)
        shop.add(("a", 1, error))
        shop.add(("b", 1))
        shop.wait()
        assert sorted(log.done) == ["a", "b"], f"a failed, and b was not worked on: done is {log.done}"
        found = [(job[0], found) for job, found in list(shop.failures)]
        assert found == [("a", error)], (
            f"a raised ValueError('a finger'), failures holds {found}: note each failure before the job counts as done"
        )
        shop.close()

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_a_failure_is_noted_in_time(race):
    def scenario():
        log, error = Log(), ValueError("a finger")
        shop = Workshop(1, log.work)
        shop.add(("a", 0, error))
        shop.wait()
        found = [(job[0], found) for job, found in list(shop.failures)]
        assert found == [("a", error)], (
            f"a raised ValueError('a finger'), wait came back, and failures holds {found}: note each failure "
            "before the job counts as done"
        )
        shop.close()

    race.explore(scenario, schedules=150)


@pytest.mark.task(3)
def test_every_worker_survives(race):
    def scenario():
        log = Log()
        shop = Workshop(2, log.work)
        for name in "abcd":
            shop.add((name, 1, KeyError(name)))
        shop.add(("e", 1))
        shop.wait()
        assert sorted(log.done) == list("abcde"), f"a to d failed, then came e; done are {sorted(log.done)}"
        found = sorted(job[0] for job, _ in shop.failures)
        assert found == list("abcd"), f"a to d failed, failures holds {found}"
        shop.close()

    race.explore(scenario, schedules=30)


@pytest.mark.task(3)
def test_no_failure_no_entry(race):
    def scenario():
        shop = Workshop(1, Log().work)
        shop.add(("a", 1))
        shop.wait()
        assert shop.failures == [], f"nothing failed, and failures holds {shop.failures}"
        other = Workshop(1, Log().work)
        assert other.failures is not shop.failures, "two workshops share one list of failures"
        shop.close()
        other.close()

    race.explore(scenario, schedules=10)


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
        (tree.shop.wait if end == "wait" else tree.shop.close)()
        found = sorted(tree.done)
        assert found == [0, 0, 0, 0, 1, 1, 2], (
            f"2 adds two jobs 1, each of which adds two jobs 0; {end} came back when {found} were "
            "done: a job is done when its work has ended, and not before what it has added is counted"
        )
        if end == "wait":
            tree.shop.close()

    race.explore(scenario, schedules=30)


@pytest.mark.task(5)
def test_closing_waits_for_the_jobs(race):
    def scenario():
        log = Log()
        shop = Workshop(2, log.work)
        shop.add(("a", 5))
        shop.add(("b", 1, ValueError()))
        shop.add(("c", 2))
        took = elapsed(shop.close)
        assert sorted(log.done) == ["a", "b", "c"], f"close came back, done are only {log.done}"
        assert took == 5, f"jobs of 5, 1 and 2 s and two workers: close took {took:g} s instead of 5 s"
        alive = [thread.name for thread in log.threads if thread.is_alive()]
        assert not alive, f"close came back, and {alive} still run: join every thread"
        shop.wait()

    race.explore(scenario, schedules=30)


@pytest.mark.task(5)
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_closing_ends_every_thread(race, workers):
    def scenario():
        before = threading.active_count()
        shop = Workshop(workers, Log().work)
        shop.close()
        left = threading.active_count() - before
        assert left == 0, f"{left} of {workers} threads still run after close"

    race.explore(scenario, schedules=20)

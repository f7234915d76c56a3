"""The taxi rank: the tests. Time is virtual in them, and the threads mix in many ways."""

import threading
import time

import pytest
from odd_errors import Crash, FalseAlarm, hint
from worker_pool import WorkerPool

ODD = 1 / 512  # nobody who looks every now and then looks at this very moment


class Rank:
    """A pool and what its jobs and callbacks note: who, when, with whom."""

    def __init__(self, most, *outsiders):
        self.outsiders = {*threading.enumerate(), *outsiders}
        self.pool, self.most = WorkerPool(most), most
        self.opened, self.caller = time.monotonic(), threading.current_thread()
        self.began, self.calls, self.threads, self.crowd = [], [], [], [len(self.workers())]

    def now(self):
        return time.monotonic() - self.opened

    def workers(self):
        return [thread for thread in threading.enumerate() if thread not in self.outsiders]

    def drive(self, name, seconds=0, error=None):
        self.crowd.append(len(self.workers()))
        self.threads.append(threading.current_thread())
        self.began.append((name, self.now()))
        time.sleep(seconds)
        if error is not None:
            raise error
        return name

    def report(self, *told):
        self.calls.append((*told, threading.current_thread() in self.threads))

    def check(self, ended=True):
        assert self.caller not in self.threads, "the caller has driven himself: run is for workers"
        assert max(self.crowd) <= self.most, f"at most {self.most} workers may be there, and {max(self.crowd)} were"
        left = [thread.name for thread in self.workers()]
        assert not (ended and left), f"the pool has ended, and {left} are still there: wait for every worker"


def tried(act, *args):
    """Return whether it returned or raised, and what."""
    try:
        return "returned", act(*args)
    except NotImplementedError:
        raise
    except (Exception, SystemExit, Crash) as error:
        return "raised", error


@pytest.mark.task(1)
@pytest.mark.parametrize("value", ["home", None, 0, ValueError("returned")], ids=repr)
def test_a_ride_and_a_call(race, value):
    def scenario():
        rank, args = Rank(2), []
        rank.pool.run(lambda *given: args.append(given) or rank.drive(value, 5), [1, None, []], rank.report)
        assert rank.now() == 0, f"run was back after {rank.now():g} s: it waits for nobody"
        rank.pool.close()
        assert args == [(1, None, [])], f"the job was to be called once with 1, None, [], and was with {args}"
        assert rank.calls == [(True, value, True)], (
            f"the job returned {value!r}; (status, result, in a worker) of the callback: {rank.calls}"
        )
        rank.check()

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
def test_one_worker_keeps_the_order(race):
    def scenario():
        rank, log = Rank(1), []
        for name in "abc":
            rank.pool.run(rank.drive, (name, 1), lambda fine, name: log.append((name, rank.now())) or time.sleep(1))
        rank.pool.run(rank.drive, ["d"])
        assert rank.pool.close() == [], "nothing went wrong, and close has something to tell"
        assert rank.began == [("a", 0), ("b", 2), ("c", 4), ("d", 6)], (
            f"a, b, c take 1 s, and so do their callbacks; one worker; (job, s) began {rank.began}: the job, its "
            "callback, the next job"
        )
        assert log == [("a", 1), ("b", 3), ("c", 5)], f"(job, s) of the callbacks: {log}"
        rank.check()

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
def test_it_begins_at_once(race):
    def scenario():
        rank = Rank(1)
        rank.pool.run(rank.drive, "a")
        time.sleep(3 + ODD)
        rank.pool.run(rank.drive, "b")
        time.sleep(1)
        rank.pool.close()
        assert rank.began == [("a", 0), ("b", 3 + ODD)], f"run at 0 and {3 + ODD} s, (job, s) began {rank.began}: wait"

    race.explore(scenario, schedules=5)


class Ears(list):
    """A callback that counts as false as long as it has heard nothing."""

    def __call__(self, fine, result):
        self.append((fine, result))


@pytest.mark.task(1)
def test_any_callable_is_a_callback(race):
    def scenario():
        rank, ears = Rank(1), Ears()
        rank.pool.run(rank.drive, ("a",), ears)
        rank.pool.run(rank.drive, ("b",))
        rank.pool.close()
        assert ears == [(True, "a")], f"a callback that counts as false was called with {ears}: None is no callback"

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
def test_started_when_needed_and_used_again(race):
    def scenario():
        rank = Rank(3)
        assert rank.crowd == [0], f"nobody has rung, and {rank.crowd[0]} workers are there: start them when needed"
        for name in "ab":
            rank.pool.run(rank.drive, name)
            time.sleep(1)
        assert len(rank.workers()) == 1, (
            f"two jobs, the second when the first was through, and {len(rank.workers())} workers: use them again"
        )
        rank.pool.run(rank.drive, ("c", 1))
        rank.pool.run(rank.drive, ("d", 1))
        time.sleep(2)
        rank.pool.run(rank.drive, ("e", 1))
        rank.pool.run(rank.drive, ("f", 1))
        assert len(rank.workers()) == 2, (
            f"two jobs at a time at most, and {len(rank.workers())} workers: use them again"
        )
        rank.pool.close()
        rank.check()

    race.explore(scenario, schedules=8)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="jobs wait, fewer workers work than there may be, and no other one was sent for")
@pytest.mark.parametrize(("most", "before"), [(2, 1), (3, 2), (2, 0)])
def test_as_many_as_jobs_wait(race, most, before):
    def scenario():
        rank, meeting, met = Rank(most), threading.Barrier(most), []
        for name in range(before):
            rank.pool.run(rank.drive, (name, 1))
        time.sleep(2)
        for _ in range(2 * most):
            rank.pool.run(lambda: met.append(meeting.wait()))
        rank.pool.close()
        assert sorted(met) == sorted([*range(most)] * 2)
        rank.check()

    race.explore(scenario, schedules=8)


@pytest.mark.task(2)
def test_who_calls_back_is_not_free(race):
    def scenario():
        rank = Rank(2)
        rank.pool.run(rank.drive, ("a",), lambda *told: time.sleep(5))
        time.sleep(1)
        rank.pool.run(rank.drive, ("b",))
        rank.pool.close()
        assert rank.began == [("a", 0), ("b", 1)], (
            f"a callback takes from 0 to 5 s, another job is run at 1 s, two workers; (job, s) began {rank.began}: the "
            "worker that calls back waits for no job, so another one is needed"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(2)
@pytest.mark.parametrize("most", [1, 2])
def test_never_more_than_most(race, most):
    def scenario():
        rank = Rank(most)
        callers = [
            threading.Thread(target=lambda name=name: [rank.pool.run(rank.drive, (name, 1)) for _ in "12"])
            for name in "ab"
        ]
        rank.outsiders.update(callers)
        for thread in callers:
            thread.start()
        for thread in callers:
            thread.join()
        rank.pool.close()
        assert len(rank.began) == 4, f"two run two jobs each, and begun were {rank.began}"
        rank.check()

    race.explore(scenario, schedules=30)


@pytest.mark.task(2)
def test_a_job_that_runs_a_job(race):
    def scenario():
        rank = Rank(1)
        rank.pool.run(lambda: rank.pool.run(rank.drive, "b"), callback=lambda *told: rank.pool.run(rank.drive, "c"))
        time.sleep(1)
        assert rank.pool.close() == [], "a job and a callback run further jobs, and something went wrong"
        assert [name for name, _ in rank.began] == ["b", "c"], (
            f"a job ran b, its callback c, and begun were {rank.began}"
        )
        rank.check()

    race.explore(scenario, schedules=8)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="a worker has died of what a job or a callback raised, and somebody waits for it")
@pytest.mark.parametrize("kind", [ValueError, Crash, SystemExit, FalseAlarm])
def test_what_a_job_raises(race, kind):
    def scenario():
        rank, errors = Rank(1), [kind("one"), kind("two")]
        rank.pool.run(rank.drive, ("a", 0, errors[0]), rank.report)
        rank.pool.run(rank.drive, ("b", 0, errors[1]))
        rank.pool.run(rank.drive, ("c",), rank.report)
        found = rank.pool.close()
        assert rank.calls == [(False, errors[0], True), (True, "c", True)], (
            f"a raised {errors[0]!r}{hint(errors[0])}, c did not; (status, result, in a worker) heard: {rank.calls}"
        )
        assert found == errors[1:], f"b has no callback and raised {errors[1]!r}, and close returned {found}: not lost"
        assert len({id(thread) for thread in rank.threads}) == 1, "a worker has ended with its job: it goes on"
        rank.check()

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="a worker has died of what a job or a callback raised, and somebody waits for it")
@pytest.mark.parametrize("kind", [ValueError, Crash, SystemExit, FalseAlarm])
@pytest.mark.parametrize("end", ["close", "terminate"])
def test_what_a_callback_raises(race, kind, end):
    def scenario():
        rank, errors = Rank(1), [kind("one"), kind("two")]

        def wrong_number(fine, result):
            rank.report(fine, result)
            raise errors[not fine]

        rank.pool.run(rank.drive, ("a",), wrong_number)
        rank.pool.run(rank.drive, ("b", 0, errors[1]), wrong_number)
        rank.pool.run(rank.drive, ("c",), rank.report)
        time.sleep(1)
        for _ in range(2):
            found = getattr(rank.pool, end)()
            assert list(map(id, found)) == list(map(id, errors)), (
                f"two callbacks raised {errors}, the second what it was told, and {end} returned {found}: nobody hears "
                "of it; equal ones are two, and the list is the caller's"
            )
            found.clear()
        assert [told[:2] for told in rank.calls][2:] == [(True, "c")] and len(rank.calls) == 3, (
            f"two callbacks raised, and called were {rank.calls}: each once, with a status, and the worker goes on"
        )
        rank.check()

    race.explore(scenario, schedules=5)


@pytest.mark.task(4)
@pytest.mark.means(
    DeadlockFound="a pool is being closed, and somebody waits for ever: tell all workers that it is over"
)
@pytest.mark.parametrize(("most", "jobs", "idle"), [(2, 3, 0), (3, 3, 2), (2, 0, 2), (2, 0, 0), (1, 1, 0)])
def test_closed_when_all_is_through(race, most, jobs, idle):
    def scenario():
        rank = Rank(most)
        for name in range(idle):
            rank.pool.run(rank.drive, (name, 1))
        if idle:
            time.sleep(2)
        for name in range(jobs):
            rank.pool.run(rank.drive, (name, 1), rank.report)
        assert rank.pool.close() == []
        assert len(rank.calls) == jobs, f"{jobs} jobs were run, close is back, and called back were {rank.calls}"
        rank.check()
        assert rank.pool.close() == []

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound="a job is run while the pool is being closed, and somebody waits for ever")
def test_run_and_close_at_the_same_time(race):
    def scenario():
        rank, told, back = Rank(1), [], []
        caller = threading.Thread(target=lambda: told.append(tried(rank.pool.run, rank.drive, ("a",))))
        closer = threading.Thread(target=lambda: back.append((tried(rank.pool.close), list(rank.began))))
        rank.outsiders.update([caller, closer])
        for thread in (caller, closer):
            thread.start()
        for thread in (caller, closer):
            thread.join()
        (how, what), (closed, began) = told[0], back[0]
        assert closed == ("returned", []), f"close, while a job was run, {closed}: wait for workers that have started"
        right = [] if how == "raised" else ["a"]
        assert [name for name, _ in began] == right and (how == "returned" or isinstance(what, RuntimeError)), (
            f"run while the pool was being closed {how} {what}, and when close was back, begun were {began}"
        )
        rank.check()

    race.explore(scenario, schedules=30)


@pytest.mark.task(4)
@pytest.mark.parametrize("end", ["close", "terminate"])
def test_it_takes_no_more(race, end):
    def scenario():
        rank, found = Rank(1), []

        def late():
            time.sleep(2)  # the pool is being closed, until 3
            found.append(tried(rank.pool.run, rank.drive, ("late",)))

        def job():
            late()
            rank.drive("a", 1)

        rank.pool.run(job)
        time.sleep(1)
        latecomer = threading.Thread(target=late)
        latecomer.start()
        getattr(rank.pool, end)()
        when = rank.now()
        latecomer.join()
        found.append(tried(rank.pool.run, rank.drive, ("later",)))
        assert [(how, type(what)) for how, what in found] == [("raised", RuntimeError)] * 3, (
            f"run in a job and in another thread while it ends ({end}), and afterwards: {found}: RuntimeError each time"
        )
        assert [name for name, _ in rank.began] == ["a"], f"run raised, or should have, and begun were {rank.began}"
        assert when == 3, f"a job was through at 3 s, and {end} was back at {when:g} s"

    race.explore(scenario, schedules=5)


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound="a pool is being terminated, and somebody waits for ever: tell all that it is over")
@pytest.mark.parametrize("closing", [False, True], ids=["alone", "while it is being closed"])
def test_terminated_at_once(race, closing):
    def scenario():
        rank, back = Rank(2), []

        def close():
            rank.pool.close()
            back.append(rank.now())

        for name in "abcde":
            rank.pool.run(rank.drive, (name, 3), rank.report)
        closer = threading.Thread(target=close)
        rank.outsiders.add(closer)
        if closing:
            closer.start()
        time.sleep(1)
        found = rank.pool.terminate()
        when = rank.now()
        begun = sorted(name for name, _ in rank.began)
        assert begun == ["a", "b"], f"a, b were under way, c, d, e waited, it was terminated, and begun were {begun}"
        assert sorted(rank.calls, key=repr) == [(True, "a", True), (True, "b", True)], (
            f"a, b were under way when it was terminated, and the callbacks heard {rank.calls}: they come home"
        )
        assert (when, found) == (3, []), (
            f"the last of a, b was through at 3 s, terminate was back at {when:g} s: {found}"
        )
        if closing:
            closer.join()
            assert back == [3], f"the pool was terminated, all ended at 3 s, and close was back at {back} s"
        rank.check()
        assert rank.pool.close() == rank.pool.terminate() == []

    race.explore(scenario, schedules=10)


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound="a pool is being terminated, and somebody waits for ever: tell all that it is over")
def test_workers_who_wait_go_home(race):
    def scenario():
        rank, other = Rank(2), WorkerPool(1)
        rank.pool.run(rank.drive, ("a", 1))
        rank.pool.run(rank.drive, ("b", 1))
        time.sleep(2)
        assert rank.pool.terminate() == []
        rank.check()
        other.run(rank.drive, ("c", 0, ValueError("flat")))
        assert len(other.close()) == 1, "one pool was terminated, and the other one does not work: each by itself"
        assert rank.pool.close() == [], "a pool tells the errors of another one"

    race.explore(scenario, schedules=10)

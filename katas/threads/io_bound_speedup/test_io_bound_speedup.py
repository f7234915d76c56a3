"""I/O-bound speed-up: the tests. Time is virtual in them, and the threads mix in many ways."""

import threading
import time

import pytest
from io_bound_speedup import compare, run_serial, run_threaded


class Station:
    """Stations that answer slowly, and note when and in which thread they were asked."""

    def __init__(self):
        self.asked = []
        self.answered = []
        self.threads = []

    def job(self, name, seconds):
        """Make the job of asking one station."""

        def ask():
            self.asked.append(name)
            self.threads.append(threading.current_thread())
            time.sleep(seconds)
            self.answered.append(name)

        return ask


def computing(processor, seconds):
    """Make a job that needs the only processor as long as it runs."""

    def compute():
        with processor:
            time.sleep(seconds)

    return compute


@pytest.mark.task(1)
def test_in_turn_each_job_runs_once(race):
    def scenario():
        stations = Station()
        run_serial([stations.job("peak", 1), stations.job("lake", 1), stations.job("pass", 1)])
        assert stations.asked == ["peak", "lake", "pass"], (
            f"in turn {stations.asked} were asked, it should be ['peak', 'lake', 'pass']: each "
            "once, in the order of the list"
        )
        others = [each for each in stations.threads if each is not threading.current_thread()]
        assert not others, f"run_serial called a job in {others[0].name}: it needs no threads, the caller works"

    race.explore(scenario, schedules=20)


class Odd:
    """A job like any other: equal to each other, without a hash, not true, and what it returns says nothing."""

    __hash__ = None

    def __init__(self, calls, answer):
        self.calls = calls
        self.answer = answer

    def __call__(self):
        self.calls.append(self.answer)
        return self.answer

    def __eq__(self, other):
        return True

    def __bool__(self):
        return False


ODD = (
    "{way} made {calls} calls for four jobs that are equal to each other, not true and not hashable, and return True, "
    "False, None and a function: each place of the list is a job, whatever it is equal to and whatever it returns"
)


@pytest.mark.task(1)
@pytest.mark.means(
    TypeError="a job need not be hashable: a dictionary or set of jobs has no room for it",
    AttributeError="a job is whatever can be called, and need not have what a function has, such as a name",
)
def test_in_turn_any_function_is_a_job(race):
    def scenario():
        calls = []
        jobs = [Odd(calls, answer) for answer in (True, Odd(calls, "what a job returned"), False, None)]
        run_serial(jobs)
        assert len(calls) == 4 and calls[::2] == [True, False], ODD.format(way="run_serial", calls=len(calls))
        assert len(jobs) == 4, "run_serial has taken jobs out of the caller's list: leave the list as it is"

    race.explore(scenario, schedules=3)


@pytest.mark.task(1)
def test_in_turn_takes_the_sum(race):
    def scenario():
        stations = Station()
        began = time.monotonic()
        run_serial([stations.job("peak", 1), stations.job("lake", 3), stations.job("pass", 2)])
        took = time.monotonic() - began
        assert took == 6, f"jobs of 1, 3 and 2 s in turn took {took:g} s instead of 6 s"

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
def test_side_by_side_each_job_runs_once(race):
    def scenario():
        stations = Station()
        run_threaded([stations.job("peak", 2), stations.job("lake", 3), stations.job("pass", 1)])
        assert sorted(stations.asked) == ["lake", "pass", "peak"], (
            f"{sorted(stations.asked)} were asked instead of ['lake', 'pass', 'peak'], each once: "
            "give every thread its own job, with target=job; a lambda made in a loop looks up "
            "its job too late"
        )
        assert threading.current_thread() not in stations.threads, (
            "a job ran in the thread of the caller: say target=job, without brackets, and start() instead of run()"
        )

    race.explore(scenario, schedules=8)


@pytest.mark.task(2)
@pytest.mark.parametrize("seconds", [(1, 2, 5), (5, 2, 1), (3, 3, 3)])
def test_side_by_side_takes_as_long_as_the_slowest(race, seconds):
    def scenario():
        stations = Station()
        began = time.monotonic()
        run_threaded([stations.job(f"station {each}", each) for each in seconds])
        took, slowest = time.monotonic() - began, max(seconds)
        assert took <= slowest, (
            f"jobs of {seconds} s took {took:g} s instead of {slowest} s: they waited for each "
            "other; start all threads before you join one"
        )
        assert took == slowest, (
            f"run_threaded came back after {took:g} s, the slowest job needs {slowest} s: join every thread"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(2)
@pytest.mark.means(
    TypeError="a job need not be hashable: a dictionary or set of jobs has no room for it",
    AttributeError="a job is whatever can be called, and need not have what a function has, such as a name",
)
def test_side_by_side_any_function_is_a_job(race):
    def scenario():
        calls = []
        jobs = [Odd(calls, answer) for answer in (True, Odd(calls, "what a job returned"), False, None)]
        run_threaded(jobs)
        assert len(calls) == 4, ODD.format(way="run_threaded", calls=len(calls))
        assert len(jobs) == 4, "run_threaded has taken jobs out of the caller's list: leave the list as it is"

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_the_same_job_twice(race):
    def scenario():
        stations = Station()
        job = stations.job("peak", 1)
        run_threaded([job, job])
        assert stations.answered == ["peak", "peak"], (
            f"the same function stood in the list twice and was called {len(stations.answered)} times: each place of "
            "the list is a job; a dictionary or set of jobs has room for one of them"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(2)
def test_one_job_has_a_thread_as_well(race):
    def scenario():
        stations = Station()
        run_threaded([stations.job("peak", 1)])
        assert len(stations.threads) == 1, f"one job was to be called once, it was called {len(stations.threads)} times"
        assert threading.current_thread() not in stations.threads, (
            "there was one job only, and the caller did it: none is called in the thread of the caller"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_three_hundred_jobs_take_as_long_as_one(timing):
    stations = Station()
    jobs = [stations.job(f"station {number}", 1) for number in range(300)]
    jobs.append(lambda: run_threaded([stations.job("hut", 1)]))
    with timing.virtual():
        began = time.monotonic()
        run_threaded(jobs)
        took = time.monotonic() - began
    assert len(stations.answered) == 301, (
        f"of 301 jobs {len(stations.answered)} had ended when run_threaded came back: join every thread"
    )
    assert took == 1, (
        f"301 jobs of 1 s, the last of them called by a job, took {took:g} s instead of 1 s: not all could be at work "
        "at the same time; a pool or a semaphore has a limit, which calls at the same time may share; each job needs a "
        "thread of its own"
    )


@pytest.mark.task(2)
def test_a_stranger_is_not_waited_for(race):
    def scenario():
        stations, stranger = Station(), threading.Thread(target=time.sleep, args=(60,))
        stranger.start()
        began = time.monotonic()
        run_threaded([stations.job("peak", 2), stations.job("lake", 3)])
        took = time.monotonic() - began
        assert took == 3, (
            f"another thread of the program needed 60 s, and run_threaded came back after {took:g} s instead of 3 s: "
            "wait for your own threads, and for nobody else"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_a_thread_that_is_new_may_be_a_strangers(race):
    def scenario():
        stranger, began = threading.Thread(target=time.sleep, args=(60,)), time.monotonic()
        run_threaded([stranger.start, Station().job("lake", 3)])
        took = time.monotonic() - began
        assert took == 3, (
            f"a job started a thread that needs 60 s, and run_threaded came back after {took:g} s instead of 3 s: not "
            "all that is new is yours; join the threads that you have started"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(2)
def test_a_job_may_run_jobs(race):
    def scenario():
        stations, began = Station(), time.monotonic()
        inner = [stations.job("peak", 2), stations.job("lake", 3)]
        run_threaded([lambda: run_threaded(inner), lambda: run_threaded(inner), stations.job("pass", 1)])
        took = time.monotonic() - began
        assert (len(stations.answered), took) == (5, 3), (
            f"two of the jobs ran two jobs each, of 2 s and 3 s: {len(stations.answered)} of 5 stations had answered "
            f"after {took:g} s instead of 3 s; what a call waits with must be its own"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(2)
def test_the_list_stays_as_it_is_meanwhile(race):
    def scenario():
        seen = []
        jobs = [lambda: seen.append(len(jobs))] * 2
        run_serial(jobs)
        run_threaded(jobs)
        assert seen == [2] * 4, (
            f"a list of two jobs, and the jobs, which looked at it while they ran, found {seen} in it: the list "
            "stays as it is, also for a moment; put nothing into it, and take nothing out of it"
        )

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
def test_all_jobs_have_ended_on_return(race):
    def scenario():
        stations = Station()
        run_threaded([stations.job("peak", 1), stations.job("lake", 9), stations.job("pass", 5)])
        assert sorted(stations.answered) == ["lake", "pass", "peak"], (
            f"run_threaded came back when only {sorted(stations.answered)} had answered: join every thread"
        )

    race.explore(scenario, schedules=11, clock="any")


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound="without jobs nobody ends last: who waits for the last one waits for ever",
    ValueError="without jobs there is nothing to do; a pool wants one worker at least, so do not make one",
)
def test_no_jobs_are_no_error(race):
    def scenario():
        run_serial([])
        run_threaded([])
        assert tuple(compare([])) == (0, 0), "without jobs nothing takes any time"

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
def test_waiting_gains(race):
    def scenario():
        stations = Station()
        jobs = [stations.job("peak", 2), stations.job("lake", 3), stations.job("pass", 1)]
        found = compare(jobs)
        assert len(stations.answered) == 6, (
            f"compare called {len(stations.answered)} jobs in all, it should be 6: all three in "
            "turn, and all three in threads"
        )
        assert tuple(found) == (6, 3), (
            f"compare says {found}, a watch says (6, 3): in turn 2 + 3 + 1 s, in threads 3 s; "
            "perf_counter() goes on while a job waits, process_time() does not"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_computing_gains_nothing(race):
    def scenario():
        processor = threading.Lock()
        found = compare([computing(processor, 2), computing(processor, 1)])
        assert tuple(found) == (3, 3), (
            f"compare says {found} for two jobs that share one processor, a watch says (3, 3): "
            "threads gain nothing where computing is what takes time; measure both ways, do not "
            "calculate one from the other"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_it_is_measured_in_the_right_order(race):
    def scenario():
        calls = []
        compare([lambda: calls.append(threading.current_thread() is threading.main_thread())] * 2)
        assert calls == [True, True, False, False], (
            "compare has to run the jobs in turn first, in the caller's thread, and then in "
            f"threads; in the caller's thread they ran as {calls}"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_the_watch_shows_fractions_too(race):
    def scenario():
        seconds = iter([0.5, 0.25, 2, 0.75])
        found = compare([lambda: time.sleep(next(seconds))] * 2)
        assert tuple(found) == (0.75, 2), (
            f"in turn the jobs took 0.5 s and 0.25 s, in threads 2 s and 0.75 s, and compare says {found} instead of "
            "(0.75, 2): measure each way by itself, and round nothing"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
def test_two_may_compare_at_the_same_time(race):
    def scenario():
        found = race.run(
            lambda: tuple(compare([lambda: time.sleep(2), lambda: time.sleep(3)])),
            lambda: tuple(compare([lambda: time.sleep(4), lambda: time.sleep(6)])),
        )
        assert found == [(5, 3), (10, 6)], (
            f"two threads compared at the same time, jobs of 2 s and 3 s, and of 4 s and 6 s, and found {found} "
            "instead of [(5, 3), (10, 6)]: each call needs a watch of its own"
        )

    race.explore(scenario, schedules=6)

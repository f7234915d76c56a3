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

    race.explore(scenario, schedules=40)


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

    race.explore(scenario, schedules=40)


@pytest.mark.task(2)
def test_forty_jobs_take_as_long_as_one(timing):
    stations = Station()
    with timing.virtual():
        began = time.monotonic()
        run_threaded([stations.job("peak", 1)] * 40)
        took = time.monotonic() - began
    assert len(stations.answered) == 40, (
        f"of 40 jobs {len(stations.answered)} had ended when run_threaded came back: join every thread"
    )
    assert took == 1, (
        f"40 jobs of 1 s took {took:g} s instead of 1 s: there are not enough threads; a pool has "
        "a limit, each job needs a thread of its own"
    )


@pytest.mark.task(2)
def test_all_jobs_have_ended_on_return(race):
    def scenario():
        stations = Station()
        run_threaded([stations.job("peak", 1), stations.job("lake", 9), stations.job("pass", 5)])
        assert sorted(stations.answered) == ["lake", "pass", "peak"], (
            f"run_threaded came back when only {sorted(stations.answered)} had answered: join every thread"
        )

    race.explore(scenario, schedules=80, clock="any")


@pytest.mark.task(2)
def test_no_jobs_are_no_error(race):
    def scenario():
        run_serial([])
        run_threaded([])

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

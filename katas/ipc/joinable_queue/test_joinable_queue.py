"""The workshop of processes: the tests. In tasks 1 and 2 you say how the processes mix; time is virtual."""

import multiprocessing
import os
import time

import pytest
from joinable_queue import Workshop, break_rings_at_the_mark, break_tells_first
from logbook import Logbook
from two_workshops import master_hears_the_bell, master_joins, rings_at_the_mark, tells_first

STUCK = (
    "somebody waits for ever. If main does: a job was added which nobody has done, or of which nobody has said that it "
    "is done. If only workers do: they have to be daemons, which end with the program"
)


def start(target, *args, name=None):
    process = multiprocessing.Process(target=target, args=args, name=name, daemon=True)
    process.start()
    return process


def check_broken(race, steps, begin):
    """Play a schedule; the master must have found nothing finished."""

    def scenario():
        finished = multiprocessing.Value("i", 0, lock=False)
        seen = multiprocessing.Value("i", -1, lock=False)
        begin(finished, seen).join(60)
        return seen.value

    __tracebackhide__ = True
    if not isinstance(steps, list):
        pytest.fail(f"a schedule is a list of steps, and this is {steps!r}", pytrace=False)
    played = race.play(scenario, steps)
    if played.value != 0:
        found = "has not come so far" if played.value < 0 else f"found {played.value} finished"
        pytest.fail(
            f"the master {found}, and the workshop is not broken: let the master go on when a worker has taken the job "
            f"and not finished it. What happened:\n\n{played}",
            pytrace=False,
        )


@pytest.mark.task(1)
def test_the_workshop_that_tells_first_breaks(race):
    def begin(finished, seen):
        jobs = multiprocessing.JoinableQueue()
        start(tells_first, jobs, finished, name="worker")
        return start(master_joins, jobs, finished, seen, name="master")

    check_broken(race, break_tells_first(), begin)


@pytest.mark.task(2)
def test_the_workshop_with_a_mark_breaks(race):
    def begin(finished, seen):
        jobs, bell = multiprocessing.Queue(), multiprocessing.Semaphore(0)
        for name in "AB":
            start(rings_at_the_mark, jobs, finished, bell, name=name)
        return start(master_hears_the_bell, jobs, finished, bell, seen, name="master")

    check_broken(race, break_rings_at_the_mark(), begin)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound=STUCK)
def test_nothing_is_left_when_wait_returns(race):
    jobs = [3, 1, 1, 1, 3, 3]

    def scenario():
        with Logbook() as book:

            def work(job):
                time.sleep(job)
                book.note((job, os.getpid()))

            shop, began = Workshop(2, work), time.monotonic()
            for job in jobs:
                shop.add(job)
            gave_out = time.monotonic() - began
            assert gave_out == 0, f"add waits for nobody, and here it took {gave_out:g} s"
            shop.wait()
            took, entries = time.monotonic() - began, book.read()
        done = sorted(job for job, _ in entries)
        assert done == sorted(jobs), (
            f"jobs {jobs} were added; when wait returned, {done} were done: each counts once, when it is done"
        )
        pids = {pid for _, pid in entries}
        assert os.getpid() not in pids, "the caller works itself: that is for the workers"
        assert len(pids) == 2, f"there are 2 workers, and {len(pids)} processes have worked"
        assert took == 6, (
            f"jobs of {jobs} s, 2 workers: {took:g} s instead of 6 s; whoever is free takes the next job, and wait "
            "returns when the last one is done"
        )

    race.explore(scenario, schedules=3, seconds=60)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound=STUCK)
def test_wait_can_be_called_again(race):
    def scenario():
        with Logbook() as book:
            shop = Workshop(1, lambda job: (time.sleep(1), book.note(repr(job))))
            shop.wait()
            assert book.read() == [], "nothing has been added"
            for jobs in [None, None, "STOP"], [0, (), ValueError("a job")]:
                for job in jobs:
                    shop.add(job)
                shop.wait()
                shop.wait()
                done = book.read()[-3:]
                wanted = [repr(job) for job in jobs]
                assert done == wanted, f"a single worker does {wanted} in order; when wait returned, {done} were done"

    race.explore(scenario, schedules=3, seconds=60)


class Twin:
    """A job that says of itself that it is equal to everything."""

    def __eq__(self, other):
        return True

    def __repr__(self):
        return "a job that is equal to everything"

    __hash__ = None


@pytest.mark.task(3)
@pytest.mark.means(
    DeadlockFound="somebody waits for ever: no job ends a worker, be it equal to a mark, nor what work returns"
)
def test_what_jobs_are_and_return(race):
    def scenario():
        with Logbook() as book:
            jobs = [Twin(), False, NotImplemented, ValueError("returned"), *range(5)]
            shop, began = Workshop(1, lambda job: (time.sleep(1), book.note(repr(job)), job)[-1]), time.monotonic()
            for job in jobs:
                shop.add(job)
            gave_out = time.monotonic() - began
            shop.wait()
            done = book.read()
        assert gave_out == 0, f"nine jobs of 1 s, one worker: to add them took {gave_out:g} s; add waits for nobody"
        assert done == [repr(job) for job in jobs], f"{jobs} were added, each returns itself, and {done} were done"

    race.explore(scenario, schedules=2, seconds=60)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound=STUCK)
def test_wait_waits_for_the_work(race):
    def scenario():
        finished = multiprocessing.Value("i", 0)

        def work(job):
            with finished.get_lock():
                finished.value += 1

        shop = Workshop(2, work)
        shop.add("a")
        shop.add("b")
        shop.wait()
        found = finished.value
        assert found == 2, f"two jobs were added; when wait returned, {found} were done: taken is not done"

    race.explore(scenario, schedules=30, seconds=60)


ERRORS = [ValueError("spoiled"), KeyboardInterrupt(), SystemExit(3), GeneratorExit()]


@pytest.mark.task(4)
@pytest.mark.means(
    DeadlockFound="after a job that has failed, wait waits for ever: such a job is over, too, and its worker goes on",
    **dict.fromkeys(
        ["ValueError", "KeyboardInterrupt", "GeneratorExit"], "a job has raised this, and its worker has ended of it"
    ),
)
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_job_fails(race, error):
    def scenario():
        with Logbook() as book:

            def work(job):
                book.note(job)
                if job == "bad":
                    raise error

            shop = Workshop(1, work)
            for job in ("bad", "good", "bad"):
                shop.add(job)
            shop.wait()
            done = book.read()
        assert done == ["bad", "good", "bad"], f"'bad', 'good', 'bad' were added, {done} were begun when wait returned"

    race.explore(scenario, schedules=2, seconds=60)


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound="jobs that other processes have added are not done, or wait does not know of them")
def test_other_processes_add(race):
    def scenario():
        with Logbook() as book:
            shop = Workshop(1, lambda job: (time.sleep(5), book.note(job)))
            clients = [multiprocessing.Process(target=shop.add, args=(name,)) for name in "ab"]
            for client in clients:
                client.start()
            for client in clients:
                client.join()
            shop.wait()
            done = sorted(book.read())
        assert done == ["a", "b"], f"two processes have added a job each; when wait returned, {done} were done"

    race.explore(scenario, schedules=3, seconds=60)


@pytest.mark.task(4)
def test_two_workshops(race):
    def scenario():
        with Logbook() as book:
            slow, quick = (Workshop(1, lambda job: (time.sleep(job), book.note(job))) for _ in range(2))
            slow.add(60)
            quick.add(1)
            quick.wait()
            first = book.read()
            slow.wait()
            done = book.read()
        assert first == [1], (
            f"a job of 1 s was added to one workshop, one of 60 s to another: after 1 s {first} are done"
        )
        assert done == [1, 60], f"both waited for; {done} are done"

    race.explore(scenario, schedules=2, seconds=60)

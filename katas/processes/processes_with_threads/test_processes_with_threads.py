"""The translators: the tests. The processes are real, time is virtual, and all mix in many ways."""

import multiprocessing
import os
import queue
import threading
import time

import pytest
from processes_with_threads import run_jobs
from unusual_errors import Blank, Page

FORK = multiprocessing.get_context("fork")
NOT_SENT = "something cannot go to a process that is not forked: use what the context makes, and functions of a module"


def fetch_place(job):
    """Return the job, and where this runs."""
    return job, os.getpid(), threading.current_thread() is threading.main_thread()


def compute_place(fetched):
    """Return also where this runs."""
    return *fetched, os.getpid(), threading.current_thread() is threading.main_thread()


def check_places(results, jobs, rooms):
    """See that each job was done once, in its room, by a messenger and at the desk."""
    assert [result[0] for result in results] == jobs, f"the jobs {jobs} came to {results}: in the order of the jobs"
    assert os.getpid() not in {pid for _, one, _, other, _ in results for pid in (one, other)}, (
        "something was fetched or computed in the process of the caller: all of it is for the rooms"
    )
    assert all(one == other for _, one, _, other, _ in results), "a job was fetched in one room and computed in another"
    pids = [one for _, one, *_ in results]
    assert len(set(pids)) == min(rooms, len(jobs)), (
        f"{len(jobs)} jobs, {rooms} rooms: {len(set(pids))} rooms have worked"
    )
    assert pids == [pids[number % rooms] for number in range(len(jobs))], (
        f"the jobs were done in the processes {pids}: of {rooms} rooms number i does the jobs i, i + {rooms} …"
    )
    assert not any(main for _, _, main, _, _ in results), "the main thread of a room went to fetch: send a messenger"
    assert all(main for *_, main in results), (
        "a messenger sat down to compute: threads of one process take turns at that, and nobody fetches meanwhile; "
        "compute in the main thread"
    )


@pytest.mark.task(1)
@pytest.mark.parametrize(("count", "rooms", "messengers"), [(5, 2, 2), (2, 3, 1), (3, 1, 5)])
def test_each_job_is_done_in_its_room(race, count, rooms, messengers):
    def scenario():
        jobs = [None, "a", "a", 0, ()][:count]
        results = run_jobs(FORK, jobs, rooms, messengers, fetch_place, compute_place)
        check_places(results, jobs, rooms)
        assert not multiprocessing.active_children(), "run_jobs came back, and a process still runs: join all"

    race.explore(scenario, schedules=3, seconds=40)


@pytest.mark.task(1)
def test_nothing_to_do(race):
    def scenario():
        found = run_jobs(context=FORK, jobs=[], rooms=2, messengers=2, fetch=str, compute=str)
        assert found == [], f"no jobs, and run_jobs returned {found!r}"

    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(1)
@pytest.mark.means(RuntimeError=NOT_SENT, TypeError=NOT_SENT, AttributeError=NOT_SENT, PicklingError=NOT_SENT)
def test_other_start_methods(race):
    def scenario():
        found = run_jobs(multiprocessing.get_context("spawn"), ["a"], 1, 1, str.upper, len)
        assert found == [1], (
            f"'a' was fetched as 'A' and computed as 1 in a spawned room, and run_jobs returned {found}"
        )

    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound="two rooms with two messengers each, and each of the four waits for the others: all fetch at once"
)
def test_all_messengers_are_on_the_way(race):
    def scenario():
        meeting = FORK.Barrier(4)

        def fetch(job):
            meeting.wait()
            return job

        found = run_jobs(FORK, list(range(4)), 2, 2, fetch, str)
        assert found == ["0", "1", "2", "3"], f"0 to 3 came to {found}"

    race.explore(scenario, schedules=3, seconds=40)


@pytest.mark.task(2)
def test_so_many_messengers_and_one_desk(race):
    def scenario():
        away, most = FORK.Value("i", 0), FORK.Value("i", 0, lock=False)
        busy, crowd = FORK.Value("i", 0), FORK.Value("i", 0, lock=False)

        def enter(inside, seconds, highest, result):
            with inside.get_lock():
                inside.value += 1
                highest.value = max(highest.value, inside.value)
            time.sleep(seconds)
            with inside.get_lock():
                inside.value -= 1
            return result

        began = time.monotonic()
        found = run_jobs(
            FORK,
            [0, 1, 2, 3, 4],
            1,
            2,
            lambda job: enter(away, [1, 5, 1, 1, 1][job], most, job),
            lambda job: enter(busy, 1 + 1 / 512, crowd, job),
        )
        took = time.monotonic() - began
        assert found == [0, 1, 2, 3, 4], f"0 to 4 came to {found}"
        assert most.value == 2, f"2 messengers, and {most.value} were on the way at the same time"
        assert crowd.value == 1, f"{crowd.value} computed at the same time in one room: there is one desk"
        right = 1 + 5 * (1 + 1 / 512)
        assert took == right, (
            f"one messenger needs 5 s, the other 1 s, the desk {1 + 1 / 512:g} s for each: all was done "
            f"after {took:g} s, not {right:g} s; whoever is back goes again at once, and the desk is never idle"
        )

    race.explore(scenario, schedules=4, seconds=40)


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound="the desk waits for a messenger who has not gone, or a messenger for a desk that does not take what "
    "is there: fetch and compute at the same time, all that was fetched has room, and what is there first comes first"
)
@pytest.mark.parametrize("messengers", [1, 2])
def test_fetch_while_you_think(race, messengers):
    def scenario():
        gone, done = FORK.Event(), FORK.Event()

        def fetch(job):
            if job == "first" and messengers == 2:
                done.wait()  # until the second one has been computed
            if job == "last":
                gone.set()
            return job

        def compute(job):
            if job == "second":
                gone.wait()  # until the last one is being fetched
                done.set()
            return job

        jobs = ["first", "second", "a", "b", "c", "d", "last"]
        found = run_jobs(FORK, jobs, 1, messengers, fetch, compute)
        assert found == jobs, f"{jobs} came to {found}"

    race.explore(scenario, schedules=4, seconds=40)


@pytest.mark.task(2)
@pytest.mark.parametrize(
    ("messengers", "away", "right"),
    [(1, [0, 0, 0, 0, 0, 0], [0, 1, 2, 3, 4, 5]), (2, [4.5, 1, 1, 1, 1, 1], [1, 2, 3, 4, 0, 5])],
)
def test_what_is_there_first_comes_first(race, messengers, away, right):
    def fetch(job):
        time.sleep(away[job])
        return job

    def scenario():
        order = []

        def compute(job):
            order.append(job)
            time.sleep(6 if len(order) == 1 else 0)
            return len(order) - 1

        found = run_jobs(FORK, list(range(6)), 1, messengers, fetch, compute)
        came = sorted(range(6), key=found.__getitem__)
        assert came == right, (
            f"messengers: {messengers}; the jobs came back in the order {right} and were computed in the order {came}, "
            "while the first was at the desk: what is there first comes first, and they are begun in their order"
        )

    race.explore(scenario, schedules=6, seconds=40)


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound="a messenger whose fetch raised an error goes for no other job: two jobs are left, two messengers "
    "have to be on the way"
)
def test_an_error_stops_no_messenger(race):
    def scenario():
        meeting = FORK.Barrier(2)

        def fetch(job):
            if job == 0:
                raise OSError("no flight")
            meeting.wait()
            return job

        found = run_jobs(FORK, [0, 1, 2], 1, 2, fetch, str)
        assert list(map(repr, found)) == ["OSError('no flight')", "'1'", "'2'"], f"job 0 fails, and it came to {found}"

    race.explore(scenario, schedules=3, seconds=40)


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound="a desk waits until somebody reads the large result it has sent, and has jobs left: keep the results "
    "until all are done, or read from whichever room sends"
)
def test_the_desk_does_not_wait_for_the_post(race):
    def scenario():
        done = FORK.Event()

        def compute(job):
            if job == 0:
                done.wait()  # until the other room has done its last job
            if job == 3:
                done.set()
            return "x" * (300_000 if job == 1 else 1)

        found = run_jobs(FORK, [0, 1, 2, 3], 2, 1, int, compute)
        assert list(map(len, found)) == [1, 300_000, 1, 1], f"the results are {list(map(len, found))} long"

    race.explore(scenario, schedules=2, seconds=40)


@pytest.mark.task(2)
def test_anything_can_be_fetched(race):
    def scenario():
        found = run_jobs(FORK, [1, 2], 2, 1, lambda job: lambda: job, lambda fetched: fetched())
        assert found == [1, 2], (
            f"functions were fetched, which cannot be pickled, and it came to {found}: what was fetched stays there"
        )

    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(3)
@pytest.mark.parametrize("way", ["fetch raises", "compute raises", "compute returns"])
def test_an_error_of_any_kind(race, way):
    errors = [queue.Empty("dry"), StopIteration(3), Page("torn"), TimeoutError(5), KeyError("k")]
    if way != "fetch raises":  # a Future of some versions loses an error that is false
        errors.append(Blank())

    def come_to(step, job):
        if way == f"{step} raises":
            raise errors[job]
        return job if step == "fetch" else errors[job]

    def scenario():
        jobs = list(range(len(errors)))
        found = run_jobs(FORK, jobs, 1, 2, lambda job: come_to("fetch", job), lambda job: come_to("compute", job))
        for error, entry in zip(errors, found, strict=True):
            assert (type(entry), getattr(entry, "args", None)) == (type(error), error.args), (
                f"{way} {error!r}, and the entry is {entry!r}: it is this error, and no class of errors means "
                "something else"
            )

    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(3)
def test_each_is_called_once(race, notes):
    def fetch(job):
        notes.write(f"fetch {job}")
        if job == 1:
            raise OSError("no flight")
        return "letter"

    def compute(fetched):
        notes.write(f"compute {fetched}")

    def scenario():
        notes.clear()
        run_jobs(FORK, [0, 1, 2], 1, 1, fetch, compute)
        calls = sorted(notes.read())
        right = ["compute letter"] * 2 + ["fetch 0", "fetch 1", "fetch 2"]
        assert calls == right, (
            f"job 1 cannot be fetched, 0 and 2 are: {calls} was called, and not {right}: each is fetched once, "
            "whatever comes of it, and each that was fetched is computed"
        )

    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="somebody else's process or thread is waited for: wait only for what you have started")
def test_others_have_processes_and_threads_too(race):
    def fetch(job):
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        return job

    def scenario():
        closing = FORK.Event()
        stranger = FORK.Process(target=closing.wait)
        stranger.start()
        found = run_jobs(FORK, [1], 1, 1, fetch, str)
        assert found == ["1"], f"fetch left a daemon thread behind, and 1 came to {found}"
        assert stranger.is_alive(), "a process of somebody else was ended: end nobody"
        closing.set()
        stranger.join()

    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(3)
def test_an_error_is_an_entry(race):
    def fetch(job):
        if job == 1:
            raise OSError("no flight")
        return job

    def compute(job):
        return 12 // (job - 2)

    def scenario():
        found = run_jobs(FORK, [0, 1, 2, 3, 4], 2, 2, fetch, compute)
        shown = [repr(each) for each in found]
        right = ["-6", "OSError('no flight')", "ZeroDivisionError('integer division or modulo by zero')", "12", "6"]
        shown[2] = right[2] if type(found[2]) is ZeroDivisionError else shown[2]
        assert shown == right, f"job 1 cannot be fetched, job 2 not computed: {shown} is the result, not {right}"

    race.explore(scenario, schedules=3, seconds=40)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="a room cannot send all it has, because nobody reads: read first, join then")
def test_large_results(race):
    def scenario():
        found = run_jobs(FORK, [1, 2], 2, 1, str, lambda text: text * 300_000)
        assert [len(each) for each in found] == [300_000] * 2, f"two large results are {list(map(len, found))} long"
        found = run_jobs(FORK, [ValueError("a job"), None], 1, 1, lambda job: job, repr)
        assert found == ["ValueError('a job')", "None"], f"an exception and None came to {found}"

    race.explore(scenario, schedules=3, seconds=40)


@pytest.mark.task(3)
def test_no_thread_is_there_at_a_fork(race):
    counted = []

    class Counting(FORK.Process):
        def start(self):
            counted.append(threading.active_count())
            super().start()

    context = type("CountingContext", (type(FORK),), {"Process": Counting})()

    def scenario():
        counted.clear()
        before = threading.active_count()
        run_jobs(context, [0, 1, 2], 3, 1, str, str)
        assert counted, "no process was made with the context"
        assert len(counted) <= 3, f"3 rooms, and {len(counted)} processes were started: rooms are all there is"
        assert max(counted) == before, (
            f"{max(counted) - before} threads of yours were alive when a process was started: fork copies what they "
            "have locked; start all processes first"
        )
        assert threading.active_count() == before, "run_jobs came back, and a thread of it still runs"

    race.explore(scenario, schedules=2, seconds=40)

"""Daemon heartbeat: the tests. Time is virtual in them, and the threads mix in many ways."""

import functools
import os
import subprocess
import sys
import threading
import time

import pytest
from daemon_heartbeat import start_heartbeat, start_job


class Heart:
    """Notes when it beat, and in which thread. After many beats it stops, so that a test ends."""

    def __init__(self):
        self.began = time.monotonic()
        self.times = []
        self.threads = []

    def beat(self):
        """Beat once."""
        self.times.append(time.monotonic() - self.began)
        self.threads.append(threading.current_thread())
        if len(self.times) == 30:
            raise SystemExit


def start(function, *args):
    """Start a heartbeat or a job, or say why it did not start."""
    try:
        thread = function(*args)
    except RuntimeError as error:
        raise AssertionError(
            f"{function.__name__} failed: {error}; daemon has to be said before the start, in the "
            "constructor: Thread(…, daemon=…)"
        ) from error
    assert isinstance(thread, threading.Thread) and thread.ident is not None, (
        f"{function.__name__} returned {thread!r} instead of the thread, which it has started"
    )
    return thread


@pytest.mark.task(1)
def test_the_heart_beats_again_and_again(race):
    def scenario():
        heart = Heart()
        start(start_heartbeat, heart.beat, 3)
        took = time.monotonic() - heart.began
        assert took == 0, (
            f"start_heartbeat came back after {took:g} s instead of at once: let the thread do "
            "the beating, and do not join it"
        )
        time.sleep(10)
        assert heart.times == [0, 3, 6, 9], (
            f"in the first 10 s the heart beat at {heart.times}, every 3 s is [0, 3, 6, 9]"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(1)
def test_one_thread_does_all_the_beating(race):
    def scenario():
        heart = Heart()
        thread = start(start_heartbeat, heart.beat, 3)
        time.sleep(10)
        others = [each.name for each in heart.threads if each is not thread]
        assert not others, (
            f"a beat came from the thread {others[0]!r}, which is not the one that was returned: "
            "one loop in one thread; a Timer is a new thread for each beat"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(1)
def test_two_hearts_beat_by_themselves(race):
    def scenario():
        quick, slow = Heart(), Heart()
        first = start(start_heartbeat, quick.beat, 2)
        second = start(start_heartbeat, slow.beat, 5)
        time.sleep(9)
        assert (quick.times, slow.times) == ([0, 2, 4, 6, 8], [0, 5]), (
            f"two hearts, every 2 s and every 5 s, beat at {quick.times} and {slow.times} instead of [0, 2, 4, 6, 8] "
            "and [0, 5]: a second heartbeat changes nothing for the first one, each has a thread and a loop of its own"
        )
        assert first is not second, "two heartbeats were started, and both times the same thread was returned"

    race.explore(scenario, schedules=20)


@pytest.mark.task(1)
def test_the_same_beat_for_two_hearts(race):
    def scenario():
        heart = Heart()
        first, second = start(start_heartbeat, heart.beat, 3), start(start_heartbeat, heart.beat, 3)
        time.sleep(4)
        assert (heart.times, first is second) == ([0, 0, 3, 3], False), (
            f"two heartbeats were started with the same beat, every 3 s, and it was called at {heart.times} instead of "
            "[0, 0, 3, 3]: there may be several hearts, a thread for each, also for the same beat"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(1)
@pytest.mark.parametrize("every", [0.5, 0.0078125])
def test_fractions_of_a_second(race, every):
    def scenario():
        heart = Heart()
        start(start_heartbeat, heart.beat, every)
        time.sleep(every * 3.5)
        wanted = [0, every, 2 * every, 3 * every]
        assert heart.times == wanted, f"every {every} s is {wanted}, and the heart beat at {heart.times}"

    race.explore(scenario, schedules=3)


class Anything:
    """Equal to whatever it is compared with."""

    __hash__ = None

    def __eq__(self, other):
        return True


@pytest.mark.task(1)
@pytest.mark.means(AttributeError="the beat has no __name__: whatever can be called is a beat, ask it for nothing else")
def test_what_a_beat_returns_says_nothing(race):
    def scenario():
        beats, answers = [], iter([False, True, 0, None, StopIteration, Anything(), StopIteration("stop"), "stop"])

        def beat(answers):
            beats.append(next(answers))
            return beats[-1]

        start(start_heartbeat, functools.partial(beat, answers), 2)
        time.sleep(15)
        assert len(beats) == 8, (
            f"in 15 s a heart that beats every 2 s has beaten {len(beats)} times instead of 8; the last beat returned "
            f"{beats[-1]!r}: what a beat returns means nothing, the heart goes on"
        )

    race.explore(scenario, schedules=3)


def depth():
    """How many calls lie one in the other here."""
    frame, calls = sys._getframe(), 0
    while frame := frame.f_back:
        calls += 1
    return calls


@pytest.mark.task(1)
def test_for_ever_is_a_loop(race):
    def scenario():
        depths = []
        start(start_heartbeat, lambda: depths.append(depth()), 1)
        time.sleep(20)
        assert depths[-1] == depths[1], (
            f"the second beat lay {depths[1]} calls deep, the last one {depths[-1]}: a function that calls itself "
            "for the next beat ends in a RecursionError, after a thousand beats or so; for ever is a loop"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(1)
def test_for_ever_is_more_than_a_thousand(race):
    def scenario():
        beats = []

        def beat():
            beats.append(1)
            if len(beats) == 1_010:
                raise SystemExit

        start(start_heartbeat, beat, 1)
        time.sleep(1_100)
        assert len(beats) == 1_010, (
            f"every second for 1100 s, and the heart stopped after {len(beats)} beats: for ever is not a number; while "
            "True"
        )

    race.explore(scenario, schedules=1, seconds=60)


@pytest.mark.task(1)
@pytest.mark.means(ValueError="who gets no processor for longer than `every` has less than no time left to sleep")
def test_who_was_kept_waiting_goes_on(race):
    def scenario():
        beats = []

        def beat():
            beats.append(1)
            if len(beats) == 6:
                raise SystemExit

        thread = start(start_heartbeat, beat, 3)
        time.sleep(10)
        assert thread.is_alive() or len(beats) == 6, "the heart had to wait, and has stopped: it beats for ever"

    race.explore(scenario, schedules=6, clock="any")


@pytest.mark.task(2)
@pytest.mark.parametrize("daemon", [False, True], ids=["from a usual thread", "from a daemon"])
def test_nobody_waits_for_the_heartbeat(race, daemon):
    def scenario():
        heart, found = Heart(), []
        caller = threading.Thread(target=lambda: found.append(start_heartbeat(heart.beat, 3)), daemon=daemon)
        if daemon:
            caller.start()
            caller.join()
        else:
            found.append(start(start_heartbeat, heart.beat, 3))
        assert found[0].daemon, (
            "the heartbeat is no daemon: the program would never end, as the interpreter waits for "
            "every thread that is none; say daemon=True"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
def test_the_program_ends_although_the_heart_beats(race):
    beats = []

    def scenario():
        heart = Heart()
        beats.append(heart.times)
        start(start_heartbeat, heart.beat, 3)
        time.sleep(4)

    race.explore(scenario, schedules=20)
    longest = max(beats, key=len)
    assert len(longest) == 2, (
        f"the program came to its end after 4 s, and the heart went on beating, at {longest}: "
        "nobody should wait for it; say daemon=True"
    )


@pytest.mark.task(3)
@pytest.mark.parametrize("daemon", [False, True], ids=["from a usual thread", "from a daemon"])
def test_a_job_is_no_daemon(race, daemon):
    def scenario():
        found, seen = [], []

        def job():
            seen.append(threading.current_thread())
            time.sleep(1)

        caller = threading.Thread(target=lambda: found.append(start_job(job)), daemon=daemon)
        began = time.monotonic()
        caller.start()
        caller.join()
        took = time.monotonic() - began
        assert took == 0, f"start_job came back after {took:g} s instead of at once: start a thread, and do not join it"
        assert isinstance(found[0], threading.Thread), f"start_job returned {found[0]!r}, no thread"
        assert not found[0].daemon, (
            "the job is a daemon: it is cut short when the program ends; a thread made by a daemon "
            "is one too, unless you say daemon=False"
        )
        found[0].join()
        assert seen == found, f"the job ran in {seen} instead of once, in the thread that was returned, {found}"

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="a job started another job and waits for it, and that one waits for the first to end")
def test_two_jobs_do_not_wait_for_each_other(race):
    def scenario():
        began, ended = time.monotonic(), []

        def job(seconds):
            time.sleep(seconds)
            ended.append(time.monotonic() - began)

        for thread in [start(start_job, lambda: job(5)), start(start_job, lambda: job(2))]:
            thread.join()
        assert ended == [2, 5], (
            f"jobs of 5 s and 2 s were started, and ended after {ended} s instead of [2, 5]: each job has a thread "
            "of its own, and waits for no other"
        )
        start(start_job, lambda: start(start_job, lambda: job(1)).join()).join()

    race.explore(scenario, schedules=6)


@pytest.mark.task(3)
def test_seventy_jobs_need_as_long_as_one(timing):
    with timing.virtual():
        began = time.monotonic()
        for thread in [start_job(lambda: time.sleep(1)) for _ in range(70)]:
            thread.join()
        took = time.monotonic() - began
    assert took == 1, (
        f"70 jobs of 1 s took {took:g} s instead of 1 s: a pool or a semaphore has a limit, and the jobs beyond it "
        "wait for the others"
    )


@pytest.mark.task(3)
def test_the_same_job_twice(race):
    def scenario():
        ended = []

        def job():
            time.sleep(5)
            ended.append("job")

        for thread in [start(start_job, job), start(start_job, job)]:
            thread.join()
        assert len(ended) == 2, (
            f"the same function was started as a job twice, and was called {len(ended)} times: each start_job is a "
            "job, whatever else is at work"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
@pytest.mark.means(AttributeError="the job has no __name__: whatever can be called is a job, ask it for nothing else")
def test_what_a_job_returns_says_nothing(race):
    def scenario():
        calls = []

        def job(word):
            calls.append(word)
            return (False, lambda: calls.append("what it returned"), ValueError("returned"))[len(calls) - 1]

        for word in ("first", "second", "third"):
            start(start_job, functools.partial(job, word)).join()
        assert calls == ["first", "second", "third"], (
            f"three jobs returned False, a function and an exception, and these were called: {calls}; a job is called "
            "once, and what it returns means nothing"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(3)
def test_the_job_ends_its_work_after_the_caller_has_ended(race):
    begun, ended = [], []

    def scenario():
        def job():
            begun.append("job")
            time.sleep(60)
            ended.append("job")

        start(start_heartbeat, Heart().beat, 7)
        start(start_job, job)
        time.sleep(1)

    race.explore(scenario, schedules=20)
    assert len(begun) == len(ended), (
        f"of {len(begun)} jobs that had begun, {len(ended)} came to their end: when the main "
        "program had ended, the others were cut short; a job must not be a daemon"
    )


@pytest.mark.task(4)
def test_the_heart_beats_as_long_as_a_job_is_at_work(race):
    hearts = []

    def scenario():
        heart = Heart()
        hearts.append(heart.times)

        def call():
            start(start_job, lambda: time.sleep(10))
            start(start_heartbeat, heart.beat, 3)

        threading.Thread(target=call).start()

    race.explore(scenario, schedules=20)
    shortest, longest = min(hearts, key=len), max(hearts, key=len)
    assert shortest == [0, 3, 6, 9], (
        f"the caller ended at once, a job worked for 10 s, and the heart beat at {shortest}: it "
        "has to beat as long as any thread works, at [0, 3, 6, 9]"
    )
    assert longest == [0, 3, 6, 9], (
        f"a job worked for 10 s, and then the heart went on beating, at {longest}: say daemon=True"
    )


@pytest.mark.task(4)
def test_the_heart_goes_on_when_a_job_has_ended(race):
    def scenario():
        heart = Heart()
        start(start_heartbeat, heart.beat, 3)
        start(start_job, lambda: time.sleep(2))
        time.sleep(10)
        assert heart.times == [0, 3, 6, 9], (
            f"a job ended after 2 s, the program went on to 10 s, and the heart beat at "
            f"{heart.times} instead of [0, 3, 6, 9]: it belongs to the program, not to a job"
        )

    race.explore(scenario, schedules=20)


PROGRAM = """
import threading
from daemon_heartbeat import start_heartbeat, start_job

beats, hearts = [], []
has_begun = threading.Event()


def say(words):
    print(words, flush=True)


def job():
    say("the job has begun")
    has_begun.set()
    threading.main_thread().join()
    say("main has ended")
    before = len(beats)
    while len(beats) < before + 3 and hearts[0].is_alive():
        hearts[0].join(0.01)
    say("the heart beats" if len(beats) >= before + 3 else "the heart has stopped")
    say("the job is done")


hearts.append(start_heartbeat(lambda: beats.append("beat"), 0.01))
threading.Thread(target=lambda: start_job(job), daemon=True).start()
has_begun.wait()
"""


@pytest.mark.task(4)
def test_a_program_of_its_own(race):
    race.explore(lambda: start_heartbeat(lambda: None, 1), schedules=1)  # who has not begun is told so, and no more
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, timeout=20)
    except subprocess.TimeoutExpired:
        raise AssertionError(
            "in a Python of its own the program had not ended after 20 s, though main and the job were done at once: "
            "nobody waits for a daemon; is the heartbeat one?"
        ) from None
    said = done.stdout.splitlines()
    assert said, f"in a Python of its own the job never began:\n{done.stderr}"
    assert "the heart has stopped" not in said, (
        "in a Python of its own the main thread came to its end, a job went on, and the heart stopped: it beats as "
        "long as any thread is at work that is no daemon, whether the main thread is alive or not"
    )
    assert said == ["the job has begun", "main has ended", "the heart beats", "the job is done"], (
        f"in a Python of its own the main thread came to its end, and the job was cut short, it said {said}: a job "
        f"must not be a daemon, whoever starts it\n{done.stderr}"
    )

"""The fixture `guard`: joins that cannot hang, and nothing left behind."""

import pytest

pytestmark = pytest.mark.soak

TOOLS = """
    import os, queue, signal, subprocess, sys, threading, time
    from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
    from multiprocessing import get_context

    import pytest

    fork = get_context("fork")

    def fails(word="broken"):
        raise ValueError(word)

    def sleeps():
        time.sleep(60)

    def ignores():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("ready", flush=True)
        time.sleep(60)

    def dies():
        os.kill(os.getpid(), signal.SIGKILL)
"""


def run(pytester: pytest.Pytester, program: str, *args: str) -> pytest.RunResult:
    pytester.makepyfile(tools=TOOLS, test_it=f"from tools import *\n{program}")
    return pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:cacheprovider", *args, timeout=90)


CANARY = """
def test_canary():
    assert [thread.name for thread in threading.enumerate() if thread.name != "asleep"] == ["MainThread"]
"""


def test_results_and_errors(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_result(guard):
    worker = guard.spawn(lambda a, b: a + b, 1, b=41, name="adder")
    assert worker.result(timeout=5) == 42
    assert (worker.name, worker.is_alive(), worker.thread.name) == ("adder", False, "adder")
    assert [guard.spawn(int).name for _ in range(3)] == ["int", "int-2", "int-3"]

def test_everything_that_can_be_joined(guard):
    with ThreadPoolExecutor(1) as pool:
        guard.join(guard.spawn(int), pool.submit(int))
    pool = ThreadPoolExecutor(1)
    future = pool.submit(int)
    thread = threading.Thread(target=int)
    thread.start()
    process = fork.Process(target=int)
    process.start()
    guard.join(future, pool, thread, process, subprocess.Popen(["true"]), subprocess.Popen(["false"]), timeout=20)
    processes = ProcessPoolExecutor(1, mp_context=fork)
    processes.submit(int)
    guard.join(processes, timeout=20)

def test_expected_error(guard):
    with pytest.raises(ValueError, match="broken") as caught:
        guard.spawn(fails).result()
    assert caught.traceback[-1].name == "fails"

def test_misuse(guard):
    with pytest.raises(TypeError, match="takes a function, got 5"):
        guard.spawn(5)
    with pytest.raises(TypeError, match="takes threads, futures, executors and processes, got 5"):
        guard.join(5)
    with pytest.raises(ValueError, match="timeout must be a finite number >= 0, got -1"):
        guard.join(timeout=-1)

def test_error_in_a_thread_that_the_test_handles(guard, monkeypatch):
    seen = []
    monkeypatch.setattr(threading, "excepthook", seen.append)
    thread = threading.Thread(target=fails)
    thread.start()
    thread.join()
    assert len(seen) == 1

def test_error_is_raised_again(guard):
    guard.spawn(fails, "raised again").result()

def test_several_errors(guard):
    guard.join(guard.spawn(fails, "one"), guard.spawn(fails, "two"))

def test_error_that_nobody_asked_for(guard):
    guard.spawn(fails, "not asked for").thread.join()

def test_error_of_a_plain_thread(guard):
    thread = threading.Thread(target=fails, args=("plain",))
    thread.start()
    thread.join()

def test_error_of_a_job(guard):
    with ThreadPoolExecutor(1) as pool:
        guard.join(pool.submit(fails, "job"))
"""
        + CANARY,
        "-Werror",
    )
    result.assert_outcomes(passed=6, failed=5)
    result.stdout.fnmatch_lines(
        [
            "*ValueError: raised again",
            "*ExceptionGroup: several workers failed (2 sub-exceptions)",
            "*ValueError: one",
            "*ValueError: two",
            "*ValueError: not asked for",
            "*ValueError: plain",
            "*ValueError: job",
        ]
    )


def test_who_is_stuck_is_named_and_ended(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_locks(guard):
    jobs = queue.Queue()
    lock = threading.Lock()
    def keeper():
        with lock:
            jobs.get()
    def other():
        lock.acquire()
    first = guard.spawn(keeper)
    time.sleep(0.1)
    guard.join(first, guard.spawn(other), timeout=0.3)

def test_canary_1():
    test_canary()

def test_computes_for_ever(guard):
    def turns():
        while True:
            pass
    guard.spawn(turns).result(timeout=0.3)

def test_canary_2():
    test_canary()

def test_waits_with_a_limit(guard):
    def patient():
        try:
            threading.Event().wait(60)
        finally:
            time.sleep(0)
    guard.spawn(patient).result(timeout=0.3)

def test_canary_3():
    test_canary()

def test_one_deadline_for_all(guard):
    began = time.monotonic()
    workers = [guard.spawn(threading.Event().wait, name=f"w{n}") for n in range(4)]
    try:
        guard.join(*workers, timeout=0.5)
    finally:
        assert time.monotonic() - began < 1.5

def test_pool(guard):
    door = threading.Event()
    pool = ThreadPoolExecutor(2)
    future = pool.submit(door.wait)
    guard.join(future, pool, timeout=0.3)

def test_canary_4():
    test_canary()

def test_asleep(guard):
    threading.Thread(target=time.sleep, args=(600,), name="asleep").start()
"""
        + CANARY,
    )
    result.assert_outcomes(passed=6, failed=5, errors=1)
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "the test left behind: asleep",
            "*note: asleep was started at test_it.py:*",
            "*note: asleep could not be ended: it is left behind, and the process will not",
            "keeper, other had not ended after 0.3 s",
            "*keeper  waits in Queue.get on Queue `jobs`",
            "*other   waits in Lock.acquire on Lock `lock`*",
            "*held by keeper",
            "*note: keeper was made at test_it.py:*",
            "*note: keeper was ended",
            "turns had not ended after 0.3 s",
            "*turns  *",
            "*at test_it.py:*  while True:",
            "*note: turns was ended",
            "patient had not ended after 0.3 s",
            "*waits in Event.wait on Event*",
            "w0, w1, w2, w3 had not ended after 0.5 s",
            "Future `future`, ThreadPoolExecutor `pool` had not ended after 0.3 s",
            "*Future `future` * is running*",
        ]
    )


def test_child_processes(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def start(target):
    process = fork.Process(target=target, name=target.__name__)
    process.start()
    return process

def test_hangs(guard):
    guard.join(start(sleeps), timeout=0.3)

def test_dies(guard):
    guard.join(start(dies))

def test_fails(guard):
    guard.join(start(fails))

def test_status_of_no_interest(guard):
    guard.join(start(dies), check=False)

def test_ignores(guard):
    command = subprocess.Popen(
        [sys.executable, "-c", "from tools import ignores; ignores()"], stdout=subprocess.PIPE
    )
    with command.stdout:
        command.stdout.readline()
    guard.join(command, timeout=0.1)

def test_leaks(guard):
    start(sleeps)

def test_leaks_a_command(guard):
    subprocess.Popen(["sleep", "60"])

def test_pool_hangs(guard):
    pool = ProcessPoolExecutor(1, mp_context=fork)
    pool.submit(sleeps)
    guard.join(pool, timeout=0.3)

def test_nobody_is_left():
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
"""
        + CANARY,
    )
    result.assert_outcomes(passed=5, failed=5, errors=2)
    result.stdout.fnmatch_lines(
        [
            "the test left behind: process sleeps",
            "*note: process sleeps was started at test_it.py:*",
            "*note: process sleeps was ended with SIGTERM",
            "the test left behind: process `sleep 60`",
            "process sleeps had not ended after 0.3 s",
            "*process sleeps  sleeps",
            "process dies was ended by SIGKILL",
            "*note: process dies was started at test_it.py:*",
            "process fails ended with exit status 1",
            "*note: process fails was started at test_it.py:*",
            "process `python*ignores()` had not ended after 0.1 s",
            "*ignored SIGTERM*",
            "ProcessPoolExecutor `pool` had not ended after 0.3 s",
        ]
    )


def test_threads_left_behind(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def start(seconds):
    threading.Thread(target=threading.Event().wait, args=(seconds,), name="late-1").start()

def test_leaks(guard):
    threading.Thread(target=threading.Event().wait, name="stray").start()

def test_ends_late(guard):
    start(20)

def test_ends_late_with_leave(guard):
    guard.allow("late-?")
    start(0.6)

def test_ends_too_late_with_leave(guard):
    guard.allow("late-?", timeout=0.3)
    start(20)

kept = []

def test_idle_pool(guard):
    kept.append(ThreadPoolExecutor(1))
    kept[0].submit(int).result()

def test_idle_pool_that_nobody_has_any_more(guard):
    ThreadPoolExecutor(1).submit(int).result()

def test_leak_and_error(guard):
    guard.spawn(fails, "and an error")
    threading.Thread(target=threading.Event().wait, name="stray").start()
    raise KeyError("first")

@pytest.fixture
def service():
    door = threading.Event()
    thread = threading.Thread(target=door.wait, name="service")
    thread.start()
    yield
    door.set()
    thread.join()

def test_fixture_that_cleans_up(guard, service):
    pass
"""
        + CANARY,
    )
    result.assert_outcomes(passed=8, failed=1, errors=5)
    result.stdout.fnmatch_lines(
        [
            "the test left behind: stray",
            "  stray  waits in Event.wait on Event",
            "  note: stray was started at test_it.py:7",
            "  note: stray was ended",
            "the test left behind: late-1",
            "the test left behind: late-1",
            "the test left behind: ThreadPoolExecutor-0_0",
            "  ThreadPoolExecutor-0_0  waits for a job",
            "*ExceptionGroup: a failing thread, and a leak (2 sub-exceptions)",
        ]
    )


def test_inside_a_scenario_time_is_virtual(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
from pytest_concurrency import StuckFound

def test_explored(guard, race):
    def scenario():
        began = time.monotonic()
        worker = guard.spawn(time.sleep, 30)
        with pytest.raises(StuckFound, match="sleep had not ended after 10 s of virtual time"):
            worker.result(timeout=10)
        assert time.monotonic() - began == 10
        assert worker.result(timeout=30) is None
    race.explore(scenario, schedules=20)

def test_time_that_is_up_early_is_no_failure_of_the_worker(guard, race):
    def scenario():
        worker = guard.spawn(fails_later)
        with pytest.raises(ValueError):
            worker.result(timeout=10)
    race.explore(scenario)

def fails_later():
    time.sleep(1)
    fails()

@pytest.mark.race(schedules=5)
def test_marked(guard):
    assert guard.spawn(int).result() == 0

@pytest.mark.virtual_time
def test_virtual(guard):
    began = time.monotonic()
    guard.join(*[guard.spawn(time.sleep, 60) for _ in range(3)], timeout=61)
    assert time.monotonic() - began == 60
""",
    )
    result.assert_outcomes(passed=4)

"""`@pytest.mark.race(patched="gevent")`: a patched child runs the test, and it comes back as if it had run here."""

import re

import pytest

pytestmark = pytest.mark.slow

BEGIN = """
import functools, os, queue, signal, socket, threading, time, warnings
import pytest
from gevent import monkey

patched = pytest.mark.race(patched="gevent")
any_order = pytest.mark.race(patched="gevent", order="any")

def go(*jobs):
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads: thread.start()
    for thread in threads: thread.join()

def test_not_here():
    assert not monkey.is_module_patched("threading")
    assert not monkey.is_module_patched("socket")
"""


def run(pytester: pytest.Pytester, text: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(test_it=BEGIN + text)
    return pytester.runpytest_subprocess("-p", "no:asyncio", *options, timeout=120)


FOUND = """
@patched
def test_lost():
    counted = [0]
    def add():
        seen = counted[0]
        time.sleep(60)
        counted[0] = seen + 1
    began = time.monotonic()
    go(add, add)
    assert 60 <= time.monotonic() - began < 61
    assert counted[0] == 2

@patched
def test_dead():
    ink, pen = threading.Lock(), threading.Lock()
    def first():
        ink.acquire()
        time.sleep(1)
        pen.acquire()
        pen.release()
    def second():
        with pen:
            time.sleep(1)
            with ink:
                pass
    go(first, second)
"""
DEAD = """\
deadlock: main, Thread-1 (first), Thread-2 (second) wait for ever

tasks
  main               waits in Thread.join on thread Thread-1 (first)
                       at test_it.py:11  for thread in threads: thread.join()
  Thread-1 (first)   waits in Lock.acquire on Lock `pen`
                       held by Thread-2 (second)
                       at test_it.py:35  pen.acquire()
                       made at test_it.py:31
  Thread-2 (second)  waits in Lock.acquire on Lock `ink`
                       held by Thread-1 (first)
                       at test_it.py:40  with ink:
                       made at test_it.py:31
"""


def test_what_a_child_finds_is_told_and_replayed_here(pytester: pytest.Pytester) -> None:
    result = run(pytester, FOUND)
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["main raised AssertionError: assert 1 == 2"])
    assert DEAD in result.stdout.str()
    for name, first in (("lost", "main raised AssertionError: assert 1 == 2"), ("dead", DEAD.partition("\n")[0])):
        found = re.search(
            rf"^  pytest (test_it.py::test_{name}) (--race-replay=\S+)$", result.stdout.str(), re.MULTILINE
        )
        assert found is not None
        again = pytester.runpytest_subprocess("-p", "no:asyncio", found[1], found[2], timeout=60)
        again.assert_outcomes(failed=1)
        again.stdout.fnmatch_lines([first])


ORDERS = """
def lost(wait, *others):
    counted = [0]
    def add():
        seen = counted[0]
        wait()
        counted[0] = seen + 1
    go(add, add, *others)
    assert counted[0] == 2

@any_order
def test_sleep():
    lost(lambda: time.sleep(0))

@any_order
def test_event():
    lost(lambda: threading.Event().wait(1))

@any_order
def test_lock():
    lock = threading.Lock()
    def wait():
        with lock:
            time.sleep(0)
    lost(wait)

@any_order
def test_queue():
    jobs = queue.Queue()
    lost(jobs.get, lambda: jobs.put(1), lambda: jobs.put(1))

@pytest.mark.race(patched="gevent")
def test_explore(race):
    race.explore(lambda: lost(lambda: time.sleep(0)), order="any")
"""


def test_each_wait_of_a_thread_is_a_place_where_others_go_on(pytester: pytest.Pytester) -> None:
    run(pytester, ORDERS).assert_outcomes(passed=1, failed=5)


RIGHT = """
@any_order
def test_lock():
    lock, counted = threading.Lock(), [0]
    def add():
        with lock:
            seen = counted[0]
            time.sleep(1)
            counted[0] = seen + 1
    go(add, add)
    assert counted == [2]
    assert monkey.is_module_patched("threading")

@patched
def test_queue():
    jobs, seen = queue.Queue(1), []
    def make():
        for each in (1, 2, None):
            jobs.put(each)
    def take():
        while (job := jobs.get()) is not None:
            seen.append(job)
    go(make, take)
    assert seen == [1, 2]

@patched
def test_socket():
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve():
            other, _ = server.accept()
            with other:
                other.sendall(other.recv(1))
        def ask():
            with socket.create_connection(server.getsockname()) as mine:
                mine.sendall(b"x")
                assert mine.recv(1) == b"x"
        go(serve, ask)

@patched
def test_time():
    began = time.perf_counter()
    gone = threading.Event()
    assert not gone.wait(3600)
    assert 3600 <= time.perf_counter() - began < 3601

@patched
def test_timer():
    seen = []
    timers = [threading.Timer(each, seen.append, (each,)) for each in (3600, 60)]
    for each in timers: each.start()
    for each in timers: each.join()
    assert seen == [60, 3600]

@patched
def test_exits():
    def leave():
        time.sleep(1)
        raise SystemExit("as threading has it, this ends the thread, without a word")
    go(leave)

@patched
def test_fork():
    pid = os.fork()
    if not pid:
        os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3

@any_order
def test_forks():
    ended = []
    def fork(code):
        pid = os.fork()
        if not pid:
            os._exit(code)
        ended.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    go(*(functools.partial(fork, code) for code in (0, 1, 3)))
    assert sorted(ended) == [0, 1, 3]

@patched
def test_fork_of_any():
    pid = os.fork()
    if not pid:
        os._exit(3)
    assert os.waitpid(-1, 0) == (pid, 3 << 8)
"""


def test_what_is_right_is_proved(pytester: pytest.Pytester) -> None:
    result = run(pytester, RIGHT, "-v")
    result.assert_outcomes(passed=10)
    proved = ("lock", "queue", "socket", "time", "timer", "exits")
    result.stdout.fnmatch_lines([f"test_it.py::test_{name}: proved: *" for name in proved])
    outside = ("fork", "forks", "fork_of_any")
    result.stdout.fnmatch_lines(
        [f"test_it.py::test_{name}: uncontrolled: main waited * control: test_it.py:*" for name in outside]
    )


HELD = """
def nothing():
    pass

@patched
def test_condition():
    changed = threading.Condition()
    def wait():
        with changed: changed.wait()
    go(nothing, wait, wait)

@patched
def test_notified():
    changed, gone = threading.Condition(), threading.Event()
    def wait():
        with changed: changed.wait()
    def notify():
        with changed:
            changed.notify()
            gone.wait()
    go(nothing, wait, notify)

@patched
def test_again():
    lock = threading.RLock()
    lock.acquire()
    def wait():
        with lock: pass
    go(nothing, wait)

@patched
def test_permit():
    permits = threading.Semaphore(0)
    go(nothing, permits.acquire)

@patched
def test_barrier():
    start = threading.Barrier(3)
    go(start.wait, start.wait)

@patched
@pytest.mark.parametrize("number", [1, 2, 3])
def test_silent(number):
    mine, other = socket.socketpair()
    threading.Thread(target=mine.recv, args=(1,)).start()
    other.recv(1)
"""
HOLDERS = {
    "condition": ("Condition.wait on Condition `changed`", ""),
    "notified": ("Condition.wait on Condition `changed`", "Thread-3 (notify)"),
    "again": ("RLock.acquire on RLock `lock`", "main"),
    "permit": ("Semaphore.acquire on Semaphore `permits`", ""),
    "barrier": ("Barrier.wait on Barrier `start`", ""),
}


def test_it_is_told_in_what_a_thread_waits_and_who_has_that(pytester: pytest.Pytester) -> None:
    result = run(pytester, HELD)
    result.assert_outcomes(passed=1, failed=8)
    texts = dict(re.findall(r"^_+ test_(\S+) _+$(.*?)^replay$", result.stdout.str(), re.MULTILINE | re.DOTALL))
    for name, (waits, holder) in HOLDERS.items():
        found = re.search(rf"waits in {re.escape(waits)}\n(?: +held by (.*))?", texts[name])
        assert found is not None, texts[name]
        assert (found[1] or "") == holder
        assert "itself" not in texts[name]
    assert "waits in socket.recv on socket `mine`" in texts["silent[3]"]


PHASES = """
@pytest.fixture(scope="module")
def town():
    yield "Bern" if monkey.is_module_patched("threading") else "none"

@pytest.fixture
def broken():
    raise RuntimeError("no town")

@pytest.fixture
def breaks_later():
    yield
    raise RuntimeError("no way home")

@patched
@pytest.mark.parametrize("number", [1, "a::b"])
def test_town(town, number, tmp_path, record_property):
    record_property("number", number)
    assert town == "Bern"
    assert tmp_path.exists()

def test_town_here(town):
    assert town == "none"

class TestTown:
    @patched
    def test_method(self, town):
        assert town == "Bern"

@patched
def test_broken(broken):
    pass

@patched
def test_skipped():
    pytest.skip("no town")

@patched
@pytest.mark.xfail(strict=True)
def test_xfail():
    assert not "Bern"

@patched
def test_thread():
    def fails():
        print("before it")
        raise ValueError("no street")
    go(fails)

@patched
def test_warns():
    warnings.warn("a steep street")
"""


def test_fixtures_parameters_and_outcomes_are_as_here(pytester: pytest.Pytester) -> None:
    result = run(pytester, PHASES, "--junitxml=junit.xml", "-rA")
    result.assert_outcomes(passed=6, failed=1, errors=1, skipped=1, xfailed=1, warnings=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at setup of test_broken*",
            "E *RuntimeError: no town",
            "Thread-1 (fails) raised ValueError: no street",
            "*Captured stdout call*",
            "before it",
            "  *test_it.py:*: UserWarning: a steep street",
            "SKIPPED [[]1] test_it.py:*: no town",
        ]
    )
    junit = (pytester.path / "junit.xml").read_text(encoding="utf-8")
    assert junit.count("<testcase ") == 10
    assert junit.count('name="race-grade" value="proved"') == 4
    assert 'name="race-replay"' in junit


ENDS = """
@pytest.mark.race(patched="gevent", seconds=1)
def test_exits():
    os._exit(3)

@pytest.mark.race(patched="gevent", seconds=1)
def test_exits_well():
    os._exit(0)

@pytest.mark.race(patched="gevent", seconds=1)
def test_killed():
    os.kill(os.getpid(), signal.SIGKILL)

@pytest.mark.race(patched="gevent", seconds=1)
def test_stopped():
    os.kill(os.getpid(), signal.SIGSTOP)

@pytest.mark.race(patched="gevent", seconds=1)
def test_for_ever():
    def turn():
        while True:
            pass
    go(turn)

@patched
def test_after():
    pass
"""


def test_a_child_that_ends_or_hangs_fails_its_test_in_one_line(pytester: pytest.Pytester) -> None:
    result = run(pytester, ENDS)
    result.assert_outcomes(passed=2, failed=5)
    result.stdout.fnmatch_lines(
        [
            "the patched child ended with exit code 3",
            "the patched child ended without a report",
            "the patched child was killed by SIGKILL",
            "the patched process has begun no schedule for 5 s, and was killed",
            "Thread-1 (turn) runs for ever at test_it.py:*",
        ]
    )

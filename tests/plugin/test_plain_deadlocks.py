"""Plain tests that wait for ever fail within two seconds, and nothing else suffers."""

import os
import re
import sys

import pytest

pytestmark = pytest.mark.soak

TOLD_WITHIN = 2.0
SIX = """
    import queue, threading

    def together(*functions):
        threads = [threading.Thread(target=each, name=each.__name__) for each in functions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def canary():
        names = {thread.name for thread in threading.enumerate()}
        assert not names & {"one", "two", "producer", "consumer", "late"}

    def test_in_two_orders():
        first = threading.Lock()
        second = threading.Lock()
        gate = threading.Barrier(2)

        def one():
            with first:
                gate.wait()
                with second:
                    pass

        def two():
            with second:
                gate.wait()
                with first:
                    pass

        together(one, two)

    def test_canary_1():
        canary()

    def test_taken_twice():
        lock = threading.Lock()
        with lock:
            lock.acquire()

    def test_canary_2():
        canary()

    def test_dead_producer():
        jobs = queue.Queue()

        def producer():
            jobs.put(1)
            raise SystemExit

        def consumer():
            while jobs.get() is not None:
                pass

        together(producer, consumer)

    def test_canary_3():
        canary()

    def test_no_task_done():
        jobs = queue.Queue()
        jobs.put(1)
        jobs.get()
        jobs.join()

    def test_canary_4():
        canary()

    def test_too_many_parties():
        barrier = threading.Barrier(3)

        def one():
            barrier.wait()

        def two():
            barrier.wait()

        together(one, two)

    def test_canary_5():
        canary()

    def test_never_set():
        door = threading.Event()

        def late():
            door.wait()

        threading.Thread(target=late, name="late").start()
        door.wait()

    def test_canary_6():
        canary()
"""
TOLD = [
    "deadlock: main, one, two wait for ever",
    "main * waits in Thread.join on thread one",
    "one * waits in Lock.acquire on Lock `second`*",
    "held by two",
    "at test_six.py:*  with second:",
    "made at test_six.py:*",
    "two * waits in Lock.acquire on Lock `first`*",
    "held by one",
    "one waits for two waits for one: take these in the same order everywhere",
    "main * waits in Lock.acquire on Lock `lock`*",
    "held by main",
    "main waits for what it holds itself: *",
    "consumer * waits in Queue.get on Queue `jobs`",
    "nobody is left who would put an item: *",
    "main * waits in Queue.join on Queue `jobs`",
    "task_done was called less often than get returned an item",
    "two * waits in Barrier.wait on Barrier `barrier`",
    "fewer tasks come to the barrier than it has parties",
    "main * waits in Event.wait on Event `door`",
    "late * waits in Event.wait on Event `door`",
    "nobody is left who would set the event, *",
]


def durations(result: pytest.RunResult) -> list[float]:
    return [float(found) for found in re.findall(r"^(\d+\.\d+)s call", result.stdout.str(), re.MULTILINE)]


@pytest.mark.parametrize("how", ["alone", "two workers", "coverage", "time-out thread", "faulthandler"])
def test_six_classics_in_one_file(pytester: pytest.Pytester, how: str) -> None:
    pytester.makepyfile(test_six=SIX)
    args = [sys.executable, *(("-m", "coverage", "run", "--branch") if how == "coverage" else ())]
    args += ["-m", "pytest", "-p", "no:asyncio", "-p", "no:cacheprovider", "--durations=0"]
    args += {
        "two workers": ["-n2"],
        "time-out thread": ["--timeout=30", "--timeout-method=thread"],
        "faulthandler": ["-o", "faulthandler_timeout=30"],
    }.get(how, [])
    result = pytester.run(*args, "test_six.py", timeout=90)
    result.assert_outcomes(passed=6, failed=6)
    assert result.ret == 1
    assert max(durations(result)) < TOLD_WITHIN
    if how == "two workers":  # in any order
        for line in TOLD:
            result.stdout.fnmatch_lines([f"*{line}"])
    else:
        result.stdout.fnmatch_lines([f"*{line}" for line in TOLD])


def test_with_concurrency_off_nothing_is_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import threading, _thread

        def test_waits():
            assert type(threading.Lock()) is _thread.LockType
            assert not threading.Event().wait(1.5)
            assert threading.Thread.join.__module__ == "threading"
        """
    )
    result = pytester.runpytest_subprocess("--concurrency=off", timeout=60)
    result.assert_outcomes(passed=1)


def test_whatever_else_can_wait(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import queue, threading, unittest
        from concurrent.futures import ThreadPoolExecutor

        import pytest

        def test_pool_that_waits_for_itself():
            with ThreadPoolExecutor(1) as pool:
                pool.submit(lambda: pool.submit(int).result()).result()

        def test_condition():
            changed = threading.Condition()
            with changed:
                changed.wait()

        def test_condition_of_a_lock():
            changed = threading.Condition(threading.Lock())
            with changed:
                changed.wait_for(lambda: False)

        def test_semaphore():
            permits = threading.Semaphore(0)
            permits.acquire()

        def test_simple_queue():
            queue.SimpleQueue().get()

        def test_full_queue():
            jobs = queue.Queue(1)
            jobs.put(1)
            jobs.put(2)

        def test_reentrant_lock_of_a_dead_thread():
            lock = threading.RLock()
            thread = threading.Thread(target=lock.acquire, name="keeper")
            thread.start()
            thread.join()
            keep = [threading.Thread(target=int) for _ in range(3)]  # so that no ident is used again
            for each in keep:
                each.start()
            lock.acquire()

        @pytest.fixture
        def stuck():
            threading.Event().wait()

        def test_fixture(stuck):
            pass

        class TestCase(unittest.TestCase):
            def test_unittest(self):
                threading.Event().wait()

        def test_that_swallows():
            try:
                threading.Event().wait()
            except Exception:
                pass

        def test_that_hides():
            try:
                threading.Event().wait()
            except Exception:
                raise KeyError("hidden") from None

        def test_threads_that_swallow():
            door = threading.Event()

            def stubborn():
                while True:
                    try:
                        door.wait()
                    except BaseException:
                        pass

            threading.Thread(target=stubborn, name="stubborn").start()
            door.wait()

        def test_finally_blocks_run():
            log, lock = [], threading.Lock()

            def work():
                try:
                    with lock:
                        threading.Event().wait()
                finally:
                    log.append("unwound")

            thread = threading.Thread(target=work)
            thread.start()
            try:
                thread.join()
            finally:
                assert log == ["unwound"]
                assert not lock.locked()
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "-Werror", "--durations=0", timeout=90)
    outcomes = result.parseoutcomes()
    assert outcomes["failed"] + outcomes.get("errors", 0) + outcomes.get("passed", 0) == 13
    assert outcomes["errors"] == 1
    assert outcomes.get("passed", 0) <= 1  # where the second thread got the ident of the first
    result.stdout.fnmatch_lines(
        [
            "*Future.result*",
            "*likely cause*",
            "*Condition.wait on Condition `changed`*",
            "*Condition.wait_for on Condition `changed`*",
            "*Semaphore.acquire on Semaphore `permits`*",
            "*SimpleQueue.get on SimpleQueue*",
            "*Queue.put on Queue `jobs`*",
            "*KeyError: 'hidden'*",
            "*- deadlock -*",
            "*stubborn  waits in Event.wait on Event `door`*",
        ]
    )
    assert max(durations(result)) < 2 * TOLD_WITHIN
    assert "Exception in thread" not in result.stdout.str() + result.stderr.str()


RIGHT = """
    import _thread, asyncio, ctypes, os, queue, signal, subprocess, sys, threading, time
    from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
    from multiprocessing import get_context

    import foreign

    LONG = 1.2  # longer than a verdict takes

    def started(function, *args, **kwargs):
        thread = threading.Thread(target=function, args=args, **kwargs)
        thread.start()
        return thread

    def test_slow_lock():
        lock = threading.Lock()
        held = threading.Event()

        def slow():
            with lock:
                held.set()
                time.sleep(LONG)

        thread = started(slow)
        held.wait()
        with lock:
            thread.join()

    def test_slow_reentrant_lock():
        lock = threading.RLock()

        def slow():
            with lock, lock:
                time.sleep(LONG)

        thread = started(slow)
        time.sleep(0.05)
        with lock, lock:
            thread.join()

    def test_long_join():
        started(time.sleep, LONG).join()

    def test_long_computation():
        def compute():
            end = time.monotonic() + LONG
            while time.monotonic() < end:
                pass

        started(compute).join()

    def test_timer():
        door = threading.Event()
        threading.Timer(LONG, door.set).start()
        door.wait()

    def test_daemon():
        door = threading.Event()

        def late():
            time.sleep(LONG)
            door.set()

        started(late, daemon=True)
        door.wait()

    def test_bare_thread():
        door = threading.Event()

        def late():
            time.sleep(LONG)
            door.set()

        _thread.start_new_thread(late, ())
        door.wait()

    def test_thread_of_a_package():
        door = threading.Event()
        foreign.later(LONG, door.set)
        door.wait()

    def test_server_of_a_package():
        door = threading.Event()
        port = foreign.serve(door.set)
        call = f"import socket, time; time.sleep({LONG}); socket.create_connection(('127.0.0.1', {port})).close()"
        child = subprocess.Popen([sys.executable, "-c", call])
        door.wait()
        child.wait()

    def test_signal():
        door = threading.Event()
        before = signal.signal(signal.SIGUSR1, lambda *_: door.set())
        call = f"import os, time; time.sleep({LONG}); os.kill({os.getpid()}, {int(signal.SIGUSR1)})"
        child = subprocess.Popen([sys.executable, "-c", call])
        door.wait()
        signal.signal(signal.SIGUSR1, before)
        child.wait()

    def test_queue_with_a_limit():
        def patient():
            try:
                queue.Queue().get(timeout=LONG)
            except queue.Empty:
                pass

        started(patient).join()

    def test_condition_with_a_limit():
        changed = threading.Condition()
        with changed:
            assert not changed.wait(LONG)

    def test_lock_with_a_limit():
        lock = threading.Lock()
        lock.acquire()
        assert not lock.acquire(timeout=LONG)

    def test_pool():
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(lambda n: time.sleep(LONG / 2) or n, range(4))) == [0, 1, 2, 3]

    def test_processes():
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            pool.submit(time.sleep, LONG).result()

    def test_thread_that_waits_for_a_child():
        started(subprocess.run, [sys.executable, "-c", f"import time; time.sleep({LONG})"]).join()

    def test_queue_between_processes():
        numbers = get_context("spawn").Queue()

        def late():
            time.sleep(LONG)
            numbers.put(1)

        thread = started(late)
        assert numbers.get() == 1
        thread.join()
        numbers.close()
        numbers.join_thread()

    def test_pipe():
        source, sink = os.pipe()
        door = threading.Event()

        def read():
            os.read(source, 1)
            door.set()

        thread = started(read)
        call = f"import os, time; time.sleep({LONG}); os.write({sink}, b'x')"
        child = subprocess.Popen([sys.executable, "-c", call], pass_fds=[sink])
        door.wait()
        thread.join()
        child.wait()
        os.close(source)
        os.close(sink)

    def test_event_loop_in_a_thread():
        loop = asyncio.new_event_loop()
        thread = started(loop.run_forever)
        assert asyncio.run_coroutine_threadsafe(asyncio.sleep(LONG, 5), loop).result() == 5
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def test_ping_pong():
        ping, pong = threading.Semaphore(0), threading.Semaphore(0)

        def player():
            for _ in range(4):
                ping.acquire()
                time.sleep(LONG / 4)
                pong.release()

        thread = started(player)
        for _ in range(4):
            ping.release()
            pong.acquire()
        thread.join()

    def test_lock_as_a_signal():
        signal_lock = threading.Lock()
        signal_lock.acquire()

        def late():
            time.sleep(LONG)
            signal_lock.release()

        thread = started(late)
        signal_lock.acquire()
        thread.join()

    def test_many_waiters():
        door = threading.Event()
        threads = [started(door.wait) for _ in range(50)]
        threading.Timer(LONG, door.set).start()
        for thread in threads:
            thread.join()

    def test_timer_of_the_operating_system():  # a thread that Python knows nothing of
        if not sys.platform.startswith("linux"):
            return
        door = threading.Event()
        kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
        callback = kind(lambda _: door.set())

        class Event(ctypes.Structure):
            _fields_ = [("value", ctypes.c_void_p), ("signal", ctypes.c_int), ("notify", ctypes.c_int),
                        ("function", kind), ("attributes", ctypes.c_void_p), ("rest", ctypes.c_char * 64)]

        class Times(ctypes.Structure):
            _fields_ = [(name, ctypes.c_long) for name in ("every_s", "every_ns", "first_s", "first_ns")]

        library = ctypes.CDLL("librt.so.1")
        timer = ctypes.c_void_p()
        assert library.timer_create(1, ctypes.byref(Event(None, 0, 2, callback)), ctypes.byref(timer)) == 0
        assert library.timer_settime(timer, 0, ctypes.byref(Times(0, 0, 1, 200_000_000)), None) == 0
        door.wait()
        library.timer_delete(timer)
"""
FOREIGN = """
    import socket, threading, time

    def later(seconds, function):
        def run():
            time.sleep(seconds)
            function()
        threading.Thread(target=run, daemon=True).start()

    def serve(function):
        server = socket.create_server(("127.0.0.1", 0))
        def run():
            with server, server.accept()[0]:
                function()
        threading.Thread(target=run, daemon=True).start()
        return server.getsockname()[1]
"""


def test_right_tests_get_no_verdict(pytester: pytest.Pytester, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    pytester.makepyfile(**{str(elsewhere / "foreign"): FOREIGN})
    pytester.makepyfile(test_right=RIGHT)
    pytester._monkeypatch.setenv("PYTHONPATH", f"{elsewhere}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:cacheprovider", "-n2", timeout=150)
    result.assert_outcomes(passed=RIGHT.count("def test_"))
    assert result.ret == 0


def test_what_plain_tests_leave_behind_is_named_and_the_process_ends(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import threading, time

        def test_stuck():
            door = threading.Event()
            threading.Thread(target=door.wait, name="stuck").start()

        def test_asleep():
            threading.Thread(target=time.sleep, args=(600,), name="asleep").start()

        def test_a_little_late():
            threading.Thread(target=time.sleep, args=(0.5,), name="late").start()
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:asyncio", timeout=60)
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "tests left threads behind: stuck, asleep",
            "  stuck * waits in Event.wait on Event `door`",
            "  asleep  waits outside",
            "  note: stuck was ended",
            "  note: asleep could not be ended: it is left behind, and the process will not",
        ]
    )

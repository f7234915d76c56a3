"""Plain tests whose processes wait for ever: told who waits for what, and nothing is told while anybody could act."""

import re
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells where another process waits"),
]

HEAD = """
    import multiprocessing, os, signal, subprocess, sys, threading, time

    import pytest

    context = multiprocessing.get_context({method!r})

    def together(*processes):
        for process in processes:
            process.start()
        for process in processes:
            process.join()
"""
STUCK = """
    def crosses(first, second, has, sees):
        with first:
            has.set()
            sees.wait()
            second.acquire()

    def test_lock_order():
        left = context.Lock()
        right = context.Lock()
        one, two = context.Event(), context.Event()
        together(
            context.Process(target=crosses, args=(left, right, one, two), name="Ann"),
            context.Process(target=crosses, args=(right, left, two, one), name="Bob"),
        )

    def fills(queue):
        queue.put("x" * 1_000_000)

    def test_join_before_draining():
        letters = context.Queue()
        together(context.Process(target=fills, args=(letters,), name="Writer"))
        letters.get()

    def empties(queue):
        queue.get()

    def test_one_marker_for_two():
        letters = context.Queue()
        letters.put(None)
        together(*(context.Process(target=empties, args=(letters,), name=name) for name in ("Ann", "Bob")))

    def dies(lock):
        lock.acquire()
        os.kill(os.getpid(), signal.SIGKILL)

    def test_dead_holder():
        door = context.Lock()
        together(context.Process(target=dies, args=(door,), name="Ann"))
        door.acquire()

    def test_task_done_forgotten():
        jobs = context.JoinableQueue()
        jobs.put(1)
        together(context.Process(target=empties, args=(jobs,)))
        jobs.join()

    def is_killed():
        os.kill(os.getpid(), signal.SIGKILL)

    def test_worker_of_a_pool():
        with context.Pool(2) as pool:
            pool.apply(is_killed)

    def receives(end):
        end.recv()

    def test_both_receive():
        mine, theirs = context.Pipe()
        child = context.Process(target=receives, args=(theirs,), name="Ann")
        child.start()
        mine.recv()

    def arrives(barrier):
        barrier.wait()

    def test_barrier():
        start = context.Barrier(3)
        together(*(context.Process(target=arrives, args=(start,), name=name) for name in ("Ann", "Bob")))

    def waits_in_a_thread(event):
        thread = threading.Thread(target=event.wait, name="helper")
        thread.start()
        thread.join()

    def test_thread_of_a_child():
        door = context.Event()
        together(context.Process(target=waits_in_a_thread, args=(door,), name="Ann"))

    def notices(condition):
        with condition:
            condition.wait()

    def test_notified_too_early():
        bell = context.Condition()
        with bell:
            bell.notify_all()
        together(context.Process(target=notices, args=(bell,), name="Ann"))

    def leaves_a_child(end):
        context.Process(target=receives, args=(end,), name="Bob").start()

    def test_a_child_waits_for_its_own():
        mine, theirs = context.Pipe()
        together(context.Process(target=leaves_a_child, args=(theirs,), name="Ann"))

    def test_nobody_is_left():
        assert multiprocessing.active_children() == []
"""
COMMANDS = """
    def test_standard_input():
        subprocess.Popen(["cat"], stdin=subprocess.PIPE).wait()

    def test_full_pipe():
        command = [sys.executable, "-c", "print('x' * 1_000_000)"]
        subprocess.Popen(command, stdout=subprocess.PIPE).wait()

    def test_communicates_with_the_second():
        first = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        second = subprocess.Popen(["cat"], stdin=first.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        second.communicate()

    def test_nobody_is_left():
        with pytest.raises(ChildProcessError):
            while os.waitpid(-1, 0):
                pass
"""
WORDS = {
    "lock_order": ["main waits in Process.join on process Ann", "Ann waits in Lock.acquire on Lock `right` held by Bob",
                   "taken at test_plain.py:", "made at test_plain.py:", "Ann waits for Bob waits for Ann"],
    "join_before_draining": ["main waits in Process.join on process Writer", "Writer waits in the end of its process",
                             "get before the join"],
    "one_marker_for_two": ["waits in Queue.get on Queue `letters`", "one end marker for each consumer is missing"],
    "dead_holder": ["main waits in Lock.acquire on Lock `door`", "held by Ann, which has ended"],
    "task_done_forgotten": ["main waits in JoinableQueue.join on JoinableQueue `jobs`", "task_done was called"],
    "worker_of_a_pool": ["main waits in Pool.apply", "was ended by SIGKILL", "the job that it had is lost"],
    "both_receive": ["main waits in Connection.recv on Connection", "Ann waits in Connection.recv on Connection"],
    "barrier": ["Ann waits in Barrier.wait on Barrier `start`", "fewer tasks come to the barrier than it has parties"],
    "thread_of_a_child": ["waits in Thread.join on thread helper", "Ann, helper waits in Event.wait on Event `door`"],
    "a_child_waits_for_its_own": ["Ann waits in the end of its process on process Bob", "Bob waits in Connection.recv"],
    "notified_too_early": ["Ann waits in Condition.wait on Condition `bell`", "lost wake-up"],
    "standard_input": ["main waits in Popen.wait on process `cat`", "`cat` waits in a read from its standard input"],
    "full_pipe": ["waits in a write to its standard output"],
    "communicates_with_the_second": ["main waits in Popen.communicate", "`cat` waits in a read from its"],
}  # fmt: skip


ELSEWHERE = {
    "lock_order": [
        "Ann waits in a wait for a semaphore on `right` made at test_plain.py:",
        "semaphore on `left` made at",
    ],
    "barrier": ["Bob waits in a wait for a semaphore on `start` made at test_plain.py:"],
    "thread_of_a_child": ["waits in a wait for a semaphore on `door` made at test_plain.py:"],
    "notified_too_early": ["Ann waits in a wait for a semaphore on `bell` made at test_plain.py:"],
}
"""What is told of a process that is a new interpreter and writes nothing down: what this one knows of a semaphore."""


def told(output: str) -> dict[str, str]:
    """What each test is told, in one line."""
    parts = re.split(r"^_+ test_(\w+) _+$", output.partition("= FAILURES =")[2], flags=re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_each_hang_is_told(pytester: pytest.Pytester, method: str) -> None:
    pytester.makepyfile(test_plain=HEAD.format(method=method) + STUCK)
    result = pytester.runpytest_subprocess("-p", "no:randomly", "-W", "ignore")
    result.assert_outcomes(failed=11, passed=1)
    found = told(result.stdout.str())
    assert all("deadlock: " in text for text in found.values())
    for name, text in found.items():
        assert [each for each in WORDS[name] if each not in text] == [], text
    assert [name for name, text in found.items() if "get before the join" in text] == ["join_before_draining"]


MANAGERS = """
    def waits(event):
        event.wait()

    def test_child():
        with context.Manager() as manager:
            never = manager.Event()
            together(context.Process(target=waits, args=(never,), name="Ann"))

    def test_main():
        with context.Manager() as manager:
            manager.Queue().get()

    def sleeps(found):
        time.sleep(1.6)  # longer than it takes to tell a hang
        found["it"] = 1

    def test_right():
        with context.Manager() as manager:
            found = manager.dict()
            together(context.Process(target=sleeps, args=(found,)))
            assert found["it"] == 1
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_who_waits_at_a_manager_is_told(pytester: pytest.Pytester, method: str) -> None:
    pytester.makepyfile(test_plain=HEAD.format(method=method) + MANAGERS)
    result = pytester.runpytest_subprocess("-p", "no:randomly", "-W", "ignore", timeout=60)
    result.assert_outcomes(failed=2, passed=1)
    found = told(result.stdout.str())
    assert "Ann waits in EventProxy.wait on EventProxy" in found["child"]
    assert "main waits in AutoProxy[Queue].get on AutoProxy[Queue]" in found["main"]


def test_of_another_interpreter_is_told_what_this_one_knows(pytester: pytest.Pytester) -> None:
    other = pytester.path / "other"
    other.symlink_to(sys.executable)
    begin = f"""
    multiprocessing.set_executable({str(other)!r})
    """
    pytester.makepyfile(test_plain=HEAD.format(method="spawn") + begin + STUCK)
    result = pytester.runpytest_subprocess("-p", "no:randomly", "-W", "ignore", "-k", " or ".join(ELSEWHERE))
    result.assert_outcomes(failed=len(ELSEWHERE), deselected=12 - len(ELSEWHERE))
    for name, text in told(result.stdout.str()).items():
        words = [each for each in WORDS[name] if each.startswith("main waits")] + ELSEWHERE[name]
        assert [each for each in words if each not in text] == [], text


def test_each_hang_of_a_command_is_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_plain=HEAD.format(method="fork") + COMMANDS)
    result = pytester.runpytest_subprocess("-W", "ignore")
    result.assert_outcomes(failed=3, passed=1)
    for name, text in told(result.stdout.str()).items():
        assert [each for each in WORDS[name] if each not in text] == [], text


RIGHT = """
    A_WHILE = 1.6  # seconds: longer than it takes to tell a hang

    def test_sleeps():
        together(context.Process(target=time.sleep, args=(A_WHILE,)))

    def gives_up(end):
        end.poll(A_WHILE)

    def test_waits_with_a_limit():
        mine, theirs = context.Pipe()
        together(context.Process(target=gives_up, args=(theirs,)))

    def without_a_parent(command):
        "Run a command of which nobody below this process knows: the shell that started it has ended."
        subprocess.run(["sh", "-c", f"({command}) >/dev/null 2>&1 &"], check=True, close_fds=False)

    def test_a_stranger_has_the_other_end():
        reading, writing = os.pipe()
        os.set_inheritable(writing, True)
        without_a_parent(f"sleep {A_WHILE}; true >&{writing}")
        os.close(writing)
        end = multiprocessing.connection.Connection(reading)
        with pytest.raises(EOFError):
            end.recv()

    def receives(end):
        end.recv()

    def test_a_stranger_lets_it_go_on():
        child = context.Process(target=time.sleep, args=(0.3,))
        child.start()
        os.kill(child.pid, signal.SIGSTOP)
        without_a_parent(f"sleep {A_WHILE}; kill -CONT {child.pid}")
        child.join()
        assert child.exitcode == 0

    def ends_at_a_signal(end):
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        end.send("ready")
        receives(end)

    def test_a_stranger_sends_a_signal():
        mine, theirs = context.Pipe()
        child = context.Process(target=ends_at_a_signal, args=(theirs,))
        child.start()
        assert mine.recv() == "ready"
        without_a_parent(f"sleep {A_WHILE}; kill {child.pid}")
        child.join()
        assert child.exitcode == 0

    def is_woken(end):
        signal.setitimer(signal.ITIMER_REAL, A_WHILE)
        receives(end)

    def test_a_timer_of_the_system():
        mine, theirs = context.Pipe()
        child = context.Process(target=is_woken, args=(theirs,))
        child.start()
        child.join()
        assert child.exitcode == -signal.SIGALRM

    def test_a_command_that_takes_its_time():
        done = subprocess.run(["sh", "-c", f"sleep {A_WHILE}; echo done"], capture_output=True, text=True)
        assert done.stdout == "done\\n"
"""


def test_nothing_is_told_while_somebody_could_act(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(HEAD.format(method="fork") + RIGHT)
    pytester.runpytest_subprocess("-W", "ignore").assert_outcomes(passed=7)


def test_nor_while_a_new_interpreter_could(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(HEAD.format(method="spawn") + RIGHT)
    result = pytester.runpytest_subprocess("-W", "ignore", "-k", "limit or sends_a_signal or timer")
    result.assert_outcomes(passed=3, deselected=4)


BESIDE = """
    def test_threads_hang_beside_a_command_that_runs():
        with subprocess.Popen(["sleep", "60"]) as command:
            try:
                threading.Event().wait()
            finally:
                assert command.poll() is None
                command.kill()

    @pytest.fixture(scope="module")
    def pool():
        with context.Pool(1) as pool:
            yield pool

    @pytest.fixture(scope="module")
    def queue():
        queue = context.Queue()
        queue.put(1)
        yield queue

    def waits(lock):
        lock.acquire()

    def test_hangs(pool, queue):
        assert pool.apply(abs, (-1,)) == 1
        lock = context.Lock()
        lock.acquire()
        together(context.Process(target=waits, args=(lock,)))

    def test_pool_and_queue_go_on(pool, queue):
        assert pool.apply(abs, (-2,)) == 2
        queue.put(2)
        assert (queue.get(), queue.get()) == (1, 2)
"""


MEETING = """
    import concurrent.futures

    from test_helper import begins, comes, keeps

    JOBS = range(3)

    def one_by_one(pool):
        return [pool.submit(comes, n).result() for n in JOBS]

    @pytest.mark.parametrize("solution", [lambda pool: list(pool.map(comes, JOBS)), one_by_one], ids=["right", "wrong"])
    def test_executor(timing, solution):
        meeting = timing.meeting(2)
        with concurrent.futures.ProcessPoolExecutor(2, context, begins, (meeting,)) as pool:
            assert solution(pool) == [0, 1, 4]
        assert meeting.has_met

    @pytest.mark.parametrize("solution", ["map", "apply"])
    def test_pool(timing, solution):
        meeting = timing.meeting(2)
        with context.Pool(2, begins, (meeting,)) as pool:
            if solution == "map":
                assert pool.map(comes, JOBS, 1) == [0, 1, 4]
            else:
                assert [pool.apply(comes, (n,)) for n in JOBS] == [0, 1, 4]

    def test_under_one_lock(timing):
        meeting = timing.meeting(2)
        lock = context.Lock()
        together(*(context.Process(target=keeps, args=(lock, meeting)) for _ in range(2)))

    def test_threads(timing):
        meeting = timing.meeting(3)
        threads = [threading.Thread(target=meeting) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert repr(meeting) == "<Meeting: 3 of 3 calls>"

    def test_threads_in_turn(timing):
        meeting = timing.meeting(2)
        for _ in range(2):
            thread = threading.Thread(target=meeting)
            thread.start()
            thread.join()

    def test_one_is_enough(timing):
        timing.meeting(1)()

    def test_who_has_left_is_not_inside(timing):
        def leaves(*_):
            raise KeyboardInterrupt

        meeting = timing.meeting(2)
        before = signal.signal(signal.SIGALRM, leaves)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(KeyboardInterrupt):
            meeting()
        signal.signal(signal.SIGALRM, before)
        meeting()
"""
HELPER = """
    meeting = None

    def begins(given):
        global meeting
        meeting = given

    def comes(number):
        meeting()
        return number * number

    def keeps(lock, meeting):
        with lock:
            meeting()
"""


def test_a_meeting_tells_who_comes_one_after_the_other(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_helper=HELPER, test_meeting=HEAD.format(method="fork") + MEETING)
    result = pytester.runpytest_subprocess("-W", "ignore")
    result.assert_outcomes(passed=4, failed=5)
    output = result.stdout.str()
    assert output.count("fewer calls are inside at once than are to meet: they are made one after the") == 5
    assert output.count("waits in Meeting.wait_for on Meeting `meeting`") == 5


@pytest.mark.parametrize("calls", [0, -1, True, 2.0, "2"])
def test_a_meeting_of_nobody_is_refused(pytester: pytest.Pytester, calls: object) -> None:
    pytester.makepyfile(f"def test(timing): timing.meeting({calls!r})")
    result = pytester.runpytest_inprocess("-p", "no:asyncio")
    result.stdout.fnmatch_lines([f"E*timing.meeting takes how many calls have to be inside, 1 or more, got {calls!r}"])


def test_who_is_idle_is_left_alone_and_who_is_stuck_is_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(HEAD.format(method="fork") + BESIDE)
    result = pytester.runpytest_subprocess("-W", "ignore")
    result.assert_outcomes(failed=2, passed=1)
    found = told(result.stdout.str())
    assert not any(idle in found["hangs"] for idle in ("PoolWorker", "QueueFeeder"))
    assert "deadlock: main waits for ever" in found["threads_hang_beside_a_command_that_runs"]
    assert "AssertionError" not in found["threads_hang_beside_a_command_that_runs"]  # told when the command has ended


IMPATIENT = """
    import pytest

    @pytest.fixture(autouse=True)
    def impatient(monkeypatch):
        from pytest_concurrency._hangs import slices, verdict

        monkeypatch.setattr(verdict, "QUIET", 0.03)
        monkeypatch.setattr(verdict, "BETWEEN_LOOKS", 0.005)
        monkeypatch.setattr(slices, "PATIENCE", 0.01)
"""


@pytest.mark.soak
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_right_programs_raise_no_alarm(pytester: pytest.Pytester, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However little patience: 30 ms in which nothing moves are nothing on a machine that is busy."""
    program = Path(__file__).with_name("right_processes.py")
    monkeypatch.setenv("START_METHOD", method)
    pytester.makeconftest(IMPATIENT)
    pytester.makepyfile(test_plain=program.read_text(encoding="utf-8"))
    pytester.runpytest_subprocess("-W", "ignore").assert_outcomes(passed=10)

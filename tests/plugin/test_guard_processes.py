"""The fixture `guard` over processes that it starts itself, and over what processes leave behind."""

import re
import sys

import pytest

pytestmark = pytest.mark.slow

TOOLS = """
import multiprocessing, os, signal, subprocess, sys, threading, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import shared_memory
import pytest
from pytest_concurrency import ChildFailed, StuckFound

METHODS = pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
fork = multiprocessing.get_context("fork")

class Own(BaseException):
    pass

class Odd(Exception):
    def __init__(self, first, second):
        super().__init__("cannot travel")

def add(first, second=1):
    return first + second

def inner():
    raise ValueError("broken")

def fails():
    inner()

def raises(error):
    raise error

def odd():
    raise Odd(1, 2)

def dies(number):
    os.kill(os.getpid(), number)

def sleeps():
    time.sleep(60)

def is_sleeping(seconds):
    names = [name for name in os.listdir("/proc") if name.isdigit()]
    def words(name):
        try:
            with open(f"/proc/{name}/cmdline") as file:
                return file.read().split("\\0")[:2]
        except OSError:
            return []
    return any(words(name) == ["sleep", str(seconds)] for name in names)
"""


def run(pytester: pytest.Pytester, program: str, *options: str) -> tuple[pytest.RunResult, dict[str, str]]:
    pytester.makepyfile(tools=TOOLS, test_it=f"from tools import *\n{program}")
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:cacheprovider", *options, timeout=120)
    parts = re.split(r"^_+ (?:ERROR at teardown of )?test_(\S+) _+$", result.stdout.str(), flags=re.MULTILINE)
    return result, {name: " ".join(text.split()) for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def test_what_a_process_returns_raises_or_dies_of(pytester: pytest.Pytester) -> None:
    result, _ = run(
        pytester,
        """
@METHODS
def test_results(guard, method):
    adder = guard.process(add, 1, second=41, name="adder", method=method)
    assert (adder.result(timeout=20), adder.name, adder.is_alive()) == (42, "adder", False)
    assert repr(adder) == "<process adder, ended>"
    assert len(guard.process(bytes, 3_000_000, method=method).result()) == 3_000_000
    assert guard.process(sys.exit, method=method).result() is None
    guard.join(guard.process(threading.Lock, method=method))
    with pytest.raises(ChildFailed, match="process lock returned what cannot be pickled: TypeError: cannot pickle"):
        guard.process(threading.Lock, name="lock", method=method).result()

@METHODS
def test_errors(guard, method):
    failing = guard.process(fails, method=method)
    for each in (failing, failing.process):
        with pytest.raises(ValueError, match="broken") as caught:
            guard.join(each)
        assert [entry.name for entry in caught.traceback][-2:] == ["fails", "inner"]
    with pytest.raises(Own):
        guard.join(guard.process(raises, Own(), method=method))
    with pytest.raises(ChildFailed, match="Odd: cannot travel"):
        guard.join(guard.process(odd, method=method))

def test_what_is_told_is_not_printed_as_well(guard, capfd):
    with pytest.raises(ValueError):
        guard.process(fails).result()
    assert "Traceback" not in capfd.readouterr().err

@METHODS
def test_statuses_and_signals(guard, method):
    with pytest.raises(ChildFailed, match="process exit ended with exit status 3") as caught:
        guard.process(sys.exit, 3, method=method).result()
    assert "was started at test_it.py:" in str(caught.value)
    with pytest.raises(ChildFailed, match="process _exit ended with exit status 7"):
        guard.process(os._exit, 7, method=method).result()
    with pytest.raises(ChildFailed, match="process dies was ended by SIGABRT"):
        guard.process(dies, signal.SIGABRT, method=method).result()
    guard.join(guard.process(os._exit, 7, method=method), check=False)

def test_killed_on_purpose(guard):
    killed = guard.process(sleeps)
    assert [guard.process(sleeps, name=f"s{number}").name for number in range(1)] == ["s0"]
    killed.process.kill()
    killed.process.join()
    for each in multiprocessing.active_children():
        each.terminate()
        each.join()

def test_pool(guard):
    pool = fork.Pool(2)
    found = pool.map_async(abs, [-1, -2])
    guard.join(pool, timeout=20)
    assert found.get() == [1, 2]

def test_misuse(guard):
    with pytest.raises(TypeError, match="guard.process takes a function, got 5"):
        guard.process(5)
    with pytest.raises(ValueError, match="cannot find context for 'spoon'"):
        guard.process(int, method="spoon")

def test_explored(race, guard):
    def scenario():
        first, second = guard.process(add, 1), guard.process(add, 2)
        assert first.result() + second.result() == 5
        with pytest.raises(ValueError):
            guard.process(fails).result()
    race.explore(scenario, schedules=3)
""",
    )
    result.assert_outcomes(passed=14)


def test_what_nobody_has_looked_at_or_does_not_end(pytester: pytest.Pytester) -> None:
    result, told = run(
        pytester,
        """
def test_error_that_nobody_asked_for(guard):
    guard.process(fails).process.join()

def test_death_that_nobody_asked_for(guard):
    guard.process(dies, signal.SIGABRT).process.join()

@METHODS
def test_stuck(guard, method):
    guard.join(guard.process(sleeps, method=method), timeout=0.1)

def test_left(guard):
    guard.process(sleeps)

def test_stuck_pool(guard):
    pool = fork.Pool(1)
    pool.apply_async(sleeps)
    guard.join(pool, timeout=0.2)

def test_died_in_an_executor(guard):
    with ProcessPoolExecutor(1, mp_context=fork) as pool:
        guard.join(pool.submit(dies, signal.SIGKILL))

def test_came_back_broken(guard):
    with ProcessPoolExecutor(1, mp_context=fork) as pool:
        guard.join(pool.submit(odd))

@pytest.mark.race(schedules=3)
def test_marked(guard):
    guard.process(fails).process.join()

def test_nobody_is_left():
    with pytest.raises(ChildProcessError):
        while True:
            assert os.waitpid(-1, os.WNOHANG)[0] == 0
            from multiprocessing import forkserver, resource_tracker
            forkserver._forkserver._stop()
            resource_tracker._resource_tracker._stop()
""",
        "-o",
        "faulthandler_timeout=0",
    )
    result.assert_outcomes(passed=2, failed=9, errors=1)
    assert "ValueError: broken" in told["error_that_nobody_asked_for"]
    assert "def inner(): > raise ValueError" in told["error_that_nobody_asked_for"]
    assert "process dies was ended by SIGABRT note: process dies was started at" in told["death_that_nobody_asked_for"]
    for method in ("fork", "spawn", "forkserver"):
        assert "process sleeps had not ended after 0.1 s" in told[f"stuck[{method}]"]
        assert "note: process sleeps was ended with SIGTERM" in told[f"stuck[{method}]"]
    assert "the test left behind: process sleeps" in told["left"]
    assert "Pool had not ended after 0.2 s" in told["stuck_pool"]
    assert "note: Pool was made at test_it.py:" in told["stuck_pool"]
    assert "was ended by SIGKILL" in told["died_in_an_executor"]
    assert "no process has died: TypeError: Odd.__init__() missing" in told["came_back_broken"].replace(" E ", " ")
    assert "main raised ValueError: broken" in told["marked"]


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and a subreaper")
def test_what_processes_leave(pytester: pytest.Pytester) -> None:
    result, told = run(
        pytester,
        """
def leaves_an_orphan():
    subprocess.Popen(["sleep", "61"], start_new_session=True)

def has_a_child(begun):
    subprocess.Popen(["sleep", "62"], start_new_session=True)
    open(begun, "w").close() or sleeps()

def leaves_a_process():
    fork.Process(target=sleeps, name="Grandchild").start()
    os._exit(0)

def leaves_memory():
    shared_memory.SharedMemory(create=True, size=100)
    os._exit(0)

def leaves_a_semaphore():
    multiprocessing.get_context("spawn").Lock()
    lock = multiprocessing.get_context("spawn").Lock()
    os._exit(0)

@METHODS
def test_orphan(guard, method):
    guard.process(leaves_an_orphan, method=method).result()

@METHODS
def test_child_of_a_child(guard, method):
    guard.process(has_a_child, f"begun by {method}", method=method)
    while not os.path.exists(f"begun by {method}"):  # else it may not have written down the line
        time.sleep(0.01)

@METHODS
def test_process_of_a_child(guard, method):
    guard.process(leaves_a_process, method=method).result()

def test_memory(guard):
    shared_memory.SharedMemory(create=True, size=10).close()

def test_memory_of_a_child(guard):
    guard.process(leaves_memory, method="fork").result()

def test_semaphore_of_a_child(guard):
    guard.process(leaves_a_semaphore, method="fork").result()

kept = []

def test_pipe(guard):
    kept.append(multiprocessing.Pipe()[0])

def test_manager(guard):
    kept.append(multiprocessing.Manager())

def test_pool(guard):
    kept.append(fork.Pool(2))

def test_allowed(guard):
    guard.allow("sleep*")
    guard.process(subprocess.Popen, ["sleep", "0.5"]).process.join()

def test_right(guard):
    memory = shared_memory.SharedMemory(create=True, size=10)
    memory.close()
    memory.unlink()
    kept.append(multiprocessing.get_context("spawn").Lock())
    ends = multiprocessing.Pipe()
    with fork.Pool(1) as pool:
        assert pool.map(abs, [-1]) == [1]
    subprocess.run(["sh", "-c", "sleep 0.1 &"])

def test_nobody_is_left():
    assert not is_sleeping(61) and not is_sleeping(62)
    assert multiprocessing.active_children() == []
    import ctypes
    found = ctypes.c_int(0)
    ctypes.CDLL(None).prctl(37, ctypes.byref(found), 0, 0, 0)
    assert found.value == 0
""",
    )
    result.assert_outcomes(passed=18, errors=15)
    for method in ("fork", "spawn", "forkserver"):
        assert "the test left behind: process `sleep 61`" in told[f"orphan[{method}]"]
        left = told[f"child_of_a_child[{method}]"]
        assert "the test left behind: process has_a_child, process `sleep 62`" in left
        assert "note: process `sleep 62` was ended with SIGTERM" in left
        assert "note: process `sleep 61` was started at test_it.py:4" in told[f"orphan[{method}]"]
        assert "note: process `sleep 62` was started at test_it.py:7" in told[f"child_of_a_child[{method}]"]
        assert "the test left behind: process Grandchild" in told[f"process_of_a_child[{method}]"]
        assert "note: process Grandchild was started at test_it.py:11" in told[f"process_of_a_child[{method}]"]
    assert re.search(r"the test left behind: shared memory \w+ tasks .* holds 10 bytes", told["memory"])
    assert re.search(r"note: shared memory \w+ was made at test_it.py:", told["memory"])
    assert re.search(r"note: shared memory \w+ was unlinked", told["memory"])
    assert re.search(r"note: shared memory \w+ was made at test_it.py:15", told["memory_of_a_child"])
    assert re.search(r"note: semaphore [\w-]+ was made at test_it.py:\d+", told["semaphore_of_a_child"])
    assert re.search(r"an end of a pipe \(descriptor \d+\) is open", told["pipe"])
    assert re.search(r"note: an end of a pipe \(descriptor \d+\) was made at test_it.py:", told["pipe"])
    assert re.search(r"the test left behind: process SyncManager-\d+ ", told["manager"])
    assert re.search(r"note: process SyncManager-\d+ was started at test_it.py:", told["manager"])
    assert "the test left behind: Pool tasks process ForkPoolWorker-" in told["pool"]
    assert "note: Pool was made at test_it.py:" in told["pool"]


def test_no_folder_is_left(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pytester.mkdir("temporary")
    monkeypatch.setenv("TMPDIR", str(folder))
    result, _ = run(
        pytester,
        """
@pytest.mark.race(schedules=3)
def test_marked(guard):
    assert guard.process(add, 1, method="fork").result() == 2

@pytest.mark.race(schedules=3)
def test_marked_and_wrong(guard):
    guard.process(fails, method="fork").result()

def test_plain(guard):
    assert guard.process(add, 1, method="fork").result() == 2
""",
    )
    result.assert_outcomes(passed=2, failed=1)
    assert list(folder.glob("concurrency-*")) == []


def test_a_session_without_processes_does_not_load_multiprocessing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_join(guard):
            guard.join(guard.spawn(int))

        def test_not_loaded(guard):
            assert not {name for name in sys.modules if name.partition(".")[0] == "multiprocessing"}

        def test_plain():
            assert not {name for name in sys.modules if name.partition(".")[0] in ("multiprocessing",)}
        """
    )
    result = pytester.runpytest_subprocess(
        "-p", "no:asyncio", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:hypothesispytest", timeout=60
    )
    result.assert_outcomes(passed=3)

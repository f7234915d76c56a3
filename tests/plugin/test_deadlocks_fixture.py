"""The fixture `deadlocks`: cycles told at once, lock orders, and the report of a session."""

import pytest

pytestmark = pytest.mark.soak

TOOLS = """
    import threading, time

    def together(*functions):
        threads = [threading.Thread(target=each, name=each.__name__) for each in functions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def one_by_one(*functions):
        for each in functions:
            together(each)

    class Account:
        def __init__(self):
            self.lock = threading.Lock()

    def transfer(source, target, pause=0.0):
        with source.lock:
            time.sleep(pause)
            with target.lock:
                pass

    def ring(number, pause=0.0):
        places = [Account() for _ in range(number)]
        def sit(n):
            def philosopher():
                transfer(places[n], places[(n + 1) % number], pause)
            philosopher.__name__ = f"philosopher{n}"
            return philosopher
        return [sit(n) for n in range(number)]
"""


def run(pytester: pytest.Pytester, program: str, *args: str) -> pytest.RunResult:
    pytester.makepyfile(tools=TOOLS, test_it=f"from tools import *\n{program}")
    return pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:cacheprovider", *args, timeout=60)


def test_a_cycle_is_told_at_once_to_the_thread_that_closes_it(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_two(deadlocks):
    began, told = time.monotonic(), []
    def one():
        try:
            transfer(first, second, 0.1)
        except AssertionError as error:
            told.append(error)
            raise
    def two():
        try:
            transfer(second, first, 0.1)
        except AssertionError as error:
            told.append(error)
            raise
    first, second = Account(), Account()
    together(one, two)
    assert len(told) == 1
    assert time.monotonic() - began < 0.6

def test_ring(deadlocks):
    together(*ring(5, 0.1))

def test_main_closes_it(deadlocks):
    first, second = Account(), Account()
    thread = threading.Thread(target=transfer, args=(first, second, 0.3), name="other")
    thread.start()
    time.sleep(0.1)
    try:
        transfer(second, first, 0.3)
    finally:
        thread.join()

def test_a_stall_is_told_too(deadlocks):
    threading.Event().wait()
""",
        "-Werror",
    )
    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines(
        [
            "deadlock: one, two wait for ever",
            "  one  waits in Lock.acquire on Lock `*`",
            "         held by two",
            "  two  waits in Lock.acquire on Lock `*`",
            "         held by one",
            "*take these in the same order everywhere",
            "deadlock: philosopher0, philosopher1, philosopher2, philosopher3, philosopher4 wait for ever",
            "deadlock: main, other wait for ever",
            "deadlock: main waits for ever",
        ]
    )


def test_orders_that_could_hang(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
import pytest

def test_four_places(deadlocks):
    first = threading.Lock()
    second = threading.RLock()
    def one():
        with first:
            with second, second:
                pass
    def two():
        with second:
            with first:
                pass
    one_by_one(one, two)
    (inversion,) = deadlocks.inversions
    orders = [(o.thread, o.first_at.line, o.second_at.line) for o in inversion.orders]
    begin = one.__code__.co_firstlineno
    assert orders == [("one", begin + 1, begin + 2), ("two", begin + 5, begin + 6)]
    assert str(inversion).splitlines()[0] == (
        f"Lock `first` (made at test_it.py:{begin - 2}) and RLock `second` (made at test_it.py:{begin - 1}) "
        "are taken in different orders"
    )
    assert "one takes Lock `first` at test_it.py" in repr(inversion)

def test_by_class(deadlocks):
    def one():
        transfer(Account(), log)
    def two():
        transfer(log, Account())
    class Log:
        def __init__(self):
            self.lock = threading.Lock()
    log = Log()
    one_by_one(one, two)
    assert len(deadlocks.inversions) == 1

@pytest.mark.parametrize("number", [2, 3, 6])
def test_ring(deadlocks, number):
    one_by_one(*ring(number))
    (inversion,) = deadlocks.inversions
    assert len(inversion.orders) == number
    assert "no. 1" in str(inversion)

def test_none_of_these(deadlocks):
    first, second = Account(), Account()
    transfer(first, second)
    transfer(second, first)             # one thread alone
    first, second, third, gate = Account(), Account(), Account(), threading.Lock()
    def gated(source, target):
        def run():
            with gate:
                transfer(source, target)
        return run
    one_by_one(gated(second, third), gated(third, second))
    def tries():
        with third.lock:
            if first.lock.acquire(blocking=False):
                first.lock.release()
            if first.lock.acquire(timeout=0.5):
                first.lock.release()
    one_by_one(tries, lambda: transfer(first, third))
    lock = threading.RLock()
    def again():
        with lock, gate, lock:
            pass
    one_by_one(again, again)
    changed = threading.Condition()
    def waits():
        with changed:
            changed.wait(0.01)
    one_by_one(waits, waits)
    assert deadlocks.inversions == []
    assert repr(deadlocks) == "<deadlocks: 0 found, 0 inversions>"

def test_a_lock_that_is_handed_over(deadlocks):
    lock, other = threading.Lock(), threading.Lock()
    lock.acquire()
    def late():
        with other:
            time.sleep(0.8)
            lock.release()
    thread = threading.Thread(target=late)
    thread.start()
    lock.acquire()
    with other:
        thread.join()
""",
    )
    result.assert_outcomes(passed=7)


def test_expected(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_comes(deadlocks):
    first, second = Account(), Account()
    with deadlocks.expected() as reports:
        together(lambda: transfer(first, second, 0.1), lambda: transfer(second, first, 0.1))
    assert len(reports) == 1
    with deadlocks.expected():
        threading.Event().wait()

def test_does_not_come(deadlocks):
    with deadlocks.expected():
        pass

def test_another_error_passes(deadlocks):
    with deadlocks.expected():
        raise KeyError("other")
""",
    )
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        ["*expected a deadlock, but the block ended without one", "*KeyError: 'other'"], consecutive=False
    )


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_the_report_of_a_session(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    program = """
first = threading.Lock()
second = threading.Lock()

def one():
    with first, second:
        pass

def two():
    with second, first:
        pass

def test_one_way_and_the_other():
    one_by_one(one, two)

def test_again():
    one_by_one(one, two)
"""
    result = run(pytester, program, "--deadlock-report", *workers)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "*- lock order inversions -*",
            "Lock `first` (made at test_it.py:3) and Lock `second` (made at test_it.py:4) are taken in *",
            "  one takes Lock `first` at test_it.py:7, then Lock `second` at test_it.py:7",
            "  two takes Lock `second` at test_it.py:11, then Lock `first` at test_it.py:11",
        ]
    )
    assert result.stdout.str().count("are taken in different orders") == 1


def test_no_report_says_so(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test(): pass", "--deadlock-report")
    result.stdout.fnmatch_lines(["*- lock order inversions -*", "none"])


def test_switched_off_it_says_so(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test(deadlocks): pass", "--concurrency=off")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*UsageError: the fixture deadlocks needs concurrency = on, got 'off'"])

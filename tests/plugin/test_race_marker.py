"""`@pytest.mark.race`: the whole test is the scenario."""

import re

import pytest

WITHDRAW = """
import threading
import unittest
import pytest

class Account:
    def __init__(self, balance):
        self.balance = balance

    def withdraw(self, amount):
        if self.balance >= amount:
            self.balance -= amount

def withdraw_twice(account):
    threads = [threading.Thread(target=account.withdraw, args=(70,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


@pytest.mark.slow
def test_function_fixtures_are_made_anew_for_each_schedule(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        WITHDRAW
        + """
made, ended = [], []

@pytest.fixture
def account():
    made.append(1)
    yield Account(1000)
    ended.append(1)

@pytest.fixture(scope="module")
def shared():
    return []

@pytest.mark.race(schedules=7, strategy="random")
def test_right(account, shared):
    withdraw_twice(account)
    assert account.balance == 860 or account.balance == 930
    shared.append(account)

def test_afterwards(shared):
    # once by pytest itself, then for each of seven schedules, and for those that are run again
    assert len(made) == len(ended) >= 8
    assert all(account.balance < 1000 for account in shared)
"""
    )
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(passed=2)


@pytest.mark.slow
def test_a_marked_test_is_explored_and_replayed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_marked=WITHDRAW
        + """
@pytest.fixture
def account():
    return Account(100)

@pytest.mark.race
def test_overdrawn(account):
    withdraw_twice(account)
    assert account.balance >= 0
"""
    )
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["main raised AssertionError: assert -40 >= 0", "*pytest test_marked.py::* --race-*"])


@pytest.mark.slow
def test_a_unittest_case_is_explored(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        WITHDRAW
        + """
@pytest.mark.race
class TestBank(unittest.TestCase):
    def setUp(self):
        self.account = Account(100)

    def test_overdrawn(self):
        withdraw_twice(self.account)
        self.assertGreaterEqual(self.account.balance, 0)

    def test_right(self):
        self.assertEqual(self.account.balance, 100)
"""
    )
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["main raised AssertionError: -40 not greater than or equal to 0", "*--race-replay=*"])


def test_state_left_behind_is_named(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        seen = []

        @pytest.mark.race
        def test_it():
            seen.append(1)
            assert len(seen) == 1
        """
    )
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["the test leaves state behind: the same schedule, run twice, differed (main raised*"])


def test_what_is_outside_goes_differently_without_state(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it="""
        import os, threading
        import pytest
        runs = []

        @pytest.mark.race(schedules=2)
        def test_it():
            reads, writes = os.pipe()
            os.set_inheritable(writes, True)
            pid = os.posix_spawn("/bin/sh", ["sh", "-c", f"sleep 0.3; echo >&{writes}"], os.environ)
            os.close(writes)
            os.read(reads, 1)
            os.close(reads)
            os.waitpid(pid, 0)
            runs.append(1)
            for _ in runs:
                thread = threading.Thread(target=threading.Lock().acquire)
                thread.start()
                thread.join()
        """
    )
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["test_it.py::test_it: uncontrolled: main waited outside the engine's control: *"])


def test_a_failure_of_the_second_run_is_told_as_one_beside_what_is_outside(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it="""
        import subprocess
        import pytest
        runs = []

        @pytest.mark.race(schedules=2)
        def test_it():
            subprocess.run(["sleep", "0.3"], check=True)
            runs.append(1)
            assert len(runs) != 2
        """
    )
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["found in schedule 2:", "main raised AssertionError: *", "*note: it depends on what earlier schedules*"]
    )


def test_positional_arguments_are_refused(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.race(500)\ndef test_it(): pass\n")
    result = pytester.runpytest("-p", "no:asyncio")
    result.stdout.fnmatch_lines(["UsageError: *::test_it: mark.race takes keywords only, got (500,)"])


def test_with_the_fixture_the_marker_gives_the_settings(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.race(schedules=3, strategy="random")
        def test_it(race):
            assert race.explore(lambda: race.run(print, print)).schedules == 3
            assert race.explore(lambda: race.run(print, print), schedules=2).schedules == 2
        """
    )
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(passed=1)


def test_a_skip_in_a_marked_test_is_a_skip(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.race\ndef test_it(): pytest.skip('later')\n")
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(skipped=1)


LANES = """
    import asyncio, pytest, threading, time

    def twice(found):
        found.append(1)
        assert len(found) < 2

    @pytest.mark.race
    def test_leaves_threads():
        found = []
        for _ in range(2):
            threading.Thread(target=twice, args=(found,)).start()

    @pytest.mark.race
    def test_looks():
        thread = threading.Thread(target=time.sleep, args=(1,))
        thread.start()
        assert not thread.is_alive()

    @pytest.mark.race
    async def test_leaves_a_pool():
        found = []
        await asyncio.to_thread(twice, found)
        await asyncio.to_thread(twice, found)
"""


def test_no_step_is_placed_in_pytest(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_lanes=LANES)
    result = pytester.runpytest("-p", "no:asyncio", "-p", "no:anyio")
    result.assert_outcomes(failed=3)
    placed = set(re.findall(r"^  [*. ]+\s+(\w+\.py):\d+", result.stdout.str(), re.MULTILINE))
    assert placed == {"test_lanes.py"}
    result.stdout.fnmatch_lines(["  [*] * the end of the run"])


@pytest.mark.parametrize("error", ["SystemExit('bad')", "Own('bad')"])
def test_whatever_pytest_fails_a_test_for_is_told(pytester: pytest.Pytester, error: str) -> None:
    pytester.makepyfile(
        f"""{WITHDRAW}
class Own(BaseException):
    pass

@pytest.mark.race
def test_it():
    account = Account(100)
    withdraw_twice(account)
    if account.balance < 0:
        raise {error}

@pytest.mark.race
def test_skip():
    pytest.skip("not here")
"""
    )
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(["main raised *: bad", "replay", "  pytest *::test_it --race-replay=*"])
    result.stdout.no_fnmatch_line("*pytest_concurrency/_*")

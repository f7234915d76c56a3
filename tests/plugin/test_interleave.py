"""`pytest --interleave`: an unedited suite, whose tests that start threads run again in other orders."""

import json
import os
import re
import shlex
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from pytest_concurrency._plugin.interleave.told import PASSED, Told, lines

BANK = """
import threading

class Account:
    def __init__(self, balance):
        self.balance = balance

    def withdraw(self, amount):
        if self.balance >= amount:
            self.balance -= amount

def both(account):
    threads = [threading.Thread(target=account.withdraw, args=(70,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""
RACY = """
def test_nobody_overdraws():
    account = Account(100)
    both(account)
    assert account.balance >= 0
"""
RIGHT = """
def test_right():
    account = Account(1000)
    both(account)
    assert account.balance <= 930
"""


def run(pytester: pytest.Pytester, *options: str, seconds: str = "30s") -> pytest.RunResult:
    return pytester.runpytest("-p", "no:asyncio", f"--interleave={seconds}", *options)


def section(result: pytest.RunResult) -> str:
    """What stands in the section about other orders, without times."""
    text = result.stdout.str().partition(" interleavings =")[2].partition("\n")[2]
    return re.sub(r"in \d+\.\d s", "in N s", re.split(r"^=+ |^\d+ passed", text, flags=re.MULTILINE)[0])


@pytest.mark.slow
def test_what_fails_in_another_order_is_told_apart_and_replayed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_bank=BANK + RACY + RIGHT + "\ndef test_without_threads():\n    pass\n")
    result = run(pytester)
    result.assert_outcomes(passed=3)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "further orders of 2 tests that start threads, for 30 s at most ...",
            "*= interleavings =*",
            "test_bank.py::test_nobody_overdraws passes, and fails in another order (schedule *):",
            "main raised AssertionError: assert -40 >= 0",
            "likely cause",
            "2 tests start threads; 2 ran in * other orders in * s, 1 failed",
            "*= 3 passed in *",
        ]
    )
    replay = shlex.split(next(line for line in result.outlines if "--race-replay=" in line))
    again = pytester.runpytest("-p", "no:asyncio", "-p", "no:cacheprovider", *replay[1:])
    again.assert_outcomes(passed=1)
    assert again.ret == pytest.ExitCode.TESTS_FAILED
    assert section(again).splitlines()[1:20] == section(result).splitlines()[1:20]
    Path("test_bank.py").write_text(BANK + RACY.replace("both(account)", "account.withdraw(70)"), encoding="utf-8")
    mended = pytester.runpytest("-p", "no:asyncio", "-p", "no:cacheprovider", *replay[1:])
    assert mended.ret == pytest.ExitCode.OK


@pytest.mark.slow
def test_the_session_fails_only_if_it_is_to(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_bank=BANK + RACY)
    result = run(pytester, "--interleave-fail=off", "--tb=no")
    assert result.ret == pytest.ExitCode.OK
    head, what, replay, _, total = section(result).splitlines()
    assert head.startswith("test_bank.py::test_nobody_overdraws passes, and fails in another order (")
    assert what == "main raised AssertionError: assert -40 >= 0"
    assert "pytest test_bank.py::test_nobody_overdraws --interleave --race-replay=1-" in replay
    assert total.startswith("1 test starts threads; 1 ran in ")
    pytester.makeini("[pytest]\ninterleave = 20s\ninterleave_fail = off\n")
    result = pytester.runpytest("-p", "no:asyncio")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines("main raised AssertionError: assert -40 >= 0")
    result = pytester.runpytest("-p", "no:asyncio", "--interleave=off")
    result.stdout.no_fnmatch_line("*interleavings*")


@pytest.mark.slow
def test_fixtures_parameters_and_cases_of_unittest(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_bank=BANK
        + """
import unittest
import pytest

made = []

@pytest.fixture(scope="module")
def bank():
    made.append("bank")
    yield "bank"
    made.append("closed")

@pytest.fixture(params=[100, 1000])
def account(bank, request, tmp_path):
    made.append(tmp_path)
    return Account(request.param)

def test_it(account):
    both(account)
    assert account.balance >= 0

def test_bank_is_made_once_in_the_ordinary_run(bank):
    assert made.count("bank") == 1 and len(made) == 3

class TestBank(unittest.TestCase):
    def setUp(self):
        self.account = Account(100)

    def test_it(self):
        both(self.account)
        self.assertGreaterEqual(self.account.balance, 0)
"""
    )
    result = run(pytester, "--tb=no")
    result.assert_outcomes(passed=4)
    told = section(result)
    assert "test_bank.py::TestBank::test_it passes, and fails" in told
    assert "test_bank.py::test_it[100] passes, and fails" in told
    assert "test_bank.py::test_it[1000] passes" not in told
    assert "3 tests start threads; 3 ran in " in told


@pytest.mark.slow
def test_what_may_have_another_cause_is_counted_and_fails_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_others="""
import datetime
import socket
import threading
import time
import pytest

def in_a_thread(function, *args):
    thread = threading.Thread(target=function, args=args)
    thread.start()
    thread.join()

used = []

def test_uses_something_up():
    in_a_thread(used.append, 1)
    assert len(used) == 1

@pytest.fixture(scope="module")
def shared():
    return []

def test_changes_what_is_shared(shared):
    in_a_thread(shared.append, 1)
    assert len(shared) == 1

@pytest.fixture(scope="module")
def once():
    used.append(2)
    assert used.count(2) == 1
    return used

def test_whose_fixture_can_be_set_up_once(once):
    in_a_thread(once.append, 3)

def test_real_time():
    began = datetime.datetime.now()
    in_a_thread(time.sleep, 0.05)
    assert datetime.datetime.now() - began >= datetime.timedelta(seconds=0.05)

one, other = socket.socketpair()  # before any scenario, and so out of control

def test_socket():
    thread = threading.Thread(target=other.recv, args=(1,))
    thread.start()
    one.sendall(b"x")
    thread.join()
"""
    )
    result = run(pytester)
    result.assert_outcomes(passed=5)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        [
            "5 tests start threads; 0 ran in 0 other orders in * s, none failed",
            "  setup: AssertionError: assert 2 == 1 (test_others.py::test_whose_fixture_can_be_set_up_once)",
        ],
        consecutive=False,
    )
    told = section(result)
    assert "it fails under control in each order that was tried: main raised" in told
    assert "(test_others.py::test_real_time)" in told
    twice = told.partition("3 cannot be run twice:")[2]
    assert re.search(r"AssertionError: assert \d+ == 1 \(test_others.py::test_uses_something_up\)", twice)
    assert re.search(r"AssertionError: assert \d+ == 1 \(test_others.py::test_changes_what_is_shared\)", twice)


@pytest.mark.slow
def test_no_ordinary_outcome_changes_and_nothing_leaks(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_bank=BANK
        + RACY
        + """
import warnings
import pytest

def test_prints_and_warns(record_property):
    print("spoken")
    warnings.warn("heard")
    record_property("runs", 1)
    both(Account(1000))

@pytest.mark.xfail(strict=True)
def test_expected():
    both(Account(1))
    assert False

def test_skips():
    both(Account(1))
    pytest.skip("later")

def test_fails():
    both(Account(1))
    assert False

@pytest.fixture
def careless():
    yield
    assert False

def test_torn_down_badly(careless):
    both(Account(1))
"""
    )
    suites = []
    for options in ([], ["--interleave=20s"]):
        result = pytester.runpytest(
            "-p", "no:asyncio", "-rA", "--junitxml=it.xml", "-o", "junit_family=xunit1", "-W", "default", *options
        )
        result.assert_outcomes(passed=3, xfailed=1, skipped=1, failed=1, errors=1, warnings=1)
        assert result.stdout.str().count("spoken") == 1
        tree = ElementTree.parse("it.xml").getroot()
        for each in tree.iter():
            for name in ("time", "timestamp", "hostname"):
                each.attrib.pop(name, None)
        suites.append(ElementTree.tostring(tree))
    assert suites[0] == suites[1]
    result.stdout.fnmatch_lines("2 tests start threads; 2 ran in *")


@pytest.mark.slow
@pytest.mark.parametrize("options", [["-x"], ["--maxfail=1"]])
def test_after_a_failure_that_ends_the_session_nothing_follows(pytester: pytest.Pytester, options: list[str]) -> None:
    pytester.makepyfile(test_bank=BANK + RACY + "\ndef test_fails():\n    assert False\n")
    result = run(pytester, *options)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line("*interleavings*")


@pytest.mark.slow
def test_selected_tests_alone_and_without_a_cache(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_bank=BANK + RACY + RIGHT)
    result = run(pytester, "-k", "right", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, deselected=1)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines("1 test starts threads; 1 ran in * other orders in * s, none failed")


@pytest.mark.slow
def test_what_a_session_has_learnt_orders_the_next(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_bank=BANK + "".join(RIGHT.replace("right", f"right_{name}") for name in "abc"))
    first = run(pytester, seconds="0.000001s")
    first.stdout.fnmatch_lines(["3 tests start threads; 0 ran in *", "3 not tried for want of time: *"])
    run(pytester, "-k", "right_a")
    kept = Path(".pytest_cache/v/concurrency/interleave").read_text(encoding="utf-8")
    assert re.findall(r"test_right_\w", kept) == ["test_right_a"]
    last = run(pytester, "--race-schedules=3")
    last.stdout.fnmatch_lines("3 tests start threads; 3 ran in * other orders in * s, none failed")
    kept = Path(".pytest_cache/v/concurrency/interleave").read_text(encoding="utf-8")
    assert re.findall(r"test_right_\w", kept) == ["test_right_a", "test_right_b", "test_right_c"]


@pytest.mark.slow
def test_tests_that_ask_for_control_themselves_are_left_out(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_bank=BANK
        + """
import pytest

@pytest.mark.race(schedules=2)
def test_marked():
    both(Account(1000))

def test_with_a_fixture(guard):
    both(Account(1000))
"""
    )
    result = run(pytester)
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*interleavings*")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "headline"),
    [
        ("SystemExit(3)", "main raised SystemExit: 3"),
        ("Own('bad')", "main raised Own: bad"),
        ("pytest.fail.Exception('bad')", "main raised Failed: bad"),
    ],
)
def test_whatever_pytest_fails_a_test_for_is_told(pytester: pytest.Pytester, error: str, headline: str) -> None:
    racy = RACY.replace("assert account.balance >= 0", f"if account.balance < 0:\n        raise {error}")
    pytester.makepyfile(test_bank=f"import pytest\n{BANK}\nclass Own(BaseException):\n    pass\n{racy}")
    result = run(pytester)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*::test_nobody_overdraws passes, and fails in another order (*", headline])
    command = next(line for line in result.outlines if "--race-replay=" in line)
    again = pytester.runpytest("-p", "no:asyncio", *shlex.split(command)[1:])
    assert again.ret == pytest.ExitCode.TESTS_FAILED
    again.stdout.fnmatch_lines([headline])


@pytest.mark.slow
@pytest.mark.parametrize("capture", ["-s", "--capture=fd"])
@pytest.mark.parametrize("halt", ["breakpoint()", "import pdb; pdb.set_trace()"])
def test_further_orders_stop_at_no_breakpoint(pytester: pytest.Pytester, capture: str, halt: str) -> None:
    """Nobody would see the prompt, nor know for which order it stands there."""
    file = pytester.makepyfile(test_bank=BANK + RACY.replace("    account =", f"    {halt}\n    account =", 1))
    assert halt in file.read_text(encoding="utf-8")
    command = (sys.executable, "-m", "pytest", "-p", "no:asyncio", capture, "--interleave", "--tb=no")
    result = pytester.run(*command, stdin=b"c\n", timeout=60)
    result.stdout.fnmatch_lines(["*test_nobody_overdraws passes, and fails in *"])
    assert sum(line.startswith("-> ") for line in result.outlines) == 1  # from Python 3.13 on at the call itself


@pytest.mark.slow
def test_ctrl_c_ends_the_further_orders_and_tells_what_was_found(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_bank=BANK
        + RACY
        + """
import os
import signal
from pytest_concurrency._machine import real

calls = []
signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs in the background may have been told to ignore it

def test_that_is_broken_off():
    both(Account(1000))
    calls.append(1)
    if len(calls) == 4:  # as somebody at the keyboard does, who is no task
        real.start_new_thread(os.kill, (os.getpid(), signal.SIGINT))
        threading.Event().wait()
"""
    )
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "--interleave", "--tb=no", timeout=60)
    result.assert_outcomes(passed=2)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(
        [
            "*test_nobody_overdraws passes, and fails in *",
            "1 not tried, as the session was broken off: *",
            "*KeyboardInterrupt*",
        ]
    )


@pytest.mark.slow
@pytest.mark.parametrize("wait", ["os.read(source, 1)", "swallow(lambda: os.read(source, 1))"])
def test_a_plain_run_after_the_orders_has_a_limit_of_time(pytester: pytest.Pytester, wait: str) -> None:
    wrong = RACY.replace("    assert", f"    wait_once_more(lambda: {wait})\n    assert")
    pytester.makepyfile(
        test_bank=f"""{BANK}
import os
from pytest_concurrency._engine.current import here

source, sink = os.pipe()
plain_runs = []

def swallow(function):
    try:
        function()
    except BaseException:
        function()

def wait_once_more(wait):
    if here.task is None:
        plain_runs.append(1)
        if len(plain_runs) > 1:
            wait()
{wrong}"""
    )
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "--interleave", timeout=60)
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        [
            "1 cannot be run twice:",
            "  a plain run after its orders has not ended within 2 s (test_bank.py::test_nobody*",
        ]
    )


@pytest.mark.slow
def test_the_limit_of_pytest_timeout_is_that_of_the_ordinary_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_pipe="""
import os
import threading

calls = []

def test_it():
    calls.append(1)
    source, sink = os.pipe()
    thread = threading.Thread(target=calls.append, args=(1,))
    thread.start()
    thread.join()
    if len(calls) == 2:
        os.write(sink, b"x")
    os.read(source, 1)  # for ever, from the second run on
    os.close(source)
    os.close(sink)
"""
    )
    options = ["--interleave=2s", "--timeout=1", "--timeout-method=thread"]
    result = pytester.runpytest_subprocess("-p", "no:asyncio", *options, timeout=60)
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["1 not controlled:", "  test_pipe.py:14: os.read*"])


@pytest.mark.slow
def test_workers_of_xdist_hand_in_what_they_find(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_bank=BANK + RACY + RIGHT)
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "--interleave", "-n", "1", timeout=180)
    result.assert_outcomes(passed=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "main raised AssertionError: assert -40 >= 0",
            "2 tests start threads; 2 ran in * other orders in * s, 1 failed",
        ]
    )
    assert os.path.isfile(".pytest_cache/v/concurrency/interleave")


@pytest.mark.slow
def test_a_worker_that_dies_of_a_further_order_is_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_dies="""
import os
import threading

calls = []

def test_it():
    thread = threading.Thread(target=calls.append, args=(1,))
    thread.start()
    thread.join()
    if len(calls) > 1:
        os._exit(3)
"""
    )
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "--interleave", "-n", "1", timeout=180)
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines("a worker died: what its tests do in other orders is not known")


@pytest.mark.parametrize("value", ["abc", "-3s", "0", "nan", "tests/test_bank.py", "s"])
def test_an_unusable_time_is_one_line(pytester: pytest.Pytester, value: str) -> None:
    result = pytester.runpytest("-p", "no:asyncio", f"--interleave={value}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    wanted = "a time > 0 such as 30s or 2m (before a path write --interleave=30s), or off"
    assert f"ERROR: interleave from option --interleave must be {wanted}, got {value!r}" in result.errlines


def test_other_unusable_values_are_one_line(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("-p", "no:asyncio", "--interleave-fail=maybe")
    assert "ERROR: interleave_fail from option --interleave-fail must be one of on, off, got 'maybe'" in result.errlines
    result = pytester.runpytest("-p", "no:asyncio", "--interleave=5", "--concurrency=off")
    wanted = "ERROR: interleave from option --interleave must stand with concurrency on, got '5' with off"
    assert wanted in result.errlines


@pytest.mark.slow
def test_what_a_plugin_makes_of_an_order_that_was_broken_off_says_nothing(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
import pytest

calls = []

@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    calls.append(item)
    if len(calls) > 2 and item.name == "test_refused":
        raise RuntimeError("not twice")
    yield
    assert len(calls) < 3
"""
    )
    pytester.makepyfile(test_bank=BANK + RIGHT + RIGHT.replace("right", "refused"))
    result = run(pytester)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "2 tests start threads; 1 ran in * other orders in * s, none failed",
            "1 cannot be run twice:",
            "  call: RuntimeError: not twice (test_bank.py::test_refused)",
        ]
    )


@pytest.mark.slow
def test_after_an_order_that_was_broken_off_a_plain_run_tidies_up(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_file="""
import pathlib
import threading
import unittest

class TestFile(unittest.TestCase):
    def setUp(self):
        self.file = pathlib.Path("left")
        self.file.touch()

    def tearDown(self):
        with threading.Lock():  # which an order that is broken off does not get any more
            self.file.unlink()

    def test_it(self):
        self.count = 0
        threads = [threading.Thread(target=self.add) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def add(self):
        for _ in range(50_000):
            self.count += 1
"""
    )
    result = run(pytester, seconds="0.2s")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines("1 not tried for want of time: *")
    assert not Path("left").exists()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_what_it_finds_is_drawn(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    pytester.makepyfile(test_bank=BANK + RACY + RIGHT)
    files = ("--race-html=page.html", "--race-trace=trace.json")
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "--interleave=30s", *workers, *files, timeout=100)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    page = (pytester.path / "page.html").read_text(encoding="utf-8")
    assert "<h1>1 failing exploration</h1>" in page
    assert "test_bank.py::test_nobody_overdraws (in another order)" in page
    trace = json.loads((pytester.path / "trace.json").read_text(encoding="utf-8"))
    (failure,) = trace["otherData"]["failures"]
    assert failure["test"] == "test_bank.py::test_nobody_overdraws (in another order)"
    assert any(event["ph"] == "s" for event in trace["traceEvents"]), (
        "an arrow, which is drawn only where it is asked for"
    )


@pytest.mark.parametrize(("count", "told"), [(0, "0 other orders"), (1, "1 other order"), (2, "2 other orders")])
def test_one_order_is_told_in_the_singular(count: int, told: str) -> None:
    tried = Told("test_it.py::test_it", PASSED, schedules=count, seconds=0.1)
    assert [*lines([tried], "auto")] == [f"1 test starts threads; 1 ran in {told} in 0.1 s, none failed"]

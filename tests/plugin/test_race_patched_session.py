"""A session with tests that patched children run: what chooses and counts tests, what breaks off, what is left."""

import os
import re
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BEGIN = """
import os, signal, threading, time
import pytest
from gevent import monkey

patched = pytest.mark.race(patched="gevent")

def note():
    with open("pids", "a") as file:
        file.write(f"{os.getpid()} {os.getppid()} ")
"""
TWO = """
@patched
def test_fails():
    note()
    assert not "here"

@patched
def test_passes():
    note()
"""
WAITS = """
@pytest.fixture
def waits():
    note()
    with open("fifo", "w") as file:
        file.write("begun")
    signal.pause()

@patched
def test_waits(waits):
    pass
"""


def make(pytester: pytest.Pytester, text: str) -> None:
    pytester.makepyfile(test_it=BEGIN + text)


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "no:asyncio", *options, timeout=120)


def are_gone(folder: Path) -> bool:
    """Tell whether no process is left of those that have written down who they are."""
    pids = (folder / "pids").read_text(encoding="utf-8").split()
    assert pids
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_tests_are_chosen_and_counted_as_here(pytester: pytest.Pytester) -> None:
    make(pytester, TWO)
    run(pytester, "-x").assert_outcomes(failed=1)
    run(pytester, "-k", "passes").assert_outcomes(passed=1, deselected=1)
    run(pytester, "--lf").assert_outcomes(failed=1)
    run(pytester).assert_outcomes(passed=1, failed=1)
    assert are_gone(pytester.path)


def test_workers_of_xdist_have_one_each(pytester: pytest.Pytester) -> None:
    make(pytester, TWO + "def test_here():\n    assert not monkey.is_module_patched('threading')\n")
    result = run(pytester, "-n", "2")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["main raised AssertionError*", "  pytest test_it.py::test_fails --race-replay=*"])
    assert are_gone(pytester.path)


def test_what_was_set_up_here_is_torn_down_here(pytester: pytest.Pytester) -> None:
    make(
        pytester,
        """
@pytest.fixture(scope="module")
def town():
    yield
    if not monkey.is_module_patched("threading"):
        raise RuntimeError("no way home")

def test_here(town):
    pass

@patched
def test_there(town):
    pass
""",
    )
    pytester.makepyfile(test_other="def test_other(): pass")
    result = run(pytester)
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_there*", "E *RuntimeError: no way home"])


def test_without_gevent_one_line_says_so(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(gevent="raise ImportError('no such thing')")
    pytester.makepyfile("import pytest\n@pytest.mark.race(patched='gevent')\ndef test_it(): pass\n")
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ['patched="gevent" must find gevent, got ImportError: no such thing; pip install gevent']
    )


def test_a_module_that_does_not_bear_the_patch_is_told(pytester: pytest.Pytester) -> None:
    make(pytester, "assert not monkey.is_module_patched('threading'), 'not here'\n" + TWO)
    result = run(pytester)
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["E   AssertionError: not here"])


def test_the_end_of_a_session_comes_from_a_child(pytester: pytest.Pytester) -> None:
    make(pytester, "@patched\ndef test_exit(): pytest.exit('enough')\n" + TWO)
    result = run(pytester)
    result.stdout.fnmatch_lines(["*Exit: enough*"])
    make(pytester, "@patched\ndef test_exit():\n    note()\n    raise KeyboardInterrupt\n" + TWO)
    result = run(pytester)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert are_gone(pytester.path)


def test_a_timeout_ends_a_child(pytester: pytest.Pytester) -> None:
    waits = WAITS.replace('open("fifo", "w")', 'open("begun", "w")').replace(
        "@patched", "@patched\n@pytest.mark.timeout(2)"
    )
    make(pytester, "@patched\ndef test_before(): note()\n" + waits + TWO)
    result = run(pytester, "--timeout-method=signal")
    result.assert_outcomes(passed=2, failed=1, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at setup of test_waits*", "Timeout (>2.0s) from pytest-timeout."])
    assert are_gone(pytester.path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nobody_outlives_the_session(pytester: pytest.Pytester, number: signal.Signals) -> None:
    make(pytester, WAITS)
    pytester.makeconftest(  # who runs in the background may have been told to ignore it
        "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    )
    os.mkfifo(pytester.path / "fifo")
    command = [sys.executable, "-m", "pytest", "-p", "no:asyncio"]
    with subprocess.Popen(command, cwd=pytester.path, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert (pytester.path / "fifo").read_text(encoding="utf-8") == "begun"
            child, zygote = map(int, (pytester.path / "pids").read_text(encoding="utf-8").split())
            ends = [os.pidfd_open(child), os.pidfd_open(zygote)]
            process.send_signal(number)
            shown = process.communicate(timeout=60)[0]
        finally:
            process.kill()
    left = ends.copy()
    while left:
        ended = select.select(left, [], [], 30)[0]
        assert ended, "a process has outlived the session"
        left = [each for each in left if each not in ended]
    for each in ends:
        os.close(each)
    if number is signal.SIGINT:
        assert process.returncode == pytest.ExitCode.INTERRUPTED
        assert "KeyboardInterrupt" in shown


def test_no_descriptor_is_left(pytester: pytest.Pytester) -> None:
    make(pytester, TWO)
    pytester.makeconftest(
        """
import os
from gevent import monkey

def count():
    return len(os.listdir("/proc/self/fd"))

def pytest_collection_finish():
    global before
    before = count()

def pytest_runtest_logfinish(nodeid):
    if not monkey.is_module_patched("threading"):
        print(nodeid, count() - before)

def pytest_unconfigure():
    print("at the end:", count() - before)  # pytest has closed one of its own
"""
    )
    result = run(pytester, "-s")
    assert re.findall(r"test_it.py::test_\w+ (\d+)$", result.stdout.str(), re.MULTILINE) == ["1", "1"]
    result.stdout.fnmatch_lines(["at the end: -1"])

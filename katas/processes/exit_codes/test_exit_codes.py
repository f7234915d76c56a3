"""The harbour master's log: the tests."""

import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path

import pytest
from exit_codes import dismiss, foretell, line, word

NAMELESS = [
    number for number in range(1, 99) if number not in set(signal.Signals)
]  # some of them are valid all the same
WORDS = {
    None: "running",
    0: "well",
    1: "error",
    2: "exit 2",
    9: "exit 9",
    137: "exit 137",
    255: "exit 255",
    3221225477: "exit 3221225477",  # what Windows says of a crash
    -1: f"killed by {signal.Signals(1).name}",
    -9: "killed by SIGKILL",
    -11: "killed by SIGSEGV",
    **{-number: f"killed by signal {number}" for number in NAMELESS},
}
VOYAGES = {
    "return False": (lambda: False, "well"),
    "1/0": (lambda: 1 / 0, "error"),
    "exit 3": (lambda: sys.exit(3), "exit 3"),
    "leave 7": (lambda: os._exit(7), "exit 7"),
    "storm": (lambda: os.kill(os.getpid(), signal.SIGKILL), "killed by SIGKILL"),
    "rocks": (lambda: os.kill(os.getpid(), signal.SIGTERM), "killed by SIGTERM"),
}
VALUES = {None: 0, 0: 0, 3: 3, 255: 255, 256: 0, 300: 44, -1: 255, -9: 247, -256: 0, 2**31 - 1: 255}
OTHERS = [(True, 1), (False, 0), ("", 1), ("sunk", 1), ("0", 1), (0.0, 1), (3.0, 1), ([], 1), (Path("x"), 1)]
OTHERS += [(ValueError(3), 1), (KeyboardInterrupt(), 1)]  # handed over, not raised


class Berth:
    """A thing that has a number and is none, and equals whatever it is compared with."""

    def __index__(self):
        return 3

    def __eq__(self, other):
        return True

    __hash__ = None

    def __repr__(self):
        return "Berth 3, which is no int and equals anything"


OTHERS += [(Berth(), 1)]


def sail(voyage, seconds=0):
    """Make a voyage."""
    time.sleep(seconds)
    VOYAGES[voyage][0]()


def ship(voyage, seconds=0):
    """Start a process that makes a voyage."""
    process = multiprocessing.Process(target=sail, args=(voyage, seconds))
    process.start()
    return process


def tried(function, *args):
    """Return what it returned or raised."""
    try:
        return function(*args)
    except NotImplementedError:
        raise
    except (Exception, KeyboardInterrupt) as error:
        return error


@pytest.mark.task(1)
@pytest.mark.parametrize("code", WORDS)
def test_what_a_code_means(code):
    found = tried(word, code)
    assert found == WORDS[code], f"exit code {code} is {WORDS[code]!r}, and the word was {found!r}"


@pytest.mark.task(2)
@pytest.mark.parametrize("voyage", VOYAGES)
@pytest.mark.means(DeadlockFound="a ship is at sea until the test says so: line waits for nobody")
def test_a_line_for_each(race, voyage):
    def scenario():
        gate = multiprocessing.Event()
        sea, done, home = (
            multiprocessing.Process(target=gate.wait),
            ship(voyage),
            multiprocessing.Process(target=gate.wait),
        )
        sea.start()
        done.join()
        began = time.monotonic()
        lines, wanted = (
            [tried(line, each) for each in (home, sea, done)],
            ["not started", "running", VOYAGES[voyage][1]],
        )
        took = time.monotonic() - began
        gate.set()
        sea.join()
        assert lines == wanted, (
            f"one not started, one at sea, one ended by {voyage!r}: the lines are {lines}, not {wanted}"
        )
        assert took == 0, f"the three lines took {took:g} s: line waits for nobody, not for a moment either"
        assert line(sea) == "well", f"it has ended meanwhile, and its line is {line(sea)!r}"

    race.explore(scenario, schedules=1)


@pytest.mark.task(2)
def test_in_port_at_this_very_moment(race):
    def scenario():
        one = ship("return False")
        found = tried(line, one)
        assert found in ("running", "well"), (
            f"it was started, and ends while you look: its line is {found!r}; whoever was started has a pid"
        )
        one.join()

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
@pytest.mark.parametrize("voyage", VOYAGES)
def test_dismissed(race, voyage):
    def scenario():
        for seconds in (1_000_000, 0):
            one, began = ship(voyage, seconds), time.monotonic()
            if not seconds:
                one.join()
            found, took = tried(dismiss, one), time.monotonic() - began
            wanted = VOYAGES[voyage][1]
            assert found == wanted, f"it ended by {voyage!r} after {seconds} s: {wanted!r}, and it came to {found!r}"
            assert took == seconds, f"it ended after {seconds} s, and was dismissed after {took:g} s"
            left = [tried(lambda: one.exitcode), tried(line, one)]
            assert [type(each) for each in left] == [ValueError] * 2, (
                f"dismissed: ask again, and it is {left}; close it"
            )

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
def test_never_started():
    home = multiprocessing.Process(target=sail)
    found = tried(dismiss, home)
    assert found == "not started", f"a ship that was not started was dismissed, and it came to {found!r}"
    left = tried(lambda: home.exitcode)
    assert isinstance(left, ValueError), f"a ship that was not started was dismissed, and is not closed: {home}"


@pytest.mark.task(4)
@pytest.mark.parametrize(("value", "code"), [*VALUES.items(), *OTHERS])
def test_foretold(value, code):
    found = tried(foretell, value)
    assert found == code and type(found) is int, f"sys.exit({value!r}) is exit code {code}, foretold was {found!r}"


@pytest.mark.task(4)
@pytest.mark.parametrize("value", [-9, 300, "", None])
def test_it_comes_true(race, value):
    def scenario():
        process = multiprocessing.Process(target=sys.exit, args=(value,))
        process.start()
        process.join()
        foretold = foretell(value)
        assert process.exitcode == foretold, f"sys.exit({value!r}) was {process.exitcode}, foretold was {foretold}"

    race.explore(scenario, schedules=1)

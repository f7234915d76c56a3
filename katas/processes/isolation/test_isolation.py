"""The scribes next door: the tests. Time is virtual where children fork."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from functools import partial

import pytest
from isolation import NoAnswer, ask_all

BOOK = {"seen": 0}
LARGE, LONG = 300_000, 1_000_000


class Ink(Exception):
    """Something spilt."""


class Blank(Exception):
    """Something that is false."""

    def __bool__(self):
        return False


class Flood(BaseException):
    """Something that is no Exception."""


def answer(thing):
    """Answer after so many seconds."""
    time.sleep(thing)
    return thing * 10, os.getpid()


def return_it(thing):
    """Answer with what was asked."""
    return thing


def scribble(thing):
    """Change whatever can be changed, and return it."""
    thing.append("ink")
    BOOK["seen"] += 1
    return thing, BOOK["seen"]


def fail(notes, thing):
    """Raise what was given, and note that it was late."""
    seconds, error = thing
    time.sleep(seconds)
    notes.write(seconds)
    if error:
        raise error
    return seconds


WAYS = {
    "exit": (lambda: sys.exit(4), 4),
    "exit 0": (lambda: sys.exit(0), 0),
    "leave": (lambda: os._exit(0), 0),
    "kill": (lambda: os.kill(os.getpid(), signal.SIGKILL), -9),
    "a lock": (threading.Lock, 1),
    "interrupt": (lambda: fail_at_once(KeyboardInterrupt("late")), 1),
    "flood": (lambda: fail_at_once(Flood("deep")), 1),
}


def be_gone(thing):
    """End without an answer, if asked to."""
    return WAYS[thing][0]() if thing in WAYS else thing


def fail_at_once(error):
    """Raise what was given."""
    raise error


def raise_what_cannot_be_pickled(_):
    """Raise what cannot be sent."""
    raise Ink(threading.Lock())


def tried(function, *args):
    """Return what it returned or raised."""
    try:
        return function(*args)
    except (Exception, SystemExit, KeyboardInterrupt, Flood) as error:
        return error


@pytest.mark.task(1)
@pytest.mark.means(
    KeyError="the answer was not there: the process has written it into its own memory, not into this one"
)
def test_the_answers_come_home(race):
    def scenario():
        began = time.monotonic()
        found = ask_all(answer, (each for each in [LONG, 0, LONG]))
        took = time.monotonic() - began
        assert [each[:1] for each in found] == [(10 * LONG,), (0,), (10 * LONG,)], (
            f"{LONG}, 0 and {LONG} were asked, ten times that are the answers, and they are {found}"
        )
        pids = {each[1] for each in found}
        assert len(pids) == 3 and os.getpid() not in pids, f"three processes, not this one, {os.getpid()}, got {found}"
        assert took == LONG, f"two of three take {LONG} s, all together took {took:.0f} s: start all, then wait"

    race.explore(scenario, schedules=2, outliving_threads="fail")


@pytest.mark.task(1)
@pytest.mark.parametrize(
    "things", [[], [None, 0, ""], ["a", "a"], [ValueError("returned"), [1]], [NoAnswer("returned"), EOFError()]]
)
def test_any_answer(race, things):
    def scenario():
        for asked in (things, things[::-1][:1]):
            found = tried(ask_all, return_it, asked)
            assert repr(found) == repr(asked), f"asked {asked!r}, what comes back is the same, and it was {found!r}"

    race.explore(scenario, schedules=3)


@pytest.mark.task(1)
def test_what_is_done_there_stays_there(race):
    def scenario():
        things = [["a"], ["b"]]
        found = tried(ask_all, scribble, things)
        assert found == [(["a", "ink"], 1), (["b", "ink"], 1)], (
            f"each changes its own copy, and the answers are {found}"
        )
        assert (things, BOOK) == ([["a"], ["b"]], {"seen": 0}), f"here {things} and {BOOK} have changed: not elsewhere?"

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_under_spawn():
    multiprocessing.set_start_method("spawn", force=True)
    found = tried(ask_all, return_it, ["a", "b"])
    assert found == ["a", "b"], f"by spawn, asked a and b, it came to {found!r}: hand over all that a child needs"


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="a long answer does not fit into the pipe: take it before you join")
def test_a_long_answer(race):
    def scenario():
        found = tried(ask_all, return_it, ["x" * LARGE, "y" * LARGE])
        assert found == ["x" * LARGE, "y" * LARGE], f"two answers of {LARGE} letters, and it came to {found!r:.80}"

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
@pytest.mark.parametrize(("late", "later"), [(1, 2), (2, 1)])
def test_the_first_error_of_all(race, notes, late, later):
    def scenario():
        notes.clear()
        found = tried(ask_all, partial(fail, notes), [(0, None), (late, Ink("black", 1)), (later, ValueError())])
        assert type(found) is Ink and found.args == ("black", 1), (
            f"the second raised Ink('black', 1) and the third ValueError(), after {late} and {later} s, "
            f"and it came to {found!r}"
        )
        assert len(notes.read()) == 3, f"it was raised, and of three {len(notes.read())} had ended: wait for all"

    race.explore(scenario, schedules=2, outliving_threads="fail")


@pytest.mark.task(2)
@pytest.mark.parametrize("error", [EOFError("dry"), OSError(5, "dry"), NoAnswer("mine"), Blank()], ids=repr)
def test_an_error_of_any_kind(race, error):
    def scenario():
        found = tried(ask_all, fail_at_once, [error])
        assert (type(found), getattr(found, "args", None)) == (type(error), error.args), (
            f"{error!r} was raised, and it came to {found!r}: whatever is raised comes out, and no class of errors "
            "means something else"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.means(
    DeadlockFound="the process has ended, and its answer is waited for: close the sending end here (a queue never ends)"
)
def test_no_answer_will_come(race, way):
    def scenario():
        code = WAYS[way][1]
        found = tried(ask_all, be_gone, ["fine", way, "fine"])
        assert isinstance(found, NoAnswer), f"the second of three came to its end by {way!r}, and it came to {found!r}"
        assert str(code) in str(found), f"the exit code was {code}, and NoAnswer says {str(found)!r}"
        assert tried(ask_all, be_gone, ["fine"]) == ["fine"], "somebody gave no answer, and the next call is wrong"

    race.explore(scenario, schedules=2, outliving_threads="fail")


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="the error could not be sent, and is waited for: close the sending end here")
def test_an_error_that_cannot_be_pickled(race):
    def scenario():
        found = tried(ask_all, raise_what_cannot_be_pickled, [1])
        assert isinstance(found, NoAnswer), f"what was raised cannot be pickled, and it came to {found!r}"

    race.explore(scenario, schedules=2)

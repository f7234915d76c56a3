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
from unusual_errors import Blank, Page

BOOK = {"seen": 0}
LARGE, LONG = 300_000, 1_000_000


class Ink(Exception):
    """Something spilt."""


class Mirror:
    """Something that is equal to all."""

    __hash__ = None

    def __eq__(self, other):
        return True

    def __repr__(self):
        return "Mirror()"


class Shut(list):
    """A list that is false."""

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


def come_to(notes, thing):
    """Note it, and end as asked: by an error, without an answer, or with one."""
    notes.write(repr(thing))
    return fail_at_once(thing) if isinstance(thing, Exception) else be_gone(thing)


def stay(notes, thing):
    """Answer at once, and stay a while: somebody is still busy in this process, and ends it with exit code 3."""

    def tidy():
        time.sleep(thing)
        notes.write("tidy")
        os._exit(3)

    threading.Thread(target=tidy).start()
    return thing


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
    "things",
    [
        [],
        [None, 0, ""],
        ["a", "a"],
        [ValueError("returned"), [1]],
        [NoAnswer("returned"), EOFError()],
        Shut("ab"),
        [Mirror()],
    ],
    ids=repr,
)
def test_any_answer(race, things):
    def scenario():
        for asked in (things, things[::-1][:1]):
            found = tried(ask_all, return_it, asked)
            kind = ", whose bool() is False," if isinstance(asked, Shut) else ","
            assert repr(found) == repr(asked), (
                f"asked {asked!r}{kind} what comes back is the same, and it was {found!r}"
            )

    race.explore(scenario, schedules=3)


@pytest.mark.task(1)
def test_what_is_done_there_stays_there(race):
    def scenario():
        for things in ([["a"], ["b"]], [["a"]]):
            before = repr(things)
            found = tried(ask_all, scribble, things)
            right = [([letter, "ink"], 1) for letter in "ab"[: len(things)]]
            assert found == right, f"each changes its own copy, and the answers are {found}, not {right}"
            assert (repr(things), BOOK) == (before, {"seen": 0}), (
                f"{before} was asked, and here {things} and {BOOK} have changed: not elsewhere?"
            )

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_under_spawn():
    multiprocessing.set_start_method("spawn", force=True)
    found = tried(ask_all, return_it, ["a", "b"])
    assert found == ["a", "b"], f"by spawn, asked a and b, it came to {found!r}: hand over all that a child needs"
    method = multiprocessing.get_start_method()
    assert method == "spawn", f"the start method was spawn, and after the call it is {method}: it belongs to the caller"


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
@pytest.mark.parametrize(
    "error",
    [EOFError("dry"), OSError(5, "dry"), NoAnswer("mine"), Blank(), StopIteration("dry"), Page("torn")],
    ids=repr,
)
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
        code = str(WAYS[way][1])
        found = tried(ask_all, be_gone, ["fine", way, "fine"])
        assert isinstance(found, NoAnswer), f"the second of three came to its end by {way!r}, and it came to {found!r}"
        assert code in str(found) or way == "a lock" and "0" in str(found), (
            f"the exit code was {code}, and NoAnswer says {str(found)!r}"
        )

    race.explore(scenario, schedules=2, outliving_threads="fail")


@pytest.mark.task(3)
@pytest.mark.parametrize("things", [["fine", "kill", Ink("black")], ["fine", Ink("black"), "kill"]], ids=repr)
def test_the_first_that_went_wrong(race, notes, things):
    def scenario():
        notes.clear()
        found = tried(ask_all, partial(come_to, notes), things)
        right = NoAnswer if things[1] == "kill" else Ink
        assert type(found) is right, (
            f"of {things} the second and the third went wrong, in different ways: {right.__name__} is what the second "
            f"came to, and it is raised whatever the third did, and what came out is {found!r}"
        )
        asked = len(notes.read())
        assert asked == 3, f"three things, and work was called {asked} times: once for each, whatever it came to"

    race.explore(scenario, schedules=2, outliving_threads="fail")


@pytest.mark.task(3)
def test_each_call_begins_anew(race):
    def scenario():
        tried(ask_all, be_gone, ["fine", "exit", "fine"])
        found = tried(ask_all, be_gone, ["exit"])
        assert isinstance(found, NoAnswer), (
            f"the call before had an answer of its first scribe; in this one he gave none, and it came to {found!r}"
        )
        found = tried(ask_all, be_gone, ["fine"])
        assert found == ["fine"], f"somebody gave no answer, and the next call is wrong: it came to {found!r}"

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
def test_who_has_answered_and_is_not_done(race, notes):
    def scenario():
        notes.clear()
        found = tried(ask_all, partial(stay, notes), [1, 2])
        assert found == [1, 2], (
            f"two scribes have answered 1 and 2, and ended with exit code 3 later, and it came to {found!r}: who has "
            "given an answer has given it, whatever the exit code"
        )
        tidied = len(notes.read())
        assert tidied == 2, (
            f"two scribes had answered and were still busy, and {tidied} of them could end before ask_all came back: "
            "wait for the end of each, and end nobody"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="somebody else's process is waited for: wait for your scribes only")
def test_others_have_processes_too(race):
    def scenario():
        closing = multiprocessing.Event()
        stranger = multiprocessing.Process(target=closing.wait)
        stranger.start()
        found = tried(ask_all, return_it, ["a"])
        assert found == ["a"], f"asked a, beside a process of somebody else, and it came to {found!r}"
        assert stranger.is_alive(), "a process of somebody else was ended: end nobody"
        closing.set()
        stranger.join()

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="the error could not be sent, and is waited for: close the sending end here")
def test_an_error_that_cannot_be_pickled(race):
    def scenario():
        found = tried(ask_all, raise_what_cannot_be_pickled, [1])
        assert isinstance(found, NoAnswer), f"what was raised cannot be pickled, and it came to {found!r}"

    race.explore(scenario, schedules=2)

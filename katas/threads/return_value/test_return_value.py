"""Return value: the tests. Time is virtual in them, and the threads mix in many ways."""

import functools
import sys
import threading
import time
import traceback

import pytest
from return_value import ValueThread


class Harbour:
    """Answers slowly, and notes who asked."""

    def __init__(self):
        self.calls = []
        self.threads = []

    def price(self, ship, *, seconds=0, currency="gold"):
        """Tell a price."""
        self.calls.append(ship)
        self.threads.append(threading.current_thread())
        time.sleep(seconds)
        return f"9 {currency} for {ship}"

    def storm(self, error, seconds=0):
        """Fail."""
        self.calls.append("storm")
        time.sleep(seconds)
        raise error


class Falsy(Exception):
    """An exception that is not true."""

    def __bool__(self):
        return False


class Wreck(BaseException):
    """No Exception, and none that Python knows."""


class Everything:
    """Is equal to everything, neither true nor false, and has a result of its own."""

    __hash__ = None

    def __repr__(self):
        return "<equal to everything>"

    def __eq__(self, other):
        return True

    def result(self):
        return "something else"

    def __bool__(self):
        raise TypeError("neither true nor false")


def ask(function, *args, **kwargs):
    """Make a ValueThread and start it."""
    thread = ValueThread(function, *args, **kwargs)
    thread.start()
    return thread


def outcome(thread, **kwargs):
    """Tell what result() did, as a pair."""
    try:
        return "returned", thread.result(**kwargs)
    except (Exception, SystemExit, KeyboardInterrupt, GeneratorExit, Wreck) as error:
        return "raised", error


@pytest.mark.task(1)
@pytest.mark.means(TimeoutError="nobody gave a time-out, and result() gave up: it waits as long as it takes")
def test_the_value_comes_home(race):
    def scenario():
        harbour = Harbour()
        thread = ask(harbour.price, "argo", seconds=3, currency="silver")
        found = thread.result()
        assert found == "9 silver for argo", (
            f"result() returned {found!r} instead of '9 silver for argo': wait for the thread, "
            "then look at what it left behind"
        )
        assert threading.current_thread() not in harbour.threads, (
            "the function was called in the thread of the caller, it has to be called in a new one"
        )

    race.explore(scenario, schedules=80, clock="any")


@pytest.mark.task(1)
def test_start_does_not_wait_and_result_does(race):
    def scenario():
        harbour = Harbour()
        began = time.monotonic()
        thread = ValueThread(harbour.price, "argo", seconds=3)
        assert harbour.calls == [], "the function was called before start()"
        thread.start()
        took = time.monotonic() - began
        assert took == 0, f"start() came back after {took:g} s instead of at once"
        time.sleep(2)
        assert harbour.calls == ["argo"], (
            "2 s after start() the function has not been called: begin in start(), not in result()"
        )
        thread.result()
        took = time.monotonic() - began
        assert took == 3, f"the call takes 3 s, result() came back after {took:g} s"

    race.explore(scenario, schedules=20)


@pytest.mark.task(1)
def test_every_argument_belongs_to_the_function(race):
    def scenario():
        given = {"name": "ann", "daemon": 0, "target": None, "group": "", "args": (1,), "kwargs": {}, "timeout": 3}
        did, found = outcome(ask(lambda *args, **kwargs: (args, kwargs), None, 0, (), **given))
        wanted = (None, 0, ()), given
        assert (did, found) == ("returned", wanted), (
            f"the function was to be called with {wanted}, result() {did} {found!r}: hand on all of them as they are, "
            "whatever they are called; those that a Thread would like to have as well"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(1)
def test_two_are_side_by_side(race):
    def scenario():
        harbour = Harbour()
        began = time.monotonic()
        first = ask(harbour.price, "argo", seconds=5)
        second = ask(harbour.price, "fram", seconds=3)
        found = [first.result(), second.result()]
        took = time.monotonic() - began
        assert found == ["9 gold for argo", "9 gold for fram"], (
            f"the results are {found}: each thread keeps its own, in the object, not in the class"
        )
        assert took == 5, f"calls of 5 s and 3 s took {took:g} s instead of 5 s"

    race.explore(scenario, schedules=80)


@pytest.mark.task(1)
def test_seventy_are_side_by_side(timing):
    harbour = Harbour()
    with timing.virtual():
        began = time.monotonic()
        threads = [ask(harbour.price, "argo", seconds=1) for _ in range(70)]
        for thread in threads:
            thread.result()
        took = time.monotonic() - began
    assert took == 1, (
        f"70 calls of 1 s took {took:g} s instead of 1 s: not all were made at the same time; a pool has a limit, each "
        "needs a thread of its own"
    )


@pytest.mark.task(2)
@pytest.mark.parametrize(
    "kind", [ValueError, KeyError, SystemExit, KeyboardInterrupt, GeneratorExit, StopIteration, Wreck]
)
def test_the_exception_comes_home(race, kind):
    def scenario():
        printed = []
        hook, threading.excepthook = threading.excepthook, printed.append
        try:
            error, cause = kind("lost at sea"), OSError("a rock")
            error.__cause__ = cause
            thread = ask(Harbour().storm, error, seconds=1)
            did, found = outcome(thread)
        finally:
            threading.excepthook = hook
        assert did == "raised", (
            f"the function raised {error!r}, and result() returned {found!r}: the caller takes a "
            "failure for a value; catch it in the thread (BaseException, as SystemExit is no "
            "Exception), keep it, and raise it in result()"
        )
        assert found is error, f"the function raised {error!r}, result() raised {found!r}: keep the exception itself"
        assert found.__cause__ is cause, (
            f"the function raised {error!r} from {cause!r}, and what result() raised has the cause "
            f"{found.__cause__!r}: raise it as it is, raise … from takes away why"
        )
        where = [frame.f_code.co_name for frame, _ in traceback.walk_tb(found.__traceback__)]
        assert "storm" in where, (
            f"storm raised {error!r}, and the traceback of what result() raised leads through {where} only: keep it, "
            "or nobody can see where it went wrong"
        )
        assert not printed, (
            f"{error!r} was raised in the thread, too, where it is only printed: keep it, do not raise it again there"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
def test_a_falsy_exception_is_an_exception(race):
    def scenario():
        error = Falsy("lost at sea")
        did, found = outcome(ask(Harbour().storm, error))
        assert did == "raised" and found is error, (
            f"the function raised {error!r}, which is false when asked, and result() {did} {found!r}: ask whether it "
            "`is not None`, not whether it is true"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_nothing_is_printed(race, capfd):
    def scenario():
        outcome(ask(Harbour().storm, ValueError("lost at sea")))

    race.explore(scenario, schedules=3)
    printed = "".join(capfd.readouterr())
    assert "lost at sea" not in printed, (
        f"the exception was printed as well, {printed!r}: result() brings it home, and that is enough"
    )


@pytest.mark.task(2)
def test_leaving_by_sys_exit_is_no_value(race):
    def scenario():
        did, found = outcome(ask(sys.exit, 3))
        assert (did, getattr(found, "code", None)) == ("raised", 3), (
            f"the function left by sys.exit(3), and result() {did} {found!r}: SystemExit is no "
            "Exception, and ends a thread without a word; catch BaseException"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_the_time_out_is_told(race):
    def scenario():
        thread = ask(Harbour().price, "argo", seconds=5)
        began = time.monotonic()
        did, found = outcome(thread, timeout=2)
        took = time.monotonic() - began
        assert took == 2, f"result(timeout=2) came back after {took:g} s: hand the timeout on to join()"
        assert did == "raised" and isinstance(found, TimeoutError), (
            f"result(timeout=2) of a call that takes 5 s {did} {found!r}: join(timeout) gives up "
            "without a word; ask is_alive() and raise TimeoutError"
        )
        did, found = outcome(thread)
        assert (did, found) == ("returned", "9 gold for argo"), (
            f"after a time-out a second result() {did} {found!r}: the call goes on, wait for it"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_no_time_at_all_is_a_time_out(race):
    def scenario():
        thread = ask(Harbour().price, "argo", seconds=5)
        began = time.monotonic()
        did, found = outcome(thread, timeout=0)
        took = time.monotonic() - began
        assert (did, type(found), took) == ("raised", TimeoutError, 0), (
            f"result(timeout=0) of a call that takes 5 s {did} {found!r} after {took:g} s: 0 is a time-out like any "
            "other, it only looks, and raises TimeoutError; ask whether timeout `is None`, not whether it is true"
        )
        did, found = outcome(thread, timeout=None)
        assert (did, found) == ("returned", "9 gold for argo"), f"a later result(timeout=None) {did} {found!r}"

    race.explore(scenario, schedules=6)


@pytest.mark.task(3)
def test_who_has_less_time_gives_up_first(race):
    def scenario():
        thread = ask(Harbour().price, "argo", seconds=9)
        began, seen = time.monotonic(), []

        def wait(timeout):
            did, found = outcome(thread, timeout=timeout)
            seen.append((time.monotonic() - began, did, type(found).__name__))

        race.run(lambda: wait(None), lambda: wait(2), lambda: wait(4))
        wanted = [(2, "raised", "TimeoutError"), (4, "raised", "TimeoutError"), (9, "returned", "str")]
        assert seen == wanted, (
            "three asked for a call of 9 s, with no time-out, with 2 s and with 4 s; (when, what, of which kind) was "
            f"{seen} instead of {wanted}: whoever asks waits for the call, and not for the others who ask"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
@pytest.mark.parametrize("timeout", [0, 9])
def test_a_time_out_that_is_long_enough_does_nothing(race, timeout):
    def scenario():
        thread = ask(Harbour().price, "argo", seconds=1)
        time.sleep(0 if timeout else 2)
        did, found = outcome(thread, timeout=timeout)
        assert (did, found) == ("returned", "9 gold for argo"), (
            f"the call had ended in time, and result(timeout={timeout}) {did} {found!r}"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_the_time_counts_from_the_asking(race):
    def scenario():
        thread = ask(Harbour().price, "argo", seconds=4)
        time.sleep(3)
        began = time.monotonic()
        did, found = outcome(thread, timeout=2)
        took = time.monotonic() - began
        assert (did, found, took) == ("returned", "9 gold for argo", 1), (
            f"the call takes 4 s, 3 s after start() somebody asked with timeout=2, and result() {did} {found!r} after "
            f"{took:g} s instead of returning the price after 1 s: the seconds count from the call of result, not of "
            "start"
        )

    race.explore(scenario, schedules=6)


OWN_TIME_OUT = "the function raised TimeoutError itself, and result() takes it for the end of its own waiting, for ever"


@pytest.mark.task(3)
@pytest.mark.means(NoProgressFound=OWN_TIME_OUT, StuckFound=OWN_TIME_OUT)
@pytest.mark.parametrize("timeout", [5, None])
def test_a_time_out_raised_by_the_function_is_its_own(race, timeout):
    def scenario():
        error = TimeoutError("the harbour did not answer")
        did, found = outcome(ask(Harbour().storm, error, seconds=2), timeout=timeout)
        assert did == "raised" and found is error, (
            f"the function itself raised {error!r}, result(timeout={timeout}) {did} {found!r}: it is an exception of "
            "the call like any other, do not take it for the end of your own waiting"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
@pytest.mark.means(
    TypeError="a value that is neither true nor false was asked whether it is; ask no value anything",
    AttributeError="the function has no __name__: whatever can be called is one, ask it for nothing else",
)
@pytest.mark.parametrize(
    "value",
    [None, False, 0, (), ..., ValueError("a price"), ValueError, Everything(), pytest.param(iter("ab"), id="iterator")],
    ids=repr,
)
def test_any_value_is_a_value(race, value):
    def scenario():
        did, found = outcome(ask(functools.partial(lambda price: price, value)))
        assert did == "returned" and found is value, (
            f"the function returned {value!r}, result() {did} {found!r}: remember whether the "
            "call returned or raised, do not guess it from the value"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
def test_asking_again_gives_the_same(race):
    def scenario():
        harbour = Harbour()
        good = ask(harbour.price, "argo")
        bad = ask(harbour.storm, ValueError("lost at sea"))
        found = [outcome(good) for _ in range(2)], [outcome(bad) for _ in range(2)]
        for first, second in found:
            assert first == second, f"the first result() {first}, the second one {second}"
        assert sorted(harbour.calls) == ["argo", "storm"], (
            f"two functions were called {len(harbour.calls)} times: asking calls nothing"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
def test_several_threads_may_ask(race):
    def scenario():
        harbour = Harbour()
        thread = ask(harbour.price, "argo", seconds=1)
        found = race.run(thread.result, thread.result)
        assert found == ["9 gold for argo"] * 2, f"two threads asked and got {found}"
        assert harbour.calls == ["argo"], f"the function was called {len(harbour.calls)} times: asking calls nothing"

    race.explore(scenario, schedules=80)


@pytest.mark.task(4)
def test_who_asks_takes_the_answer_from_nobody(race):
    def scenario():
        thread = ask(Harbour().price, "argo", seconds=1)
        time.sleep(2)
        found = race.run(lambda: outcome(thread), lambda: outcome(thread, timeout=0))
        assert found == [("returned", "9 gold for argo")] * 2, (
            "the call had ended, two threads asked at the same time, one of them with timeout=0, and "
            f"result() {found}: the answer is there for all at any time, nobody takes it out, not even for a moment"
        )

    race.explore(scenario, schedules=40)


@pytest.mark.task(4)
def test_several_threads_may_hear_of_the_exception(race):
    def scenario():
        error = ValueError("lost at sea")
        thread = ask(Harbour().storm, error, seconds=1)
        found = race.run(lambda: outcome(thread), lambda: outcome(thread), lambda: outcome(thread))
        assert all(did == "raised" and what is error for did, what in found), (
            f"the function raised {error!r}, three threads asked, and result() {found}: each of them hears of it"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound="before start() nothing runs that result() could wait for, and it waits for ever")
@pytest.mark.parametrize("timeout", [5, 0, None])
def test_asking_too_early_is_an_error(race, timeout):
    def scenario():
        thread = ValueThread(Harbour().price, "argo")
        began = time.monotonic()
        did, found = outcome(thread, timeout=timeout)
        took = time.monotonic() - began
        assert did == "raised" and isinstance(found, RuntimeError), (
            f"before start() result() {did} {found!r}: nothing runs that it could wait for, so it "
            "should raise RuntimeError"
        )
        assert took == 0, (
            f"before start() result(timeout={timeout}) waited for {took:g} s: there is nothing to wait for"
        )
        thread.start()
        did, found = outcome(thread)
        assert (did, found) == ("returned", "9 gold for argo"), (
            f"somebody asked too early, and then start() was called: result() {did} {found!r}"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(4)
def test_whoever_is_called_has_been_started(race):
    def scenario():
        seen = []
        helper = threading.Thread(target=lambda: seen.append(outcome(thread)))

        def call():
            helper.start()
            return "9 gold"

        thread = ValueThread(call)
        thread.start()
        outcome(thread)
        helper.join()
        assert seen == [("returned", "9 gold")], (
            f"the function was being called, a thread that it had started asked for the result, and result() "
            f"{seen[0][0]} {seen[0][1]!r}: what is called has been started; note that before the thread begins"
        )

    race.explore(scenario, schedules=16)

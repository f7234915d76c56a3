"""Read, modify, write: the tests. Time is virtual, and the threads mix in many ways."""

import threading
import time

import pytest
from read_modify_write import Ledger, change_side_by_side

CRITICAL = "reading, computing and writing have to stand together under one lock"


def slowly(seconds, by):
    """Make a function that computes for a while."""

    def compute(value):
        time.sleep(seconds)
        return value + by

    return compute


@pytest.mark.task(1)
def test_the_value_is_changed(race):
    def scenario():
        ledger, given = Ledger(100), []
        assert ledger.value == 100, f"a new ledger of 100 says {ledger.value}"

        def double(value):
            given.append(value)
            return value * 2

        result = ledger.change(double)
        assert given == [100], f"compute was called with {given}, it should be [100]: once"
        assert ledger.value == 200, f"100 was doubled, and the ledger says {ledger.value}"
        assert result == 200, f"change returned {result!r} instead of the new value 200"
        ledger.change(lambda value: 0)
        assert ledger.value == 0, f"0 was to be written, and the ledger says {ledger.value}"

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
@pytest.mark.parametrize("clerks", [2, 3])
def test_no_change_is_lost(race, clerks):
    def scenario():
        ledger = Ledger(100)
        change_side_by_side(ledger, [lambda value: value - 1] * clerks)
        assert ledger.value == 100 - clerks, (
            f"{clerks} clerks each took one from 100, and the ledger says {ledger.value} instead "
            f"of {100 - clerks}: somebody wrote what was computed from an old value; {CRITICAL}"
        )

    race.explore(scenario, schedules=100)


@pytest.mark.task(2)
@pytest.mark.parametrize(
    "seconds", [(1, 1, 1), (0.1, 60), (60, 0.1)], ids=["all alike", "the last is slow", "the first"]
)
def test_no_change_is_lost_while_somebody_computes(race, seconds):
    def scenario():
        ledger = Ledger(100)
        began = time.monotonic()
        change_side_by_side(ledger, [slowly(each, -1) for each in seconds])
        took, wanted = time.monotonic() - began, sum(seconds)
        assert ledger.value == 100 - len(seconds), (
            f"{len(seconds)} clerks each took one from 100, and the ledger says {ledger.value} "
            f"instead of {100 - len(seconds)}: another one wrote while one computed; {CRITICAL}, "
            "and all threads have to be joined"
        )
        assert round(took - wanted, 6) == 0, (
            f"computing for {seconds} s, each from the result of the one before, took {took:g} s "
            f"instead of {wanted:g} s: do not sleep, the lock and join() wait as long as needed"
        )

    race.explore(scenario, schedules=24)


@pytest.mark.task(2)
def test_each_function_is_called_once(race):
    def scenario():
        ledger, calls = Ledger(0), []

        def note(number):
            def compute(value):
                calls.append(number)
                return value + number

            return compute

        change_side_by_side(ledger, [note(1), note(10)])
        assert sorted(calls) == [1, 10], (
            f"two functions, 1 and 10, were handed in; called were {sorted(calls)}: each exactly "
            "once, whoever was faster"
        )
        assert ledger.value == 11, f"1 and 10 were added to 0, the ledger says {ledger.value}"

    race.explore(scenario, schedules=100)


@pytest.mark.task(2)
def test_a_dozen_become_none(race):
    def scenario():
        ledger = Ledger(12)
        change_side_by_side(ledger, [slowly(0.01, -1)] * 12)
        assert ledger.value == 0, (
            f"12 clerks each took one from 12, and the ledger says {ledger.value} instead of 0: {CRITICAL}"
        )

    race.explore(scenario, schedules=5)


class Mistake(Exception):
    """What a clerk raises in the tests."""


def fail(value):
    """Compute for a second, in vain."""
    time.sleep(1)
    raise Mistake(f"a blot on the page of {value}")


@pytest.mark.task(3)
def test_the_error_reaches_the_caller(race):
    def scenario():
        ledger, caught = Ledger(100), None
        try:
            ledger.change(fail)
        except Mistake as error:
            caught = error
        assert caught is not None, (
            "compute raised, and change did not: the caller has to hear of it; do not catch it, or raise it again"
        )
        assert ledger.value == 100, f"compute raised, and the ledger says {ledger.value!r}: the value must stay at 100"

    race.explore(scenario, schedules=10)


@pytest.mark.task(3)
@pytest.mark.parametrize("others", [1, 2])
def test_after_an_error_everybody_can_go_on(race, others):
    def scenario():
        ledger, caught = Ledger(100), []

        def go_wrong():
            try:
                ledger.change(fail)
            except Mistake as error:
                caught.append(error)

        clerks = [threading.Thread(target=go_wrong, name="clerk who goes wrong", daemon=True)]
        for _ in range(others):
            clerks.append(threading.Thread(target=ledger.change, args=(slowly(1, -1),), daemon=True))
        for clerk in clerks:
            clerk.start()
        for clerk in clerks:
            clerk.join(timeout=60)
        waiting = [clerk for clerk in clerks if clerk.is_alive()]
        assert not waiting, (
            f"one computation raised, and after a minute {len(waiting)} of the others still wait "
            "for the lock: it was never released; use `with`, or release in `finally`"
        )
        assert ledger.value == 100 - others, (
            f"{others} took one from 100 and one failed, and the ledger says {ledger.value} instead of {100 - others}"
        )

    race.explore(scenario, schedules=24)


@pytest.mark.task(4)
def test_ledgers_do_not_wait_for_each_other(race):
    def scenario():
        coins, notes = Ledger(100), Ledger(50)
        began = time.monotonic()
        race.run(lambda: coins.change(slowly(5, -1)), lambda: notes.change(slowly(5, +1)))
        took = time.monotonic() - began
        assert (coins.value, notes.value) == (99, 51), (
            f"the ledgers of 100 and 50 say {coins.value} and {notes.value}, not 99 and 51"
        )
        assert took == 5, (
            f"5 s of computing for each of two ledgers took {took:g} s instead of 5 s: one waited "
            "for the other; each ledger needs a lock of its own"
        )

    race.explore(scenario, schedules=30)

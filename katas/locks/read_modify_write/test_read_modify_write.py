"""Read, modify, write: the tests. Time is virtual, and the threads mix in many ways."""

import functools
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
@pytest.mark.means(AttributeError="compute has no __name__: whatever can be called will do, only call it")
def test_the_value_is_changed(race):
    def scenario():
        ledger, given = Ledger(100), []
        assert ledger.value == 100, f"a new ledger of 100 says {ledger.value}"

        def double(value):
            given.append(value)
            return value * 2

        result = ledger.change(functools.partial(double))
        assert given == [100], f"compute was called with {given}, it should be [100]: once"
        assert ledger.value == 200, f"100 was doubled, and the ledger says {ledger.value}"
        assert result == 200, f"change returned {result!r} instead of the new value 200"
        ledger.change(lambda value: 0)
        assert ledger.value == 0, f"0 was to be written, and the ledger says {ledger.value}"

    race.explore(scenario, schedules=5)


@pytest.mark.task(2)
@pytest.mark.parametrize("clerks", [2, 3])
def test_no_change_is_lost(race, clerks):
    def scenario():
        ledger, calls = Ledger(100), []
        change_side_by_side(ledger, [lambda value: calls.append(value) or value - 1] * clerks)
        assert len(calls) == clerks, (
            f"{clerks} clerks were sent with the same function, and it was called {len(calls)} times: each entry of "
            "the "
            "list is one call"
        )
        assert ledger.value == 100 - clerks, (
            f"{clerks} clerks each took one from 100, and the ledger says {ledger.value} instead "
            f"of {100 - clerks}: somebody wrote what was computed from an old value; {CRITICAL}"
        )

    race.explore(scenario, schedules=100)


@pytest.mark.task(2)
def test_each_gets_his_own_number(race):
    def scenario():
        ledger = Ledger(100)
        found = race.run(*[lambda: ledger.change(lambda value: value - 1)] * 2)
        assert ledger.value == 98, (
            f"two threads called change, each took one from 100, and the ledger says {ledger.value} instead of 98: "
            f"{CRITICAL}, "
            "in change itself, as anybody may call it"
        )
        assert sorted(found) == [98, 99], (
            f"two clerks each took one from 100, and change told them {found} instead of 98 and 99: return what you "
            "have "
            "computed; once the lock is free the value may be another one's"
        )

    race.explore(scenario, schedules=40)


@pytest.mark.task(2)
def test_the_value_can_be_read_while_somebody_computes(race):
    def scenario():
        ledger, seen = Ledger(100), []

        def look():
            time.sleep(1)
            try:
                seen.append(ledger.value)
            except Exception as error:
                seen.append(repr(error))
            seen.append(100 if time.monotonic() - began < 5 else 99)  # who waited for the end finds the new one

        began = time.monotonic()
        race.run(lambda: ledger.change(slowly(5, -1)), look)
        assert seen[0] == seen[1], (
            f"while somebody computed 99 from 100, the value was read and gave {seen[0]} instead of {seen[1]}: what "
            "was "
            "written last can be read at any time"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(2)
@pytest.mark.means(ValueError="there may be nobody to compute: an empty list of functions is no error")
def test_an_empty_list_changes_nothing(race):
    def scenario():
        ledger = Ledger(100)
        change_side_by_side(ledger, [])
        assert ledger.value == 100, f"nobody was to change 100, and the ledger says {ledger.value}"

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
def test_each_has_a_thread_of_its_own(race):
    def scenario():
        ledger, threads = Ledger(0), [threading.current_thread()]

        def compute(value):
            threads.append(threading.current_thread())
            return value + 1

        change_side_by_side(ledger, [compute] * 3)
        names = [thread.name for thread in threads]
        assert len(set(threads)) == 4, (
            f"three functions, called from {names[0]}, ran in the threads {names[1:]}: each needs a thread of its own, "
            "and gets none that another one has used"
        )

    race.explore(scenario, schedules=7)


@pytest.mark.task(2)
def test_all_are_started_before_one_is_waited_for(race):
    def scenario():
        ledger, running, before = Ledger(0), [], set(threading.enumerate())

        def compute(value):
            time.sleep(1)
            running.append(len(set(threading.enumerate()) - before))
            return value + 1

        change_side_by_side(ledger, [compute] * 3)
        assert max(running) == 3, (
            f"while the first of three clerks computed, {running[0]} of them were under way: start all before you wait "
            "for one"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(2)
@pytest.mark.parametrize(
    "seconds", [(1, 1, 1), (0.1, 60), (3600, 0.1)], ids=["all alike", "the last is slow", "the first"]
)
def test_no_change_is_lost_while_somebody_computes(race, seconds):
    def scenario():
        ledger, before = Ledger(100), threading.active_count()
        began = time.monotonic()
        change_side_by_side(ledger, [slowly(each, -1) for each in seconds])
        took, wanted = time.monotonic() - began, sum(seconds)
        alive = threading.active_count() - before
        assert not alive, (
            f"change_side_by_side came back after {took:g} s, when {alive} of its threads still ran: join every one of "
            "them, "
            "without a time-out"
        )
        assert ledger.value == 100 - len(seconds), (
            f"{len(seconds)} clerks each took one from 100, and the ledger says {ledger.value} "
            f"instead of {100 - len(seconds)}: another one wrote while one computed; {CRITICAL}, "
            "and all threads have to be joined"
        )
        assert round(took - wanted, 6) == 0, (
            f"computing for {seconds} s, each from the result of the one before, took {took:g} s "
            f"instead of {wanted:g} s: do not sleep, the lock and join() wait as long as needed"
        )

    race.explore(scenario, schedules=8)


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

    race.explore(scenario, schedules=3)


class Mistake(Exception):
    """What a clerk raises in the tests."""


class Evacuated(BaseException):
    """Neither is this one an Exception, as KeyboardInterrupt and SystemExit are not."""


class Nothing(StopIteration):
    """An Exception that a loop takes for its own end."""


def failing(kind, raised):
    """Make a function that computes for a second, in vain."""

    def compute(value):
        time.sleep(1)
        raised.append(kind(f"a blot on the page of {value}"))
        raise raised[0] from OSError("the pen leaks")

    return compute


def attempt(ledger, compute):
    """Return what change raises, or None."""
    try:
        ledger.change(compute)
    except (Mistake, Evacuated, Nothing, RuntimeError) as error:
        return error
    return None


@pytest.mark.task(3)
@pytest.mark.parametrize("kind", [Mistake, Evacuated, Nothing])
def test_the_error_reaches_the_caller(race, kind):
    def scenario():
        ledger, raised = Ledger(100), []
        caught = attempt(ledger, failing(kind, raised))
        assert caught is not None, (
            f"compute raised ({kind.__base__.__name__}), and change did not: the caller has to hear of it; do not "
            "catch it, or raise it again, and let no loop take it for its end"
        )
        assert len(raised) == 1, (
            f"compute raised, and was called {len(raised)} times: exactly once, whatever comes of it"
        )
        assert [caught] == raised, (
            f"compute raised {raised}, and the caller got another error, {caught!r}: raise the same object"
        )
        assert isinstance(caught.__cause__, OSError), (
            f"compute raised from OSError('the pen leaks'), and what change raised has the cause {caught.__cause__!r}: "
            "a bare raise leaves it as it is, raise … from None takes away why"
        )
        assert ledger.value == 100, f"compute raised, and the ledger says {ledger.value!r}: the value must stay at 100"

    race.explore(scenario, schedules=6)


@pytest.mark.task(3)
@pytest.mark.parametrize("kind", [Mistake, Evacuated])
@pytest.mark.parametrize("others", [1, 2])
def test_after_an_error_everybody_can_go_on(race, others, kind):
    def scenario():
        ledger = Ledger(100)
        wrong = threading.Thread(target=attempt, args=(ledger, failing(kind, [])), name="who goes wrong", daemon=True)
        take_one = slowly(2, -1) if others == 2 else lambda value: value - 1  # the quick one may be done in between

        def work(after):
            time.sleep(after)
            ledger.change(take_one)

        right = [threading.Thread(target=work, args=(after,), daemon=True) for after in (0, 1.5)[:others]]
        clerks = [wrong, *right]
        for clerk in clerks:
            clerk.start()
        for clerk in clerks:
            clerk.join(timeout=60)
        waiting = [clerk for clerk in clerks if clerk.is_alive()]
        assert not waiting, (
            f"one computation raised ({kind.__base__.__name__}), and after a minute {len(waiting)} of the others still "
            "wait "
            "for the lock: it was never released; use `with`, or release in `finally`"
        )
        assert ledger.value == 100 - others, (
            f"{others} took one from 100 and one failed, and the ledger says {ledger.value} instead of {100 - others}: "
            "an error writes nothing, least of all an old value, and whoever comes after it waits at the same lock as "
            "before"
        )

    race.explore(scenario, schedules=16 if others == 1 else 7)


@pytest.mark.task(4)
def test_ledgers_do_not_wait_for_each_other(race):
    def scenario():
        coins, notes = Ledger(100), Ledger(100)
        began = time.monotonic()
        race.run(lambda: coins.change(slowly(5, -1)), lambda: notes.change(slowly(5, +1)))
        took = time.monotonic() - began
        assert (coins.value, notes.value) == (99, 101), (
            f"the ledgers of 100 and 100 say {coins.value} and {notes.value}, not 99 and 101"
        )
        assert took == 5, (
            f"5 s of computing for each of two ledgers took {took:g} s instead of 5 s: one waited "
            "for the other; each ledger needs a lock of its own"
        )

    race.explore(scenario, schedules=30)


@pytest.mark.task(4)
def test_a_hundred_ledgers_do_not_wait(race):
    def scenario():
        ledgers = [Ledger(100) for _ in range(101)]

        def change_the_others():
            time.sleep(1)
            began = time.monotonic()
            for ledger in ledgers[1:]:
                ledger.change(lambda value: value - 1)
            return time.monotonic() - began

        _, took = race.run(lambda: ledgers[0].change(slowly(60, -1)), change_the_others)
        assert took == 0, (
            f"somebody computed for one of 101 ledgers, and changing the 100 others, in no time each, took {took:g} s: "
            "each "
            "ledger needs a lock of its own, a handful of locks for all is too few"
        )

    race.explore(scenario, schedules=1)

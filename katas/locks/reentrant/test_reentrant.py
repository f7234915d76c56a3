"""The same lock twice: the tests. Time is virtual, and the threads mix in many ways."""

import functools
import threading
import time

import pytest
from reentrant import Till


@pytest.mark.task(1)
def test_put_take_total(race):
    def scenario():
        till = Till()
        assert till.total() == 0, f"a new till holds {till.total()} instead of 0"
        till.put(50)
        assert till.take(20) is True, "there were 50 in the till, take(20) must return True"
        assert till.total() == 30, f"50 were put, 20 taken, the till holds {till.total()}"
        assert till.take(31) is False, "there were 30 in the till, take(31) must return False"
        assert till.total() == 30, f"a refused take must change nothing; now there are {till.total()}"
        assert till.take(30) is True, "there were 30 in the till, take(30) must return True"
        assert Till(7).total() == 7, f"Till(7) holds {Till(7).total()} instead of 7"
        assert Till().take(0) is True, "an empty till holds 0, so that take(0) must return True"

    race.explore(scenario, schedules=3)


@pytest.mark.task(1)
@pytest.mark.parametrize("calls", ["put put", "take take", "put take"])
def test_nothing_is_lost(race, calls):
    def scenario():
        till = Till(10)
        done = race.run(*(lambda name=name: getattr(till, name)(10) for name in calls.split()))
        wanted = 10 + 10 * sum(1 if result is None else -result for result in done)
        assert till.total() >= 0, (
            f"{calls} of 10 each at the same time made 10 into {till.total()}: two asked, and then "
            "both took; asking and taking must be one step"
        )
        assert till.total() == wanted, (
            f"{calls} of 10 each at the same time made 10 into {till.total()} instead of {wanted}: "
            "put, take and total need one lock"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound="an exchange takes out and puts in, under one lock: what it calls wants the till that it has "
    "already; let an owner in again (RLock), or call what expects the lock"
)
def test_an_exchange_is_two_movements(race):
    def scenario():
        till = Till(50)
        assert till.exchange(50, 49) is True, "there were 50 in the till, exchange must return True"
        assert till.total() == 49, f"50 went out, 49 came in, the till holds {till.total()}"
        assert till.exchange(50, 50) is False, "there were 49 in the till: 50 cannot go out"
        assert till.total() == 49, f"a refused exchange must change nothing: the till held 49, now {till.total()}"
        assert till.exchange(50, 99) is False, (
            "there were 49 in the till: 50 cannot go out, whatever comes in afterwards"
        )
        assert Till().exchange(0, 5) is True, "an empty till holds 0, so that exchange(0, 5) must return True"

    race.explore(scenario, schedules=5)


@pytest.mark.task(2)
def test_nobody_counts_in_between(race):
    def scenario():
        till, seen = Till(50), []
        race.run(lambda: till.exchange(50, 45), lambda: seen.append(till.total()))
        assert seen[0] in (50, 45), (
            f"50 went out and 45 came in, and somebody who counted meanwhile found {seen[0]}: hold "
            "the lock over both movements, and count under the lock"
        )

    race.explore(scenario, schedules=60)


@pytest.mark.task(2)
def test_nobody_takes_in_between(race):
    def scenario():
        till = Till(50)
        done = race.run(lambda: till.exchange(40, 40), lambda: till.exchange(40, 40))
        assert done == [True, True], (
            "two exchanged 40 for 40 in a till of 50, which is enough for both, one after the "
            f"other; they were told {done}: one came in between the movements of the other"
        )

    race.explore(scenario, schedules=60)


@pytest.mark.task(3)
def test_all_methods_can_be_used_inside(race):
    def scenario():
        till, seen = Till(10), []

        def work(same):
            seen.append(same)
            same.put(5)
            same.take(1)
            same.exchange(4, 3)
            return same.alone(lambda again: again.alone(lambda deeper: deeper.total()))

        result = till.alone(work)
        assert seen == [till], f"work was called with {seen}, it should be [the till]"
        assert result == 13, f"alone returned {result!r} instead of what work returned, 13"
        result = till.alone(lambda same: till.take(1000))
        assert result is False, f"work used the till by its own name and returned False, and alone returned {result!r}"
        result = till.alone(lambda same: None)
        assert result is None, f"work returned None, and alone returned {result!r}"

    race.explore(scenario, schedules=10)


@pytest.mark.task(3)
@pytest.mark.parametrize("other", ["put", "take", "total", "exchange", "alone"])
def test_others_wait_until_it_is_over(race, other):
    def scenario():
        till, inside, times = Till(100), threading.Event(), []

        def work(till):
            inside.set()
            till.put(1)  # the lock is taken again, and given back once
            till.alone(lambda till: till.put(1))
            time.sleep(5)

        def come_later():
            inside.wait()
            arguments = {"put": [1], "take": [1], "exchange": [1, 1], "alone": [Till.total]}
            getattr(till, other)(*arguments.get(other, []))
            times.append(time.monotonic())

        began = time.monotonic()
        race.run(lambda: till.alone(work), come_later)
        took = times[0] - began
        assert took >= 5, (
            f"somebody was alone with the till for 5 s, and {other}() of another thread was done "
            f"after {took:g} s: the lock is free only after as many releases as acquires; the end "
            "of an inner block must not open it"
        )
        assert took == 5, (
            f"the till was free after 5 s, and {other}() of another thread was done after {took:g} "
            "s: do not ask again and again, a lock wakes who waits for it"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(3)
def test_a_namesake_waits_like_others(race):
    def scenario():
        till, found = Till(100), []
        began = time.monotonic()

        def come_later():
            time.sleep(1)
            till.put(1)
            found.append(time.monotonic() - began)

        acts = [lambda: till.alone(lambda same: time.sleep(5)), come_later]
        threads = [threading.Thread(target=act, name="clerk") for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [5], (
            "two threads have the same name, one was alone with the till until 5 s, and put() of the other was done "
            f"after {found[0]:g} s: a name is no identity, an owner is known by his ident or by the thread itself"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(3)
@pytest.mark.parametrize("people", [2, 3])
@pytest.mark.means(
    DeadlockFound="who was alone with the till has left, and nobody else gets in: note and forget the owner while the "
    "lock is held, never after it was released"
)
def test_what_is_done_alone_is_one_step(race, people):
    def scenario():
        till = Till(1)
        double = [lambda: till.alone(lambda same: same.put(same.total()))] * people
        race.run(*double)
        assert till.total() == 2**people, (
            f"{people} doubled 1, each of them alone with the till, and it holds {till.total()} instead "
            f"of {2**people}: somebody counted before another one had put"
        )

    race.explore(scenario, schedules=10)


@pytest.mark.task(3)
@pytest.mark.means(
    AttributeError="work has no __name__: whatever can be called will do, only call it",
    ValueError="work returned an exception, and alone raised it: what is returned is a value",
)
def test_whatever_work_returns_is_returned(race):
    def scenario():
        till = Till(10)
        for wanted in (None, False, 0, [], ValueError("an answer"), dict, iter("ab")):
            found = till.alone(functools.partial(lambda answer, till: answer, wanted))
            assert found is wanted, f"work returned {wanted!r}, and alone returned {found!r}: hand it on as it is"

    race.explore(scenario, schedules=1)


class Mistake(Exception):
    """What work raises in the tests."""


class Evacuated(BaseException):
    """Neither is this one an Exception, as KeyboardInterrupt and SystemExit are not."""


def raise_inside(till, error):
    """Be interrupted two levels deep."""
    till.put(1)

    def deeper(till):
        raise error

    till.alone(deeper)


LEAVE = {
    "after a refused take": lambda till: till.take(1000),
    "after a refused exchange": lambda till: till.exchange(1000, 1),
    "after an exchange": lambda till: till.exchange(1, 1),
    "after being alone": lambda till: till.alone(Till.total),
    "after an exception": lambda till: till.alone(lambda till: raise_inside(till, Mistake("the phone rang"))),
    "after a BaseException": lambda till: till.alone(lambda till: raise_inside(till, Evacuated("the bell rang"))),
}


@pytest.mark.task(4)
@pytest.mark.parametrize("what", LEAVE)
def test_others_get_in(race, what):
    def scenario():
        till = Till(10)
        try:
            LEAVE[what](till)
        except (Mistake, Evacuated):
            pass
        visitor = threading.Thread(target=till.total, name="visitor", daemon=True)
        visitor.start()
        visitor.join(timeout=60)
        assert not visitor.is_alive(), (
            f"{what} nobody else gets in any more: the lock was released less often than it was "
            "acquired; use `with`, or release on every way out"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
@pytest.mark.parametrize("kind", [Mistake, Evacuated])
def test_the_exception_reaches_the_caller(race, kind):
    def scenario():
        till, caught, error, cause = Till(10), None, kind("the phone rang"), OSError("a wrong number")
        error.__cause__ = cause
        try:
            till.alone(lambda till: raise_inside(till, error))
        except (Mistake, Evacuated) as found:
            caught = found
        assert caught is error, (
            f"work raised ({kind.__base__.__name__}), and alone raised {caught!r}: the caller has to hear of it, and "
            "gets the same object"
        )
        assert caught.__cause__ is cause, (
            f"work raised {error!r} from {cause!r}, and what alone raised has the cause {caught.__cause__!r}: a bare "
            "raise leaves it as it is, raise … from None takes away why"
        )
        assert till.total() == 11, (
            f"1 was put to 10 before work raised, and the till holds {till.total()} instead of 11: "
            "what was done is not undone"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(4)
def test_an_inner_exception_does_not_open_the_till(race):
    def scenario():
        till, found = Till(10), []
        began = time.monotonic()

        def work(same):
            try:
                raise_inside(same, Mistake("the phone rang"))
            except Mistake:
                time.sleep(5)

        def come_later():
            time.sleep(1)
            till.put(1)
            found.append(time.monotonic() - began)

        race.run(lambda: till.alone(work), come_later)
        assert found == [5], (
            "somebody was alone with the till until 5 s; an alone inside of it raised at 0 s, which he caught, and "
            f"put() of another thread was done after {found[0]:g} s instead of 5 s: what has been taken twice and "
            "is given back once is not free, whether by an exception or not"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_who_waits_gets_in_after_an_exception(race):
    def scenario():
        till, found = Till(10), []

        def fail():
            try:
                till.alone(lambda till: [time.sleep(5), raise_inside(till, Mistake("the phone rang"))])
            except Mistake:
                pass

        def come_later():
            time.sleep(1)
            found.append(till.take(10))

        for act in (fail, come_later, come_later):
            threading.Thread(target=act, daemon=True).start()
        time.sleep(60)
        assert sorted(found) == [False, True], (
            f"two waited while somebody was alone and failed, and a minute later take had told them {found} instead of "
            "True and False: let in who waits, after an exception too"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(5)
@pytest.mark.parametrize("use", ["total", "put", "alone"])
def test_alone_with_one_till_is_not_alone_with_the_other(race, use):
    def scenario():
        mine, yours, times = Till(1), Till(2), []
        arguments = {"put": [1], "alone": [Till.total]}.get(use, [])

        def both():
            time.sleep(1)
            mine.alone(lambda same: getattr(yours, use)(*arguments))
            times.append(time.monotonic())

        began = time.monotonic()
        race.run(lambda: yours.alone(lambda same: time.sleep(5)), both)
        took = times[0] - began
        assert took == 5, (
            f"somebody was alone with one till until 5 s, and {use}() of it was done at {took:g} s by somebody who was "
            "alone "
            "with another till: being inside one till says nothing about the other; each needs its own count"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(5)
def test_two_tills_do_not_wait_for_each_other(race):
    def scenario():
        began = time.monotonic()
        tills = [Till(1), Till(2)]
        race.run(*(lambda till=till: till.alone(lambda same: time.sleep(5)) for till in tills))
        took = time.monotonic() - began
        assert took == 5, (
            f"two people, each alone with a till of their own for 5 s, needed {took:g} s instead of "
            "5 s: each till needs a lock of its own"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(5)
def test_a_hundred_tills_do_not_wait(race):
    def scenario():
        tills = [Till(10) for _ in range(101)]

        def use_the_others():
            time.sleep(1)
            began = time.monotonic()
            for till in tills[1:]:
                till.put(1)
            return time.monotonic() - began

        _, took = race.run(lambda: tills[0].alone(lambda same: time.sleep(60)), use_the_others)
        assert took == 0, (
            f"somebody was alone with one of 101 tills, and putting into the 100 others took {took:g} s: each till "
            "needs a "
            "lock of its own, a handful of locks for all is too few"
        )

    race.explore(scenario, schedules=1)

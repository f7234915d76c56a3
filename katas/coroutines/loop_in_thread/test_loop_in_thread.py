"""The kitchen behind the window: the tests. Time is virtual, threads and tasks go on in many orders."""

import asyncio
import concurrent.futures
import queue
import threading
import time

import pytest
from loop_in_thread import CLOSE, Kitchen, run_window

ASLEEP = (
    "to call something of a loop's from another thread does not wake it: use run_coroutine_threadsafe or "
    "call_soon_threadsafe"
)
MIST = OSError("mist")
NOT_THERE = "an order was given as soon as the kitchen was open, and there was no loop yet: make it before you return"


def caught(call, *args, **kwargs):
    """Return what a call returns or raises."""
    try:
        return call(*args, **kwargs)
    except NotImplementedError:
        raise
    except (Exception, asyncio.CancelledError) as error:
        return error


def done(future, what):
    """Return what a future got within 99 s."""
    try:
        return caught(future.result, 99) if not future.done() else caught(future.result)
    finally:
        assert future.done(), f"{what}, and 99 s later its future has got nothing: {ASLEEP}"


def asked(job, seconds=99):
    """Run a job in a daemon thread; return what it returned or raised, and how long it took; None if it still runs."""
    found = []
    began = time.monotonic()

    def work():
        result = caught(job)
        found.append((result, time.monotonic() - began))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else None


def closed(kitchen, why="close has not come back after 99 s: the loop must be woken, and what is still cooked ended"):
    """Close a kitchen; who does not come back within 99 s never does."""
    found = asked(kitchen.close)
    assert found, why
    assert not isinstance(found[0], BaseException), f"close raised {found[0]!r}"
    return found[1]


class Stove:
    """Notes who cooks: a dish is a pair of its name and its seconds."""

    def __init__(self, back=0):
        self.back = back
        self.begun, self.ended, self.calls, self.places = [], [], [], set()

    async def cook(self, name, seconds, result=None):
        self.begun.append(name)
        self.places.add((threading.get_ident(), asyncio.get_running_loop()))
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            await asyncio.sleep(self.back)
            raise
        finally:
            self.ended.append(name)
        if isinstance(result, type) and issubclass(result, BaseException):
            raise result(name)
        return result

    def call(self, *args):
        self.calls.append(args)
        self.places.add((threading.get_ident(), asyncio.get_running_loop()))


@pytest.mark.task(1)
@pytest.mark.means(AttributeError=NOT_THERE)
def test_orders_are_taken_at_once(race):
    def scenario():
        kitchen, stove = Kitchen(), Stove()
        assert done(kitchen.order(stove.cook, "soup", 1, "hot"), "an order was given at once") == "hot"
        kitchen.close()

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(1)
def test_all_are_cooked_at_the_same_time(race):
    def scenario():
        kitchen, stove = Kitchen(), Stove()
        began = time.monotonic()
        futures = [kitchen.order(stove.cook, name, n, name) for name, n in (("soup", 1), ("roast", 3), ("cake", 2))]
        waited = time.monotonic() - began
        assert waited == 0, f"order came back after {waited:g} s: it waits for nothing that is cooked"
        kinds = {type(future).__name__ for future in futures if not isinstance(future, concurrent.futures.Future)}
        assert not kinds, f"order returned a {kinds.pop()}, it should be a concurrent.futures.Future"
        found = [done(future, "an order was given") for future in futures]
        took = time.monotonic() - began
        assert found == ["soup", "roast", "cake"], f"three orders gave {found} instead of soup, roast and cake"
        assert took == 3, f"dishes of 1, 3 and 2 s took {took:g} s instead of 3 s: let all be cooked at the same time"
        assert len(stove.places) == 1, f"three orders ran in {len(stove.places)} loops or threads: a kitchen has one"
        assert threading.get_ident() not in {thread for thread, _ in stove.places}, "the kitchen ran in my own thread"
        kitchen.close()

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(1)
def test_a_sleeping_kitchen_wakes_up(race):
    def scenario():
        kitchen, stove = Kitchen(), Stove()
        kitchen.order(stove.cook, "roast", 50)
        time.sleep(5)
        began = time.monotonic()
        future = kitchen.order(stove.cook, "soup", 1, "hot")
        found = done(future, "the kitchen slept, an order was given")
        took = time.monotonic() - began
        assert found == "hot", f"an order of soup, hot, gave {found!r}"
        assert took == 1, f"a soup of 1 s took {took:g} s, as the kitchen slept until something else came: {ASLEEP}"
        kitchen.close()

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(1)
def test_everybody_may_order(race):
    def scenario():
        kitchen, stove, found = Kitchen(), Stove(), []

        async def with_sauce():
            return await asyncio.wrap_future(kitchen.order(stove.cook, "sauce", 1, "sauce"))

        def guest(name):
            found.append(done(kitchen.order(stove.cook, name, 1, name), f"{name} was ordered"))

        guests = [threading.Thread(target=guest, args=(name,), daemon=True) for name in ("soup", "cake")]
        for each in guests:
            each.start()
        found.append(done(kitchen.order(with_sauce), "a cook has ordered in the kitchen itself"))
        for each in guests:
            each.join()
        assert sorted(found) == ["cake", "sauce", "soup"], f"soup, cake and sauce were ordered, and came {found}"
        assert len(stove.places) == 1, f"three orders ran in {len(stove.places)} loops or threads: a kitchen has one"
        kitchen.close()

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(1)
def test_what_a_cook_says_is_told(race):
    def scenario():
        kitchen = Kitchen()
        for said, raises in ((LookupError("salt"), True), (LookupError("salt"), False), (None, False), (0, False)):

            async def cook(said=said, raises=raises):
                if raises:
                    raise said from MIST
                return said

            future = kitchen.order(cook)
            found = done(future, "an order was given")
            error = caught(future.exception)
            assert found is said and (error is None) is not raises, (
                f"a cook {'raised' if raises else 'returned'} {said!r}, and the future got {found!r}: the very object"
            )
            found = caught(kitchen.serve, cook, seconds=9)
            assert found is said and (not raises or said.__cause__ is MIST), (
                f"a cook {'raised' if raises else 'returned'} {said!r}, and serve gave {found!r}: the very object, and "
                f"raised from {MIST!r}, not from {getattr(found, '__cause__', None)!r}; `raise … from None` changes it"
            )
        kitchen.close()

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(1)
def test_an_order_is_called_off(race):
    def scenario():
        kitchen, stove = Kitchen(), Stove()
        future = kitchen.order(stove.cook, "soup", 60)
        other = kitchen.order(stove.cook, "cake", 4, "sweet")
        time.sleep(2)
        future.cancel()
        assert done(other, "cake was ordered, soup called off") == "sweet", "soup was called off, and the cake with it"
        assert stove.ended == ["soup", "cake"], (
            f"the soup was called off with its future, and 2 s later {stove.ended} had ended: cancel its coroutine"
        )
        kitchen.close()

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(1)
def test_two_kitchens(race):
    def scenario():
        stoves = Stove(), Stove()
        kitchens = Kitchen(), Kitchen()
        futures = [kitchen.order(stove.cook, "soup", 1) for kitchen, stove in zip(kitchens, stoves, strict=True)]
        for future in futures:
            done(future, "soup was ordered in each of two kitchens")
        kitchens[0].close()
        found = caught(kitchens[1].serve, stoves[1].cook, "cake", 1, "sweet", seconds=9)
        assert found == "sweet", f"one of two kitchens was closed, and the other one gave {found!r}"
        assert not stoves[0].places & stoves[1].places, "two kitchens share their loop: each has its own"
        kitchens[1].close()

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(2)
def test_a_dish_is_served(race):
    def scenario():
        kitchen, stove = Kitchen(), Stove()
        for result in ("hot", None, 0, LookupError("on the menu")):
            for seconds in (None, 2):
                found, took = asked(lambda n=seconds, r=result: [kitchen.serve(stove.cook, "soup", 1, r, seconds=n)])
                assert not isinstance(found, Exception), (
                    f"a cook returned {result!r}, and serve (seconds={seconds}) raised {found!r}: an exception that is "
                    "returned is a result, too"
                )
                assert found == [result], f"the soup was {result!r}, and serve (seconds={seconds}) gave {found[0]!r}"
                assert took == 1, f"a soup of 1 s, and serve (seconds={seconds}) took {took:g} s"
        for wrong in (LookupError, TimeoutError):
            found, _ = asked(lambda e=wrong: kitchen.serve(stove.cook, "soup", 1, e, seconds=5))
            assert type(found) is wrong and found.args == ("soup",), (
                f"a cook raised {wrong('soup')!r}, and serve gave {found!r}: the very exception"
            )
        kitchen.close()

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(2)
@pytest.mark.parametrize("seconds", [0, 2])
def test_time_is_up(race, seconds):
    def scenario():
        kitchen, stove = Kitchen(), Stove()
        found = asked(lambda: kitchen.serve(stove.cook, "roast", 40, seconds=seconds), 60)
        assert found, f"serve with seconds={seconds} has not come back after 60 s: 0 is a limit, None is none"
        assert type(found[0]) is TimeoutError, f"a roast of 40 s, seconds={seconds}: got {found[0]!r}, no TimeoutError"
        assert found[1] == seconds, f"a roast of 40 s, seconds={seconds}: came back after {found[1]:g} s"
        time.sleep(3)
        assert stove.begun == stove.ended, (
            f"time was up after {seconds} s, and 3 s later the roast is still in the oven: cancel the coroutine, too"
        )
        kitchen.close()

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(2)
@pytest.mark.parametrize("late", ["gives out his roast", "raises"])
def test_what_comes_too_late(race, late):
    def scenario():
        kitchen = Kitchen()

        async def cook():
            try:
                await asyncio.sleep(40)
            except asyncio.CancelledError:
                if late == "raises":
                    raise LookupError("burnt") from None
                return "roast"

        found = asked(lambda: kitchen.serve(cook, seconds=2))
        assert found, "time was up, and serve has not come back after 99 s"
        assert type(found[0]) is TimeoutError, (
            f"time was up, the cook was called off and {late}, and serve gave {found[0]!r}: it is late, TimeoutError"
        )
        kitchen.close()

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(2)
def test_a_guest_from_another_kitchen(race):
    def scenario():
        kitchen, stove = Kitchen(), Stove()

        async def guest():
            return caught(kitchen.serve, stove.cook, "soup", 1, "hot", seconds=9), caught(kitchen.close)

        found = asked(lambda: asyncio.run(guest()))
        assert found and found[0] == ("hot", None), (
            f"somebody with a loop of his own was served hot soup, and closed; he got {found and found[0]}: only the "
            "kitchen's own thread would wait for itself"
        )

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(2)
def test_a_cook_is_a_guest_elsewhere(race):
    def scenario():
        inn, kitchen, stove = Kitchen(), Kitchen(), Stove()

        async def guest():
            return caught(kitchen.serve, stove.cook, "soup", 1, "hot", seconds=9), caught(kitchen.close)

        found = done(inn.order(guest), "a cook of one kitchen is the guest of another one")
        assert found == ("hot", None), (
            f"in a kitchen's own thread somebody was served by another kitchen, and closed it; he got {found}: each "
            "has a thread of its own, and only in that one it would wait for itself"
        )
        inn.close()

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(2)
def test_who_waits_holds_up_nobody(race):
    def scenario():
        kitchen, stove, found = Kitchen(), Stove(), []

        def guest(name, seconds):
            kitchen.serve(stove.cook, name, seconds)
            found.append((name, time.monotonic() - began))

        began = time.monotonic()
        guests = [threading.Thread(target=guest, args=each, daemon=True) for each in (("roast", 9), ("soup", 2))]
        for each in guests:
            each.start()
        time.sleep(1)
        kitchen.tell(stove.call)
        kitchen.order(stove.cook, "cake", 1)
        waited = time.monotonic() - began
        for each in guests:
            each.join(99)
        assert waited == 1, (
            f"while a guest waited for his roast, another one's order took {waited - 1:g} s instead of 0"
        )
        assert found == [("soup", 2), ("roast", 9)], (
            f"a soup of 2 s and a roast of 9 s were served to two threads as {found}: nobody waits for the other"
        )
        kitchen.close()

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="the kitchen waits for itself: whoever waits in its own thread must be told so")
@pytest.mark.parametrize("told", [False, True])
def test_nobody_waits_for_himself(race, told):
    def scenario():
        kitchen, stove, found = Kitchen(), Stove(), []

        def wait():
            for seconds in (5, None):
                found.append(caught(kitchen.serve, stove.cook, "soup", 1, seconds=seconds))

        async def cook():
            wait()

        if told:
            kitchen.tell(wait)
        else:
            kitchen.order(cook)
        time.sleep(60)
        assert [type(each) for each in found] == [RuntimeError] * 2, (
            f"serve was called twice in the kitchen's own thread, and gave {found}: RuntimeError at once"
        )
        assert not stove.begun, "serve raised RuntimeError in the kitchen's own thread, and the soup was cooked"
        kitchen.close()

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(3)
def test_the_kitchen_is_told(race):
    def scenario():
        kitchen, stove = Kitchen(), Stove()
        time.sleep(1)

        def fail():
            raise LookupError("no such spice (this error is part of the test)")

        def tell_more():
            kitchen.tell(stove.call, "c")

        began = time.monotonic()
        for call in ((stove.call, "a", 1), (fail,), (stove.call,), (tell_more,), (stove.call, "b")):
            kitchen.tell(*call)
        time.sleep(1)
        took = time.monotonic() - began
        assert took == 1, f"tell waited for {took - 1:g} s: it waits for nothing"
        assert stove.calls, f"the kitchen was told five things, and has done none of them 1 s later: {ASLEEP}"
        found = asked(lambda: kitchen.serve(stove.cook, "soup", 1, "hot", seconds=9))
        assert found and found[0] == "hot", f"something that was told raised, and the next soup was {found}"
        right = [("a", 1), (), ("b",)]
        mine = [call for call in stove.calls if call != ("c",)]
        assert mine == right, f"told {right}, one failed between; called were {mine}: each, in this order"
        assert len(stove.calls) == 4, f"told in the kitchen itself: ('c',); called were {stove.calls}"
        assert len(stove.places) == 1, (
            f"calls and cooks were in {len(stove.places)} loops or threads: a kitchen has one"
        )
        kitchen.close()

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(3)
def test_told_by_a_cook(race):
    def scenario():
        kitchen, notes = Kitchen(), []

        def burn():
            notes.append("burns")
            raise LookupError("salt")

        async def cook():
            for function, *args in ((notes.append, "is told"), (burn,)):
                told = caught(kitchen.tell, function, *args)
                notes.append(f"has told {told!r}")
            await asyncio.sleep(1)

        asked(lambda: kitchen.serve(cook, seconds=9))
        assert notes == ["has told None", "has told None", "is told", "burns"], (
            f"a cook told the kitchen two functions, the second of which raises; {notes}: the loop calls them when the "
            "cook waits, `tell` does not, and so no error of theirs is the cook's"
        )
        kitchen.close()

    race.explore(scenario, order="any", schedules=2)


@pytest.mark.task(3)
def test_told_in_order(race):
    def scenario():
        kitchen, stove = Kitchen(), Stove()
        for number in range(3):
            kitchen.tell(stove.call, number)
        time.sleep(1)
        assert stove.calls == [(0,), (1,), (2,)], f"told were 0, 1 and 2, called {stove.calls}: make no tasks of calls"
        kitchen.close()

    race.explore(scenario, order="any", schedules=8, strategy="pos")


@pytest.mark.task(4)
@pytest.mark.parametrize("back", [0, 2])
def test_all_have_ended(race, back):
    def scenario():
        before = set(threading.enumerate())
        kitchen, stove = Kitchen(), Stove(back)
        futures = [kitchen.order(stove.cook, name, n) for name, n in (("roast", 60), ("soup", 1), ("cake", 70))]
        time.sleep(3)
        took = closed(kitchen)
        left = [name for name in stove.begun if name not in stove.ended]
        assert not left, f"close has come back, and {left} are still cooked: cancel what is left, and wait for it"
        assert took == back, f"who cooks needs {back} s to clean up, and close came back after {took:g} s"
        open_ones = [future for future in futures if not future.done()]
        assert not open_ones, (
            f"close has come back, and {len(open_ones)} of 3 futures are not done: who waits for ever?"
        )
        assert [future.cancelled() for future in futures] == [True, False, True], (
            f"roast and cake were called off, and their futures say {[caught(future.result) for future in futures]}"
        )
        threads = set(threading.enumerate()) - before
        assert not threads, f"close has come back, and a thread still runs, {threads}: join it"
        [(_, loop)] = stove.places
        assert loop.is_closed(), "close has come back, and the loop is not closed"

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(4)
def test_a_kitchen_without_work(race):
    def scenario():
        before = set(threading.enumerate())
        kitchen = Kitchen()
        closed(kitchen)
        threads = set(threading.enumerate()) - before
        assert not threads, f"a kitchen was opened and closed, and a thread still runs, {threads}: stop the loop, join"

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(4)
def test_closed_for_ever(race):
    def scenario():
        kitchen, stove = Kitchen(), Stove()
        caught(kitchen.serve, stove.cook, "soup", 1)
        for _ in range(2):
            closed(kitchen)
            calls = {
                "order": lambda: kitchen.order(stove.cook, "cake", 1),
                "serve": lambda: kitchen.serve(stove.cook, "cake", 1),
                "tell": lambda: kitchen.tell(stove.call, "cake"),
            }
            for name, call in calls.items():
                found = asked(call)
                found = found[0] if found else "nothing within 99 s"
                assert type(found) is RuntimeError, f"the kitchen is closed, and {name} gave {found!r}: RuntimeError"
        assert (stove.begun, stove.calls) == (["soup"], []), "the kitchen is closed, and cooked or called something"

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize("what", ["order", "serve", "tell"])
def test_an_order_at_closing_time(race, what):
    def scenario():
        kitchen, stove, found = Kitchen(), Stove(2), []
        if what == "order":  # closing takes a while
            kitchen.order(stove.cook, "roast", 60)
            time.sleep(1)

        def guest():
            if what == "tell":
                found.append(caught(kitchen.tell, stove.call, "soup"))
            else:
                found.append(caught(getattr(kitchen, what), stove.cook, "soup", 5))

        guests = [threading.Thread(target=guest, daemon=True) for _ in range(2 if what == "order" else 1)]
        for each in guests:
            each.start()
        closed(kitchen)
        for each in guests:
            each.join(99)
        assert len(found) == len(guests), (
            f"{what} was called when the kitchen closed, and waits for ever: look and order in one step"
        )
        for result in found:
            if isinstance(result, concurrent.futures.Future):
                assert result.done(), (
                    "the kitchen took an order, closed, and its future is never done: look and order in one step"
                )
                result = caught(result.result)
            right = (RuntimeError, concurrent.futures.CancelledError)
            assert result is None or type(result) in right, (
                f"{what} was called when the kitchen closed, and gave {result!r}"
            )
        if what == "tell" and found == [None]:
            assert stove.calls, "the kitchen was told something, closed, and never called it: look and tell in one step"

    race.explore(scenario, order="any", schedules=20, strategy="pos")


@pytest.mark.task(4)
def test_an_order_while_the_kitchen_closes(race):
    def scenario():
        kitchen, stove, found = Kitchen(), Stove(), []

        async def cook():
            try:
                await asyncio.sleep(60)
            finally:
                await asyncio.sleep(1)
                found.append(caught(kitchen.order, stove.cook, "cake", 60))
                found.append(caught(kitchen.tell, stove.call, "cake"))

        kitchen.order(cook)
        time.sleep(1)
        closed(kitchen, "somebody who is called off orders once more, and close never comes back: hold no lock there")
        assert len(found) == 2, "who was called off needs 1 s, and had not ended when close came back"
        future = found[0]
        if isinstance(future, concurrent.futures.Future):
            assert future.done(), "an order that was taken while the kitchen closed is never done: refuse it, or end it"
        else:
            assert type(future) is RuntimeError, f"an order while the kitchen closes gave {future!r}: RuntimeError"

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(4)
def test_all_who_wait_are_told(race):
    def scenario():
        kitchen, stove, found = Kitchen(), Stove(1), []

        def guest():
            found.append(caught(kitchen.serve, stove.cook, "roast", 60))

        guests = [threading.Thread(target=guest, daemon=True) for _ in range(2)]
        for each in guests:
            each.start()
        time.sleep(1)
        kitchen.tell(stove.call)
        closed(kitchen)
        for each in guests:
            each.join(99)
        assert [type(each) for each in found] == [concurrent.futures.CancelledError] * 2, (
            f"two waited in serve when the kitchen closed, and got {found}: concurrent.futures.CancelledError each"
        )

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(4)
def test_what_was_told_before_is_done(race):
    def scenario():
        kitchen, stove = Kitchen(), Stove()
        for number in range(3):
            kitchen.tell(stove.call, number)
        closed(kitchen)
        assert stove.calls == [(0,), (1,), (2,)], f"told three things, and closed: called were {stove.calls}"

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(4)
def test_two_close_at_the_same_time(race):
    def scenario():
        kitchen, stove, found = Kitchen(), Stove(2), []
        kitchen.order(stove.cook, "roast", 60)
        time.sleep(1)

        def close():
            found.append((caught(kitchen.close), tuple(stove.ended)))

        closers = [threading.Thread(target=close, daemon=True) for _ in range(2)]
        for each in closers:
            each.start()
        for each in closers:
            each.join(99)
        assert found == [(None, ("roast",))] * 2, (
            f"two closed at the same time; what they got, and what had ended then: {found}; it should be twice "
            "(None, ('roast',)): each waits until the kitchen is closed"
        )

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound="the kitchen waits for itself: whoever closes in its own thread must be told so")
def test_the_cook_cannot_close(race):
    def scenario():
        kitchen, stove, found = Kitchen(), Stove(), []

        async def cook():
            found.append(caught(kitchen.close))

        kitchen.order(cook)
        time.sleep(1)
        [error] = found or ["nothing"]
        assert type(error) is RuntimeError, f"close was called in the kitchen's own thread, and gave {error!r}"
        result = caught(kitchen.serve, stove.cook, "soup", 1, "hot", seconds=9)
        assert result == "hot", f"close was refused in the kitchen's own thread, and the next soup was {result!r}"
        closed(kitchen)

    race.explore(scenario, order="any", schedules=3)


class Alike:
    """A dish that is equal to everything."""

    def __eq__(self, other):
        return True

    __hash__ = None

    def __repr__(self):
        return "alike"


class Flat(Exception):
    """An error that is false, as it is empty."""

    def __len__(self):
        return 0


class Guests:
    """Put dishes into the queue at their times, and note what is shown, when and where."""

    def __init__(self, *wishes):
        self.events = queue.Queue()
        self.wishes = wishes
        self.shown, self.threads, self.cancelled = [], set(), []

    def come(self):
        now = 0
        for at, event in self.wishes:
            time.sleep(at - now)
            now = at
            self.events.put(event)

    async def cook(self, dish):
        """A dish of several parts is its name, its seconds, and what the cook says; any other takes 1 s."""
        name, seconds, said = dish if type(dish) is tuple and len(dish) == 3 else (dish, 1, "ready")
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            await asyncio.sleep(1)
            self.cancelled.append(name)
            raise
        if said in (LookupError, Flat):
            raise said(name)
        return said

    def show(self, dish, result):
        self.threads.add(threading.get_ident())
        name = dish[0] if type(dish) is tuple else dish
        self.shown.append((name, repr(result), time.monotonic() - self.began))

    def served(self, show=None):
        """Run the window here; return what it returned or raised, and how long it took."""
        self.began = time.monotonic()
        before = set(threading.enumerate())
        guests = threading.Thread(target=self.come, daemon=True)
        guests.start()
        found = caught(run_window, self.events, self.cook, show or self.show)
        self.left = set(threading.enumerate()) - before - {guests}
        return found, time.monotonic() - self.began


HANGS = "the window waits for ever: what is ready has to come in through the same queue as the wishes"


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound=HANGS)
def test_each_is_shown_when_it_is_ready(race):
    def scenario():
        roast, soup, salad = ("roast", 6, None), ("soup", 2, "hot"), ("salad", 1, 0)
        guests = Guests((0, roast), (1, soup), (4, salad), (9, CLOSE))
        found, took = guests.served()
        assert found is None, f"run_window gave {found!r} instead of None"
        right = [("soup", "'hot'", 3), ("salad", "0", 5), ("roast", "None", 6)]
        assert [each[:2] for each in guests.shown] == [each[:2] for each in right], (
            f"shown were {guests.shown}, it should be {right} (name, result, at so many seconds): each when it is ready"
        )
        assert guests.shown == right, (
            f"shown were {guests.shown}, it should be {right} (name, result, at so many seconds): the window waits for "
            "no dish while another one can be taken or shown"
        )
        assert guests.threads == {threading.get_ident()}, "show was called in the kitchen's thread: hand it over"
        assert took == 9, f"CLOSE came after 9 s, and the window closed after {took:g} s"
        assert not guests.left, f"the window is closed, and a thread still runs, {guests.left}: close the kitchen"

    race.explore(scenario, order="any", schedules=3, busy_waiting="fail")


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound=HANGS)
def test_while_one_is_shown(race):
    def scenario():
        guests, shown = Guests((0, ("roast", 4, "done")), (0, ("cake", 3, "sweet")), (0, "soup"), (19, CLOSE)), []

        def show(dish, result):
            shown.append(dish if isinstance(dish, str) else dish[0])
            time.sleep(9)

        guests.served(show)
        assert shown == ["soup", "cake", "roast"], (
            f"a roast of 4 s, a cake of 3 and a soup of 1 were wished; the soup was shown for 9 s, in all {shown}: "
            "show in the order in which they are ready"
        )

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound=HANGS)
def test_any_dish(race):
    def scenario():
        called = []
        wishes = [None, ("soup", "hot"), Alike(), 0, "soup", "soup", (), concurrent.futures.Future(), ValueError("x")]
        wishes += [called.append, Stove, ["soup"], {}, True]
        guests = Guests(*[(number, wish) for number, wish in enumerate(wishes)], (20, CLOSE))
        guests.served(lambda dish, result: guests.shown.append((dish, result)))
        right = [(wish, "ready") for wish in wishes]
        assert list(map(str, guests.shown)) == list(map(str, right)), (
            f"wished were {wishes}, shown {guests.shown}: any object is a dish, only CLOSE itself is the end"
        )

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound=HANGS)
def test_a_burnt_dish_is_shown(race):
    def scenario():
        returned = ValueError("on the menu")
        wishes = (0, ("soup", 1, LookupError)), (0, ("cake", 2, returned)), (3, ("beer", 0, Flat)), (5, "salad")
        guests = Guests(*wishes, (9, CLOSE))
        found, _ = guests.served()
        assert found is None, f"a cook raised LookupError, and run_window {found!r}: show it as the result"
        burnt = [("soup", repr(LookupError("soup")), 1), ("cake", repr(returned), 2), ("beer", repr(Flat("beer")), 3)]
        right = [*burnt, ("salad", "'ready'", 6)]
        assert guests.shown == right, f"a dish burnt; shown were {guests.shown}, it should be {right}"

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound=HANGS)
def test_closed_while_something_is_cooked(race):
    def scenario():
        guests = Guests((0, ("roast", 60, "late")), (0, ("cake", 70, "late")), (1, "soup"), (3, CLOSE))
        found, took = guests.served()
        assert found is None, f"the window closed while a roast was in the oven, and run_window gave {found!r}"
        assert guests.shown == [("soup", "'ready'", 2)], (
            f"the window closed after 3 s, and shown were {guests.shown}: soup alone, the others are called off"
        )
        assert sorted(guests.cancelled) == ["cake", "roast"], (
            f"the window closed, and of roast and cake only {guests.cancelled} were called off"
        )
        assert took == 4, f"CLOSE after 3 s, who cooks needs 1 s to clean up: the window closed after {took:g} s"
        assert not guests.left, f"the window is closed, and a thread still runs, {guests.left}: close the kitchen"

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound=HANGS)
def test_too_late(race):
    def scenario():
        guests = Guests((0, "roast"), (1, CLOSE))

        async def cook(dish):
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                return "half done"

        guests.cook = cook
        guests.served()
        assert guests.shown == [], (
            f"the window was closed, a cook then gave out his roast, and shown was {guests.shown}"
        )

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound=HANGS)
def test_the_man_at_the_window_faints(race):
    def scenario():
        guests = Guests((0, ("roast", 60, "late")), (1, "soup"))
        error = LookupError("faint")

        def show(dish, result):
            raise error

        found, _ = guests.served(show)
        assert found is error, f"show raised {error!r}, and run_window gave {found!r}: let it out"
        assert guests.cancelled == ["roast"] and not guests.left, (
            f"show raised, and the kitchen was left open ({guests.cancelled} called off, threads {guests.left}): "
            "close it in finally"
        )

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound=HANGS)
def test_two_windows(race):
    def scenario():
        pair = Guests((0, "soup"), (3, CLOSE)), Guests((0, "cake"), (1, ("roast", 6, "done")), (9, CLOSE))
        found = []
        threads = [threading.Thread(target=lambda each=each: found.append(each.served()), daemon=True) for each in pair]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(99)
        right = [[("soup", "'ready'", 1)], [("cake", "'ready'", 1), ("roast", "'done'", 7)]]
        shown = [each.shown for each in pair]
        assert shown == right, f"two windows at the same time showed {shown}, it should be {right}: share nothing"

    race.explore(scenario, order="any", schedules=3)

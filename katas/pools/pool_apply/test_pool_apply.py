"""Twenty keys, five benches: the tests. The processes of task 1 to 3 are real; the time of task 4 is virtual."""

import multiprocessing
import multiprocessing.util
import os
import signal
import threading
import time

import pytest
from forked import FORK, SHARED, Fire, end_all, given, left
from pool_apply import collect, cut_all

STANDS = "some benches stand idle though orders wait: hand all in, then wait for the first"
LOST = "a key never comes: what its job raised was no Exception, ended the process, and took the ticket with it"


class Workshop(type(FORK)):
    """A context that has processes of its own, and knows its pools."""

    class Process(FORK.Process):
        pass

    def __init__(self):
        self.pools = []

    def Pool(self, *args, **kwargs):
        self.pools.append(super().Pool(*args, **kwargs))
        return self.pools[-1]


@pytest.fixture
def workshop():
    opened = Workshop()
    yield opened
    end_all(opened.pools)


def cut(number, *more, **kwds):
    """Cut a key; the first ones meet."""
    if "meeting" in SHARED and number < SHARED["meeting"].calls:
        SHARED["meeting"]()
    return [number, *more], kwds


def breaks(error):
    if isinstance(error, BaseException):
        raise error
    return error


def gives(number):
    return ValueError(number)


def is_of_the_workshop():
    return isinstance(multiprocessing.current_process(), Workshop.Process)


def goes_slowly(number):
    """Cut a key, and take a while to go home."""
    multiprocessing.util.Finalize(None, time.sleep, args=(0.2,), exitpriority=1)
    return number


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound=STANDS)
@pytest.mark.parametrize(("benches", "number"), [(5, 20), (2, 3), (1, 3)])
def test_all_benches(workshop, timing, benches, number):
    SHARED["meeting"] = timing.meeting(benches, start_method="fork")
    keys = given(cut_all, workshop, benches, cut, (((each,), {}) for each in range(number)))
    assert isinstance(keys, list), f"{number} orders, {benches} benches, and cut_all gave {keys!r}"
    made = [key.made for key in keys]
    assert made == [([each], {}) for each in range(number)], f"{number} orders, and made were {made}: in order"
    pids = {key.pid for key in keys}
    assert os.getpid() not in pids, "a key has the pid of the caller: os.getpid() says who runs it, so run it there"
    assert len(pids) == benches, f"{benches} benches cut {number} keys in {len(pids)} processes: use them again"
    assert not any(key.error for key in keys), f"nothing went wrong, and the errors are {[key.error for key in keys]}"


@pytest.mark.task(1)
def test_args_and_kwds(workshop):
    orders = [((1, "a"), {"teeth": 7}), ((2,), {}), ((1, "a"), {"teeth": 7, "args": 3}), ((3, None), {"cut": 1})]
    keys = given(cut_all, workshop, 2, cut, iter(orders))
    assert isinstance(keys, list), f"the orders {orders} came to {keys!r}"
    right = [([*args], kwds) for args, kwds in orders]
    assert [key.made for key in keys] == right, f"the orders {orders} came to {keys}: cut(*args, **kwds)"


@pytest.mark.task(1)
def test_whose_processes(workshop):
    keys = given(cut_all, workshop, 2, is_of_the_workshop, [((), {}), ((), {})])
    assert isinstance(keys, list) and [key.made for key in keys] == [True, True], (
        f"is the process one that the context has started? The keys say {keys}"
    )


@pytest.mark.task(1)
def test_no_orders(workshop):
    assert given(cut_all, workshop, 3, cut, []) == [], "no orders, and no []"


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound=LOST)
@pytest.mark.parametrize("kind", [ValueError, StopIteration, SystemExit, KeyboardInterrupt, Fire])
def test_a_broken_key(workshop, kind):
    keys = given(cut_all, workshop, 1, breaks, [((each,), {}) for each in (1, kind("snap"), None, kind("again"))])
    assert isinstance(keys, list), f"the second of four keys breaks, and cut_all gave {keys!r}: a result like any other"
    shown = [(key.made, type(key.error), getattr(key.error, "args", None)) for key in keys]
    none = type(None)
    right = [(1, none, None), (None, kind, ("snap",)), (None, none, None), (None, kind, ("again",))]
    assert shown == right, f"keys 2 and 4 of four raise {kind.__name__}, and cut_all returned {keys}"
    assert len({key.pid for key in keys}) == 1, f"one bench, and after {kind.__name__} another process went on: {keys}"


@pytest.mark.task(2)
def test_an_exception_that_is_returned(workshop):
    keys = given(cut_all, workshop, 1, gives, [((7,), {})])
    assert isinstance(keys, list), f"cut has returned ValueError(7), and cut_all gave {keys!r}"
    ((pid, made, error),) = keys
    assert isinstance(made, ValueError) and error is None, f"cut has returned ValueError(7), and the key is {keys[0]}"


@pytest.mark.task(3)
def test_all_go_home(workshop):
    keys = given(cut_all, workshop, 2, goes_slowly, [((each,), {}) for each in range(3)])
    assert isinstance(keys, list) and len(keys) == 3, f"three orders came to {keys!r}"
    assert not left(), f"cut_all is back, and {left()} are still there: close the pool, and join it"


@pytest.mark.task(3)
@pytest.mark.parametrize("kind", [ValueError, Fire])
def test_orders_that_raise(workshop, kind):
    error = kind("illegible")

    def orders():
        yield (1,), {}
        raise error

    found = given(cut_all, workshop, 2, goes_slowly, orders())
    assert found is error, f"the second order cannot be read, {error!r}, and cut_all gave {found!r}"
    assert not left(), f"the second order cannot be read, and {left()} are still there: end the pool, whatever happens"


class Ticket:
    """A result that comes after so many seconds."""

    def __init__(self, after, value=None, error=None):
        self.came, self.value, self.error = threading.Event(), value, error
        if after == 0:
            self.came.set()
        elif after is not None:
            threading.Thread(target=lambda: (time.sleep(after), self.came.set())).start()

    def ready(self):
        return self.came.is_set()

    def wait(self, timeout=None):
        self.came.wait(timeout)

    def successful(self):
        if not self.ready():
            raise ValueError("it is not ready")
        return self.error is None

    def get(self, timeout=None):
        self.wait(timeout)
        if not self.ready():
            raise multiprocessing.TimeoutError
        if self.error is not None:
            raise self.error
        return self.value


UNFINISHED = ("unfinished", None)


@pytest.mark.task(4)
@pytest.mark.parametrize(
    ("after", "seconds", "took"),
    [
        ({"a": 1, "b": 2, "c": 3}, 9, 3),
        ({"c": 3, "a": 1, "b": 2}, 2.5, 2.5),
        ({"never": None, "b": 2.25, "a": 1, "c": 4}, 3, 3),
        ({"a": 1, "never": None}, 0, 0),
        ({"soon": 0, "a": 1}, 0, 0),
        ({"soon": 0}, 0, 0),
        ({"never": None, "soon": 0}, 0.5, 0.5),
        ({"a": 90_000, "b": 1.125}, None, 90_000),
        ({"odd": 1 + 1 / 512}, 3, 1 + 1 / 512),
        ({}, 3, 0),
    ],
)
def test_so_many_seconds_in_all(race, after, seconds, took):
    def scenario():
        tickets = {name: Ticket(seconds, name) for name, seconds in after.items()}
        began = time.monotonic()
        found = given(collect, tickets, seconds)
        lasted = time.monotonic() - began
        limit = float("inf") if seconds is None else seconds
        right = {name: UNFINISHED if when is None or when > limit else ("made", name) for name, when in after.items()}
        assert found == right, f"results come after {after} s, {seconds} s in all: {found!r} instead of {right}"
        assert [*tickets] == [*after], (
            f"of the tickets {[*after]}, {[*tickets]} are left: the dictionary is the caller's"
        )
        assert [*found] == [*right], f"the names {[*right]} came back as {[*found]}: in the same order"
        assert lasted == took, (
            f"results come after {after} s, {seconds} s in all, and collect was back after {lasted:g} s, not {took:g}"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize(
    "kind", [ValueError, StopIteration, TimeoutError, multiprocessing.TimeoutError, SystemExit, KeyboardInterrupt, Fire]
)
@pytest.mark.parametrize("after", [0, 1])
def test_failed_is_not_unfinished(race, kind, after):
    def scenario():
        error = kind("no")
        found = given(collect, {"bad": Ticket(after, error=error), "good": Ticket(after, error)}, 2)
        assert found == {"bad": ("failed", error), "good": ("made", error)}, (
            f"one job has raised {error!r}, the other one returned it, and collect gave {found!r}"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_any_value(race):
    def scenario():
        values = {"none": None, "zero": 0, "empty": [], "text": "unfinished"}
        found = given(collect, {name: Ticket(1, value) for name, value in values.items()}, 2)
        right = {name: ("made", value) for name, value in values.items()}
        assert found == right, f"the values are {values}, and collect gave {found!r}: None is a value"

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_tickets_of_a_pool(workshop):
    pool = workshop.Pool(1)
    good = pool.apply_async(breaks, (0,))
    bad = pool.apply_async(breaks, (ValueError("no"),))
    bad.wait()
    late = pool.apply_async(signal.pause)
    found = given(collect, {"late": late, "bad": bad, "good": good}, 0.01)
    assert isinstance(found, dict) and isinstance(found["bad"][1], ValueError), f"three real tickets came to {found!r}"
    right = {"late": UNFINISHED, "bad": ("failed", found["bad"][1]), "good": ("made", 0)}
    assert found == right, f"one never ends, one has raised, one returned 0, and collect gave {found}"

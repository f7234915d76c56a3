"""Five customers of a darkroom: the tests. Two real processes, and films that wait until something has happened."""

import multiprocessing
import os
import threading

import pytest
from forked import FORK, SHARED, end_all, given, why
from pool_map_family import album, as_ready, in_turn, later, mixed

from pytest_concurrency import DeadlockFound

MEET = "two processes, and never two films are developed at the same time: hand all in, and make no bundles unasked"
CUSTOMERS = {"album": album, "in_turn": in_turn, "as_ready": as_ready, "mixed": mixed, "later": later}


class Develop:
    """What is done with a film; it notes how often it is packed to go to a process."""

    def __init__(self):
        self.packed = []

    def __reduce__(self):
        self.packed.append(1)
        return Develop, ()

    def __call__(self, *row):
        film = row[0] if row else row
        if "calls" in SHARED:
            with SHARED["calls"]:
                SHARED["calls"].value += 1
        if "meeting" in SHARED and film in SHARED["who"]:
            SHARED["meeting"]()
        if film == "slow":
            SHARED["gate"].wait()
        if isinstance(film, Exception):
            raise film
        if film == "a ghost":
            return ValueError(film)
        value = film if len(row) < 2 else row
        return Arriving(value) if film == "quick" else value


class Arriving:
    """A print that opens the gate when the caller has it."""

    def __init__(self, value):
        self.value = value

    def __reduce__(self):
        return arrive, (self.value,)


def arrive(value):
    SHARED["gate"].set()
    return value


def number(film):
    return os.getpid()


@pytest.fixture
def studio():
    pools = []  # a pool that nobody has any more comes to its end

    def open_pool(**shared):
        SHARED.update(shared)
        pools.append(FORK.Pool(2))
        return pools[-1]

    yield open_pool
    end_all(pools)


def end(pool, before):
    """Wait for all that may still call: the pool, and the threads that were not there before."""
    pool.close()
    pool.join()
    for thread in [each for each in threading.enumerate() if each not in before and not each.daemon]:
        thread.join()


def check_open(pool):
    found = given(pool.apply, abs, (-1,))
    assert found == 1, f"the films are developed, others use the pool, and that gives {found!r}: leave it open"


ALL = [["a", "b", "a"], [None, 0, [], False, []], ["a"], []]


@pytest.mark.task(1)
@pytest.mark.parametrize("films", ALL, ids=repr)
def test_an_album(studio, films):
    pool = studio()
    for bundle in (1, 2):
        found = given(album, pool, Develop(), (film for film in films), bundle)
        assert repr(found) == repr(films), f"the films {films} in bundles of {bundle} became {found!r}{why(found)}"
    check_open(pool)


@pytest.mark.task(1)
@pytest.mark.parametrize("what", ["album", "mixed"])
@pytest.mark.means(DeadlockFound="the first film waits for the second, which never begins: hand all in")
def test_in_the_order_of_the_films(studio, what):
    pool = studio(gate=FORK.Event())
    films = ["slow", "quick", "a", 0]
    if what == "album":
        found, right = given(album, pool, Develop(), films[:3]), films[:3]
    else:
        found, right = given(mixed, pool, Develop(), [(film, 1) for film in films]), [(film, 1) for film in films]
    assert found == right, (
        f"the first film is the last to be ready, and {what} is {found!r} instead of {right}{why(found)}"
    )


@pytest.mark.task(1)
@pytest.mark.parametrize("what", ["album", "mixed"])
@pytest.mark.parametrize(("bundle", "who"), [(1, [0, 1]), (2, [0, 2])])
@pytest.mark.means(DeadlockFound=MEET)
def test_two_at_the_same_time(studio, timing, what, bundle, who):
    pool = studio(meeting=timing.meeting(2, start_method="fork"), who=who)
    films = range(17)
    if what == "album":
        found = given(album, pool, Develop(), films, bundle)
    else:
        found = given(mixed, pool, Develop(), ((film,) for film in films), bundle)
    assert found == [*films], f"17 films, two processes, bundles of {bundle}, and {what} gave {found!r}{why(found)}"


@pytest.mark.task(1)
@pytest.mark.parametrize("what", ["album", "mixed"])
@pytest.mark.parametrize(("films", "bundle"), [(7, 1), (7, 3), (6, 3), (3, 9)])
def test_in_bundles(studio, what, films, bundle):
    pool, develop, most = studio(), Develop(), -(-films // bundle)
    if what == "album":
        given(album, pool, develop, range(films), bundle)
    else:
        given(mixed, pool, develop, [(film,) for film in range(films)], bundle)
    assert len(develop.packed) <= most, (
        f"{films} films in bundles of {bundle}, and {what} has packed {len(develop.packed)} times instead of {most}"
    )
    pids = given(album, pool, number, range(films), bundle)
    assert isinstance(pids, list) and os.getpid() not in pids, f"{films} films were developed by {pids!r}{why(pids)}"
    together = [len({*pids[at : at + bundle]}) for at in range(0, films, bundle)]
    assert together == [1] * most, f"a bundle of {bundle} was torn apart: {films} films were developed by {pids}"


def served(what, pool, films, *bundle):
    """Return the list that this customer gets, or the exception that he hears of."""
    if what == "later":
        customer = Customer()
        later(pool, Develop(), films, customer.call, customer.complain)
        customer.rung.wait()
        return customer.heard[0][1]
    films = ((film,) for film in films) if what == "mixed" else films
    return list(CUSTOMERS[what](pool, Develop(), films, *bundle))


@pytest.mark.task(1)
@pytest.mark.parametrize("what", CUSTOMERS)
@pytest.mark.parametrize("kind", [ValueError, IndexError, multiprocessing.TimeoutError])
def test_a_film_that_tears(studio, what, kind):
    pool, films = studio(), [kind("torn"), "b"]
    found = given(served, what, pool, films[:1] if what == "as_ready" else films)
    assert type(found) is kind and found.args == ("torn",), f"a film tears, {films[0]!r}, and {what} gave {found!r}"
    check_open(pool)


@pytest.mark.task(1)
@pytest.mark.parametrize("what", CUSTOMERS)
def test_anything_is_a_print(studio, what):
    pool, films = studio(calls=FORK.Value("i")), [None, 0, "a ghost", [], False, "", [], "a ghost"]
    for turn, bundles in enumerate([[1], [2]] if what in ("album", "mixed") else [[]], start=1):
        found = given(served, what, pool, iter(films), *bundles)
        right = [ValueError(film) if film == "a ghost" else film for film in films]
        if what == "as_ready":
            found, right = sorted(found, key=repr) if isinstance(found, list) else found, sorted(right, key=repr)
        assert repr(found) == repr(right), (
            f"develop returned {right}, and {what} gave {found!r}: what is returned is a print, an exception as well"
        )
        calls = SHARED["calls"].value
        assert calls == 8 * turn, f"{what} was to develop 8 films, {turn} times, and develop was called {calls} times"


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="the first is ready, and nothing comes: it waits for others, which have no turn yet")
def test_each_in_its_turn(studio):
    gate = FORK.Event()
    pool = studio(gate=gate)
    prints = given(in_turn, pool, Develop(), (film for film in ["a", "slow", *"bcdefg"]))
    assert not isinstance(prints, Exception), f"in_turn gave {prints!r}"
    found = given(lambda: next(prints))
    assert found == "a", f"a is ready, and in_turn gave {found!r}{why(found)}"
    gate.set()
    found = given(list, prints)
    assert found == ["slow", *"bcdefg"], f"a was given out, slow and b to g are left, and there came {found!r}"
    check_open(pool)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="the first film waits for the second, which never begins: hand all in")
def test_the_turn_is_kept(studio):
    found = given(list, in_turn(studio(gate=FORK.Event()), Develop(), ["slow", "quick"]))
    assert found == ["slow", "quick"], f"slow stands first and is ready last, and in_turn gave {found!r}"


@pytest.mark.task(2)
@pytest.mark.parametrize("what", [in_turn, as_ready])
@pytest.mark.parametrize("films", ALL, ids=repr)
def test_any_films(studio, what, films):
    pool = studio()
    found = given(lambda: list(what(pool, Develop(), iter(films))))
    assert isinstance(found, list), f"the films {films}, and {what.__name__} gave {found!r}{why(found)}"
    shown, right = (found, films) if what is in_turn else (sorted(found, key=repr), sorted(films, key=repr))
    assert repr(shown) == repr(right), f"the films {films}, and {what.__name__} gave {found}: each once"


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="a film has torn, its turn has come, and it waits for one that stands behind it")
def test_a_torn_film_has_its_turn(studio):
    gate, error = FORK.Event(), ValueError("torn")
    prints = given(in_turn, studio(gate=gate), Develop(), ["a", "b", error, "slow"])
    found = given(lambda: [next(prints), next(prints)]) if not isinstance(prints, Exception) else prints
    assert found == ["a", "b"], f"the third film tears, and in_turn began with {found!r}: each in its place"
    found = given(lambda: next(prints))
    assert type(found) is type(error), f"the third film tears, {error!r}, and in its place came {found!r}"
    gate.set()


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="b is ready, and nothing comes: it waits for a film that stands before it, or for all")
def test_what_is_ready(studio):
    gate = FORK.Event()
    prints = given(as_ready, studio(gate=gate), Develop(), (film for film in ["slow", *"bcdefgh"]))
    assert not isinstance(prints, Exception), f"as_ready gave {prints!r}"
    found = given(lambda: {next(prints) for _ in "bcdefgh"})
    assert found == {*"bcdefgh"}, f"b to h are ready, and as_ready gave {found!r}{why(found)}"
    gate.set()
    found = given(list, prints)
    assert found == ["slow"], f"b to h were given out, slow is left, and there came {found!r}"


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="a film has torn, and that is kept until another one is ready")
def test_a_torn_film_is_ready(studio):
    gate = FORK.Event()
    prints = given(as_ready, studio(gate=gate), Develop(), ["slow", ValueError("torn")])
    found = given(lambda: next(prints)) if not isinstance(prints, Exception) else prints
    assert isinstance(found, ValueError), f"a film has torn, one is slow, and as_ready gave {found!r} first"
    gate.set()


@pytest.mark.task(4)
@pytest.mark.parametrize("bundle", [1, 2])
@pytest.mark.parametrize(
    "rows", [[("a", 1), ("b",), ("a", 1)], [([], None), (), (0, 0, 0), ()], [()], [("bath",)], []], ids=repr
)
def test_rows(studio, rows, bundle):
    pool = studio()
    found = given(mixed, pool, Develop(), iter(rows), bundle)
    right = [row if len(row) != 1 else row[0] for row in rows]
    assert repr(found) == repr(right), f"the rows {rows} became {found!r}: develop(*row) for each{why(found)}"
    check_open(pool)


class Customer:
    """Somebody who is called, and can wait for that."""

    def __init__(self):
        self.heard, self.pids, self.rung = [], [], threading.Event()

    def hear(self, how, what):
        self.heard.append((how, what))
        self.pids.append(os.getpid())
        self.rung.set()

    def call(self, prints):
        self.hear("call", prints)

    def complain(self, error):
        self.hear("complain", error)


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound="the customer is told to wait, or is never called: leave the number, and go")
def test_he_does_not_wait(studio):
    gate, customer, before = FORK.Event(), Customer(), threading.enumerate()
    pool = studio(gate=gate)
    found = given(later, pool, Develop(), (film for film in ["slow", "b", "b"]), customer.call, customer.complain)
    assert not isinstance(found, Exception), f"later gave {found!r}{why(found)}"
    assert not any(isinstance(what, DeadlockFound) for _, what in customer.heard), "the customer is told to wait"
    assert not customer.heard, f"nothing is ready, and the customer has heard {customer.heard}: once, with everything"
    gate.set()
    customer.rung.wait()
    check_open(pool)
    end(pool, before)
    assert customer.heard == [("call", ["slow", "b", "b"])], (
        f"three films, and the customer has heard {customer.heard}: once, with all of them, in order"
    )
    assert customer.pids == [os.getpid()], "the customer was called in a process of the pool, where nobody hears it"


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound="there are no films, and the customer waits for a call that never comes")
def test_he_is_called_for_nothing(studio):
    customer = Customer()
    given(later, studio(), Develop(), iter([]), customer.call, customer.complain)
    customer.rung.wait()
    assert customer.heard == [("call", [])], f"no films, and the customer has heard {customer.heard} instead of []"


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound="a film has torn, and the customer is not called: there is an error_callback")
@pytest.mark.parametrize("films", [[ValueError("torn")], ["a", ValueError("torn"), "b", ValueError("torn")]], ids=repr)
def test_he_hears_of_it(studio, films):
    pool, customer, before = studio(), Customer(), threading.enumerate()
    given(later, pool, Develop(), films, customer.call, customer.complain)
    customer.rung.wait()
    end(pool, before)
    shown = [(how, type(what)) for how, what in customer.heard]
    assert shown == [("complain", ValueError)], (
        f"the films {films}, and the customer has heard {customer.heard}: one complaint, nothing else"
    )


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound=MEET)
def test_his_films_meet(studio, timing):
    customer = Customer()
    pool = studio(meeting=timing.meeting(2, start_method="fork"), who=[0, 1])
    given(later, pool, Develop(), range(17), customer.call, customer.complain)
    customer.rung.wait()
    assert customer.heard == [("call", [*range(17)])], f"17 films, and the customer has heard {customer.heard}"

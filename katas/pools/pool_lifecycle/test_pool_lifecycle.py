"""The glassworks: the tests. All processes are real, by fork, one to three of them."""

import multiprocessing
import os
import threading
import time

import pytest
from forked import FORK, SHARED, Fire, given, left
from odd_errors import FalseAlarm, hint
from pool_lifecycle import Glassworks

from pytest_concurrency import DeadlockFound

LIT = []  # in each process, how often it has lit a furnace
VALUES = [None, 0, [], ValueError("a returned one"), StopIteration("a returned one")]


@pytest.fixture(autouse=True)
def cold():
    LIT.clear()


def light(*settings):
    LIT.append(settings)


def blows(*glass):
    """Blow a piece; tell where, and what was lit there."""
    if "meeting" in SHARED:
        SHARED["meeting"]()
    return os.getpid(), list(LIT), glass


def takes(seconds):
    """Blow a piece that takes so long, and note when it is done."""
    time.sleep(seconds)
    SHARED["done"].value += 1


def never_cools():
    """Blow a piece that is never done."""
    SHARED["begun"].release()
    SHARED["cold"].acquire()


def breaks(error):
    raise error


def gives(value):
    return value


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound="two blowers, and never two pieces are blown at the same time")
def test_each_lights_his_own(timing):
    SHARED["meeting"] = timing.meeting(2, start_method="fork")
    works = Glassworks(FORK, light, iter([1400, None]), 2)
    tickets = [works.give(blows, each, "red") for each in range(5)]
    found = [given(ticket.get) for ticket in tickets]
    works.close()
    assert not LIT, "a furnace was lit in the process of the caller, who blows no glass"
    assert all(isinstance(each, tuple) for each in found), f"five pieces were given, and get gave {found}"
    assert [glass for _, _, glass in found] == [(each, "red") for each in range(5)], f"five pieces became {found}"
    assert len({pid for pid, _, _ in found} - {os.getpid()}) == 2, f"two blowers, and five pieces were blown by {found}"
    assert all(lit == [(1400, None)] for _, lit, _ in found), (
        f"each process lights once, light(1400, None), before its first piece; what they had lit: {found}"
    )


@pytest.mark.task(1)
def test_as_many_as_there_may_be(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    monkeypatch.setattr(os, "process_cpu_count", lambda: 3, raising=False)
    works = Glassworks(FORK, light)
    assert len(left()) == 3, f"a machine of three processors, nobody said how many blowers, and there are {left()}"
    assert works.give(blows).get()[1:] == ([()], ()), "without settings, light() is called, and blow()"
    works.stop()


class Hall(type(FORK)):
    """A context that has blowers of its own."""

    class Process(FORK.Process):
        pass


@pytest.mark.task(1)
def test_who_starts_them():
    works = Glassworks(Hall(), light, (), 1)
    kinds = {type(child) for child in multiprocessing.active_children()}
    assert kinds == {Hall.Process}, f"the processes are {kinds}, and not those that the context starts: context.Pool"
    works.stop()


@pytest.mark.task(1)
@pytest.mark.parametrize("kind", [ValueError, StopIteration, multiprocessing.TimeoutError])
def test_what_breaks(kind):
    works = Glassworks(FORK, light, (), 1)
    bad, good = works.give(breaks, kind("crack")), [works.give(gives, each) for each in VALUES]
    for when in ("", " a second time"):
        found = given(bad.get)
        assert type(found) is kind and found.args == ("crack",), (
            f"blow raised {kind.__name__}('crack'), and get{when} gave {found!r}"
        )
    found = [given(lambda ticket=ticket: ("returned", ticket.get())) for ticket in good]
    assert repr(found) == repr([("returned", each) for each in VALUES]), (
        f"after a piece that has broken, blow returned {VALUES}, and get gave {found}: returned is not raised"
    )
    ready = [ticket.ready() for ticket in (bad, *good)]
    assert ready == [True] * 6, (
        f"a piece has broken, others returned {VALUES}, all were asked for, and ready() is {ready}: an exception is "
        "something to get, and so is None"
    )
    works.close()
    assert given(bad.get) is not None and given(good[1].get) == 0, (
        "the works are closed, and a ticket has lost its piece"
    )


@pytest.mark.task(2)
@pytest.mark.parametrize(("pieces", "shifts"), [(2, [2, 2, 1]), (1, [1] * 5), (None, [5]), (9, [5])])
def test_somebody_fresh(pieces, shifts):
    works = Glassworks(FORK, light, (7,), 1, pieces)
    found = [each.get() for each in [works.give(blows) for _ in range(5)]]
    works.close()
    pids = [pid for pid, _, _ in found]
    counts = [pids.count(pid) for pid in dict.fromkeys(pids)]
    assert counts == shifts, f"five pieces, pieces={pieces}: the processes have blown {counts}, not {shifts}"
    assert all(lit == [(7,)] for _, lit, _ in found), f"somebody fresh lights his furnace, too, once: {found}"


def shared():
    SHARED.update(begun=FORK.Semaphore(0), cold=FORK.Semaphore(0), done=FORK.RawValue("i", 0))


@pytest.mark.task(3)
@pytest.mark.parametrize("how", ["close", "with"])
def test_all_is_blown(how):
    shared()
    works = Glassworks(FORK, light, (), 1)
    if how == "with":
        with works as same:
            assert same is works, f"`with works as same` gave {same!r}"
            tickets = [works.give(takes, 0.1) for _ in range(3)]
    else:
        tickets = [works.give(takes, 0.1) for _ in range(3)]
        found = given(works.close)
        assert found is None, f"close gave {found!r}: say that it is over, then wait"
    done = SHARED["done"].value
    assert done == 3, f"three pieces were given, {how} is over, and {done} are blown: nothing is lost"
    assert [ticket.ready() for ticket in tickets] == [True] * 3, f"three pieces are blown, {how} is over, not all ready"
    assert not left(), f"{how} is over, and {left()} are still there: wait for them"


@pytest.mark.task(3)
@pytest.mark.parametrize("ways", [("close", "close", "stop"), ("stop", "stop", "close")], ids=" ".join)
def test_over_is_over(ways):
    works, other = Glassworks(FORK, light, (), 1), Glassworks(FORK, light, (), 1)
    for way in ways:
        found = given(getattr(works, way))
        assert found is None, f"{', '.join(ways)} were called in turn, and {way} gave {found!r}"
        found = given(works.give, abs, -1)
        assert isinstance(found, ValueError), f"after {way}, give gave {found!r}: it raises ValueError"
    assert other.give(abs, -1).get() == 1, "one glassworks is over, and another one does not work any more"
    other.close()


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound="it is to end in the middle of a piece, and waits for the piece: end them at once")
@pytest.mark.parametrize("kind", [None, ValueError, KeyboardInterrupt, Fire, FalseAlarm], ids=repr)
def test_stopped_in_the_middle(kind):
    shared()
    works = Glassworks(FORK, light, (), 1)
    tickets = []

    def works_on():
        tickets.extend([works.give(never_cools), works.give(takes, 0)])
        SHARED["begun"].acquire()

    def in_a_with():
        with works:
            works_on()
            raise error

    if kind is None:
        works_on()
        found = given(works.stop)
        assert found is None, f"stop gave {found!r}"
    else:
        error = kind("fire")
        found = given(in_a_with)
        assert found is error, f"the block raised {error!r}, and with gave {found!r}"
    how = "stop was called" if kind is None else f"the block has raised {kind.__name__}{hint(error)}"
    assert SHARED["done"].value == 0, f"{how} in the middle of a piece, and the next one was blown: end them at once"
    assert not left(), f"{how}, and {left()} are still there: wait until they have ended"
    assert not any(ticket.ready() for ticket in tickets), f"{how} in the middle of a piece, and its ticket is ready"


@pytest.mark.task(4)
@pytest.mark.means(
    DeadlockFound="one closes and waits for a piece, another thread stops, and waits, too: hold no lock while you wait"
)
@pytest.mark.parametrize("way", ["close", "stop"])
def test_while_another_thread_closes(way):
    shared()
    works = Glassworks(FORK, light, (), 1)
    ticket = works.give(takes, 0.3) if way == "close" else works.give(never_cools)
    closer = threading.Thread(target=works.close)
    closer.start()
    for _ in range(20):
        if isinstance(given(works.give, gives, 0), ValueError):  # it has begun to close
            break
        time.sleep(0.01)
    found = given(getattr(works, way))
    state, pids = ticket.ready(), left()
    if way == "stop":
        SHARED["cold"].release()
    closer.join()
    assert found is None and not pids, (
        f"one thread closes and waits for a piece, another one calls {way}, which gave {found!r}, and {pids} are still "
        "there: it returns when they have ended, whoever else waits"
    )
    assert state == (way == "close"), f"ready() of the piece that was being blown, after {way}, is {state}"


def uses(works, end):
    """Try everything in a process that has not made it; then make one there."""
    for way, args in (("give", (abs, -1)), ("close", ()), ("stop", ())) * 2:
        try:
            found = getattr(works, way)(*args)
        except RuntimeError:
            continue
        except BaseException as error:
            found = error
        end.send(f"{way} gave {found!r}")
        return
    end.send("")
    own = given(Glassworks, FORK, light, (), 1)
    end.send(given(lambda: own.give(abs, -2).get()))
    end.send(given(own.close))


@pytest.mark.task(5)
@pytest.mark.means(
    DeadlockFound="a forked process uses the works that it has a copy of, and waits: nobody works for it"
)
@pytest.mark.parametrize("before", ["open", "close", "stop"])
def test_a_copy_is_no_works(before):
    works = Glassworks(FORK, light, (), 1)
    if before != "open":
        getattr(works, before)()
    mine, its = FORK.Pipe(duplex=False)
    child = FORK.Process(target=uses, args=(works, its))
    child.start()
    its.close()
    told = given(mine.recv)
    state = "open" if before == "open" else f"over ({before})"
    assert told == "", (
        f"the works are {state}, a forked process uses the copy that it has, and {told}: it raises RuntimeError"
    )
    found = [given(mine.recv), given(mine.recv)]
    assert found == [2, None], f"a forked process has made works of its own, and give and close came to {found}"
    child.join()
    mine.close()
    if before == "open":
        found = given(lambda: works.give(abs, -1).get())
        assert found == 1, f"a forked process has tried to use the works, and in its own process give came to {found!r}"
        works.close()


@pytest.mark.task(5)
def test_a_thread_is_no_other_process():
    works, found = Glassworks(FORK, light, (), 1), []

    def use():
        found.extend([given(lambda: works.give(abs, -1).get()), given(works.close)])

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert found == [1, None], f"another thread of the same process uses the works, and give and close came to {found}"

"""The glassworks: the tests. All processes are real, by fork, one to three of them."""

import gc
import multiprocessing
import os
import threading
import time
from multiprocessing.pool import Pool

import pytest
from pool_lifecycle import Glassworks

from pytest_concurrency import DeadlockFound

FORK = multiprocessing.get_context("fork")
SHARED = {}  # what the processes of a test inherit
LIT = []  # in each process, how often it has lit a furnace


class Fire(BaseException):
    """No Exception, as KeyboardInterrupt and SystemExit are none."""


@pytest.fixture(autouse=True)
def clean():
    LIT.clear()
    yield
    if multiprocessing.active_children():
        for pool in [each for each in gc.get_objects() if issubclass(type(each), Pool)]:
            ending = threading.Thread(target=pool.terminate, daemon=True)
            ending.start()
            ending.join(10)  # a pool that has lost a worker may not come to its end
    for child in multiprocessing.active_children():
        child.kill()
        child.join()
    SHARED.clear()


def given(act, *args):
    """Return what came out, be it an exception."""
    try:
        return act(*args)
    except (NotImplementedError, DeadlockFound):
        raise
    except (Exception, KeyboardInterrupt, SystemExit, Fire) as error:
        return error


def left():
    return [child.name for child in multiprocessing.active_children()]


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


@pytest.mark.task(1)
def test_what_breaks():
    works = Glassworks(FORK, light, (), 1)
    bad, good = works.give(breaks, ValueError("crack")), works.give(abs, -2)
    found = given(bad.get)
    assert isinstance(found, ValueError) and found.args == ("crack",), f"blow raised ValueError, and get gave {found!r}"
    assert good.get() == 2, "the piece after one that has broken is not what abs(-2) gives"
    works.close()


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
@pytest.mark.parametrize("kind", [None, ValueError, KeyboardInterrupt, Fire], ids=repr)
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
    how = "stop was called" if kind is None else f"the block has raised {kind.__name__}"
    assert SHARED["done"].value == 0, f"{how} in the middle of a piece, and the next one was blown: end them at once"
    assert not left(), f"{how}, and {left()} are still there: wait until they have ended"
    assert not any(ticket.ready() for ticket in tickets), f"{how} in the middle of a piece, and its ticket is ready"


def uses(works, end):
    """Try everything in a process that has not made it."""
    for way, args in (("give", (abs, -1)), ("close", ()), ("stop", ())):
        try:
            found = getattr(works, way)(*args)
        except RuntimeError:
            continue
        except BaseException as error:
            found = error
        end.send(f"{way} gave {found!r}")
        return
    end.send("")


@pytest.mark.task(5)
@pytest.mark.means(
    DeadlockFound="a forked process uses the works that it has a copy of, and waits: nobody works for it"
)
def test_a_copy_is_no_works():
    works = Glassworks(FORK, light, (), 1)
    mine, its = FORK.Pipe(duplex=False)
    child = FORK.Process(target=uses, args=(works, its))
    child.start()
    its.close()
    told = given(mine.recv)
    child.join()
    mine.close()
    assert told == "", f"a forked process uses the works that it has a copy of, and {told}: it raises RuntimeError"
    found = given(lambda: works.give(abs, -1).get())
    assert found == 1, f"a forked process has tried to use the works, and in its own process give came to {found!r}"
    works.close()

"""One scale: the tests. You say how the threads of task 1 mix; those of task 2 are explored; task 3 has processes."""

import multiprocessing
import os
import threading
from functools import partial

import pytest
from forked import FORK, SHARED, Fire, given, left
from one_scale import Scale
from pool_manager_lock import break_scale, grind_and_weigh, mill

VALUES = [None, 0, [], ValueError("returned"), StopIteration("returned")]


@pytest.mark.task(1)
def test_two_bags_on_the_scale(race):
    steps = break_scale()
    if not isinstance(steps, list):
        pytest.fail(f"a schedule is a list of steps, and this is {steps!r}", pytrace=False)

    def scenario():
        scale, shown = Scale(threading.Lock()), {}

        def come(name):
            try:
                shown[name] = scale.weigh(name)
            except RuntimeError:  # it releases what nobody holds any more
                shown.setdefault(name, "error")

        threads = [threading.Thread(target=come, args=(name,), name=name) for name in "ABC"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return shown

    played = race.play(scenario, steps)
    if not any(isinstance(each, list) and len(each) > 1 for each in played.value.values()):
        pytest.fail(
            f"under this schedule A, B and C have seen {played.value}: never two bags. Somebody has to be on the scale "
            f"while another one goes home, and a third one comes. What happened:\n\n{played}",
            pytrace=False,
        )


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="two millers, and never two grind at the same time: grind without the lock")
def test_one_weighs_the_others_grind(race):
    def scenario():
        lock, meeting, steps, weights = threading.Lock(), threading.Barrier(2), [], []

        def grind(bag):
            meeting.wait()
            return bag * 2

        def weigh(flour):
            steps.append(+1)
            threading.Event().wait(1)
            steps.append(-1)
            return [flour]

        race.run(*[lambda bag=bag: weights.append(grind_and_weigh(lock, grind, weigh, bag)) for bag in (1, 2)])
        most = max(sum(steps[:end]) for end in range(len(steps) + 1))
        assert most == 1, f"{most} bags were on the scale at the same time: weigh with the lock"
        assert sorted(weights) == [[2], [4]], f"bags 1 and 2 became the weights {weights}: weigh(grind(bag))"

    race.explore(scenario, schedules=8)


@pytest.mark.task(2)
@pytest.mark.parametrize("kind", [ValueError, StopIteration, KeyboardInterrupt, SystemExit, Fire])
@pytest.mark.parametrize("where", ["grind", "weigh"])
def test_the_lock_is_free_again(where, kind):
    lock, error = threading.Lock(), kind("dust")

    def act(name, value):
        assert lock.locked() == (name == "weigh"), f"while {name} runs, the lock is {lock}"
        if name == where:
            raise error
        return value

    found = given(grind_and_weigh, lock, lambda bag: act("grind", bag), lambda flour: act("weigh", flour), "rye")
    assert found is error, f"{where} raised {error!r}, and grind_and_weigh gave {found!r}"
    assert not lock.locked(), f"{where} raised {error!r}, and the lock is not free: nobody weighs any more"


@pytest.mark.task(2)
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_anything_is_flour(value):
    weighed = []

    def weigh(flour):
        weighed.append(flour)
        return value

    found = given(lambda: ("returned", grind_and_weigh(threading.Lock(), lambda bag: value, weigh, "rye")))
    assert weighed == [value], f"grind returned {value!r}, and weigh was called with {weighed}: once, with this"
    assert found == ("returned", value), f"weigh returned {value!r}, and there came {found!r}"


class Taken:
    """A lock that somebody else has: who asks for it is interrupted."""

    def __init__(self, error):
        self.error, self.released = error, 0

    def acquire(self, *args, **kwargs):
        raise self.error

    __enter__ = acquire

    def release(self, *args):
        self.released += 1

    __exit__ = release


@pytest.mark.task(2)
@pytest.mark.parametrize("kind", [EOFError, KeyboardInterrupt, Fire])
def test_what_it_has_not_got(kind):
    lock, weighed = Taken(kind("gone")), []
    found = given(grind_and_weigh, lock, str, weighed.append, "rye")
    assert lock.released == 0, (
        f"acquire raised {kind.__name__}, and the lock was released nevertheless: it is somebody else's; acquire "
        "stands before the try"
    )
    assert found is lock.error and not weighed, f"acquire raised {kind.__name__}, and there came {found!r}, {weighed}"


def check_left():
    assert not left(), f"mill is back, and {left()} are still there: end the pool, and the manager"


class Mill(type(FORK)):
    """A context that has processes of its own."""

    class Process(FORK.Process):
        pass


def numbered(place):
    return place


def value_of(place):
    """Weigh: what the scale shows may be anything; the last one is asked whose process this is."""
    return VALUES[place] if place < len(VALUES) else isinstance(multiprocessing.current_process(), Mill.Process)


def grinds(bag):
    if "meeting" in SHARED:
        SHARED["meeting"]()
    if isinstance(bag, Exception):
        raise bag
    return [bag]


def weighs(flour):
    """Look for a moment whether somebody else comes."""
    if "bell" in SHARED:
        with SHARED["bell"]:
            SHARED["inside"].value += 1
            SHARED["most"].value = max(SHARED["most"].value, SHARED["inside"].value)
            SHARED["bell"].notify_all()
            SHARED["bell"].wait_for(lambda: SHARED["inside"].value > 1, 0.15)
        with SHARED["bell"]:
            SHARED["inside"].value -= 1
    return *flour, os.getpid()


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="two millers, and never two grind at the same time")
def test_the_mill(timing):
    SHARED["meeting"] = timing.meeting(2, start_method="fork")
    bags = ["rye", None, 0, 0, "oats"]
    found = given(mill, FORK, 2, grinds, weighs, (bag for bag in bags))
    assert isinstance(found, list), f"five bags, two millers, and mill gave {found!r}"
    assert [bag for bag, _ in found] == bags, f"the bags {bags} became {found}: each, in order"
    pids = {pid for _, pid in found}
    assert os.getpid() not in pids and len(pids) == 2, f"two millers, {os.getpid()} is the caller, and {pids} worked"
    check_left()


@pytest.mark.task(3)
def test_one_weighs_at_a_time():
    SHARED.update(bell=FORK.Condition(), inside=FORK.RawValue("i", 0), most=FORK.RawValue("i", 0))
    found = given(mill, FORK, 2, grinds, weighs, "abcd")
    assert isinstance(found, list) and len(found) == 4, f"four bags, two millers, and mill gave {found!r}"
    most = SHARED["most"].value
    assert most == 1, f"{most} processes had a bag on the scale at the same time: one lock for all of them"


def meets(meeting, bag):
    """Wait until two grind, so that both go to the scale."""
    meeting.wait(30)
    return bag


def is_joined(scale, flour):
    """Weigh, and tell whether somebody else came meanwhile."""
    try:
        scale.wait(0.3)
    except threading.BrokenBarrierError:
        return False
    return True


@pytest.mark.task(3)
def test_one_weighs_at_a_time_under_spawn():
    context = multiprocessing.get_context("spawn")
    with FORK.Manager() as hall:
        grind, weigh = partial(meets, hall.Barrier(2)), partial(is_joined, hall.Barrier(2))
        found = given(mill, context, 2, grind, weigh, "ab")
    assert isinstance(found, list), f"two bags, two millers, a context of spawn, and mill gave {found!r}"
    assert found == [False, False], (
        "two processes that were spawned had a bag on the scale at the same time: each has imported the module, and "
        "made a lock of its own; hand them one"
    )


@pytest.mark.task(3)
def test_any_weight_from_its_own_processes():
    found = given(mill, Mill(), 2, numbered, value_of, range(6))
    assert isinstance(found, list) and repr(found[:5]) == repr(VALUES), (
        f"weigh returned {VALUES}, and mill gave {found!r}: each, in order, and what is returned is not raised"
    )
    assert found[5] is True, "the processes are not those that the context starts: context.Pool"


@pytest.mark.task(3)
@pytest.mark.parametrize("millers", [1, 3])
def test_no_bags(millers):
    assert given(mill, FORK, millers, grinds, weighs, []) == [], "no bags, and no []"
    check_left()


@pytest.mark.task(3)
@pytest.mark.parametrize("kind", [ValueError, EOFError])
def test_a_bag_that_bursts(kind):
    found = given(mill, FORK, 2, grinds, weighs, ["a", kind("burst"), "b"])
    assert type(found) is kind and found.args == ("burst",), f"the second of three bags bursts, mill gave {found!r}"
    check_left()

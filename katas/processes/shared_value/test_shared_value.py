"""The collecting box: the tests. The processes are real, time is virtual, and they mix in many ways."""

import functools
import importlib
import multiprocessing
import time

import pytest
import shared_value
from shared_value import Box, collect

FORK = multiprocessing.get_context("fork")
PURSE = {"cents": 0}  # 100 where a test of this process has set it, or a process that was forked then
MUCH = 2**53 + 1  # one more than what a float counts exactly


def put(box, *amounts):
    """Put in one amount after the other."""
    for cents in amounts:
        box.put(cents)


def putting(*amounts):
    """Return a collector who puts in these amounts, which can be sent to a process by any start method."""
    return functools.partial(_put_in, amounts)


def _put_in(amounts, box):
    put(box, *amounts)


def run(*pairs, context=FORK):
    """Run each (function, *arguments) in a process of its own, to the end."""
    processes = [context.Process(target=function, args=arguments) for function, *arguments in pairs]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    codes = [process.exitcode for process in processes]
    assert not any(codes), f"a process that puts into the box has failed: the exit codes are {codes}"


def put_purse(box):
    """Put in what this process knows of."""
    box.put(PURSE["cents"])


@pytest.mark.task(1)
def test_what_a_child_puts_in_is_there():
    for start in (0, 5, -3):
        box = Box(FORK, start)
        assert box.cents() == start, f"a box with {start} cents has {box.cents()}"
        run((put, box, 1, 3))
        assert box.cents() == start + 4, (
            f"{start} cents were in the box, a child put in 1 and 3, and the parent finds {box.cents()}: what is not "
            "shared is copied"
        )
    assert Box(FORK).cents() == 0, "a box has nothing in it, unless somebody says so"


@pytest.mark.task(1)
def test_two_boxes_are_two():
    first, second = Box(FORK, 10), Box(context=FORK, cents=20)
    first.put(1)
    run((put, second, 2))
    found = first.cents(), second.cents()
    assert found == (11, 22), f"10 + 1 and 20 + 2 in two boxes are {found}: each box has a value of its own"


@pytest.mark.task(1)
def test_a_lot_of_money():
    for start, cents in ((2**31 - 1, 1), (-(2**31), -1), (2**32, 5), (MUCH, 2), (2**62 - 1, 1), (1 - 2**62, -1)):
        box = Box(FORK, start)
        assert box.cents() == start, f"a box with {start} cents has {box.cents()}: another type code"
        found = box.put(cents=cents)
        assert found == box.cents() == start + cents, (
            f"{start} + {cents} is {box.cents()} in the box, and put says {found}: another type code"
        )
        assert type(found) is int, f"the amount is a {type(found).__name__}: whole numbers"
    box = Box(FORK, MUCH + 2)
    assert box.take(cents=MUCH + 2) is True, "all that is in it can be taken, also if it is much"


@pytest.mark.task(1)
def test_what_can_be_taken():
    box = Box(FORK, 5)
    steps = [(6, False, 5), (5, True, 0), (1, False, 0), (0, True, 0)]
    for cents, right, left in steps:
        found = box.take(cents)
        assert (found, box.cents()) == (right, left), (
            f"take({cents}) gave {found}, and {box.cents()} are left; it should be {right}, and {left} left"
        )
    assert box.put(0) == 0, "0 were in it, and put(0) says something else"
    box.put(-4)
    assert box.put(0) == -4, "-4 were in it, and put(0) says something else: how much is in it afterwards"
    assert box.take(0) is False, "-4 are in it: not even 0 are there to be taken"
    assert box.cents() == -4, f"-4 were in it, take(0) gave False, and now there are {box.cents()}"


@pytest.mark.task(1)
@pytest.mark.means(
    RuntimeError="a box cannot go to a process that is not forked: make all with the context that is given",
    TypeError="a box cannot go to a process that is not forked: what is in it cannot be sent",
    AttributeError="a box cannot go to a process that is not forked: targets are functions of a module",
    PicklingError="a box cannot go to a process that is not forked: targets are functions of a module",
)
def test_other_start_methods(race, monkeypatch):
    spawn = multiprocessing.get_context("spawn")

    def scenario():
        box = Box(spawn, 10)
        found = collect(spawn, box, [putting(1)])
        assert found == box.cents() == 11, (
            f"10 cents, a spawned process put in 1, and collect says {found}, the box {box.cents()}: what a module "
            "makes is made anew by each spawned process"
        )
        assert collect(spawn, box, [put_purse]) == 11, (
            f"the context is that of spawn, a process knew what only a forked one knows, and there are "
            f"{box.cents()} cents instead of 11: make the processes with it"
        )

    monkeypatch.setitem(PURSE, "cents", 100)
    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="put waits for a lock that it holds itself")
def test_no_cent_is_lost(race):
    def scenario():
        box = Box(FORK, 10)
        run((put, box, 1, 1), (put, box, 3, 3))
        assert box.cents() == 18, (
            f"10 cents, and two put in 1 and 1, 3 and 3: {box.cents()} instead of 18; one wrote what he had reckoned "
            "from an old amount: read and write under one lock, the same for all"
        )

    race.explore(scenario, schedules=12, seconds=40)


@pytest.mark.task(2)
def test_each_sees_his_own_sum(race):
    def told(box, cents, sums, place):
        sums[place] = box.put(cents)

    def scenario():
        box, sums = Box(FORK), FORK.Array("q", 2, lock=False)
        run((told, box, 1, sums, 0), (told, box, 3, sums, 1))
        assert tuple(sums) in ((1, 4), (4, 3)), (
            f"one put in 1, the other 3, and they were told {tuple(sums)}: return what was in it before the other came"
        )

    race.explore(scenario, schedules=12, seconds=40)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="take waits for a lock that it holds itself, or that it has not given back")
def test_nobody_takes_what_is_not_there(race):
    def took(box, cents, done, place):
        done[place] = box.take(cents)

    def scenario():
        box, done = Box(FORK, 5), FORK.Array("b", 3, lock=False)
        run((took, box, 4, done, 0), (took, box, 3, done, 1), (took, box, 9, done, 2))
        assert tuple(done) in ((1, 0, 0), (0, 1, 0)), (
            f"5 cents, and three wanted 4, 3 and 9: {sum(done)} of them got it; look and take under one lock"
        )
        left = 5 - 4 * done[0] - 3 * done[1]
        assert box.cents() == left, f"{left} cents should be left, and there are {box.cents()}"

    race.explore(scenario, schedules=12, seconds=40)


def put_as_if_spawned(box, cents):
    """Put in after the module was made anew, as in a spawned process, but quickly."""
    importlib.reload(shared_value)
    box.put(cents)


@pytest.mark.task(2)
def test_the_lock_goes_with_the_box(race):
    def scenario():
        box = Box(FORK, 10)
        run((put_as_if_spawned, box, 1), (put_as_if_spawned, box, 3))
        assert box.cents() == 14, (
            f"10 cents, and two put in 1 and 3, each of whom has made the module anew, as a spawned process does: "
            f"{box.cents()} instead of 14; the lock belongs to the box, not to the module"
        )

    race.explore(scenario, schedules=12, seconds=40)


@pytest.mark.task(2)
def test_put_while_another_takes(race):
    def scenario():
        box = Box(FORK, 5)
        run((put, box, 3), (box.take, 5))
        assert box.cents() == 3, (
            f"5 cents, one put in 3, the other took 5: {box.cents()} are left instead of 3; put and take need the same "
            "lock"
        )

    race.explore(scenario, schedules=12, seconds=40)


@pytest.mark.task(3)
def test_all_are_waited_for(race):
    def late(box):
        time.sleep(1_000_000)
        box.put(3)

    def scenario():
        box, other, began = Box(FORK, 2), FORK.Process(target=time.sleep, args=(9_000_000,)), time.monotonic()
        other.start()
        found = collect(FORK, box, (each for each in (late, putting(1))))
        took = time.monotonic() - began
        assert found == 6, f"2 were in it, 3 and 1 came, the 3 late: collect says {found} instead of 6; wait for all"
        assert took < 9_000_000, "a process that collects nothing ran on, and collect waited for it: join your own"
        assert multiprocessing.active_children() == [other], "collect came back, and a process still runs: join all"
        other.join()

    race.explore(scenario, schedules=5, seconds=40)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="each of three collectors waits for the other two: start all before you join one")
def test_all_at_the_same_time(race):
    def scenario():
        meeting = FORK.Barrier(3)

        def with_the_others(box):
            meeting.wait()
            box.put(1)

        found = collect(FORK, Box(FORK), [with_the_others] * 3)
        assert found == 3, f"the same collector went three times and put in 1 each: {found} instead of 3"

    race.explore(scenario, schedules=5, seconds=40)


@pytest.mark.task(3)
def test_each_in_a_process_of_its_own(race):
    def scenario():
        pids = FORK.Array("q", 2, lock=False)
        here = multiprocessing.current_process().pid

        def first(box):
            pids[0] = multiprocessing.current_process().pid

        def second(box):
            pids[1] = multiprocessing.current_process().pid

        collect(FORK, Box(FORK), [first, second])
        assert len({here, *pids}) == 3, "a parent and two collectors are three processes: a process for each collector"
        assert collect(context=FORK, box=Box(FORK, 7), collectors=[]) == 7, "nobody collects: what was in it is in it"

    race.explore(scenario, schedules=2, seconds=40)

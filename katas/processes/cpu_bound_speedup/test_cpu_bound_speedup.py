"""The pebble counters: the tests. Real threads and processes, which meet; no verdict hangs on how fast they are."""

import gc
import itertools
import multiprocessing
import os
import threading
import time
from multiprocessing.pool import Pool

import pytest
from cpu_bound_speedup import alone, measure, processes, threads

FORK = multiprocessing.get_context("fork")
NOT_SENT = "something cannot go to a process that is not forked: use what the context makes, and functions of a module"
TEAMS = {"alone": alone, "threads": lambda: threads(2), "processes": lambda: processes(FORK, 2)}


@pytest.fixture(autouse=True)
def nobody_is_left():
    yield
    pools = [each for each in gc.get_objects() if isinstance(each, Pool)] if multiprocessing.active_children() else []
    for pool in pools:
        pool.terminate()  # it would replace whoever is killed
        pool.join()
    for process in multiprocessing.active_children():
        process.kill()
        process.join()


class Mine(threading.local):
    """A number that no other thread ever has; an ident is given anew."""

    numbers = itertools.count()

    def __init__(self):
        self.number = next(self.numbers)


MINE = Mine()


def where(piece):
    """Tell who counts."""
    return piece, os.getpid(), MINE.number


def check_left(before):
    """See that everybody has gone home."""
    assert not multiprocessing.active_children(), "the block has ended, and a process of the team still runs"
    assert threading.active_count() <= before, "the block has ended, and a thread of the team still runs"


@pytest.mark.task(1)
@pytest.mark.parametrize("name", TEAMS)
def test_counted_in_order(name):
    before = threading.active_count()
    with TEAMS[name]() as count_all:
        pieces = ["a", None, "a", 0, ()]
        found = count_all(count=where, pieces=(piece for piece in pieces))
        assert type(found) is list, f"count_all returned a {type(found).__name__}, not a list"
        assert [piece for piece, *_ in found] == pieces, (
            f"{name} counted {pieces}, and returned {found}: in their order"
        )
        here, us = os.getpid(), MINE.number
        pids, idents = {pid for _, pid, _ in found}, {ident for *_, ident in found}
        if name == "processes":
            assert here not in pids, "it was counted in the process of the caller: a process for each worker"
        else:
            assert pids == {here}, f"{name} counted in another process"
            assert (idents == {us}) == (name == "alone"), "alone is the thread of the caller, threads are other threads"
        assert count_all(where, []) == [], "no pieces, no results"
    check_left(before)


def fail_at_zero(piece):
    """Divide."""
    return 6 // piece


@pytest.mark.task(1)
@pytest.mark.parametrize("name", TEAMS)
def test_an_error_comes_out(name):
    before = threading.active_count()
    with TEAMS[name]() as count_all:
        with pytest.raises(ZeroDivisionError):
            count_all(fail_at_zero, [1, 0, 2])
        found = count_all(fail_at_zero, [1, 2])
        assert found == [6, 3], f"{name} had met an error, and then counted [6, 3] as {found}"
    error = KeyboardInterrupt()
    try:
        with TEAMS[name]() as count_all:
            count_all(fail_at_zero, [1])
            raise error
    except KeyboardInterrupt as raised:
        assert raised is error
    else:
        raise AssertionError("the block ended with an error, and it did not come out")
    check_left(before)


def doubt(piece):
    """Return an error, and raise none."""
    return ValueError(piece)


@pytest.mark.task(1)
@pytest.mark.parametrize("name", TEAMS)
@pytest.mark.means(ValueError="count has returned an exception, and raised none: it is a result like any other")
def test_an_error_may_be_a_result(name):
    with TEAMS[name]() as count_all:
        found = count_all(doubt, [1, 2])
    assert repr(found) == "[ValueError(1), ValueError(2)]", f"count returned two exceptions, {name} returned {found}"


class Meeting:
    """What workers meet at; made for each test, before there are workers."""

    barrier = others = None


PATIENCE = 30  # seconds of real time, after which who waits for nobody gives up


def meet(piece):
    """Wait for the other."""
    Meeting.barrier.wait(PATIENCE)
    return where(piece)


def names_of(found, name):
    """Return the workers who have counted."""
    return {pid if name == "processes" else ident for _, pid, ident in found}


@pytest.mark.task(2)
@pytest.mark.means(BrokenBarrierError="each of two workers waits for the other to count: two at the same time")
def test_two_at_the_same_time():
    for name in ("threads", "processes"):
        Meeting.barrier = FORK.Barrier(2)
        with TEAMS[name]() as count_all:
            first, second = (names_of(count_all(meet, range(4)), name) for _ in range(2))
        assert len(first) == 2, f"two workers, and {len(first)} {name} have counted four pieces"
        assert first == second, f"the second call had other {name} than the first: keep them, starting them takes time"


def slowly(piece):
    """Take so long that anybody else who is there takes the next piece."""
    time.sleep(1 / 64)
    return where(piece)


@pytest.mark.task(2)
def test_no_more_than_so_many():
    for name, team in (("threads", threads(workers=1)), ("processes", processes(FORK, 1))):
        with team as count_all:
            workers = names_of(count_all(slowly, range(12)), name)
        assert len(workers) == 1, f"a team of one worker, and {len(workers)} {name} have counted"


def wait_for_others(piece):
    """Let the first wait until all others have been counted; tell whether they were."""
    if piece == 0:
        return all(Meeting.others.acquire(timeout=PATIENCE) for _ in range(15))
    Meeting.others.release()
    return piece


@pytest.mark.task(2)
def test_single_pieces():
    for name in ("threads", "processes"):
        Meeting.others = FORK.Semaphore(0)
        with TEAMS[name]() as count_all:
            found = count_all(wait_for_others, range(16))
        assert found[0] is not False, (
            "a worker had a long piece, and others lay behind it in his chunk and waited: deal out single pieces"
        )
        assert found == [True, *range(1, 16)], f"the first of 16 pieces took longest; the results came as {found}"


@pytest.mark.task(1)
@pytest.mark.means(RuntimeError=NOT_SENT, TypeError=NOT_SENT, AttributeError=NOT_SENT, PicklingError=NOT_SENT)
def test_other_start_methods():
    with processes(context=multiprocessing.get_context("spawn"), workers=1) as count_all:
        found = count_all(fail_at_zero, [1, 6])
    assert found == [6, 1], f"a spawned worker counted [6, 1] as {found}"


class Track:
    """A clock, and a team that sets it forward: it comes in 100 s, goes in 50 s, and needs 8 s for its first call."""

    def __init__(self, *seconds):
        self.now, self.calls, self.log, self.seconds = 1000.0, [], [], seconds

    def clock(self):
        return self.now

    def __enter__(self):
        self.log.append("in")
        self.now += 100
        return self.count_all

    def __exit__(self, *error):
        self.log.append("out")
        self.now += 50

    def count_all(self, count, pieces):
        self.calls.append((count, list(pieces)))
        self.now += 8 if len(self.calls) == 1 else self.seconds[len(self.calls) % len(self.seconds)]
        if len(self.calls) == 4 and count is fail_at_zero:
            raise KeyboardInterrupt
        return [count(piece) for piece in pieces]


@pytest.mark.task(3)
@pytest.mark.parametrize(
    ("seconds", "at_least", "right", "calls"),
    [((0.25,), 1, 0.25, 4), ((2**-10,), 1, 2**-10, 1024), ((3,), 1, 3, 1), ((0.25, 0.75), 1, 0.5, 2), ((2,), 0, 2, 1)]
    + [((0,), 0, 0, 1)],
    ids=str,
)
def test_the_counting_is_measured(seconds, at_least, right, calls):
    track = Track(*seconds)
    found = measure(track, str, [1, 2], at_least=at_least, clock=track.clock)
    assert track.log == ["in", "out"], f"a team is entered once and left once, and here it was {track.log}"
    assert found == right, (
        f"a team comes in 100 s, goes in 50 s, needs 8 s for the first call, then {' or '.join(map(str, seconds))} s: "
        f"measured were {found:g} s, not {right:g} s"
    )
    assert len(track.calls) == calls + 1, (
        f"calls of {' or '.join(map(str, seconds))} s were to be measured for {at_least} s: {len(track.calls) - 1} "
        f"after the first, not {calls}"
    )
    assert set(map(str, track.calls)) == {str((str, [1, 2]))}, "another count, or other pieces, were measured"


@pytest.mark.task(3)
def test_an_error_while_measuring():
    track = Track(0.25)
    with pytest.raises(KeyboardInterrupt):
        measure(track, fail_at_zero, [1], 1, track.clock)
    assert track.log == ["in", "out"], f"a measured call raised something, and the team was {track.log}: in, and out"


@pytest.mark.task(3)
def test_a_real_team_is_measured():
    began = time.perf_counter()
    found = measure(alone(), fail_at_zero, [1, 2], 0)
    assert 0 < found < time.perf_counter() - began, f"measured were {found} s, by a clock of our own"

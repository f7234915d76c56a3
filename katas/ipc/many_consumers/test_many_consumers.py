"""The archive: the tests. Processes are real, their order is chosen, and time is virtual."""

import multiprocessing
import os
import time

import pytest
from logbook import Logbook
from many_consumers import share

LARGE = 300_000  # bytes: more than a pipe holds
STUCK = (
    "somebody waits for an item or a result that never comes: whoever takes a None goes home with it, so there is one "
    "for each, behind the last item"
)


class EqualToAll:
    """An item that says of itself that it is equal to everything."""

    def __eq__(self, other):
        return True

    def __repr__(self):
        return "an item that is equal to everything"

    __hash__ = None


class Touchy:
    """An item that cannot be compared, and is neither true nor false."""

    def __eq__(self, other):
        raise TypeError("an item was compared with ==: look for the end with `is`")

    def __bool__(self):
        raise TypeError("an item was asked whether it is true: look for the end with `is`")

    def __repr__(self):
        return "an item that cannot be compared"

    __hash__ = None


def shown(values):
    return [f"{len(each)} bytes" if isinstance(each, bytes) and each else repr(each) for each in values]


def check_shared(items, consumers, seconds=None, result=lambda item: item):
    """Share the work, and look at what comes back, and who did what; return how long it took."""
    with Logbook() as book:

        def work(item):
            book.note((repr(item)[:20], os.getpid()))
            time.sleep(seconds[item] if seconds else 0)
            return result(item)

        began = time.monotonic()
        came = share(iter(items), consumers, work)
        took, entries = time.monotonic() - began, book.read()
    left = [process.name for process in multiprocessing.active_children()]
    assert not left, f"share has returned, and {left} still run: join every process"
    done, wanted = sorted(item for item, _ in entries), sorted(repr(item)[:20] for item in items)
    assert done == wanted, (
        f"work was called with {', '.join(done) or 'nothing'} instead of {', '.join(wanted) or 'nothing'}: each item "
        "once, and nothing else; look whether it is the end before you work, with `is`"
    )
    pids = {pid for _, pid in entries}
    assert os.getpid() not in pids, "the caller works itself: that is for the consumers"
    assert len(pids) <= consumers, f"{consumers} consumers, and {len(pids)} processes have worked"
    results = shown(came)
    right = shown(map(result, items))
    assert results == right, f"of {shown(items)} should come {right}, in their order, and {results} came"
    return took


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound=STUCK)
def test_all_end(race):
    def scenario():
        took = check_shared("wxyz", 2, dict(w=9, x=1, y=2, z=3))
        assert took == 9, (
            f"items of 9, 1, 2 and 3 s, two consumers: it took {took:g} s instead of 9 s; who is free takes the next"
        )
        check_shared("a", 3)
        check_shared("", 2)
        check_shared("aba", 1)

    race.explore(scenario, schedules=3, seconds=60)


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound=f"five consumers, and {STUCK}")
def test_the_number_of_consumers(race):
    race.explore(lambda: check_shared("ab", 5), schedules=2, seconds=60)


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound="each of three waits for the other two to work: all three work at the same time")
def test_all_work_at_the_same_time(race):
    def scenario():
        meeting = multiprocessing.Barrier(3)
        came = share([3, 1, 2, 6, 4, 5], 3, lambda item: (meeting.wait(), item)[1])
        assert came == [3, 1, 2, 6, 4, 5], f"items 3, 1, 2, 6, 4, 5 come back as they are; {came} came"

    race.explore(scenario, schedules=3, seconds=60)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound=STUCK)
def test_what_is_false_is_no_end(race):
    items = [0, "", False, (), b"", [], 0.0, "None", "END", -1, EqualToAll(), Touchy(), {}, ValueError(1)]
    items += [..., NotImplemented, StopIteration, None]
    race.explore(lambda: check_shared(items, 2), schedules=2, seconds=60)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="a result that is None is a result: nobody may wait for another one in its place")
def test_results_may_be_anything(race):
    race.explore(
        lambda: check_shared("abc", 2, result={"a": None, "b": (), "c": ValueError(2)}.get), schedules=2, seconds=60
    )


@pytest.mark.task(3)
@pytest.mark.means(
    DeadlockFound="a process does not end while nobody takes what it has put: take the results, then join"
)
def test_items_and_results_may_be_large(race):
    items = [bytes(LARGE), bytes(LARGE + 1), bytes(LARGE + 2)]
    race.explore(lambda: check_shared(items, 2, result=lambda item: item + b"!"), schedules=3, seconds=60)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="the second item comes when work on the first has begun: give each out as it comes")
def test_work_begins_while_items_come(race):
    def scenario():
        begun = multiprocessing.Event()

        def come():
            yield "a"
            begun.wait()
            yield "b"

        came = share(come(), 2, lambda item: (begun.set(), item)[1])
        assert came == ["a", "b"], f"'a' came, then 'b'; {came} came back"

    race.explore(scenario, schedules=3, seconds=60)


class Lull(Exception):
    """An error as good as any, that counts as false."""

    def __bool__(self):
        return False


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="there are no more items, as the next one raised, and the consumers are not told")
@pytest.mark.parametrize(
    "error",
    [ValueError("lost"), KeyboardInterrupt(), SystemExit(3), GeneratorExit(), Lull("false")],
    ids=lambda e: type(e).__name__,
)
def test_the_items_break_off(race, error):
    cause = OSError("damp")

    def scenario():
        with Logbook() as book:

            def come():
                yield bytes(LARGE)
                yield b"b"
                raise error from cause

            def work(item):
                book.note(len(item))
                return item

            try:
                came = share(come(), 3, work)
            except NotImplementedError:
                raise
            except BaseException as raised:
                came = raised
            done = sorted(book.read())
        left = [process.name for process in multiprocessing.active_children()]
        assert came is error, f"asking for the third item raised {error!r}, and share gave {came!r:.80}"
        assert error.__cause__ is cause, (
            f"what was raised from {cause!r} came out of share from {error.__cause__!r}: raise it as it is"
        )
        assert not left, (
            f"share has raised, and {left} still run: do they know that no more items come? Tell them, and join them"
        )
        assert done == [1, LARGE], f"two items came before the error, of {LARGE} bytes and of 1; worked on were {done}"

    race.explore(scenario, schedules=2, seconds=60)

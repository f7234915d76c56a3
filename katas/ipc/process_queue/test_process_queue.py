"""The telegraph: the tests. Processes are real, their order is chosen, and time is virtual."""

import multiprocessing
import os
import time

import pytest
from logbook import Logbook
from process_queue import collect, relay

LARGE = 300_000  # bytes: more than a pipe holds

DUMB = "the writer has failed, and the reader is told by nobody that nothing more comes"


class EqualToAll:
    """A telegram that says of itself that it is equal to everything."""

    def __eq__(self, other):
        return True

    def __repr__(self):
        return "a telegram that is equal to everything"

    __hash__ = None


class Touchy:
    """A telegram that cannot be compared, and is neither true nor false."""

    def __eq__(self, other):
        raise TypeError("a telegram was compared with ==: wrap it, or look with `is` at what surrounds it")

    def __bool__(self):
        raise TypeError("a telegram was asked whether it is true: wrap it, or look with `is`")

    def __repr__(self):
        return "a telegram that cannot be compared"

    __hash__ = None


def check_nobody_is_left(function):
    left = [process.name for process in multiprocessing.active_children()]
    assert not left, f"{function} has returned, and {left} still run: join every process"


def check_relay(telegrams, error=None, codes=(0, 0), seconds=0):
    """Relay them, and look at what was read, and who did what."""
    with Logbook() as book:

        def walk():
            for telegram in telegrams:
                time.sleep(seconds)
                yield telegram
            if error is not None:
                raise error

        def write():
            book.note(("writer", os.getpid()))
            if error is not None and not telegrams:
                raise error
            return walk() if seconds or error else telegrams

        def read(telegram):
            time.sleep(seconds)
            book.note((repr(telegram), os.getpid()))

        found = relay(write, read)
        check_nobody_is_left("relay")
        entries = book.read()
    pids = dict(entries)
    writer = pids.pop("writer", None)
    shown, wanted = [entry for entry, _ in entries if entry != "writer"], [repr(each) for each in telegrams]
    assert shown == wanted, (
        f"{', '.join(wanted)[:300] or 'nothing'} was written, {', '.join(shown)[:300] or 'nothing'} was read: each "
        "telegram once, in order, and the reader ends after the last"
    )
    assert os.getpid() not in (writer, *pids.values()), "the caller writes or reads itself: each has its own process"
    assert writer not in pids.values(), "one process writes and reads: each has its own process"
    assert tuple(found) == codes, f"writer and reader ended with {codes}, and relay returned {found}"


@pytest.mark.task(1)
@pytest.mark.means(
    DeadlockFound="somebody waits for a telegram that never comes: the reader has to hear which one was the last, by "
    "a queue of multiprocessing (of a queue.Queue each process has its own), and to recognise it"
)
def test_all_is_read_in_order(race):
    def scenario():
        check_relay(["a", "b", "a"], seconds=60)
        check_relay([])

    race.explore(scenario, schedules=3, seconds=60)


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound="a telegram is read while the next one is being written: send each as it comes")
def test_it_is_read_while_it_is_written(race):
    def scenario():
        first_is_read = multiprocessing.Event()
        read = []

        def write():
            yield "a"
            first_is_read.wait()
            yield "b"

        def note(telegram):
            read.append(telegram)
            first_is_read.set()

        relay(write, note)
        assert read == [], "the caller reads itself: the reader has its own process"

    race.explore(scenario, schedules=3, seconds=60)


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound="somebody waits for a telegram that never comes. What is pickled and travels arrives as another "
    "object: a mark of object() is recognised by nobody"
)
def test_any_object_is_a_telegram(race):
    telegrams = [
        None,
        "",
        (),
        ((),),
        (None,),
        0,
        False,
        b"",
        "END",
        "STOP",
        -1,
        EqualToAll(),
        Touchy(),
        StopIteration,
        ...,
        NotImplemented,
        OSError(5),
    ]
    race.explore(lambda: check_relay(telegrams), schedules=2, seconds=60)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="a large telegram does not fit into the pipe: somebody has to read it")
def test_a_telegram_may_be_large(race):
    race.explore(lambda: check_relay([bytes(LARGE), bytes(LARGE)]), schedules=2, seconds=60)


@pytest.mark.task(3)
@pytest.mark.means(**dict.fromkeys(["ValueError", "KeyboardInterrupt", "SystemExit", "DeadlockFound"], DUMB))
def test_the_writer_fails(race):
    def scenario():
        check_relay(["a", "b"], ValueError("no ink"), (1, 0))
        check_relay(["a"], KeyboardInterrupt(), (1, 0))
        check_relay([], SystemExit(3), (3, 0))

    race.explore(scenario, schedules=2, seconds=60)


@pytest.mark.task(4)
@pytest.mark.means(
    DeadlockFound="a station that is joined waits until somebody takes what it has put, and nobody does: take "
    "everything off the queue, then join"
)
def test_all_is_collected_in_order(race):
    def check(count):
        caller, patience = os.getpid(), [3, 1, 2]

        def station(number):
            time.sleep(patience[number])
            return os.getpid(), number, bytes(LARGE)

        came = collect([lambda number=number: station(number) for number in range(count)])
        check_nobody_is_left("collect")
        found = [each[1] if isinstance(each, tuple) else each for each in came]
        assert found == list(range(count)), f"stations 0 to {count - 1} are asked, and the answers come from {found}"
        assert len({caller, *(pid for pid, *_ in came)}) == count + 1, "each station has a process of its own"

    race.explore(lambda: [check(3), check(1), check(0)], schedules=3, seconds=60)


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound="each of four stations waits for the others: start all before you wait for one")
def test_all_stations_work_at_the_same_time(race):
    def scenario():
        meeting = multiprocessing.Barrier(4)
        sent = [None, "", EqualToAll(), ValueError("an answer")]

        def station(answer):
            meeting.wait()
            return answer

        came = collect([lambda answer=answer: station(answer) for answer in sent])
        shown, wanted = [repr(each) for each in came], [repr(each) for each in sent]
        assert shown == wanted, f"{wanted} were sent, {shown} came"

    race.explore(scenario, schedules=2, seconds=60)


@pytest.mark.task(4)
@pytest.mark.means(KeyError="the same function may stand there twice: number the places, do not look functions up")
def test_the_same_station_twice(race):
    def scenario():
        came = collect([int, str, int])
        assert came == [0, "", 0], f"stations int, str and int were asked, the answers are {came}"

    race.explore(scenario, schedules=2, seconds=60)

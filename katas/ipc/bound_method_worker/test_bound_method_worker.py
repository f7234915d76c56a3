"""The courier service: the tests. Processes are real, their order is chosen, and time is virtual."""

import contextlib
import multiprocessing
import os
import signal
import time
from multiprocessing.util import Finalize

import pytest
from bound_method_worker import Courier
from logbook import Logbook

LARGE = 300_000  # bytes: more than a pipe holds
STUCK = "somebody waits for ever: who tells the receiver that no more parcels come, and who takes what it sends back?"


class EqualToAll:
    """A parcel that says of itself that it is equal to everything."""

    def __eq__(self, other):
        return True

    def __repr__(self):
        return "a parcel that is equal to everything"

    __hash__ = None


class EveryWord(str):
    """A parcel that is a text, and says of itself that it is equal to every other."""

    __eq__ = EqualToAll.__eq__
    __hash__ = str.__hash__


MARKS = [..., NotImplemented, StopIteration, EOFError, [], {}, 0.0, 1, (None,), ("END",), ["END"], b"END", "\n", "end"]
MARKS += ["stop", "done", "exit", "quit", "None", "EOF", "sentinel", EveryWord("word")]


class Load:
    """Parcels that can be walked, once, and that note where."""

    def __init__(self, parcels, note):
        self.parcels, self.note = parcels, note

    def __iter__(self):
        self.note(os.getpid())
        return iter(self.parcels)


def label(parcel):
    return f"{len(parcel)} bytes" if isinstance(parcel, bytes) and parcel else repr(parcel)


def check_run(courier, loads):
    """Run it, and look at the receipts that are new: each is (pid, parcel)."""
    before, sent_before = list(courier.receipts), courier.sent
    with Logbook() as book:
        courier.run([Load(load, book.note) for load in loads])
        walkers = book.read()
    left = [process.name for process in multiprocessing.active_children()]
    assert not left, f"run has returned, and {left} still run: wait until they have ended by themselves"
    new = courier.receipts[len(before) :]
    came, wanted = [label(parcel) for _, parcel in new], [[label(parcel) for parcel in load] for load in loads]
    assert courier.receipts[: len(before)] == before, "receipts of an earlier run are gone, or have changed"
    assert sorted(came) == sorted(sum(wanted, [])), (
        f"the loads were {wanted}, and receipts have come for {came}: a method that runs in a process writes on a copy "
        "of the object, so what it knows has to be sent back; each receipt once, and those of earlier runs not again"
    )
    for load in wanted:
        assert [each for each in came if each in load] == load, (
            f"the parcels {load} came from one sender, and receipts are in the order {came}: keep the order of a load"
        )
    sent = courier.sent - sent_before
    assert sent == len(came), f"{len(came)} parcels were sent in this run, and `sent` has grown by {sent}"
    receivers = {pid for pid, _ in new}
    assert len(receivers) < 2, f"handle was called in {len(receivers)} processes: one receives them all"
    assert len({os.getpid(), *walkers, *receivers}) == 1 + len(loads) + len(receivers), (
        "each load is sent by a process of its own, a further one receives, and the caller does neither"
    )


def note_where(parcel):
    return os.getpid(), parcel


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound=STUCK)
def test_run_returns(race):
    race.explore(lambda: Courier(note_where).run([["a", "b"], ["c"]]), schedules=6, seconds=60)


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound=STUCK)
def test_nothing_to_send(race):
    def scenario():
        courier = Courier(note_where)
        for loads in [], [[]], [[], []]:
            courier.run(loads)
            assert courier.receipts == [], f"the loads were {loads}, and the receipts are {courier.receipts}"

    race.explore(scenario, schedules=2, seconds=60)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound=STUCK)
def test_receipts_come_back(race):
    race.explore(lambda: check_run(Courier(note_where), [["a", "b"], ["c", "d"]]), schedules=6, seconds=60)


def note_the_end(note):
    """Return a handle that lets its process note when it comes to its end, and has not been ended."""

    def handle(parcel):
        Finalize(None, note, args=("end",), exitpriority=1)
        return parcel

    return handle


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound=STUCK)
def test_the_receiver_ends_by_itself(race):
    def scenario():
        with Logbook() as book:
            Courier(note_the_end(book.note)).run([["a"]])
            assert book.read() == ["end"], (
                "who receives was ended from outside, and could not tidy up: tell it that no more parcels come"
            )

    race.explore(scenario, schedules=2, seconds=60)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound=STUCK)
def test_run_again(race):
    def scenario():
        courier = Courier(note_where)
        check_run(courier, [["a"], ["b"]])
        check_run(courier, [["c", "d"]])

    race.explore(scenario, schedules=3, seconds=60)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound=STUCK)
def test_two_couriers(race):
    def scenario():
        one, other = Courier(note_where), Courier(note_where)
        one.run([["a"]])
        assert (other.receipts, other.sent) == ([], 0), f"another courier has receipts: {other.receipts}"
        check_run(other, [["b"]])

    race.explore(scenario, schedules=2, seconds=60)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="a process does not end while nobody takes what it has put: take it, then join")
def test_parcels_and_receipts_may_be_large(race):
    race.explore(lambda: check_run(Courier(note_where), [[bytes(LARGE)], [bytes(LARGE + 1)]]), schedules=3, seconds=60)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound=STUCK)
def test_anything_is_a_parcel(race):
    loads = [[None, 0, "", "END", (), "DONE", -1], [False, b"", EqualToAll(), "STOP", None, "EXIT", "QUIT"]]
    loads[1] += MARKS

    def scenario():
        courier = Courier(lambda parcel: (repr(parcel), parcel if parcel == "END" else None))
        courier.run(loads)
        came, wanted = sorted(each for each, _ in courier.receipts), sorted(repr(each) for each in sum(loads, []))
        assert came == wanted, f"the parcels {wanted} were sent, and receipts have come for {came}"
        returned = [None, 0, "", ValueError("d"), EqualToAll(), "END", (), "DONE", -1, False, b"", "STOP", *MARKS]
        courier = Courier(returned.__getitem__)
        courier.run([range(len(returned))])
        assert repr(courier.receipts) == repr(returned), (
            f"handle returned {returned}, the receipts are {courier.receipts}: any of them may be a receipt"
        )

    race.explore(scenario, schedules=2, seconds=60)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound=STUCK)
def test_a_slow_load(race):
    def scenario():
        courier = Courier(note_where)
        courier.run([(time.sleep(1_000_000) or name for name in "ab")])
        came = [parcel for _, parcel in courier.receipts]
        assert came == ["a", "b"], f"a and b were sent, each after a pause of 1000000 s; receipts have come for {came}"

    race.explore(scenario, schedules=2, seconds=60)


@pytest.mark.task(3)
@pytest.mark.means(
    DeadlockFound="two send at the same time, and what has been sent is handled while more is being sent"
)
def test_all_work_at_the_same_time(race):
    def scenario():
        meeting, handled = multiprocessing.Barrier(2), multiprocessing.Event()

        def load(name):
            meeting.wait()
            yield f"{name}1"
            handled.wait()
            yield f"{name}2"

        courier = Courier(lambda parcel: (handled.set(), parcel)[1])
        courier.run([load("a"), load("b")])
        assert sorted(courier.receipts) == ["a1", "a2", "b1", "b2"], f"a1, a2, b1, b2 sent, {courier.receipts} came"

    race.explore(scenario, schedules=3, seconds=60)


def run_anew(end):
    """Run a courier whose processes are started anew, and send what came of it."""
    os.setsid()
    multiprocessing.set_start_method("spawn", force=True)
    courier = Courier(note_where)
    try:
        courier.run([["a", None]])
        end.send([parcel for _, parcel in courier.receipts])
    except BaseException as error:
        end.send(f"{type(error).__name__}: {error}")


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound=STUCK)
def test_processes_that_are_started_anew(race):
    race.explore(lambda: check_run(Courier(note_where), [["a", None]]), schedules=1)  # who hangs is told here
    here, there = multiprocessing.Pipe(duplex=False)
    runner = multiprocessing.Process(target=run_anew, args=(there,))
    runner.start()
    there.close()
    try:
        came = here.recv() if here.poll(60) else "nothing for 60 s"
    except EOFError:
        came = "nothing"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(runner.pid, signal.SIGKILL)
        runner.join()
        here.close()
    assert came == ["a", None], (
        "processes are started anew (spawn), 'a' and None are sent, and what comes is: "
        f"{came}. Such a process gets a copy of the object by pickling: is something on it that cannot be pickled?"
    )

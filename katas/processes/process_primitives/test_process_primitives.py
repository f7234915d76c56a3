"""The sledge race: the tests. The processes are real, time is virtual, and they mix in many ways."""

import functools
import multiprocessing
import os
import sys
import time

import pytest
from process_primitives import first_back, on_lanes, start_together

FORK = multiprocessing.get_context("fork")
SPAWN = multiprocessing.get_context("spawn")
NOT_SENT = "something cannot go to a process that is not forked: use what the context makes, and functions of a module"
NOT_KEPT = (
    "what a spawned child is given is gone before the child has opened it: the parent has to keep it till the end"
)
STUMBLED = "somebody stumbled: his lane is free then, however run ends, and his exit code is wanted, nothing else"
SNOW = {"depth": 0}  # 7 where a test of this process has set it, or a process that was forked then
sent = pytest.mark.means(
    RuntimeError=NOT_SENT,
    TypeError=NOT_SENT,
    AttributeError=NOT_SENT,
    PicklingError=NOT_SENT,
    DeadlockFound="under spawn somebody waits for ever: what a module makes is made anew by each spawned process, so "
    "hand it over as an argument",
    FileNotFoundError=NOT_KEPT,
)


def measure(notes, name):
    """Note what this process knows of the snow."""
    notes.write(SNOW["depth"])


@pytest.fixture
def snow(notes, monkeypatch):
    """Return a notepad for those who measure; it has snowed since this file was imported."""
    notes.clear()
    monkeypatch.setitem(SNOW, "depth", 7)
    return notes


def check_who_measured(notes):
    """See that one has measured, in a process that knows what it was given, and nothing else."""
    assert notes.read() == [0], (
        f"the context is that of spawn, its process finds 0 cm of snow, one that was forked 7, and found were "
        f"{notes.read()}: make the processes with it"
    )


class Hill:
    """Counts what the children do; each is told by the number that it has as its name."""

    def __init__(self, count):
        self.began, self.ended = FORK.Array("d", count, lock=False), FORK.Array("d", count, lock=False)
        self.pids = FORK.Array("q", count, lock=False)
        self.ready = FORK.Value("i", 0)
        self.inside, self.most = FORK.Value("i", 0), FORK.Value("i", 0, lock=False)
        self.cheered = []

    def prepare(self, number, seconds=0):
        time.sleep(seconds)
        with self.ready.get_lock():
            self.ready.value += 1

    def run(self, number, seconds=0):
        self.pids[number] = os.getpid()
        self.began[number] = time.monotonic()
        with self.inside.get_lock():
            self.inside.value += 1
            self.most.value = max(self.most.value, self.inside.value)
        time.sleep(seconds)
        with self.inside.get_lock():
            self.inside.value -= 1
        self.ended[number] = time.monotonic()

    def check(self):
        """See that each has run, and has come to an end, in a process of its own."""
        missing = [number for number, ended in enumerate(self.ended) if not ended]
        assert not missing, (
            f"it came back, and of {len(self.pids)} children {missing} have not run to the end: join all"
        )
        count = len({*self.pids, os.getpid()}) - 1
        assert count == len(self.pids), f"{len(self.pids)} children ran in {count} processes beside the caller's"
        left = multiprocessing.active_children()
        assert not left, f"it came back, and {len(left)} processes have not been waited for: join all"


@pytest.mark.task(1)
@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.means(
    DeadlockFound="somebody waits for ever: does the signal reach the children, and does everybody come to the meeting?"
)
def test_nobody_is_ahead(race, count):
    def scenario():
        hill, early = Hill(count), FORK.Array("i", 2 * count + 1, lock=False)
        signalled, pid = FORK.Value("i", 0, lock=False), FORK.Value("q", 0, lock=False)
        names = list(range(count))

        def run(number):
            early[number] = not signalled.value
            early[count + number] = hill.ready.value != count
            hill.run(number)

        def signal():
            early[2 * count] = hill.ready.value != count
            time.sleep(1)
            pid.value = os.getpid()
            signalled.value += 1

        start_together(FORK, names, hill.prepare, signal, run)
        assert not early[2 * count], "the whistle blew, and not all had prepared: wait for the last one"
        assert not any(early[count : 2 * count]), "somebody ran, and not all had prepared"
        assert not any(early[:count]), "somebody ran before the whistle had blown: signal, and then let them go"
        assert signalled.value == 1, f"the whistle blew {signalled.value} times instead of once"
        assert pid.value == os.getpid(), (
            "the whistle blew in the process of a child: the caller calls signal, and whoever comes last does what a "
            "barrier is to do"
        )
        assert names == list(range(count)), f"the caller's list of names was changed, it is {names} now: leave it alone"
        assert hill.ready.value == count, f"{hill.ready.value} of {count} prepared once each"
        hill.check()

    race.explore(scenario, schedules=8, seconds=40)


@pytest.mark.task(1)
@pytest.mark.means(
    DeadlockFound="each of three waits for the other two: all prepare at the same time, and run at the same time"
)
def test_all_prepare_and_run_at_the_same_time(race):
    def scenario():
        first, second, done = FORK.Barrier(3), FORK.Barrier(3), FORK.Semaphore(0)

        def run(name):
            second.wait()
            done.release()

        start_together(FORK, ["a", "a", None], lambda name: first.wait(), lambda: None, run)
        assert [done.acquire(block=False) for _ in range(4)] == [True] * 3 + [False], "three should run, once each"

    race.explore(scenario, schedules=3, seconds=40)


@pytest.mark.task(1)
def test_who_takes_his_time(race):
    def scenario():
        hill, began = Hill(2), time.monotonic()

        def run(number):
            hill.run(number, seconds=5_000_000)

        def prepare(number):
            hill.prepare(number, [2_000_000, 1][number])

        start_together(FORK, [0, 1], prepare, lambda: time.sleep(3_000_000), run)
        hill.check()
        starts = [each - began for each in hill.began]
        assert starts == [5_000_000] * 2, (
            f"they need 2000000 and 1 s, the whistle 3000000 s: they ran at {starts} s, not at 5000000 s; wait for it "
            "as long as it takes"
        )
        assert max(hill.ended) == time.monotonic() == began + 10_000_000, (
            "the last was back at 10000000 s: wait for no more and no less"
        )

    race.explore(scenario, schedules=2, busy_waiting="fail", seconds=40)


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound="somebody else has a process, too, and it ends later: wait for your own, no others")
def test_nobody_comes(race):
    def scenario():
        signals, evening = [], FORK.Event()
        stranger = FORK.Process(target=evening.wait)
        stranger.start()
        start_together(
            context=FORK,
            names=[],
            prepare=print,
            signal=lambda: signals.append(multiprocessing.parent_process()),
            run=print,
        )
        assert signals == [None], "nobody is waited for: the whistle blows once, in the process of the caller"
        evening.set()
        stranger.join()
        assert stranger.exitcode == 0, f"somebody else's process was ended, with {stranger.exitcode}: leave it alone"

    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(1)
@sent
def test_start_together_by_spawn(race, snow):
    run = functools.partial(measure, snow)
    race.explore(lambda: start_together(SPAWN, [1], str, str, run), schedules=1, seconds=40)
    check_who_measured(snow)


@pytest.mark.task(2)
@pytest.mark.parametrize("lanes", [1, 2])
def test_no_lane_has_two(race, lanes):
    def scenario():
        hill = Hill(3)
        codes = on_lanes(FORK, [0, 1, 2], lanes, hill.run)
        hill.check()
        assert codes == [0, 0, 0], f"the exit codes of three who had a good run are {codes}"
        assert hill.most.value <= lanes, f"{lanes} lanes, {hill.most.value} ran at the same time: one semaphore for all"

    race.explore(scenario, schedules=6, seconds=40)


@pytest.mark.task(2)
@pytest.mark.parametrize("lanes", [2, 4])
@pytest.mark.means(
    DeadlockFound="somebody on a lane waits for somebody on each other lane: as many may run at the same time as there "
    "are lanes"
)
def test_all_lanes_are_used(race, lanes):
    def scenario():
        meeting = FORK.Barrier(lanes)
        on_lanes(FORK, ["a", "b", "a", "c"], lanes, lambda name: meeting.wait())
        assert on_lanes(context=FORK, names=[], lanes=9, run=print) == [], "nobody runs: no exit code"

    race.explore(scenario, schedules=4, seconds=40)


@pytest.mark.task(2)
def test_who_is_free_lets_the_next_one_run(race):
    def scenario():
        hill, began = Hill(4), time.monotonic()
        on_lanes(FORK, [0, 1, 2, 3], 2, lambda number: hill.run(number, [9, 1, 2, 3][number] * 100_000))
        took = (time.monotonic() - began) / 100_000
        hill.check()
        assert hill.most.value <= 2, (
            f"two lanes, and {hill.most.value} ran at the same time: wait for a lane as long as it takes"
        )
        assert took in (9, 10, 11, 12), (
            f"runs of 9, 1, 2 and 3 times 100000 s on two lanes took {took:g} times that, in turn 15 times"
        )
        assert sorted(hill.began)[2:] == sorted(hill.ended)[:2], (
            "somebody was back, and nobody used his lane at once: no rounds, and no lane that was given out beforehand"
        )

    race.explore(scenario, schedules=2, busy_waiting="fail", seconds=40)


def stumble(hill, number):
    """End in one way or another, after a while."""
    hill.run(number, seconds=1)
    if number:
        raise [None, SystemExit(3), KeyboardInterrupt, ValueError("stumbled"), SystemExit, GeneratorExit][number]
    return "well"


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound=STUMBLED, ValueError=STUMBLED, SystemExit=STUMBLED, KeyboardInterrupt=STUMBLED)
def test_who_stumbles_leaves_the_lane(race):
    def scenario():
        hill = Hill(6)
        codes = on_lanes(FORK, [3, 1, 2, 5, 4, 0], 1, functools.partial(stumble, hill))
        assert codes == [1, 3, 1, 1, 0, 0], (
            f"ValueError, SystemExit(3), KeyboardInterrupt, GeneratorExit, SystemExit(), and no error gave the exit "
            f"codes {codes}, not [1, 3, 1, 1, 0, 0]: let errors go their way, and what run returns is no exit code"
        )
        assert hill.most.value == 1, (
            f"some stumbled on the only lane, and then {hill.most.value} ran at the same time: give it back once"
        )

    race.explore(scenario, schedules=4, seconds=40)


@pytest.mark.task(2)
def test_exit_codes_of_equal_names(race):
    def scenario():
        names = [1, True, 1.0]
        codes = on_lanes(FORK, names, 2, lambda name: sys.exit([int, bool, float].index(type(name))))
        assert codes == [0, 1, 2], (
            f"1, True and 1.0 are equal, their processes ended with 0, 1 and 2, and {codes} came back: one for each"
        )

    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(2)
@sent
def test_on_lanes_by_spawn(race, snow):
    def scenario():
        codes = on_lanes(SPAWN, [0], 1, functools.partial(measure, snow))
        assert codes == [0], f"a spawned child has failed. Perhaps {NOT_KEPT}"

    race.explore(scenario, schedules=1, seconds=40)
    check_who_measured(snow)


@pytest.mark.task(3)
@pytest.mark.parametrize("places", [0, 1, 2, 3])
def test_cheer_as_soon_as_they_are_back(race, places):
    def scenario():
        hill, began = Hill(3), time.monotonic()

        def cheer(names):
            hill.cheered.append((names, time.monotonic() - began, multiprocessing.parent_process()))
            time.sleep(1)

        first_back(FORK, [0, 1, 2], places, lambda number: hill.run(number, [5, 1, 3][number] * 1_000_000), cheer)
        took = time.monotonic() - began
        hill.check()
        assert len(hill.cheered) == 1, (
            f"cheer was called {len(hill.cheered)} times in the process of the caller, not once"
        )
        names, at, _ = hill.cheered[0]
        assert names == [1, 2, 0][:places], f"1, 2 and 0 came back in this order; the first {places} are not {names}"
        right = [0, 1_000_000, 3_000_000, 5_000_000][places]
        assert at == right, f"{places} were back after {right} s, and the cheer came after {at:.0f} s"
        over = max(5_000_000, at + 1)
        assert took == over, f"all is over after {over:.0f} s, and first_back came back after {took:.0f} s"

    race.explore(scenario, schedules=2, busy_waiting="fail", seconds=40)


@pytest.mark.task(3)
@pytest.mark.means(
    DeadlockFound="the cheer waits for ever: somebody was back before it began to wait, and a notification is not kept",
    AssertionError="the condition is the lock: who waits or notifies has to hold it",
)
def test_nobody_is_missed(race):
    def scenario():
        hill = Hill(2)
        first_back(FORK, [0, 1], 2, hill.run, hill.cheered.append)
        hill.check()
        assert sorted(hill.cheered[0]) == [0, 1], (
            f"0 and 1 came back, and cheered were {hill.cheered[0]}: they wrote on one place, or you waited for too few"
        )

    race.explore(scenario, schedules=12, seconds=40)


@pytest.mark.task(3)
def test_so_many_and_no_more(race):
    def scenario():
        cheered = []
        first_back(FORK, [0, 1], 1, str, cheered.append)
        assert cheered in ([[0]], [[1]]), (
            f"both came back before anybody looked, one place was to be cheered, and it was {cheered[0]}: no more "
            "names than places"
        )

    race.explore(scenario, schedules=12, seconds=40)


@pytest.mark.task(3)
def test_equal_names(race):
    def scenario():
        cheered, name = [], ["Ann"]
        first_back(context=FORK, names=[name, name, None, 1, True], places=5, run=str, cheer=cheered.append)
        assert sorted(map(str, cheered[0])) == ["1", "None", "True", "['Ann']", "['Ann']"], (
            f"two of the same name, one without, 1, and True, which is equal to it, were cheered as {cheered[0]}"
        )
        cheered.clear()
        first_back(FORK, [], 0, str, cheered.append)
        assert cheered == [[]], f"nobody runs, and nobody is waited for: cheer([]) once, not {cheered}"

    race.explore(scenario, schedules=2, seconds=40)


@pytest.mark.task(3)
@sent
def test_first_back_by_spawn(race, snow):
    def scenario():
        cheered = []
        first_back(SPAWN, ["a"], 1, functools.partial(measure, snow), cheered.append)
        assert cheered == [["a"]], f"a spawned child came back, and cheered were {cheered}"

    race.explore(scenario, schedules=1, seconds=40)
    check_who_measured(snow)

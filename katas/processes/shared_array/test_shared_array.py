"""The negative: the tests. The processes are real, time is virtual, and they mix in many ways."""

import multiprocessing
import os
import time

import pytest
from shared_array import alter, make_plate

FORK = multiprocessing.get_context("fork")


def negate(number):
    """Turn a number round."""
    return -number


GRADE = {"paper": 0}  # 100 where a test of this process has set it, or a process that was forked then


def develop(number):
    """Turn a number round, on the paper that this process knows of."""
    return GRADE["paper"] - number


def run(function, *arguments, context=FORK):
    """Run a function in a process, to the end."""
    process = context.Process(target=function, args=arguments)
    process.start()
    process.join()
    return process.exitcode


@pytest.mark.task(1)
@pytest.mark.parametrize(
    "numbers",
    [[3, 1, 2], [0, -1], [2**31, -(2**31) - 1], [2**63 - 1, -(2**63)], [0.1, 2.5], [1, 0.1], [0.1, 1], [2**53 - 1, 0.5]]
    + [[], [7], [float("inf"), 1e300]],
    ids=str,
)
def test_a_plate_holds_the_numbers(numbers):
    found = list(make_plate(FORK, (number for number in numbers)))
    assert found == numbers, f"a plate was made of {numbers}, and it holds {found}: look at the type code"
    if int in map(type, numbers) and float not in map(type, numbers):
        assert type(found[0]) is int, f"a plate of whole numbers holds {found}: whole numbers stay whole"


@pytest.mark.task(1)
def test_a_plate_is_shared():
    def write(plate):
        plate[1] = 9

    plate, another = make_plate(FORK, [1, 2]), make_plate(context=FORK, numbers=[3, 4])
    run(write, plate)
    assert list(plate) == [1, 9], (
        f"a child wrote 9 at place 1 of [1, 2], and the parent sees {list(plate)}: a list is copied, an Array is shared"
    )
    assert list(another) == [3, 4], "what is written on one plate is written on another one, too"


class Darkroom:
    """Notes in which process a number was changed, and how often."""

    def __init__(self, count):
        self.pids = FORK.Array("q", count, lock=False)
        self.times = FORK.Array("q", count)
        self.count = count

    def change(self, number):
        """Add 100; the last two digits tell where the number lies."""
        place = number % 100
        with self.times.get_lock():
            self.times[place] += 1
        self.pids[place] = os.getpid()
        return number + 100

    def check(self, plate, workers):
        """Look at the plate, and at who did what."""
        untouched = [number for number in range(self.count) if not self.times[number]]
        assert not untouched, (
            f"{self.count} numbers, {workers} workers: nobody changed those at {untouched}; a strip is nobody's"
        )
        again = [number for number in range(self.count) if self.times[number] > 1]
        assert not again, f"the numbers at {again} were changed more than once: each is in one strip only"
        assert os.getpid() not in list(self.pids), "the caller changed numbers itself: that is for the processes"
        wanted = [number + 100 for number in range(self.count)]
        assert list(plate) == wanted, (
            f"adding 100 to each of {wanted[0] - 100} to {wanted[-1] - 100} came to {list(plate)}: nobody may write "
            "into the strip of another"
        )
        strips = [self.pids[number] for number in range(self.count)]
        borders = sum(one != other for one, other in zip(strips, strips[1:]))
        assert borders == len(set(strips)) - 1, "a worker has numbers that are no neighbours: cut strips"
        lengths = sorted(strips.count(pid) for pid in set(strips))
        right = sorted(self.count * (each + 1) // workers - self.count * each // workers for each in range(workers))
        right = [length for length in right if length]
        assert lengths == right, f"{self.count} numbers, {workers} workers: the strips are {lengths} long, not {right}"


@pytest.mark.task(2)
@pytest.mark.parametrize("locked", [True, False], ids=["lock", "no lock"])
@pytest.mark.parametrize(("count", "workers"), [(7, 3), (6, 2), (3, 3), (2, 3), (4, 1), (11, 9)])
@pytest.mark.means(AttributeError="a plate may have no lock: nobody needs one there")
def test_each_number_is_in_one_strip(race, count, workers, locked):
    def scenario():
        room, plate = Darkroom(count), FORK.Array("i", range(count), lock=locked)
        alter(FORK, plate, workers, room.change)
        room.check(plate, workers)

    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(2)
def test_nothing_to_do(race):
    def scenario():
        plate = FORK.Array("i", 0)
        alter(context=FORK, plate=plate, workers=2, change=negate)
        assert list(plate) == [], f"a plate without numbers has {list(plate)}"

    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(2)
def test_twice_is_as_before(race):
    def scenario():
        plate = make_plate(FORK, [0.1, -2, 3.5])
        alter(FORK, plate, 2, negate)
        assert list(plate) == [-0.1, 2, -3.5], f"the negative of [0.1, -2, 3.5] came out as {list(plate)}"
        alter(FORK, plate, 3, negate)
        assert list(plate) == [0.1, -2, 3.5], f"the negative of the negative came out as {list(plate)}"

    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(2)
def test_equal_numbers_come_to_nothing(race):
    def scenario():
        calls, plate = FORK.Value("i", 0), FORK.Array("i", [5, 5, 0, 5])

        def blacken(number):
            with calls:
                calls.value += 1
            return 0

        alter(FORK, plate, 2, blacken)
        assert calls.value == 4, f"of 5, 5, 0 and 5 change was called for {calls.value}: once for each, equal or not"
        assert list(plate) == [0] * 4, f"all of [5, 5, 0, 5] were to become 0, and the plate holds {list(plate)}"
        black = FORK.Array("i", [0, 0])
        alter(FORK, black, 2, lambda number: number + 1)
        assert list(black) == [1, 1], f"1 was to be added to [0, 0], and the plate holds {list(black)}: 0 is a number"

    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(2)
@pytest.mark.means(
    RuntimeError="something cannot go to a process that is not forked: make all with the context that is given",
    AttributeError="something cannot go to a process that is not forked: targets are functions of a module",
    PicklingError="something cannot go to a process that is not forked: targets are functions of a module",
)
def test_other_start_methods(race, monkeypatch):
    spawn = multiprocessing.get_context("spawn")

    def scenario():
        plate = make_plate(spawn, [1, 2])
        alter(spawn, plate, 1, negate)
        assert list(plate) == [-1, -2], (
            f"a spawned process was to make the negative of [1, 2], and the plate holds {list(plate)}: what it knows, "
            "it has been given as an argument"
        )
        alter(spawn, plate, 1, develop)
        assert list(plate) == [1, 2], (
            f"the context is that of spawn, and a process knew what only a forked one knows, and there is "
            f"{list(plate)}: make the processes with it"
        )

    monkeypatch.setitem(GRADE, "paper", 100)
    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(3)
def test_in_every_order(race):
    def scenario():
        room, plate = Darkroom(4), make_plate(FORK, range(4))
        alter(FORK, plate, 2, room.change)
        assert not multiprocessing.active_children(), "alter came back, and a process still runs: join all"
        room.check(plate, 2)

    race.explore(scenario, schedules=12, seconds=40)


def together(race, *, locked):
    """Let three workers meet in `change`."""

    def scenario():
        meeting, plate = FORK.Barrier(3), FORK.Array("i", [1, 2, 3], lock=locked)

        def change(number):
            meeting.wait()
            return -number

        alter(FORK, plate, 3, change)
        assert list(plate) == [-1, -2, -3], f"the negative of [1, 2, 3] came out as {list(plate)}"

    race.explore(scenario, schedules=4, seconds=40)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="each of three workers waits for the other two to work: start all before you join one")
def test_all_at_the_same_time(race):
    together(race, locked=False)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="each of three waits for the others to work, and one keeps a lock meanwhile")
def test_nobody_keeps_the_key(race):
    together(race, locked=True)


@pytest.mark.task(1)
def test_each_plate_has_a_lock_of_its_own():
    plates = make_plate(FORK, [1, 2]), make_plate(FORK, [3, 4])
    locks = [plate.get_lock() for plate in plates if hasattr(plate, "get_lock")]  # it may have none
    assert len(set(map(id, locks))) == len(locks), (
        "two plates have the same lock: who holds it for one stops all who work on the other"
    )


@pytest.mark.task(3)
def test_who_takes_his_time(race):
    def slowly(number):
        time.sleep(1_000_000)
        return -number

    def scenario():
        plate, other = make_plate(FORK, [1, 2]), FORK.Process(target=time.sleep, args=(9_000_000,))
        began = time.monotonic()
        other.start()
        alter(FORK, plate, 2, slowly)
        took = time.monotonic() - began
        assert list(plate) == [-1, -2], (
            f"each number takes 1000000 s, and alter came back to a plate of {list(plate)}: wait without a limit"
        )
        assert took < 9_000_000, "a process that has no strip ran on, and alter waited for it: join your own"
        other.join()

    race.explore(scenario, schedules=1, seconds=40)


class Bath(list):
    """Turns a number round; without an additive it is a list without anything, which is false."""

    def __call__(self, number):
        return -number


@pytest.mark.task(2)
def test_a_change_that_is_false(race):
    def scenario():
        plate = make_plate(FORK, [1, 2])
        alter(FORK, plate, 2, Bath())
        assert list(plate) == [-1, -2], f"change is an object that can be called, and is false: {list(plate)} came out"

    race.explore(scenario, schedules=1, seconds=40)

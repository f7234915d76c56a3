"""The weather office: the tests. The processes are real, time is virtual, and they mix in many ways."""

import functools
import multiprocessing
import time

import pytest
from whole_lines import report

FORK = multiprocessing.get_context("fork")
NOT_SENT = "something cannot go to a process that is not forked: use what the context makes, and functions of a module"


class Paper:
    """What is written comes out in the order in which it was written."""

    def __init__(self, context=FORK):
        self.parts = context.SimpleQueue()

    def write(self, part):
        """Write a telegram; the last letter of some says that the printer fails then."""
        self.parts.put((part, time.monotonic()))
        if part.endswith("!"):
            raise {"X": ValueError("no paper"), "Y": SystemExit(3), "Z": KeyboardInterrupt()}[part[0]]

    def read(self):
        """Return what was written, and note when."""
        got = []
        while not self.parts.empty():
            got.append(self.parts.get())
        self.times = [at for _, at in got]
        return [part for part, _ in got]


WEATHER = {"word": "fine"}  # another one where a test of this process has set it, or a process that was forked then


def forecast():
    """Report what this process knows of."""
    return [[WEATHER["word"]]]


def station(*records):
    """Return a station that has these records at once."""
    return functools.partial(list, records)


def check(parts, *stations):
    """See that all records have come, whole; the first two letters of a part name its record."""
    wanted = [part for records in stations for record in records for part in record]
    assert sorted(parts) == sorted(wanted), f"written was {parts}, the stations have said {wanted}: each part once"
    lines = [part[:2] for place, part in enumerate(parts) if place == 0 or parts[place - 1][:2] != part[:2]]
    assert len(lines) == len(set(lines)), (
        f"the paper says {' '.join(parts)}: a line is torn, because somebody wrote in the middle of it; one lock for "
        "all, from the first part to the last"
    )
    for records in stations:
        right = [part for record in records for part in record]
        found = [part for part in parts if part in right]
        assert found == right, f"a station said {right}, and on the paper this comes as {found}"


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound="somebody waits for a door that nobody opens")
def test_no_line_is_torn(race):
    oslo, rome = [["A1a", "A1b", "A1c"], ["A2a"]], [["B1a", "B1b"]]

    def scenario():
        paper = Paper()
        codes = report(FORK, [station(*oslo), station(*rome)], paper.write)
        check(paper.read(), oslo, rome)
        assert codes == [0, 0], f"both stations have reported well, and the exit codes are {codes}"
        assert not multiprocessing.active_children(), "report came back, and a process still runs: join all"

    race.explore(scenario, schedules=15, seconds=40)


@pytest.mark.task(1)
def test_records_of_any_length(race):
    def scenario():
        paper = Paper()
        empty = station([], ["", "x", ""], [], ["x", "x"])
        assert report(FORK, [empty], paper.write) == [0], "a station with empty records and parts has failed"
        found = paper.read()
        assert found == ["", "x", "", "x", "x"], f"'', 'x', '', then 'x', 'x' were reported, and {found} was written"
        assert report(context=FORK, stations=[], write=paper.write) == [], "no stations, no exit codes"

    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(1)
def test_the_list_of_stations_stays_as_it_is(race):
    def scenario():
        paper, stations = Paper(), [station(["A1a"]), station(["B1a"])]
        given = list(stations)
        report(FORK, stations, paper.write)
        assert stations == given, f"two stations are on the caller's list, and {len(stations)} when all have reported"
        check(paper.read(), [["A1a"]], [["B1a"]])

    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(1)
def test_what_write_returns_does_not_matter(race):
    def scenario():
        paper, parts = Paper(), ["yes", "no", "yes", "no"]

        def write(part):
            paper.write(part)
            return part == "yes"

        report(FORK, [station(parts)], write)
        found = paper.read()
        assert found == parts, f"write returns True for 'yes' and False for 'no', and of {parts} {found} was written"

    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(1)
@pytest.mark.means(
    RuntimeError=NOT_SENT,
    TypeError=NOT_SENT,
    AttributeError=NOT_SENT,
    PicklingError=NOT_SENT,
)
def test_other_start_methods(race, monkeypatch):
    spawn = multiprocessing.get_context("spawn")

    def scenario():
        paper = Paper(spawn)
        codes = report(spawn, [station(["A1a"])], paper.write)
        assert codes == [0], (
            f"a spawned station ended with {codes}: what it is given is kept by the parent until it has ended"
        )
        check(paper.read(), [["A1a"]])
        report(spawn, [forecast], paper.write)
        found = paper.read()
        assert found == ["fine"], (
            f"the context is that of spawn, and a process knew what only a forked one knows, and wrote {found}: make "
            "the processes with it"
        )

    monkeypatch.setitem(WEATHER, "word", "storm")
    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound="two stations measure, each waits for the other, and one of them stands before a locked door, or is "
    "not started: lock for the writing only"
)
def test_all_measure_at_the_same_time(race):
    def scenario():
        paper, meeting = Paper(), FORK.Barrier(2)

        def measuring(name):
            for number in (1, 2):
                meeting.wait()
                yield [f"{name}{number}a", f"{name}{number}b"]

        twice = functools.partial(measuring, "A"), functools.partial(measuring, "B")
        report(FORK, list(twice), paper.write)
        check(paper.read(), [["A1a", "A1b"], ["A2a", "A2b"]], [["B1a", "B1b"], ["B2a", "B2b"]])

    race.explore(scenario, schedules=5, seconds=40)


@pytest.mark.task(2)
def test_a_line_comes_as_soon_as_it_is_there(race):
    def scenario():
        paper, began = Paper(), time.monotonic()

        def slow():
            yield ["A1a"]
            time.sleep(60)
            yield ["A2a"]
            time.sleep(60)

        report(FORK, [slow, slow], paper.write)
        took, found = time.monotonic() - began, paper.read()
        assert sorted(found) == ["A1a", "A1a", "A2a", "A2a"], f"the same station reported twice, written was {found}"
        times = [at - began for at in paper.times]
        assert times == [0, 0, 60, 60], (
            f"two measured at 0 s and 60 s, written was at {times} s: write a record before the next is asked for"
        )
        assert took == 120, f"they were done after 120 s, and report came back after {took:g} s"

    race.explore(scenario, schedules=3, seconds=40)


def failing(error):
    """Report one line, and fail."""
    yield ["B1a"]
    raise error


STUCK = "a printer failed in the middle of a line, and then nobody could write any more: open the door however it ends"


@pytest.mark.task(3)
@pytest.mark.parametrize(("letter", "code"), [("X", 1), ("Y", 3), ("Z", 1)], ids=["ValueError", "SystemExit", "Ctrl-C"])
@pytest.mark.means(DeadlockFound=STUCK, ValueError=STUCK, SystemExit=STUCK, KeyboardInterrupt=STUCK)
def test_the_printer_fails(race, letter, code):
    def scenario():
        paper = Paper()
        first = station([f"{letter}1!", f"{letter}1b"], [f"{letter}2a"])
        codes = report(FORK, [first, station(["B1a", "B1b"])], paper.write)
        assert codes == [code, 0], f"the printer failed for the first: the exit codes are {codes}, not {[code, 0]}"
        check(paper.read(), [[f"{letter}1!"]], [["B1a", "B1b"]])

    race.explore(scenario, schedules=6, seconds=40)


@pytest.mark.task(3)
@pytest.mark.parametrize(
    ("error", "code"), [(ValueError("storm"), 1), (SystemExit(3), 3), (KeyboardInterrupt(), 1)], ids=repr
)
@pytest.mark.means(DeadlockFound=STUCK, ValueError=STUCK, SystemExit=STUCK, KeyboardInterrupt=STUCK)
def test_a_station_fails(race, error, code):
    def scenario():
        paper = Paper()
        codes = report(FORK, [functools.partial(failing, error), station(["C1a", "C1b"])], paper.write)
        assert codes == [code, 0], f"the first station failed with {error!r}: the codes are {codes}, not {[code, 0]}"
        check(paper.read(), [["B1a"]], [["C1a", "C1b"]])

    race.explore(scenario, schedules=2, seconds=40)

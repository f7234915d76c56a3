"""The sorting office: the tests. Time is virtual in them, and the threads mix in many ways."""

import threading
import time

import pytest
from lying_about import LYING_ABOUT, left_out
from sentinels import sort_letters

YEAR = 365 * 86_400
ODD = 1 + 1 / 512  # nobody who looks every now and then looks at this very moment
MANY = 1_500  # letters


class Office:
    """Notes who sorted what."""

    def __init__(self, seconds=0):
        self.seconds = seconds
        self.caller = threading.current_thread()
        self.sorted, self.threads = [], []

    def sort(self, letter):
        """Sort a letter, for as long as that takes."""
        self.threads.append(threading.current_thread())
        time.sleep(self.seconds)
        self.sorted.append(letter)

    def check(self, letters):
        """Look at everything in the evening, without asking a letter whether it is equal to anything."""
        names = {id(self.caller): "the thread that calls", id(letters): "the list of the letters itself"}
        shown, wanted = [[names.get(id(each)) or repr(each) for each in some] for some in (self.sorted, letters)]
        missing = [each for each in wanted if each not in shown]
        assert not missing, (
            f"of the letters {', '.join(wanted)} these were not sorted: {', '.join(missing)}; one was taken for the "
            "end, or somebody went home too early"
        )
        more = [each for each in shown if each not in wanted]
        assert not more, (
            f"sort was called with {more[0]}, which is no letter of this call: look at what you have taken before you "
            "sort it"
        )
        assert sorted(shown) == sorted(wanted), f"{', '.join(wanted)} came, sorted were {', '.join(shown)}: each once"
        assert self.caller not in self.threads, (
            "the caller sorted letters itself: that is for the threads, and nothing may wait for the caller to have "
            "time"
        )
        alive = sorted({thread.name for thread in self.threads if thread.is_alive()})
        assert not alive, f"sort_letters came back, and {alive} still run: join every thread"


class EqualToAll:
    """A letter that says of itself that it is equal to everything."""

    def __eq__(self, other):
        return True

    def __repr__(self):
        return "a letter that is equal to everything"

    __hash__ = None


class Touchy:
    """A letter that cannot be compared, and is neither true nor false."""

    def __eq__(self, other):
        raise TypeError("a letter was compared with ==, and does not like it: compare with `is`")

    def __bool__(self):
        raise TypeError("a letter was asked whether it is true, and does not like it: compare with `is`")

    def __repr__(self):
        return "a letter that cannot be compared"

    __hash__ = None


class Obliging:
    """A letter that has every attribute, and each is true."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return True

    def __repr__(self):
        return "a letter that has every attribute"


def slowly(letters, *pauses):
    """Let a letter come after each pause."""
    for letter, pause in zip(letters, pauses):
        time.sleep(pause)
        yield letter


@pytest.mark.task(1)
@pytest.mark.parametrize("sorters", [1, 2, 3])
@pytest.mark.means(
    DeadlockFound="the day is over, and somebody still stands at the belt: whoever takes a mark goes home with it, so "
    "put one for each"
)
def test_everybody_goes_home(race, sorters):
    def scenario():
        office = Office()
        sort_letters(["a", "b"], sorters, office.sort)
        office.check(["a", "b"])

    race.explore(scenario, schedules=6)


@pytest.mark.task(1)
@pytest.mark.parametrize("sorters", [1, 2])
@pytest.mark.means(
    DeadlockFound="somebody puts something on a belt that is full, and nobody is left who takes it off: one mark for "
    "each sorter, and no more"
)
def test_a_day_without_post(race, sorters):
    def scenario():
        office = Office()
        sort_letters([], sorters, office.sort)
        office.check([])

    race.explore(scenario, schedules=7)


@pytest.mark.task(1)
def test_more_letters_than_sorters(race):
    def scenario():
        office = Office(seconds=1)
        began = time.monotonic()
        sort_letters(list("abcdef"), 2, office.sort)
        took = time.monotonic() - began
        office.check(list("abcdef"))
        threads = len(set(office.threads))
        assert threads == 2, (
            f"six letters, two sorters: {threads} threads sorted; a sorter takes the next letter when he has sorted "
            "one, so start no thread for each letter"
        )
        assert took == 3, (
            f"six letters, two sorters, 1 s for each letter: it took {took:g} s instead of 3 s; "
            "both sort, side by side, to the end"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
@pytest.mark.means(
    DeadlockFound="each of three sorters waits for the other two to sort: all of them sort at the same time"
)
def test_all_sort_at_the_same_time(race):
    def scenario():
        meeting, done = threading.Barrier(3), []

        def sort(letter):
            meeting.wait()
            done.append(letter)

        sort_letters(list("abcdef"), 3, sort)
        assert sorted(done) == list("abcdef"), f"a to f came, sorted were {sorted(done)}"

    race.explore(scenario, schedules=4)


@pytest.mark.task(1)
def test_what_sort_returns_does_not_matter(race):
    def scenario():
        done = []
        sort_letters(["a", "b", "c"], 1, lambda letter: done.append(letter) or "done")
        assert done == ["a", "b", "c"], (
            f"a, b, c came, sort returned 'done' each time, and sorted were {done}: it may return anything, and only "
            "the mark sends a sorter home"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_who_is_free_takes_the_next(race):
    def scenario():
        done = []

        def sort(letter):
            time.sleep(letter)
            done.append(letter)

        began = time.monotonic()
        sort_letters([9, 1, 2, 3], 2, sort)
        took = time.monotonic() - began
        assert sorted(done) == [1, 2, 3, 9], f"four letters came, sorted were {done}"
        assert took == 9, (
            f"letters that take 9, 1, 2 and 3 s, two sorters: it took {took:g} s instead of 9 s; whoever is free takes "
            "the next letter, so deal none out beforehand"
        )

    race.explore(scenario, schedules=4)


LETTERS = [
    pytest.param("end", id="end"),
    pytest.param("END", id="END"),
    pytest.param("stop", id="stop"),
    pytest.param(None, id="None"),
    pytest.param("", id="empty"),
    pytest.param(0, id="0"),
    pytest.param(-1, id="-1"),
    pytest.param(False, id="False"),
    pytest.param((), id="a tuple"),
    pytest.param(Ellipsis, id="Ellipsis"),
    pytest.param(NotImplemented, id="NotImplemented"),
    pytest.param(EqualToAll(), id="equal to all"),
    pytest.param(Touchy(), id="touchy"),
    pytest.param(Obliging(), id="has every attribute"),
    pytest.param(KeyError("a letter"), id="an exception"),
]


@pytest.mark.task(2)
@pytest.mark.parametrize("letter", LETTERS)
def test_any_object_is_a_letter(race, letter):
    def scenario():
        office = Office()
        letters = ["first", letter, "last"]
        sort_letters(letters, 1, office.sort)
        office.check(letters)

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_letters_made_in_the_same_way_as_the_mark(race):
    def scenario():
        office = Office()
        letters = ["END", object(), "".join(["e", "nd"]), object]
        sort_letters(letters, 2, office.sort)
        office.check(letters)

    race.explore(scenario, schedules=6)


@pytest.mark.task(2)
def test_what_the_caller_has_is_a_letter(race):
    def scenario():
        office = Office()
        sort, letters = office.sort, ["first", threading.current_thread()]
        letters += [sort, letters, "last"]
        sort_letters(letters, 1, sort)
        office.check(letters)

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_what_lies_about_is_a_letter():
    done = []
    sort_letters(LYING_ABOUT, 1, done.append)
    lost = left_out(done)
    assert lost is None, (
        f"{lost} came as a letter, and was not sorted: it was taken for the end; anybody can have it, so take an "
        "object for the mark that nobody else has, and know it by `is`"
    )


@pytest.mark.task(2)
@pytest.mark.parametrize("sorters", [1, 2])
def test_equal_letters_are_several(race, sorters):
    def scenario():
        office = Office()
        letters = ["a", "a", 1, 1.0, True, EqualToAll(), EqualToAll()]
        sort_letters(letters, sorters, office.sort)
        office.check(letters)
        assert sorted(map(id, office.sorted)) == sorted(map(id, letters)), (
            f"{letters} came, sorted were {office.sorted}: each object once, also if others are equal to it"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
def test_one_sorter_keeps_the_order(race):
    def scenario():
        office = Office()
        sort_letters(["a", "b", "c"], 1, office.sort)
        office.check(["a", "b", "c"])
        assert office.sorted == ["a", "b", "c"], (
            f"a, b, c came, one sorter sorted {office.sorted}: the oldest letter is next"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(3)
@pytest.mark.parametrize("pauses", [(0, 5), (5, 0), (3, 3)])
def test_nobody_goes_home_while_letters_may_come(race, pauses):
    def scenario():
        office = Office()
        sort_letters(slowly(["a", "b"], *pauses), 2, office.sort)
        office.check(["a", "b"])

    race.explore(scenario, schedules=6, clock="any")


@pytest.mark.task(3)
def test_the_foreman_waits_for_the_slowest(race):
    def scenario():
        office = Office(seconds=60)
        sort_letters(["a", "b", "c"], 2, office.sort)
        office.check(["a", "b", "c"])

    race.explore(scenario, schedules=6)


@pytest.mark.task(3)
def test_letters_are_sorted_as_they_come(race):
    def scenario():
        office = Office(seconds=ODD)
        began = time.monotonic()
        sort_letters(slowly(["a", "b"], ODD, ODD), 1, office.sort)
        took = time.monotonic() - began
        office.check(["a", "b"])
        assert took == 3 * ODD, (
            f"a letter comes after {ODD:g} s, another one after as long again, and sorting takes as long too: it took "
            f"{took:g} s instead of {3 * ODD:g} s; sort while the next one is on its way, and wait without looking"
        )

    race.explore(scenario, schedules=4, busy_waiting="fail")


@pytest.mark.task(3)
@pytest.mark.parametrize("sorters", [1, 2])
def test_no_letter_waits_for_the_next(race, sorters):
    def scenario():
        done = []

        def coming():
            yield "a"
            time.sleep(60)
            yield "b"
            time.sleep(60)

        began = time.monotonic()
        sort_letters(coming(), sorters, lambda letter: done.append((letter, time.monotonic() - began)))
        assert done == [("a", 0), ("b", 60)], (
            "a came at 0 s, b at 60 s, and at 120 s it was clear that nothing more comes; (letter, s) sorted were "
            f"{done}: "
            "a letter is sorted as soon as it is there"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(3)
def test_an_office_in_an_office(race):
    def scenario():
        one, inner = Office(), Office()

        def sort(letter):
            one.sort(letter)
            if letter in ("a", "b"):
                sort_letters([f"{letter}1", f"{letter}2"], 1, inner.sort)

        sort_letters(["a", "b"], 2, sort)
        one.check(["a", "b"])
        assert sorted(inner.sorted) == ["a1", "a2", "b1", "b2"], (
            f"each of two sorters runs an office of its own, with two letters; in there {sorted(inner.sorted)} were "
            "sorted"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound=f"{MANY} letters are not all sorted: did a thread call too deep, and end? Use a loop")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_many_letters():
    done = []
    sort_letters(range(MANY), 1, done.append)
    assert len(done) == MANY, (
        f"{MANY} letters came, {len(done)} were sorted, as the thread ended early: many are no reason to call so "
        "deep, use a loop"
    )
    assert done == [*range(MANY)], f"one sorter sorted {MANY} letters, and not in the order in which they came"


@pytest.mark.task(3)
def test_two_offices_side_by_side(race):
    def scenario():
        one, two = Office(), Office()
        race.run(
            lambda: sort_letters(["a"], 1, one.sort),
            lambda: sort_letters(["b"], 1, two.sort),
        )
        one.check(["a"])
        two.check(["b"])

    race.explore(scenario, schedules=9)


@pytest.mark.task(3)
def test_forty_sort_for_years(timing):
    with timing.virtual():
        sorted_, began = [], time.monotonic()

        def sort(letter):
            time.sleep(2 * YEAR)
            sorted_.append(letter)

        sort_letters(range(40), 40, sort)
        took, through = time.monotonic() - began, len(sorted_)
    assert through == 40, (
        f"forty sorters sort forty letters, for two years, and {through} were sorted when sort_letters came back: "
        "join every thread, as long as it takes"
    )
    assert took == 2 * YEAR, (
        f"forty sorters sort forty letters, for two years, and it took {took / YEAR:g} years instead of 2: `sorters` "
        "is the number of the threads, and a pool has a limit"
    )

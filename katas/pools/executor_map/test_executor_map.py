"""The stamp fair: the tests. Time is virtual in them, and the threads mix in many ways."""

import threading
import time

import pytest
from executor_map import appraise, as_they_come, stream


class Fake(BaseException):
    """No Exception, as KeyboardInterrupt and SystemExit are none."""


class Table:
    """Experts that take so many seconds for a stamp (itself, if it does not say), and note who looked at what."""

    def __init__(self, seconds=None, errors=None):
        self.seconds, self.errors = seconds or {}, errors or {}
        self.began, self.threads, self.steps = [], [], []
        self.opened = time.monotonic()

    def value_of(self, stamp):
        self.began.append(stamp)
        self.threads.append(threading.current_thread())
        self.steps.append(+1)
        time.sleep(self.seconds.get(stamp, stamp))
        self.steps.append(-1)
        if stamp in self.errors:
            raise self.errors[stamp]
        return stamp * stamp

    def now(self):
        return time.monotonic() - self.opened

    def check(self, experts, ended=True):
        most = max((sum(self.steps[:end]) for end in range(len(self.steps) + 1)), default=0)
        assert most <= experts, f"{experts} experts, and {most} stamps were looked at at the same time"
        assert threading.current_thread() not in self.threads, "the caller has looked at a stamp himself"
        alive = {thread.name for thread in self.threads if thread.is_alive()}
        assert not (ended and alive), f"it is over, and {sorted(alive)} still run: shut the pool down"


def given(act):
    """Return what came out, and what ended it: an exception, or nothing."""
    values = []
    try:
        values.extend(value for value in act())
    except NotImplementedError:
        raise
    except (Exception, KeyboardInterrupt, SystemExit, Fake) as error:
        return values, error
    return values, None


def walked(values):
    """Return what an iterator gave out and when, and what ended it."""
    found = []
    began = time.monotonic()
    try:
        for value in values:
            found.append((value, time.monotonic() - began))
    except NotImplementedError:
        raise
    except (Exception, KeyboardInterrupt, SystemExit, Fake) as error:
        return found, error
    return found, None


@pytest.mark.task(1)
def test_twelve_in_order(race):
    def scenario():
        table = Table({number: number * 7 % 11 for number in range(12)})
        found = appraise(table.value_of, 5, (number for number in range(12)))
        assert found == [number * number for number in range(12)], (
            f"twelve numbers were to be squared, and came back as {found}: in the order of the rows"
        )
        table.check(5)

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
@pytest.mark.parametrize(
    ("stamps", "experts", "seconds"), [([3, 1, 1, 1], 2, 3), ([1, 2], 1, 3), ([2, 2, 2], 3, 2), ([], 2, 0)]
)
def test_all_experts_look(race, stamps, experts, seconds):
    def scenario():
        table = Table()
        found = appraise(table.value_of, experts, iter(stamps))
        took = table.now()
        assert found == [stamp * stamp for stamp in stamps], f"the squares of {stamps} came back as {found}: in order"
        assert took == seconds, f"{stamps} s for {experts} experts took {took:g} s instead of {seconds} s"
        table.check(experts)

    race.explore(scenario, schedules=8)


@pytest.mark.task(1)
@pytest.mark.parametrize("function", [appraise, as_they_come])
def test_several_columns(race, function):
    def scenario():
        found = list(function(lambda *row: row, 2, "abc", [1, None], iter([[], 0, 2])))
        assert found == [("a", 1, []), ("b", None, 0)], f"three columns, the second has two entries, and {found}"

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
@pytest.mark.parametrize("function", [appraise, as_they_come])
def test_a_column_without_end(race, function):
    def scenario():
        box = Box()
        found = list(function(lambda stamp, number: (stamp, number), 2, box, [1, 2]))
        assert found == [(1, 1), (1, 2)], f"a column of sixty and one of two came to {found}: the shortest counts"
        assert box.taken <= 3, f"the other column ends after two, and {box.taken} were taken of a long one: no more"

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
@pytest.mark.parametrize("kind", [ValueError, Fake])
def test_the_first_that_fails(race, kind):
    def scenario():
        errors = {3: kind("three"), 2: kind("two"), 5: kind("five")}
        table = Table(errors=errors)
        found, error = given(lambda: appraise(table.value_of, 3, [5, 3, 2, 1, 1]))
        assert error is errors[5], (
            f"fakes take 5, 3, 2 s, in this order, and appraise came to {error!r}: the first of them, in order"
        )
        table.check(3)

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
def test_each_as_soon_as_it_can(race):
    def scenario():
        table = Table()
        values = as_they_come(table.value_of, 2, (stamp for stamp in [2, 3, 1, 4]))
        took = table.now()
        assert took == 0, f"as_they_come was back after {took:g} s: it returns at once"
        found, _ = walked(values)
        assert found == [(4, 2), (9, 3), (1, 3), (16, 7)], (
            f"stamps that take 2, 3, 1 and 4 s, two experts; (value, s) came {found}: each when it and all before are "
            "known, which is [(4, 2), (9, 3), (1, 3), (16, 7)]"
        )
        time.sleep(1)
        table.check(2)

    race.explore(scenario, schedules=8)


@pytest.mark.task(2)
def test_the_experts_wait_for_nobody(race):
    def scenario():
        table, stamps = Table(), iter([1, 2, 1])
        values = as_they_come(table.value_of, 2, stamps)
        assert next(stamps, None) is None, "as_they_come is back, and not all stamps are taken: all are handed in"
        time.sleep(3)
        assert sorted(table.began) == [1, 1, 2], (
            f"nobody has asked for a value for 3 s, and begun were {table.began}: all three"
        )
        found, _ = walked(values)
        assert found == [(1, 0), (4, 0), (1, 0)], f"after 3 s all were known, and (value, s) came {found}"
        table.check(2, ended=False)

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
@pytest.mark.parametrize("kind", [ValueError, TimeoutError, Fake])
def test_a_fake_in_its_place(race, kind):
    def scenario():
        error = kind("a fake")
        table = Table(dict.fromkeys(range(6), 1), {1: error})
        values = as_they_come(table.value_of, 1, range(6))
        found, ended = walked(values)
        assert (found, ended) == ([(0, 1)], error), (
            f"the second of six is a fake, and given out were {found}, then {ended!r}: the exception in its place"
        )
        assert next(values, "end") == "end", "after an exception the iterator goes on: it is at its end"
        time.sleep(9)
        assert len(table.began) <= 3, (
            f"the second one failed, and begun were {table.began}: call off what has not begun"
        )
        table.check(1)

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
@pytest.mark.parametrize(("seconds", "right"), [(3.5, [(1, 1), (4, 3)]), (0, []), (9, [(1, 1), (4, 3), (16, 7)])])
def test_time_is_up(race, seconds, right):
    def scenario():
        table = Table()
        values = as_they_come(table.value_of, 1, [1, 2, 4, 8, 16], seconds=seconds)
        found, error = walked(values)
        when = table.now()
        assert found == right, (
            f"stamps of 1, 2, 4, 8 s, one expert, {seconds} s in all: (value, s) came {found} instead of {right}"
        )
        assert type(error) is TimeoutError and when == seconds, (
            f"{seconds} s in all, counted from the call: it ended after {when:g} s with {error!r}"
        )
        assert next(values, "end") == "end", "after TimeoutError the iterator goes on: it is at its end"
        time.sleep(60)
        begun = len(right) + 1
        assert len(table.began) in (begun - (seconds == 0), begun), (
            f"after {seconds} s time was up, and begun were {table.began}: call off what has not begun"
        )
        table.check(1)

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
def test_the_time_begins_with_the_call(race):
    def scenario():
        table = Table()
        values = as_they_come(table.value_of, 1, [1, 2, 4], seconds=3.5)
        time.sleep(2)
        found, error = walked(values)
        assert (found, type(error), table.now()) == ([(1, 0), (4, 1)], TimeoutError, 3.5), (
            f"as_they_come(…, seconds=3.5) was called at 0 s, asked at 2 s, and gave {found}, then {error!r} at "
            f"{table.now():g} s: the time begins with the call"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(2)
def test_what_is_known_comes_late(race):
    def scenario():
        table = Table()
        values = as_they_come(table.value_of, 2, [1, 2], seconds=2.5)
        time.sleep(7)
        found, error = walked(values)
        assert (found, error) == ([(1, 0), (4, 0)], None), (
            f"time was up after 2.5 s, all was known after 2, and who asked after 7 got {found}, {error!r}"
        )

    race.explore(scenario, schedules=5)


class Box:
    """A box of stamps without a bottom, or nearly, which notes how many were taken."""

    def __init__(self, stamps=None):
        self.stamps = stamps
        self.taken, self.given, self.most, self.hands = 0, 0, 0, set()

    def __iter__(self):
        for stamp in self.stamps or [1] * 60:
            self.taken += 1
            self.most = max(self.most, self.taken - self.given)
            self.hands.add(threading.current_thread())
            yield stamp


@pytest.mark.task(3)
@pytest.mark.parametrize(("experts", "ahead"), [(1, 1), (2, 2), (2, 4)])
def test_so_many_ahead_and_no_more(race, experts, ahead):
    def scenario():
        table, box = Table(), Box()
        values = stream(table.value_of, experts, box, ahead)
        assert box.taken == 0, f"nobody has asked yet, and {box.taken} stamps are taken"
        for number in range(1, 5):
            assert next(values) == 1
            assert box.taken <= box.given + ahead, (
                f"ahead={ahead}, {box.given} values were given out, {box.taken} stamps taken: so many, no more"
            )
            box.given = number
        time.sleep(5)
        assert box.taken <= 3 + ahead, f"nobody asks, and further stamps are taken: {box.taken} for 4 values"
        values.close()
        assert box.most == ahead, (
            f"ahead={ahead}, and at most {box.most} stamps were taken whose value was not given out"
        )
        assert box.hands == {threading.current_thread()}, "stamps are taken by a thread that was not asked for a value"
        table.check(experts)

    race.explore(scenario, schedules=10)


@pytest.mark.task(3)
def test_a_stream_in_order_as_it_comes(race):
    def scenario():
        table = Table()
        found, error = walked(stream(table.value_of, 2, iter([1, 3, 1, 2, 1]), 3))
        right = [(1, 1), (9, 3), (1, 3), (4, 4), (1, 4)]
        assert (found, error) == (right, None), f"1, 3, 1, 2, 1 s, three ahead: (value, s) came {found}, not {right}"
        table.check(2)

    race.explore(scenario, schedules=8)


@pytest.mark.task(3)
def test_any_object_is_a_value(race):
    def scenario():
        right = [None, 0, None, "", [], None]
        for function in (appraise, as_they_come):
            found = [*function(lambda value: value, 2, right)]
            assert found == right, f"the values are {right}, {found} came: None is a value, equal ones are several"
        found = [*stream(lambda value: value, 2, right, 3)]
        assert found == right, (
            f"the values are {right}, the stream gave {found}: None is a value, and so are equal ones"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
@pytest.mark.parametrize("stamps", [[], [2], [1, 1]])
def test_fewer_than_ahead(race, stamps):
    def scenario():
        found, error = walked(stream(Table().value_of, 3, stamps, 5))
        right = [(stamp * stamp, stamp) for stamp in stamps]
        assert (found, error) == (right, None), f"{stamps} were all stamps, and (value, s) came {found}, {error!r}"

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="two experts look at nothing at the same time: hand stamps in before you wait for one")
def test_the_experts_meet(race):
    def scenario():
        meeting = threading.Barrier(2)
        places = list(stream(lambda stamp: meeting.wait(), 2, range(6), 2))
        assert sorted(places) == [0, 0, 0, 1, 1, 1]

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
@pytest.mark.parametrize("how", ["close", "fails", "SystemExit"])
def test_who_has_seen_enough(race, how):
    def scenario():
        error = SystemExit("a fake") if how == "SystemExit" else ValueError("a fake")
        errors = {} if how == "close" else {3: error}
        table, stamps = Table(dict.fromkeys(range(99), 1), errors), iter(range(99))
        values = stream(table.value_of, 2, stamps, 4)
        found = [next(values), next(values), next(values)]
        if how == "close":
            values.close()
        else:
            assert given(lambda: values) == ([], error), f"the fourth of the stamps is a fake: {error!r} in its place"
        table.check(2)
        before = len(table.began)
        assert next(values, "end") == "end", "it was closed, or has raised, and gives out more: it is at its end"
        time.sleep(9)
        assert found == [0, 1, 4], f"the squares of 0, 1, 2 came as {found}"
        assert len(table.began) == before < 7, f"it was over after 4 of 99 stamps, and begun were {table.began}"

    race.explore(scenario, schedules=8)

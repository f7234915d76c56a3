"""The observatory: the tests. Threads are explored; processes are real, two of them, and meet if they have to."""

import os
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from forked import FORK, SHARED, Fire, given, why
from process_executor import announce, catalogue, survey

ALONE = "two processes have nothing to do but wait for each other, and never two plates are counted at the same time"


VALUES = [None, 0, [], ValueError("returned"), KeyboardInterrupt("returned")]


class Plates:
    """An iterable that counts as false, and is walked once."""

    def __init__(self, plates):
        self.plates = iter(plates)

    def __bool__(self):
        return False

    def __iter__(self):
        return self.plates


class Dome(ProcessPoolExecutor):
    """Two processes; it notes what is handed in."""

    def __init__(self):
        super().__init__(2, FORK)
        self.handed = []

    def submit(self, *args, **kwargs):
        self.handed.append(args)
        return super().submit(*args, **kwargs)


@pytest.fixture
def dome():
    with Dome() as executor:
        yield executor
    SHARED.clear()


@pytest.fixture(params=[Dome, lambda: ThreadPoolExecutor(2)], ids=["processes", "threads"])
def executor(request):
    with request.param() as executor:
        yield executor
    SHARED.clear()


def check_open(executor):
    found = given(lambda: executor.submit(abs, -1).result())
    assert found == 1, f"the function is back, others use the executor, and that gives {found!r}: leave it open"


def where(plate):
    """Count, and say in which process."""
    if "meeting" in SHARED and plate in SHARED["who"]:
        SHARED["meeting"]()
    return plate, os.getpid()


def fails(plate):
    if "calls" in SHARED:
        with SHARED["calls"].get_lock():
            SHARED["calls"].value += 1
    if isinstance(plate, BaseException):
        raise plate
    return plate


def waits(plate):
    """Count; the first plate takes until the gate opens."""
    if plate == "slow":
        SHARED["gate"]()
    return fails(7 if plate == "slow" else plate)


def finds(plate):
    return list(plate)


@pytest.mark.task(1)
@pytest.mark.parametrize(("plates", "seconds"), [([3, 1, 2], 3), ([2, 2, 2], 4), ([1], 1), ([], 0)])
def test_threads_count_in_order(race, plates, seconds):
    def scenario():
        def count(plate):
            time.sleep(plate)
            return [plate]

        with ThreadPoolExecutor(2) as executor:
            began = time.monotonic()
            found = given(survey, executor, count, Plates(plates))
            took = time.monotonic() - began
            assert found == [[plate] for plate in plates], f"plates of {plates} s came back as {found!r}: in order"
            assert took == seconds, (
                f"plates of {plates} s took two threads {took:g} s instead of {seconds}: hand all in, then wait"
            )
            check_open(executor)

    race.explore(scenario, schedules=8)


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound=ALONE)
def test_processes_count_in_order(dome, timing):
    SHARED.update(meeting=timing.meeting(2, start_method="fork"), who=[1, 2])
    plates = [1, 2, None, 0, 0, [], []]
    found = given(survey, dome, where, (plate for plate in plates))
    assert not isinstance(found, BaseException), f"seven plates, and survey raised {found!r}{why(found)}"
    assert [plate for plate, _ in found] == plates, f"{plates} came back as {found}: each, in order"
    assert os.getpid() not in [pid for _, pid in found], "plates were counted in the caller's own process"
    assert dome.handed, "another executor has counted them than the one that was given"
    assert given(survey, dome, where, []) == [], "no plates, and survey did not return []"
    check_open(dome)


@pytest.mark.task(1)
@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit, Fire])
@pytest.mark.parametrize("bundle", [1, 2, 4])
def test_the_first_exception(executor, kind, bundle):
    SHARED["calls"] = FORK.Value("i", 0)
    found = given(survey, executor, fails, [5, kind("first"), 6, kind("second")], bundle)
    assert type(found) is kind and found.args == ("first",), (
        f"the second and fourth plate raise {kind.__name__}, and survey gave {found!r}: raise the first of them"
    )
    check_open(executor)
    executor.shutdown()
    calls = SHARED["calls"].value
    assert calls <= 4, f"four plates, two of them raise, and count was called {calls} times: once for each"


def value_of(place):
    return VALUES[place]


@pytest.mark.task(1)
@pytest.mark.parametrize("bundle", [1, 2])
def test_any_value(executor, bundle):
    found = given(survey, executor, value_of, range(5), bundle)
    assert isinstance(found, list) and repr(found) == repr(VALUES), (
        f"count returned {VALUES}, and survey gave {found!r}: each, in order, and what is returned is not raised"
    )


@pytest.mark.task(2)
@pytest.mark.parametrize(("number", "bundle"), [(7, 1), (7, 3), (6, 3), (4, 9)])
def test_in_bundles(dome, timing, number, bundle):
    found = given(survey, dome, where, iter(range(number)), bundle)
    assert isinstance(found, list), f"{number} plates in bundles of {bundle}, and survey gave {found!r}{why(found)}"
    assert [plate for plate, _ in found] == [*range(number)], f"{number} plates in bundles of {bundle} became {found}"
    most = -(-number // bundle)
    assert len(dome.handed) <= most, (
        f"{number} plates in bundles of {bundle} were carried over in {len(dome.handed)} turns instead of {most}"
    )
    pids = [{pid for _, pid in found[place : place + bundle]} for place in range(0, number, bundle)]
    assert [len(each) for each in pids] == [1] * most, f"a bundle of {bundle} was counted by several processes: {found}"


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound=f"bundles of two or three, and {ALONE}: no bundle must have more, the last one neither"
)
@pytest.mark.parametrize(("number", "bundle", "who"), [(4, 2, [0, 2]), (7, 3, [3, 6])])
def test_no_bundle_is_bigger(dome, timing, number, bundle, who):
    SHARED.update(meeting=timing.meeting(2, start_method="fork"), who=who)
    found = given(survey, dome, where, range(number), bundle)
    assert isinstance(found, list) and len(found) == number, (
        f"{number} plates in bundles of {bundle} became {found!r}{why(found)}"
    )


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="the slowest plate, which is the first, keeps all others from being told")
def test_the_quickest_first(executor):
    gate, told, desk = FORK.Event(), [], []
    SHARED["gate"] = gate.wait

    def tell(place, stars):
        told.append((place, stars))
        desk.append(os.getpid())
        if stars == 5:
            gate.set()

    total = given(announce, executor, waits, iter(["slow", 0, 5]), tell)
    assert total == 12, f"plates of 7, 0 and 5 stars, and announce gave {total!r}{why(total)}"
    assert sorted(told[:2]) == [(1, 0), (2, 5)] and told[2:] == [(0, 7)], (
        f"the first plate is slow, and (place, stars) were told {told}: each once, the quickest first"
    )
    assert set(desk) == {os.getpid()}, "somebody was told in a process of the executor: tell at the desk"


@pytest.mark.task(3)
def test_all_were_told(race):
    def scenario():
        told, plates = [], [2, 2, 1]

        def count(plate):
            time.sleep(plate)
            return plate

        def tell(place, stars):
            time.sleep(3)
            told.append((place, stars))

        with ThreadPoolExecutor(2) as executor:
            total = given(announce, executor, count, Plates(plates), tell)
            assert sorted(told) == [(0, 2), (1, 2), (2, 1)], (
                f"announce is back with {total!r}, and told were {told}: wait until every tell has returned"
            )
            assert total == 5, f"plates of {plates} stars, and the sum is {total!r}"
            assert given(announce, executor, count, [], tell) == 0, "no plates, and the sum is not 0"
            check_open(executor)

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
@pytest.mark.parametrize("kind", [ValueError, StopIteration, SystemExit, Fire])
def test_who_raises_is_told(executor, kind):
    told = {}
    total = given(announce, executor, fails, [3, kind("cloud"), 4], told.setdefault)
    assert total == 7, f"3 stars, {kind.__name__}, 4 stars: announce gave {total!r} instead of 7{why(total)}"
    found = told.get(1)
    assert type(found) is kind and found.args == ("cloud",), f"count raised {kind.__name__}, told was {found!r}"
    check_open(executor)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound=ALONE)
def test_plates_meet(dome, timing):
    SHARED["gate"] = timing.meeting(2, start_method="fork")
    total = given(announce, dome, waits, ["slow", "slow", 1], lambda place, stars: None)
    assert total == 15, f"plates of 7, 7 and 1 stars, and announce gave {total!r}{why(total)}"


@pytest.mark.task(4)
@pytest.mark.parametrize(
    ("plates", "right"),
    [
        (["ab", "", "bc", "b"], {"a": [0], "b": [0, 2, 3], "c": [2]}),
        ([(None, 0), (0,)], {None: [0], 0: [0, 1]}),
        ([], {}),
    ],
)
def test_one_catalogue(executor, plates, right):
    for turn in ("", ", a second time"):
        found = given(catalogue, executor, finds, Plates(plates))
        assert found == right, (
            f"the plates {plates}{turn} made the catalogue {found!r} instead of {right}{why(found)}; a process has its "
            "own globals, and a call begins with an empty catalogue"
        )
    check_open(executor)


@pytest.mark.task(4)
def test_places_ascend(race):
    def scenario():
        def find(plate):
            time.sleep(plate)
            return ["sun"]

        with ThreadPoolExecutor(3) as executor:
            began = time.monotonic()
            found = given(catalogue, executor, find, [3, 1, 2])
            took = time.monotonic() - began
        assert found == {"sun": [0, 1, 2]}, f"the sun is on three plates, and the catalogue is {found!r}: ascending"
        assert took == 3, f"plates of 3, 1, 2 s, three threads, took {took:g} s: hand all in, then wait"

    race.explore(scenario, schedules=8)

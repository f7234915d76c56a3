"""Thread subclass: the tests. Time is virtual in them, and the threads mix in many ways."""

import operator
import threading
import time

import pytest
from thread_subclass import Baker, open_bakery


class Oven:
    """Takes its time, and notes who stood in front of it."""

    def __init__(self, seconds=1):
        self.seconds = seconds
        self.loaves = []
        self.threads = []

    def bake(self, loaf):
        """Bake one loaf."""
        self.threads.append(threading.current_thread())
        self.loaves.append(loaf)
        time.sleep(self.seconds)
        return f"warm {loaf}"


def hire(name, loaves, bake):
    """Make a baker, or say what is missing."""
    try:
        return Baker(name, loaves, bake)
    except (RuntimeError, AssertionError) as error:
        raise AssertionError(
            f"making a baker failed: {error}; call super().__init__(name=name) before anything "
            "else, and by keyword, as the first parameter of Thread is group"
        ) from error


def start(baker):
    """Start a baker, or say what is missing."""
    try:
        baker.start()
    except RuntimeError as error:
        advice = (
            "do not start it in __init__"
            if baker.__dict__.get("_initialized")
            else "your __init__ has to call super().__init__()"
        )
        raise AssertionError(f"the baker cannot be started: {error}; {advice}") from error


@pytest.mark.task(1)
def test_making_a_baker_begins_nothing(race):
    def scenario():
        oven = Oven()
        began = time.monotonic()
        baker = hire("ann", ["rye", "oat"], oven.bake)
        took = time.monotonic() - began
        assert isinstance(baker, threading.Thread), "a Baker has to be a threading.Thread"
        assert oven.loaves == [] and took == 0, (
            f"the baker was only made, and {oven.loaves} is in the oven after {took:g} s: bake in run, not in __init__"
        )
        assert threading.active_count() == 1, (
            "the baker was only made, and its thread is already running: leave start() to the caller"
        )
        assert baker.baked == [], f"before the start baked should be [], it is {baker.baked!r}"

    race.explore(scenario, schedules=20)


@pytest.mark.task(1)
def test_the_baker_has_a_name(race):
    def scenario():
        baker = hire("ann", [], Oven().bake)
        names = [baker.name]
        start(baker)
        baker.join()
        assert names == ["ann"], (
            f"the thread of ann is called {names[0]!r}: hand the name on to Thread with super().__init__(name=name)"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
def test_the_name_stays_while_the_baker_works(race):
    def scenario():
        names = []
        baker = hire("ann", ["rye", "oat"], lambda loaf: names.append(threading.current_thread().name))
        start(baker)
        baker.join()
        names.append(baker.name)
        assert names == ["ann"] * 3, (
            f"while the two loaves were in the oven and afterwards ann was called {names}: the name stays as it was "
            "given"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_start_and_join_are_those_of_thread(race):
    def scenario():
        baker = hire("ann", ["rye"], Oven(seconds=5).bake)
        start(baker)
        began = time.monotonic()
        baker.join(timeout=2)
        took = time.monotonic() - began
        assert took == 2 and baker.is_alive(), f"join(timeout=2) of a baker who needs 5 s came back after {took:g} s"
        baker.join()
        try:
            baker.start()
        except RuntimeError:
            return
        raise AssertionError("a second start() was not refused with RuntimeError, as that of Thread is")

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_start_is_back_at_once(race):
    def scenario():
        oven = Oven(seconds=5)
        baker = hire("ann", ["rye"], oven.bake)
        began = time.monotonic()
        start(baker)
        took = time.monotonic() - began
        assert took == 0, (
            f"start() came back after {took:g} s instead of at once: it is not yours to override; "
            "write run() and leave start() as Thread has it"
        )
        assert baker.ident is not None, (
            "the baker was started and has no thread: who overrides start() makes no thread; write run() instead"
        )
        baker.join()
        assert time.monotonic() - began == 5, "joining the baker did not wait for the baking"

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
def test_the_baker_bakes_in_its_own_thread(race):
    def scenario():
        oven = Oven()
        baker = hire("ann", ["rye", "oat", "rye"], oven.bake)
        start(baker)
        baker.join()
        assert oven.loaves == ["rye", "oat", "rye"], (
            f"{oven.loaves} went into the oven, it should be ['rye', 'oat', 'rye']: each loaf once, in this order"
        )
        wrong = [thread.name for thread in oven.threads if thread is not baker]
        assert not wrong, (
            f"a loaf of ann's was baked in the thread {wrong[0]!r}: the work belongs into run(), "
            "which start() calls in the new thread"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_the_record_grows_loaf_by_loaf(race):
    def scenario():
        baker = hire("ann", ["rye", "oat"], Oven(seconds=10).bake)
        start(baker)
        seen = []
        for seconds in (5, 10, 10):
            time.sleep(seconds)
            seen.append(list(baker.baked))
        baker.join()
        wanted = [[], ["warm rye"], ["warm rye", "warm oat"]]
        assert seen[-1] == wanted[-1], (
            f"at the end baked is {seen[-1]}, it should be {wanted[-1]}: what bake() returned"
        )
        assert seen == wanted, (
            f"after 5, 15 and 25 s baked was {seen}, it should be {wanted}: note each loaf as "
            "soon as it is out of the oven"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_whatever_comes_out_is_kept(race):
    def scenario():
        loaves = [0, "", None, "rye", "rye", ("rye", "oat"), 1]
        came_out = [None, False, "", ValueError("burnt"), None, iter("crumbs"), True]
        seen, oven = [], iter(came_out)
        baker = hire("ann", loaves, lambda *loaf: seen.append(loaf) or next(oven))
        start(baker)
        baker.join()
        assert seen == [(loaf,) for loaf in loaves], (
            f"the loaves were {loaves}, and bake was called with {seen}: each is a loaf, true or not, a tuple is one"
        )
        same = len(baker.baked) == len(came_out) and all(map(operator.is_, baker.baked, came_out))
        assert same, (
            f"bake returned {came_out}, and baked is {baker.baked}: whatever comes out of the oven is kept as it is, "
            "None as well"
        )

    race.explore(scenario, schedules=3)


class Cold(list):
    """An oven like any other: what is called notes the loaves, and counts as false as long as there are none."""

    def __call__(self, loaf):
        self.append(loaf)
        return f"warm {loaf}"


@pytest.mark.task(3)
@pytest.mark.means(AttributeError="this oven has no __name__: whatever can be called is one, ask it for nothing else")
def test_an_oven_that_counts_as_false_is_an_oven(race):
    def scenario():
        oven = Cold()
        baker = hire("ann", ["rye"], oven)
        start(baker)
        baker.join()
        assert (list(oven), baker.baked) == (["rye"], ["warm rye"]), (
            f"bake was an object that can be called and counts as false; it got {list(oven)}, and baked is "
            f"{baker.baked} instead of ['warm rye']: do not ask whether bake is true, call it"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
def test_two_bakers_may_have_the_same_list(race):
    def scenario():
        loaves = ["rye", "oat"]
        bakers = [hire(name, loaves, Oven().bake) for name in ("ann", "bob")]
        for baker in bakers:
            start(baker)
        for baker in bakers:
            baker.join()
        assert loaves == ["rye", "oat"], (
            f"ann and bob were given the same list, and now it is {loaves}: a baker only reads it, and takes nothing "
            "out"
        )
        records = [list(baker.baked) for baker in bakers]
        assert records == [["warm rye", "warm oat"]] * 2, (
            f"ann and bob were given the same list, and their records are {records}: each bakes all of it"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(3)
def test_every_baker_has_an_oven_of_its_own(race):
    def scenario():
        bakers = [
            hire("ann", ["rye"], lambda loaf: f"ann's {loaf}"),
            hire("bob", ["rye"], lambda loaf: f"bob's {loaf}"),
        ]
        for baker in bakers:
            start(baker)
            baker.join()
        records = [list(baker.baked) for baker in bakers]
        assert records == [["ann's rye"], ["bob's rye"]], (
            f"ann and bob have different ovens, and baked {records}: keep what a baker needs in the object, not in "
            "the class"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
def test_every_baker_has_a_record_of_its_own(race):
    def scenario():
        ann = hire("ann", ["rye"], Oven().bake)
        bob = hire("bob", ["oat"], Oven().bake)
        assert ann.baked is not bob.baked, (
            "the list of ann's loaves is the list of bob's, too: a list in the body of the class "
            "is one for all; make it in __init__, as self.baked = []"
        )
        start(ann)
        start(bob)
        ann.join()
        bob.join()
        records = [ann.baked, bob.baked]
        assert records == [["warm rye"], ["warm oat"]], f"ann baked rye and bob oat, their records are {records}"

    race.explore(scenario, schedules=80)


@pytest.mark.task(4)
def test_the_bakers_work_side_by_side(race):
    def scenario():
        bakers = [
            hire("ann", ["rye", "oat"], Oven(seconds=1).bake),
            hire("bob", ["rye"], Oven(seconds=5).bake),
            hire("cleo", ["oat"], Oven(seconds=3).bake),
        ]
        began = time.monotonic()
        open_bakery(bakers)
        took = time.monotonic() - began
        assert took <= 5, (
            f"bakers of 2, 5 and 3 s took {took:g} s instead of 5 s: one waited for another; "
            "start all of them before you join one"
        )
        assert took == 5, f"open_bakery came back after {took:g} s, before bob: join every baker"

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
@pytest.mark.parametrize("seconds", [(9, 1), (1, 9)], ids=["the first is slow", "the last is slow"])
def test_the_bakery_tells_what_was_baked(race, seconds):
    def scenario():
        bakers = [
            hire(name, ["rye", "oat"], Oven(each).bake) for name, each in zip(["ann", "bob"], seconds, strict=True)
        ]
        found = open_bakery(bakers)
        assert isinstance(found, dict), f"open_bakery returned {found!r} instead of a dictionary"
        assert sorted(found) == ["ann", "bob"], (
            f"ann and bob were in the list, and open_bakery tells of {sorted(found)}: make a new dictionary for each "
            "call"
        )
        found = {name: list(baked) for name, baked in found.items()}
        wanted = {"ann": ["warm rye", "warm oat"], "bob": ["warm rye", "warm oat"]}
        assert found == wanted, f"open_bakery returned {found} instead of {wanted}: wait for every baker, then look"

    race.explore(scenario, schedules=10, clock="any")


@pytest.mark.task(4)
def test_seventy_bakers_need_as_long_as_one(timing):
    with timing.virtual():
        bakers = [hire(f"baker {number}", ["rye"], Oven(seconds=1).bake) for number in range(70)]
        began = time.monotonic()
        found = open_bakery(bakers)
        took = time.monotonic() - began
    assert took == 1, (
        f"70 bakers of 1 s took {took:g} s instead of 1 s: not all were at work at the same time; start every one of "
        "them"
    )
    assert len(found) == 70, f"70 bakers were at work, and open_bakery tells of {len(found)}"


@pytest.mark.task(4)
@pytest.mark.means(
    DeadlockFound="without bakers nobody ends last: who waits for the last one waits for ever",
    ValueError="without bakers there is nothing to do; a pool wants one worker at least, so do not make one",
)
def test_without_bakers_nothing_is_baked(race):
    def scenario():
        found = open_bakery([])
        assert found == {}, f"without bakers open_bakery returned {found!r} instead of {{}}"

    race.explore(scenario, schedules=5)


@pytest.mark.task(4)
def test_who_has_no_loaves_is_told_too(race):
    def scenario():
        bakers = [hire("ann", [], Oven().bake), hire("bob", ["rye"], Oven().bake)]
        found = open_bakery(bakers)
        assert found == {"ann": [], "bob": ["warm rye"]}, (
            f"ann had no loaves, and open_bakery returned {found} instead of {{'ann': [], 'bob': ['warm rye']}}"
        )
        assert len(bakers) == 2, "open_bakery has taken bakers out of the caller's list: leave the list as it is"

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
def test_each_baker_works_in_the_own_thread(race):
    def scenario():
        oven, elsewhere = Oven(), []
        bakers = [hire("ann", ["rye"], oven.bake), hire("bob", ["oat"], oven.bake)]
        open_bakery(list(bakers))
        elsewhere += [thread.name for thread in oven.threads if thread not in bakers]
        assert not elsewhere, (
            f"a loaf was baked in the thread {elsewhere[0]!r}: start() every baker, and do not call run()"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
def test_bakers_of_another_bakery_are_not_waited_for(race):
    def scenario():
        other = hire("cleo", ["rye"], Oven(seconds=60).bake)
        start(other)
        began = time.monotonic()
        open_bakery([hire("ann", ["rye"], Oven(seconds=5).bake)])
        took = time.monotonic() - began
        assert took == 5, (
            f"cleo, who bakes elsewhere, needs 60 s, and open_bakery([ann]) came back after {took:g} s instead of 5 s: "
            "wait for the bakers of the list, and for nobody else"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
def test_a_baker_who_is_new_may_be_another_bakerys(race):
    def scenario():
        other, began = hire("cleo", ["rye"], Oven(seconds=60).bake), time.monotonic()
        open_bakery([hire("ann", ["rye"], lambda loaf: start(other)), hire("bob", ["rye"], Oven(seconds=3).bake)])
        took = time.monotonic() - began
        assert took == 3, (
            f"ann called cleo, who needs 60 s and is not in the list, and open_bakery came back "
            f"after {took:g} s instead of 3 s: not all that is new is yours; join the bakers of the list"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(4)
def test_two_bakeries_may_be_open_at_the_same_time(race):
    def scenario():
        def branch(name, seconds):
            began = time.monotonic()
            found = open_bakery([hire(name, ["rye"], Oven(seconds).bake), hire(f"{name}'s son", ["oat"], Oven().bake)])
            return sorted(found), time.monotonic() - began

        found = race.run(lambda: branch("ann", 3), lambda: branch("bob", 5))
        assert found == [(["ann", "ann's son"], 3), (["bob", "bob's son"], 5)], (
            f"two bakeries were open at the same time, ann's for 3 s and bob's for 5 s: (who baked, took) was {found}; "
            "what a call waits with must be its own"
        )

    race.explore(scenario, schedules=6)

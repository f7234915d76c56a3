"""Undo: the tests. Several calls at once must look like some order of the same calls."""

from itertools import permutations

import pytest
from lifo_queue import History
from lying_about import LYING_ABOUT, left_out

NOTHING = "nothing"
MANY = 5_000  # steps
seen_and_gone = pytest.mark.means(
    IndexError="somebody saw a step, and it was gone when he took it: ask and take in one step, under the same lock"
)


class EqualToAll:
    """A step that says of itself that it is equal to everything."""

    def __eq__(self, other):
        return True

    def __repr__(self):
        return "a step that is equal to everything"

    __hash__ = object.__hash__


class Touchy:
    """A step that cannot be compared, and is neither true nor false."""

    def refuse(self, *others):
        raise TypeError("a step was compared, or asked whether it is true: find another way to see what is left")

    __eq__ = __ne__ = __bool__ = refuse
    __hash__ = object.__hash__

    def __repr__(self):
        return "a step that cannot be compared"


def same(found, wanted):
    """Tell whether these are the same objects, without asking any of them."""
    return [*map(id, found)] == [*map(id, wanted)]


def act(history, call):
    """Make a call that is written as "undo" or "record c", or several, as "undo, then redo"."""
    if ", then " in call:
        return [act(history, each) for each in call.split(", then ")]
    name, _, step = call.partition(" ")
    if name == "record":
        return history.record(step)
    return history.undo_all() if name == "undo_all" else getattr(history, name)(NOTHING)


class Plain:
    """What a history does if nobody else is there."""

    def __init__(self):
        self.done, self.undone = [], []

    def record(self, step):
        self.done.append(step)
        self.undone.clear()

    def undo(self, default):
        if not self.done:
            return default
        self.undone.append(self.done.pop())
        return self.undone[-1]

    def redo(self, default):
        if not self.undone:
            return default
        self.done.append(self.undone.pop())
        return self.done[-1]

    def undo_all(self):
        return [self.undo(None) for _ in range(len(self.done))]


def emptied(history):
    """Find out what the history holds: what can be redone, and then what can be undone."""
    redone = []
    for _ in range(9):
        redone.append(act(history, "redo"))
        if redone[-1] == NOTHING:
            break
    return redone[:-1], history.undo_all()


def in_some_order(before, calls):
    """List what the calls may give, and what may be left, for every order of them."""
    allowed = []
    threads = [call.split(", then ") for call in calls]
    for order in set(permutations([number for number, thread in enumerate(threads) for _ in thread])):
        plain, got = Plain(), [[] for _ in threads]
        for call in before:
            act(plain, call)
        for number in order:
            got[number].append(act(plain, threads[number][len(got[number])]))
        allowed.append(([each if len(each) > 1 else each[0] for each in got], emptied(plain)))
    return allowed


def together(race, before, calls, mistake, schedules=60):
    """Let threads make the calls at the same time, in many ways."""
    allowed = in_some_order(before, calls)

    def scenario():
        history = History()
        for call in before:
            act(history, call)
        found = race.run(*(lambda call=call: act(history, call) for call in calls))
        left = emptied(history)
        assert (found, left) in allowed, (
            f"after {', '.join(before)}, at the same time {' and '.join(calls)}: they gave {found}, then {left[0]} "
            f"could be redone, and with that {left[1]} undone; no order of these calls gives that: {mistake}"
        )

    race.explore(scenario, schedules=schedules)


def in_turn(race, calls, why):
    """Make the calls one after the other."""

    def scenario():
        history, plain = History(), Plain()
        found = [act(history, call) for call in calls]
        wanted = [act(plain, call) for call in calls]
        assert found == wanted, f"{', '.join(calls)} gave {found}, it should be {wanted}: {why}"

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
def test_the_latest_is_undone_first(race):
    calls = ["record a", "record b", "undo", "record c", "undo", "undo", "undo"]
    in_turn(race, calls, "the latest step is undone first; when nothing is left, undo returns its default")


@pytest.mark.task(1)
def test_each_history_has_its_own_steps(race):
    def scenario():
        one, two = History(), History()
        one.record("a")
        two.record("b")
        found = [one.undo(NOTHING), one.undo(NOTHING), two.redo(NOTHING), two.undo(NOTHING), two.undo(NOTHING)]
        assert found == ["a", NOTHING, NOTHING, "b", NOTHING], (
            f"a was recorded in one history, b in another; undo, twice in one, redo in the other and undo, twice, gave "
            f"{found}: they share their steps"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_any_object_is_a_step(race):
    def scenario():
        history = History()
        for step in (None, "", 0):
            history.record(step)
        found = [history.undo(NOTHING) for _ in range(4)]
        assert found == [0, "", None, NOTHING], (
            f"None, '' and 0 were recorded, undo gave {found}: they are steps too; "
            "find another way to see that nothing is left"
        )
        assert History().undo() is None, "without a default, undo returns None when nothing is left"
        found = [History().undo(0), History().undo(""), History().redo(0)]
        assert found == [0, "", 0], (
            f"nothing was done, undo(0), undo('') and redo(0) gave {found}: a default that counts as false is the "
            "default all the same"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
def test_the_same_object_twice_is_two_steps(race):
    def scenario():
        history, step = History(), ["a step"]
        history.record(step)
        history.record(step)
        found = [history.undo(NOTHING) for _ in range(3)]
        assert found == [step, step, NOTHING], (
            f"the same object was recorded twice, undo gave {found}: what is recorded is a step, whatever was before"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
@pytest.mark.parametrize("before", [["record a"], ["record a", "record b"]], ids=["one step", "two steps"])
@pytest.mark.means(
    DeadlockFound="two undo: one of them waits for a step that the other one has taken (ask and take in one step), or "
    "for a lock that was not given back where nothing was left"
)
def test_each_step_is_undone_once(race, before):
    def scenario():
        history = History()
        for call in before:
            act(history, call)
        found = race.run(lambda: history.undo(NOTHING), lambda: history.undo(NOTHING))
        wanted = sorted(["a", "b" if len(before) > 1 else NOTHING])
        assert sorted(found, key=str) == wanted, (
            f"after {', '.join(before)} two threads undo: they got {found}, it should be "
            f"{' and '.join(wanted)}, each once"
        )
        history.record("z")
        assert history.undo(NOTHING) == "z", "z was recorded last, and is not undone first"

    race.explore(scenario, schedules=50)


@pytest.mark.task(2)
def test_no_record_is_lost(race):
    def scenario():
        history = History()
        race.run(lambda: history.record("a"), lambda: history.record("b"))
        found = sorted([history.undo(NOTHING), history.undo(NOTHING)])
        assert found == ["a", "b"], f"a and b were recorded by two threads, undo gave {found}"

    race.explore(scenario, schedules=50)


@pytest.mark.task(3)
def test_the_latest_undone_is_redone_first(race):
    calls = ["record a", "record b", "undo", "undo", "redo", "redo", "redo", "undo", "redo"]
    in_turn(race, calls, "what was undone last is done again first, and can be undone again")


@pytest.mark.task(3)
def test_a_new_step_ends_redoing(race):
    calls = ["record a", "record b", "undo", "record c", "redo", "undo", "undo", "redo", "redo", "redo"]
    in_turn(race, calls, "record makes it impossible to redo what was undone before")


@pytest.mark.task(3)
@pytest.mark.parametrize("again", [1.0, 1], ids=["an equal one", "the same object"])
def test_the_same_step_again_is_a_new_step(race, again):
    def scenario():
        history = History()
        history.record(1)
        history.record("b")
        undone = [history.undo(), history.undo()]
        history.record(again)
        found = [history.redo(NOTHING), history.undo(NOTHING), history.undo(NOTHING)]
        assert found[0] == NOTHING, (
            f"1 and b were recorded, undo gave {undone}, then {again} was recorded, and redo gives {found[0]!r}: "
            "whatever is recorded is new, also if it is equal to what was undone, or the same object"
        )
        assert [*map(repr, found)] == [repr(NOTHING), repr(again), repr(NOTHING)], (
            f"{again} was recorded last, then undo gave {found[1:]}: give back the very step that was recorded"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(3)
@pytest.mark.parametrize("again", [1, 1.0], ids=["the same object", "an equal one"])
def test_the_latest_step_again_is_a_new_step(race, again):
    def scenario():
        history = History()
        history.record(1)
        history.record("b")
        history.undo()
        history.record(again)
        found = [history.redo(NOTHING), history.undo(NOTHING), history.undo(NOTHING)]
        assert found[0] == NOTHING, (
            f"1 and b were recorded, b was undone, then {again} was recorded, and redo gives {found[0]!r}: it is a new "
            "step, also if it is what was done latest, and from then on nothing can be done again"
        )
        assert [*map(repr, found)] == [repr(NOTHING), repr(again), "1"], (
            f"1 and b were recorded, b was undone, then {again} was recorded; undo gave {found[1:]}: each is a step"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(3)
def test_the_default_may_be_a_step(race):
    def scenario():
        history, step = History(), ["a step"]
        history.record("a")
        history.record(step)
        found = [history.undo(step), history.redo(step), history.undo(NOTHING), history.redo(NOTHING)]
        assert same(found, [step] * 4), (
            f"{step} was recorded last, then undo and redo with this very step as the default, and both with another "
            f"one, gave {found}: also if it is the default, what was undone can be done again, and the other way round"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(3)
def test_any_object_is_redone(race):
    def scenario():
        history, steps = History(), [None, 0, EqualToAll(), Touchy(), None]
        for step in steps:
            history.record(step)
        for _ in steps:
            history.undo()
        found = [history.redo(NOTHING) for _ in steps]
        assert same(found, steps), (
            f"{steps} were recorded and undone, redo gave {found}: a step may be anything, also None, which undo "
            "returns by default"
        )
        assert history.redo() is None, "without a default, redo returns None when nothing is left"

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
@seen_and_gone
def test_two_undo(race):
    together(
        race, ["record a", "record b"], ["undo", "undo"],
        "taking from one pile and putting onto the other must be one step",
    )  # fmt: skip


@pytest.mark.task(4)
@seen_and_gone
def test_two_redo(race):
    together(
        race, ["record a", "record b", "undo", "undo"], ["redo", "redo"],
        "taking from one pile and putting onto the other must be one step",
    )  # fmt: skip


@pytest.mark.task(4)
@seen_and_gone
def test_undo_and_redo(race):
    together(
        race, ["record a", "record b", "undo"], ["undo", "redo"],
        "a step was on its way from one pile to the other, and seen on neither",
    )  # fmt: skip


@pytest.mark.task(4)
@pytest.mark.parametrize("call", ["undo", "redo"])
@seen_and_gone
def test_record_comes_in_between(race, call):
    together(
        race, ["record a", "record b", "undo"], [call, "record c"],
        "recording and forgetting what was undone must be one step, for all methods under the same lock",
    )  # fmt: skip


class Twin:
    """A step that is equal to its twins, and not the same."""

    def __eq__(self, other):
        return isinstance(other, Twin)

    def __repr__(self):
        return f"twin {id(self) % 1000}"

    __hash__ = object.__hash__


@pytest.mark.task(4)
def test_an_equal_step_in_between_is_another_one(race):
    def scenario():
        history, first, second = History(), Twin(), Twin()
        history.record(first)

        def change():
            undone = history.undo(NOTHING)
            history.record(second)
            return undone

        here, there = race.run(lambda: history.undo(NOTHING), change)
        left = [history.undo(NOTHING), history.undo(NOTHING)]
        kinds = {id(first): "the first", id(second): "the second", id(NOTHING): "nothing"}
        found = [kinds[id(step)] for step in (here, there, *left)]
        assert found in (
            ["the first", "nothing", "the second", "nothing"],
            ["nothing", "the first", "the second", "nothing"],
            ["the second", "the first", "nothing", "nothing"],
        ), (
            "one of two equal steps was recorded; one thread undid, another one undid and recorded the second; they "
            f"got {found[0]} and {found[1]}, and then undone were {found[2]} and {found[3]}: that it is equal to what "
            "was there before does not mean that nothing has happened; compare with `is`, or hold a lock"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
@pytest.mark.parametrize(
    ("before", "call", "looks", "schedules"),
    [
        (["record a"], "undo", "undo, then redo", 42),
        (["record a", "undo"], "redo", "redo, then undo", 8),
        (["record a", "undo"], "record b", "redo, then undo", 6),
        (["record a"], "undo", "undo_all, then redo", 16),
    ],
    ids=["undone", "redone", "recorded", "all undone"],
)
@seen_and_gone
def test_who_looks_twice_sees_it_on_one_pile(race, before, call, looks, schedules):
    together(
        race, before, [call, looks],
        "who looks whether a pile is empty before it takes the lock sees a step on neither pile; ask under the lock",
        schedules=schedules,
    )  # fmt: skip


@pytest.mark.task(4)
@seen_and_gone
def test_three_at_once(race):
    together(
        race, ["record a", "record b", "undo"], ["undo", "redo", "record c"],
        "each call must happen at one moment, under a lock that all methods share",
        schedules=6,
    )  # fmt: skip


@pytest.mark.task(5)
@pytest.mark.means(
    DeadlockFound="undo_all holds the lock and calls what wants it: let an owner in again, or call what expects it held"
)
def test_everything_is_undone(race):
    calls = ["record a", "record b", "undo_all", "undo_all", "redo", "redo", "redo"]
    in_turn(race, calls, "the latest comes first, and everything can be done again")


@pytest.mark.task(5)
def test_what_lies_about_is_a_step():
    undone = []
    for step in LYING_ABOUT:
        history = History()
        history.record(step)
        undone += history.undo_all()
    lost = left_out(undone)
    assert lost is None, (
        f"{lost} was recorded alone, and undo_all did not give it back: it was taken for the end; anybody can have it, "
        "so take an object for the mark that nobody else has, and know it by `is`"
    )


@pytest.mark.task(5)
def test_everything_is_undone_whatever_it_is(race):
    def scenario():
        history, steps = History(), ["a", None, 0, EqualToAll(), Touchy(), "b"]
        for step in steps:
            history.record(step)
        found = history.undo_all()
        assert same(found, steps[::-1]), (
            f"{steps} were recorded, undo_all returned {found}: it goes on until nothing is left, whatever a step is "
            "or says that it is equal to"
        )
        left = history.undo(NOTHING)
        assert left is NOTHING, f"undo_all came back, and {left!r} was left"

    race.explore(scenario, schedules=2)


@pytest.mark.task(5)
def test_the_list_is_the_callers(race):
    def scenario():
        history = History()
        history.record("a")
        history.record("b")
        history.undo_all().clear()
        found = [history.redo(NOTHING), history.redo(NOTHING)]
        assert found == ["a", "b"], (
            f"a and b were undone by undo_all, the caller emptied the list, and redo gave {found}: return a list of "
            "its own"
        )
        history.undo_all()
        assert history.undo_all() == [], "nothing was left, and undo_all returned something"

    race.explore(scenario, schedules=2)


@pytest.mark.task(5)
@pytest.mark.means(RecursionError=f"{MANY} steps are no reason to call so deep: use a loop")
def test_many_steps():
    history = History()
    for step in range(MANY):
        history.record(step)
    found = history.undo_all()
    assert found == [*reversed(range(MANY))], f"{MANY} steps were recorded, undo_all returned {len(found)}"
    again = [history.redo() for _ in range(MANY)]
    assert again == [*range(MANY)], f"{MANY} steps were undone, and redo gave them in another order, or not all"


@pytest.mark.task(5)
@pytest.mark.parametrize("call", ["record c", "undo_all", "undo", "redo"])
def test_everything_is_undone_at_one_moment(race, call):
    together(
        race, ["record a", "record b"], ["undo_all", call],
        "undo_all must happen at one moment; nobody may come in between its steps",
        schedules=14 if call == "record c" else 6,
    )  # fmt: skip


@pytest.mark.task(5)
@seen_and_gone
def test_everything_and_two_others_at_once(race):
    together(
        race, ["record a", "record b", "undo"], ["undo_all", "redo", "record c"],
        "undo_all must happen at one moment, under the lock that redo and record take",
        schedules=5,
    )  # fmt: skip

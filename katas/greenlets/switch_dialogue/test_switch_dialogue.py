"""The puppet player: the tests. The parts are functions that note where they are."""

import threading

import greenlet
import pytest
from switch_dialogue import Gone, converse

MANY = 50  # so often nobody speaks to the box


class Fall(Exception):
    """What a puppet raises."""


class Hollow(Fall):
    """An error that is false."""

    def __bool__(self):
        return False


class Odd:
    """Is equal to everything."""

    def __eq__(self, other):
        return True

    def __repr__(self):
        return "something odd"


class Stage:
    """Notes who speaks, in which greenlet, and who still hangs."""

    def __init__(self):
        self.log, self.places = [], []

    def part(self, name, *lines, returns=None, raises=None):
        """Return a part that says these lines, and notes what it hears and how it ends."""

        def play(heard, say):
            self.places.append((greenlet.getcurrent(), threading.get_ident()))
            self.log.append(f"{name} hears {heard!r}")
            try:
                for line in lines:
                    self.log.append(f"{name} hears {self.deep(say, line)!r}")
                if raises is not None:
                    raise raises
                return returns
            except BaseException as error:
                self.log.append(f"{name}: {type(error).__name__}")
                raise
            finally:
                self.log.append(f"{name} ends")

        return play

    def deep(self, say, line, depth=5):
        return self.deep(say, line, depth - 1) if depth else say(line)

    def check(self):
        hangs = [place for place, _ in self.places if not place.dead]
        assert not hangs, (
            f"converse is over, and {len(hangs)} of {len(self.places)} still hang on their nails: {self.log}"
        )


def tried(*arguments):
    """Return what converse returns or raises."""
    try:
        return converse(*arguments)
    except NotImplementedError:
        raise
    except (Exception, KeyboardInterrupt, SystemExit, GeneratorExit) as error:
        return error


@pytest.mark.task(1)
def test_four_lines():
    stage = Stage()
    found = tried(stage.part("Red", "why the ears?", "why the teeth?"), stage.part("Wolf", "to hear", "to eat"), "go!")
    right = [(1, "why the ears?"), (2, "to hear"), (1, "why the teeth?"), (2, "to eat")]
    assert found == right, f"four lines were said in turn, and converse gave {found!r} instead of {right}"
    heard = [entry for entry in stage.log if "hears" in entry]
    right = [
        "Red hears 'go!'",
        "Wolf hears 'why the ears?'",
        "Red hears 'to hear'",
        "Wolf hears 'why the teeth?'",
        "Red hears 'to eat'",
    ]
    assert heard == right, f"four lines, and this was heard: {heard}, instead of {right}"
    stage.check()


@pytest.mark.task(1)
def test_each_in_a_greenlet_of_its_own():
    stage, here = Stage(), greenlet.getcurrent()
    tried(stage.part("one", 1), stage.part("two", 2), 0)
    assert len(stage.places) == 2, f"two parts should be played, {len(stage.places)} were: {stage.log}"
    (one, thread), (two, other) = stage.places
    assert thread == other == threading.get_ident(), "the parts are played in another thread: greenlets need none"
    assert len({one, two, here}) == 3, "each part should have a greenlet of its own, and not that of the caller"


@pytest.mark.task(1)
def test_any_object_is_a_line():
    stage = Stage()
    lines = [None, 0, "", (), [1], (1, 2), {"a": 1}, Fall("said, not raised"), Gone, StopIteration, Odd()]
    lines += [Gone("said"), greenlet.GreenletExit("said")]
    found = tried(stage.part("one", *lines), stage.part("two", *lines), None)
    right = [(number, line) for line in lines for number in (1, 2)]
    assert found == right, f"any object is a line; converse gave {found!r} instead of {right}"
    heard = [entry for entry in stage.log if entry.startswith("one hears")]
    right = [f"one hears {line!r}" for line in [None, *lines]]
    assert heard == right, f"what was said should come out as it is: {heard} instead of {right}"
    stage.check()


@pytest.mark.task(1)
def test_thousands_of_lines():
    stage = Stage()
    found = tried(stage.part("one", *range(3000)), stage.part("two", *range(3000)), 0)
    right = [(number, line) for line in range(3000) for number in (1, 2)]
    assert found == right, f"6000 lines were said in turn, and converse gave {found!r:.99}"
    stage.check()


@pytest.mark.task(1)
def test_the_same_part_twice():
    stage = Stage()
    part = stage.part("echo", "a", "b")
    for _ in range(2):
        found = tried(part, part, "x")
        assert found == [(1, "a"), (2, "a"), (1, "b"), (2, "b")], f"one function in both parts: {found!r}"
    stage.check()


@pytest.mark.task(2)
@pytest.mark.parametrize("returns", [None, "a last word"])
@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 0), (0, 3), (1, 1), (3, 1), (2, 2), (1, 3), (3, 2)])
def test_both_come_to_an_end(first, second, returns):
    stage = Stage()
    one = stage.part("one", *range(first), returns=returns)
    two = stage.part("two", *range(second), returns=returns)
    found = tried(one, two, "go!")
    turns = [(number, line) for line in range(4) for number in (1, 2)]
    right = turns[: min(2 * first, 2 * second + 1)]
    assert found == right, f"one has {first} lines, two has {second}: converse gave {found!r} instead of {right}"
    stage.check()
    parts = ["one", "two"] if first else ["one"]
    for name in parts:
        assert f"{name} ends" in stage.log, f"{name} never came to the end of his part: {stage.log}"
    assert first or not any(entry.startswith("two") for entry in stage.log), (
        "the first one says nothing, two was called"
    )
    gone = [entry for entry in stage.log if "Gone" in entry]
    left = ["one: Gone"] if first > second else ["two: Gone"] if first and second >= first else []
    assert gone == left, f"one has {first} lines, two has {second}: {gone} instead of {left}; the other one is told"


@pytest.mark.task(2)
@pytest.mark.parametrize("leaves", ["one", "two"])
def test_who_raises_gone_himself(leaves):
    stage = Stage()
    one = stage.part("one", "hello", raises=Gone() if leaves == "one" else None)
    two = stage.part("two", *["hello"] * (leaves == "one"), raises=Gone())
    found = tried(one, two, "go!")
    right = [(1, "hello"), (2, "hello")] if leaves == "one" else [(1, "hello")]
    assert found == right, f"{leaves} raises Gone himself, which is an end, and converse gave {found!r}"
    other = "two" if leaves == "one" else "one"
    assert f"{other}: Gone" in stage.log, f"{leaves} raises Gone himself, and {other} is not told: {stage.log}"
    stage.check()


@pytest.mark.task(2)
@pytest.mark.parametrize("talks", ["first", "second"])
def test_nobody_speaks_to_the_box(talks):
    told = []

    def goes(heard, say):
        say("hello") if talks == "second" else None

    def stays(heard, say):
        try:
            for number in range(MANY):
                say(number)
        except Gone:
            told.append("Gone")
        for _ in range(3):
            try:
                say("still here")
                told.append("an answer")
            except Gone:
                told.append("Gone")
        told.append("end")

    found = tried(*((stays, goes) if talks == "first" else (goes, stays)), "go!")
    right = [(1, 0)] if talks == "first" else [(1, "hello"), (2, 0)]
    assert told == ["Gone"] * 4 + ["end"], f"the other one has gone, and four times `say` gave {told}: Gone, each time"
    assert found == right, f"what is said to the box does not count: converse gave {found!r} instead of {right}"


@pytest.mark.task(2)
def test_a_conversation_in_a_conversation():
    stage, inner = Stage(), Stage()

    def hosts(heard, say):
        for number in range(2):
            found = tried(inner.part("a", number), inner.part("b", "yes"), "in")
            stage.log.append(found)
            say(found)

    found = tried(hosts, stage.part("two", "fine", "fine"), "out")
    small = [[(1, number), (2, "yes")] for number in range(2)]
    assert [entry for entry in stage.log if isinstance(entry, list)] == small, f"the inner ones gave {stage.log}"
    assert found == [(1, small[0]), (2, "fine"), (1, small[1]), (2, "fine")], f"the outer one gave {found!r}"
    stage.check()
    inner.check()


@pytest.mark.task(3)
@pytest.mark.parametrize("kind", [Fall, Hollow, KeyboardInterrupt, SystemExit, StopIteration, GeneratorExit])
@pytest.mark.parametrize("falls", ["at once", "the first one", "the second one", "the second one at once"])
def test_one_falls(falls, kind):
    stage, error = Stage(), kind("from the nail")
    one = stage.part("one", *("a" if falls == "the first one" else "" if falls == "at once" else "abc"), raises=error)
    two = stage.part(
        "two", *("" if falls == "the second one at once" else "x" if "second" in falls else "xyz"), raises=error
    )
    found = tried(one, two, "go!")
    assert found is error, f"{falls} raises {error!r}, and converse gave {found!r}"
    stage.check()
    other = {"the first one": "two"}.get(falls, "" if falls == "at once" else "one")
    right = [f"{other}: GreenletExit", f"{other} ends"] if other else []
    seen = [entry for entry in stage.log if entry in (f"{other}: GreenletExit", f"{other}: Gone", f"{other} ends")]
    assert seen == right, f"{falls} falls, and the other one came to {seen}: end him with GreenletExit"


@pytest.mark.task(3)
def test_who_is_ended_has_nobody_to_speak_to():
    told = []

    def stays(heard, say):
        try:
            say("hello")
        except greenlet.GreenletExit:
            for _ in range(2):
                try:
                    told.append(say("are you there?"))
                except Gone:
                    told.append("Gone")

    found = tried(stays, Stage().part("two", raises=Fall("oh")), "go!")
    assert isinstance(found, Fall), f"the second one raises Fall, and converse gave {found!r}"
    assert told == ["Gone", "Gone"], f"who is ended wants to say something twice: {told} instead of Gone, each time"


@pytest.mark.task(3)
@pytest.mark.parametrize("falls", [1, 2])
def test_who_falls_when_the_other_one_has_gone(falls):
    def late(heard, say):
        try:
            say("hello")
        except Gone:
            raise Fall("late") from None

    goes = Stage().part("goes", *([] if falls == 1 else ["hello"]))
    found = tried(*((late, goes) if falls == 1 else (goes, late)), "go!")
    assert isinstance(found, Fall), f"the other one has gone, who is left raises Fall, and converse gave {found!r}"

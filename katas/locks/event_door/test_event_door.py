"""The door that shuts by itself: the tests. Time is virtual, and the threads mix in many ways."""

import functools
import threading
import time

import pytest
from event_door import Door

GUARD = 29  # nobody may wait for so long
DAY = 86_400
BIT = 1 / 512  # just before, just after
ODD = 1 + BIT  # nobody who looks every now and then looks at this very moment
NO_ANSWER = "no answer"
RUSH = OSError("the rush")  # why steps fail in the tests
ABANDONED = (
    "somebody waits for ever here. Who comes with a card never waits: if the door shuts between the swipe and the "
    "doorway, he stands outside; swiping and being in the doorway must be one step"
)

LEFT_OVER = (
    "if it is only a thread of the door's own that still waits here: it would keep every program from ending; let it "
    "end when the door is shut, or make it a daemon"
)


class Stumbled(TimeoutError):
    """What step raises in the tests; it says nothing about anybody's patience."""


class Evacuated(BaseException):
    """What step raises as well."""


class Watch:
    """A door, and who goes through it, noted by single appends."""

    def __init__(self, stays_open=5):
        self.door = Door(stays_open)
        self.began = time.monotonic()
        self.entered = []  # (name, seconds)
        self.shut_at = []  # (name, when in the doorway)
        self.strangers = []
        self.answers = []  # (name, answer, seconds)

    def now(self):
        """Return the seconds since the beginning."""
        return time.monotonic() - self.began

    def until(self, when):
        """Let time pass."""
        time.sleep(when - self.now())

    def step(self, name, takes=0, fails=None):
        """Make a step for a visitor, who looks at the door when he enters the doorway and when he leaves it."""
        caller = threading.current_thread

        def step():
            self.entered.append((name, self.now()))
            if not self.door.is_open():
                self.shut_at.append((name, "entered"))
            time.sleep(takes)
            if not self.door.is_open():
                self.shut_at.append((name, "was still in it"))
            if caller() not in self.callers:
                self.strangers.append(name)
            if fails is not None:
                raise fails from RUSH
            return False  # which says nothing

        return step

    callers = ()

    def call(self, name, act):
        """Let a thread call something, and note the answer; a daemon, as it may wait for ever."""

        def run():
            try:
                found = act()
            except (Stumbled, Evacuated) as error:
                found = error
            self.answers.append((name, found, self.now()))

        thread = threading.Thread(target=run, name=name, daemon=True)
        self.callers = (*self.callers, thread)
        thread.start()
        return thread

    def ask(self, act, name="who asks"):
        """Call in another thread; return the answer and how long it took, (NO_ANSWER, …) if it waits for ever."""
        began, before = self.now(), len(self.answers)
        self.call(name, act).join(GUARD)
        mine = [answer for who, answer, _ in self.answers[before:] if who == name]
        return (mine[0], self.now() - began) if mine else (NO_ANSWER, GUARD)

    def enter(self, name, takes=0, patience=None, fails=None):
        """Let a visitor without a card come."""
        step = self.step(name, takes, fails)
        return self.call(name, lambda: self.door.enter(step) if patience is None else self.door.enter(step, patience))

    def enter_with_card(self, name, takes=0, fails=None):
        """Let a visitor with a card come."""
        step = self.step(name, takes, fails)
        return self.call(name, lambda: self.door.enter_with_card(step))

    def swipe(self):
        """Swipe; this takes no time."""
        began = self.now()
        self.door.swipe()
        assert self.now() == began, (
            f"swipe took {self.now() - began:g} s: the door shuts by itself, who swipes does not wait for it, nor for "
            "anybody who waits or is in the doorway"
        )

    def check(self, is_open, story):
        """The door is open now, or shut."""
        began = self.now()
        said = self.door.is_open()
        assert self.now() == began, (
            f"{story}; is_open was asked at {began:g} s, and took {self.now() - began:g} s: hold no lock while "
            "somebody waits or is in the doorway"
        )
        assert said is is_open, (
            f"{story}; at {began:g} s it has to be {'open' if is_open else 'shut'}, and is_open answered {said!r}"
        )

    def check_times(self, shuts, story):
        """The door shuts at this moment."""
        self.until(shuts - BIT)
        self.check(True, f"{story}, so that it shuts at {shuts:g} s and no sooner")
        self.until(shuts + BIT)
        self.check(False, f"{story}, so that it shuts at {shuts:g} s and no later")

    def check_doorway(self):
        """Nobody was in the doorway of a shut door."""
        assert not self.shut_at, (
            f"the door was shut when {self.shut_at[0][0]} {self.shut_at[0][1]}: open first, then call step; look "
            "whether it is open and be in the doorway in one step; and whoever shuts it looks in the same way "
            "whether somebody is there"
        )
        assert not self.strangers, f"step was called for {self.strangers[0]} in another thread than the visitor's own"

    def check_entered(self, wanted, story):
        """These have entered, at these times."""
        assert sorted(self.entered) == sorted(wanted), (
            f"{story}; who entered, and when, is {sorted(self.entered)} instead of {sorted(wanted)}"
        )
        self.check_doorway()

    def answer_of(self, name, story):
        """Return what a visitor got."""
        found = [answer for who, answer, _ in self.answers if who == name]
        assert found, f"{story}; and {name} has not come back for {GUARD} s"
        return found[0]


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound=LEFT_OVER)
@pytest.mark.parametrize("stays_open", [5, ODD, 0.25])
def test_it_opens_and_shuts_by_itself(race, stays_open):
    def scenario():
        watch = Watch(stays_open)
        watch.check(False, "the door is new")
        watch.until(1)
        watch.swipe()
        watch.check(True, "somebody swiped; set the time before you let it be seen that it is open")
        watch.check_times(1 + stays_open, f"it stays open for {stays_open:g} s, and one swiped at 1 s")
        watch.until(20)
        watch.check(False, "nobody has swiped for long")
        watch.swipe()
        watch.check(True, "it was open, has shut, and somebody swiped again")
        watch.check_times(20 + stays_open, f"it stays open for {stays_open:g} s, and one swiped again at 20 s")

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_the_last_swipe_counts(race):
    def scenario():
        watch = Watch(5)
        for when in (0, 1, 4):
            watch.until(when)
            watch.swipe()
        watch.check_times(9, "it stays open for 5 s, and somebody swiped at 0, 1 and 4 s: the last swipe counts")

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
def test_two_swipe_at_once(race):
    def scenario():
        watch = Watch(5)
        for name in ("ann", "bob"):
            watch.call(name, watch.door.swipe)
        time.sleep(0)
        watch.check_times(5, "it stays open for 5 s, and two swiped at 0 s")

    race.explore(scenario, schedules=4)


@pytest.mark.task(1)
def test_a_swipe_when_it_is_about_to_shut(race):
    def scenario():
        watch = Watch(5)
        watch.swipe()
        watch.until(5)
        watch.call("ann", watch.door.swipe)
        watch.until(5 + BIT)
        watch.check(
            True,
            "somebody swiped at 0 s, and again at 5 s, when it was about to shut: what belongs to opening changes in "
            "one step, before anybody can see it open, so that nobody shuts it because of the time before",
        )
        watch.check_times(
            10, "it stays open for 5 s, and somebody swiped at 0 s, and again at 5 s, when it was about to shut"
        )

    race.explore(scenario, schedules=15)


@pytest.mark.task(1)
def test_a_swipe_that_comes_late_shortens_nothing(race):
    def scenario():
        watch = Watch()
        watch.call("ann", watch.door.swipe)
        time.sleep(2)
        swiped = watch.now()
        watch.door.swipe()
        time.sleep(4)
        opened, looked = watch.door.is_open(), watch.now()
        assert opened or looked >= swiped + 5, (
            f"ann swipes, and bob at {swiped:g} s; the door stays open for 5 s, and it was shut at {looked:g} s: look "
            "at the clock when you have the lock, not before; what you read there while another swipe comes is old"
        )

    race.explore(scenario, schedules=36, clock="any", seconds=2)


@pytest.mark.task(1)
def test_it_is_not_shut_in_between(race):
    def scenario():
        watch = Watch(5)
        watch.swipe()
        watch.until(1)
        watch.call("ann", watch.door.swipe)
        for _ in range(2):
            watch.check(True, "it was open, and somebody swiped once more: it stays open meanwhile")

    race.explore(scenario, schedules=6)


@pytest.mark.task(1)
def test_each_door_by_itself(race):
    def scenario():
        watch, other = Watch(5), Watch(3)
        watch.swipe()
        other.check(False, "another door was opened; what belongs to one door is made in __init__")
        watch.until(1)
        other.swipe()
        other.check_times(
            4, "it stays open for 3 s, and one swiped at 1 s, and at another door, which stays open for 5 s, at 0 s"
        )
        watch.check_times(5, "it stays open for 5 s, and one swiped at 0 s, and at another door at 1 s")

    race.explore(scenario, schedules=4)


@pytest.mark.task(2)
def test_who_waits_enters_when_it_is_opened(race):
    def scenario():
        watch = Watch(5)
        for name in ("ann", "bob", "cid"):
            watch.enter(name)
        watch.until(ODD)
        watch.check_entered([], "nobody has swiped")
        watch.swipe()
        watch.until(GUARD)
        watch.check_entered(
            [("ann", ODD), ("bob", ODD), ("cid", ODD)],
            f"three wait, and the door is opened at {ODD:g} s, for all of them: wake all, and nobody looks every now "
            "and then",
        )
        for name in ("ann", "bob", "cid"):
            said = watch.answer_of(name, "the door was opened")
            assert said is True, f"{name} has entered, and enter answered {said!r} instead of True"

    race.explore(scenario, schedules=4)


@pytest.mark.task(2)
def test_who_has_no_patience_set_waits_for_days(race):
    def scenario():
        watch = Watch(5)
        watch.enter("ann")
        watch.until(DAY)
        watch.check_entered([], "nobody has swiped for a day")
        assert not watch.answers, f"nobody has swiped for a day, and ann was told {watch.answers[0][1]!r}: she waits on"
        watch.enter_with_card("bob", takes=DAY)
        watch.until(DAY + 1)
        watch.call("cid", watch.door.wait_shut)
        watch.until(2 * DAY + 1)
        watch.check_entered([("ann", DAY), ("bob", DAY)], "bob came after a day with a card, and ann had waited for it")
        found = [(said, when) for name, said, when in watch.answers if name == "cid"]
        assert found == [(True, 2 * DAY)], (
            f"bob was in the doorway for a day, cid waited until it was shut, and was told, when, {found} instead of "
            f"{[(True, 2 * DAY)]}: without a patience one waits as long as it takes"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
def test_it_does_not_matter_who_comes_first(race):
    def scenario():
        watch = Watch(5)
        watch.enter("ann")
        watch.call("porter", watch.door.swipe)
        watch.until(GUARD)
        watch.check_entered([("ann", 0)], "ann came at 0 s, just before or just after the door was opened for 5 s")

    race.explore(scenario, schedules=5)


@pytest.mark.task(2)
def test_who_comes_too_late_waits_again(race):
    def scenario():
        watch = Watch(2)
        watch.swipe()
        watch.until(1)
        watch.enter("ann")
        watch.until(3)
        watch.enter("bob")
        watch.until(9)
        watch.check_entered([("ann", 1)], "the door was open from 0 to 2 s, ann came at 1 s, and bob at 3 s, too late")
        watch.swipe()
        watch.until(20)
        watch.check_entered(
            [("ann", 1), ("bob", 9)], "ann came at 1 s, bob at 3 s; it was open from 0 to 2 s and from 9 s on"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
@pytest.mark.parametrize("patience", [5, 0, ODD])
def test_who_is_out_of_patience_goes_home(race, patience):
    def scenario():
        watch = Watch(3)
        watch.enter("ann", patience=patience)
        watch.until(GUARD)
        found = [(said, when) for name, said, when in watch.answers if name == "ann"]
        assert found, (
            f"nobody opens, and enter with a patience of {patience:g} s still waits {GUARD} s later: 0 is a patience, "
            "too"
        )
        assert found == [(False, patience)], (
            f"nobody opens, and enter with a patience of {patience:g} s answered {found[0][0]!r} after "
            f"{found[0][1]:g} s instead of False after {patience:g} s: look at what `wait` returns"
        )
        watch.check_entered([], "nobody has opened")
        watch.swipe()
        watch.check_times(GUARD + 3, f"ann had gone home, then, at {GUARD} s, somebody opened for 3 s")
        watch.check_entered([], "ann had gone home, and then somebody opened")

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
@pytest.mark.parametrize("patience", [None, 5])
def test_who_waits_does_not_ask_again_and_again(race, patience):
    def scenario():
        watch = Watch(3)
        watch.enter("ann", patience=patience)
        watch.until(ODD)
        watch.check_entered([], "nobody has opened")

    race.explore(scenario, schedules=3, busy_waiting="fail")


@pytest.mark.task(2)
def test_patience_does_not_slow_down(race):
    def scenario():
        watch = Watch(5)
        watch.enter("ann", patience=8)
        watch.until(ODD)
        watch.swipe()
        watch.enter("bob", patience=0)
        watch.until(20)
        watch.check_entered(
            [("ann", ODD), ("bob", ODD)], f"ann waits with patience; it opens at {ODD:g} s, and bob comes"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(3)
def test_it_does_not_shut_on_anybody(race):
    def scenario():
        watch = Watch(2)
        watch.swipe()
        watch.until(1)
        watch.enter("ann", takes=8)
        watch.until(5)
        watch.check(True, "it stays open for 2 s, and ann is in the doorway from 1 to 9 s")
        watch.enter("bob", takes=1)
        watch.check_times(9, "it stays open for 2 s, and ann is in the doorway from 1 to 9 s")
        watch.check_entered([("ann", 1), ("bob", 5)], "ann keeps it open from 1 to 9 s, bob comes at 5 s")

    race.explore(scenario, schedules=4)


@pytest.mark.task(3)
@pytest.mark.parametrize("takes", [0, 1])
def test_somebody_comes_when_it_is_about_to_shut(race, takes):
    def scenario():
        watch = Watch(2)
        watch.swipe()
        watch.until(2)
        watch.enter("ann", takes=takes, patience=0)
        watch.until(9)
        watch.check_doorway()
        said = watch.answer_of("ann", "ann came at the moment at which it shuts, with no patience")
        assert said is bool(watch.entered), f"ann entered at {watch.entered}, and enter answered {said!r}"
        watch.check(
            False, f"it was opened for 2 s at 0 s, ann was in the doorway until {2 + takes} s, or did not enter"
        )
        watch.swipe()
        watch.check_times(11, "it stays open for 2 s, and somebody swiped at 9 s, after others had gone through")

    race.explore(scenario, schedules=6)


@pytest.mark.task(3)
def test_one_comes_when_the_last_one_leaves(race):
    def scenario():
        watch = Watch(1)
        watch.swipe()
        watch.enter("ann", takes=2)
        watch.until(2)
        watch.enter("bob", takes=1, patience=0)
        watch.until(9)
        watch.check_doorway()
        watch.check(False, "ann kept it open beyond its time, and bob came when she left")

    race.explore(scenario, schedules=7)


@pytest.mark.task(3)
def test_time_may_be_over_at_any_moment(race):
    def scenario():
        watch = Watch(2)
        threads = [watch.enter("ann", takes=1, patience=50), watch.enter("bob", takes=1, patience=50)]
        watch.door.swipe()
        for thread in threads:
            thread.join()
        watch.check_doorway()

    race.explore(scenario, schedules=3, busy_waiting="fail", clock="any", seconds=2)


@pytest.mark.task(3)
def test_it_may_shut_again_before_he_is_in_the_doorway(race):
    def scenario():
        watch = Watch(1)
        thread = watch.enter("ann", patience=50)
        watch.door.swipe()
        thread.join()
        watch.check_doorway()
        early = [(name, when) for name, said, when in watch.answers if said is False and when < 50]
        assert not early, (
            f"with a patience of 50 s, {early[0][0]} gave up at {early[0][1]:g} s: the door had been opened, and had "
            "shut again before he was in the doorway; then he goes on waiting for the rest of his time"
        )

    race.explore(scenario, schedules=65, busy_waiting="fail", clock="any", seconds=2)


@pytest.mark.task(3)
def test_many_at_the_same_time(race):
    def scenario():
        watch = Watch(1)
        watch.swipe()
        for name, takes in (("ann", 3), ("bob", 3), ("cid", ODD)):
            watch.enter(name, takes=takes)
        watch.check_times(
            3, "it stays open for 1 s, and three came at 0 s and were in the doorway for 3, 3 and 1.002 s"
        )
        watch.check_entered(
            [("ann", 0), ("bob", 0), ("cid", 0)], "it was open, and three came at 0 s: nobody waits for another"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(3)
def test_the_last_one_shuts_it_behind_him(race):
    def scenario():
        watch = Watch(1)
        watch.swipe()
        for name in ("ann", "bob"):
            watch.enter(name, takes=1)
        watch.until(2)
        watch.check_doorway()
        watch.check(
            False,
            "it stays open for 1 s, two came at 0 s and left at 1 s: the last who leaves, or the time, shuts it; how "
            "many are in the doorway is read and changed under the lock",
        )
        watch.until(3)
        watch.swipe()
        watch.check_times(4, "it stays open for 1 s, two have gone through together, and then somebody swiped at 3 s")

    race.explore(scenario, schedules=16)


@pytest.mark.task(3)
def test_leaving_does_not_shut_it(race):
    def scenario():
        watch = Watch(5)
        watch.swipe()
        watch.enter("ann", takes=1)
        watch.check_times(5, "it stays open for 5 s, and ann was in the doorway from 0 to 1 s")

    race.explore(scenario, schedules=6)


@pytest.mark.task(3)
def test_a_swipe_while_somebody_is_in_the_doorway(race):
    def scenario():
        watch = Watch(2)
        watch.swipe()
        watch.enter("ann", takes=9)
        watch.until(8)
        watch.swipe()
        watch.check_times(10, "it stays open for 2 s, ann was in the doorway from 0 to 9 s, and somebody swiped at 8 s")

    race.explore(scenario, schedules=5)


def check_cause(said):
    """The error still says why."""
    assert said.__cause__ is RUSH, (
        f"step raised {said!r} from {RUSH!r}, and what the caller got has the cause {said.__cause__!r}: a bare raise "
        "leaves it as it is, raise … from None takes away why"
    )


@pytest.mark.task(3)
@pytest.mark.means(
    AttributeError="step has no __name__: whatever can be called will do, only call it",
    ValueError="step returned an exception, and it was raised: what step returns means nothing",
)
@pytest.mark.parametrize("answer", [ValueError("returned"), dict.fromkeys], ids=["an exception", "a function"])
def test_what_step_returns_says_nothing(race, answer):
    def scenario():
        door, called = Door(2), []
        step = functools.partial(lambda called: called.append("step") or answer, called)
        found = [door.enter_with_card(step), door.enter(step)]
        assert (found, called) == ([True, True], ["step"] * 2), (
            f"step returned {answer!r}, and enter_with_card at a shut door and then enter returned {found} instead of "
            f"[True, True], and called it {len(called)} times: what step returns means nothing"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
@pytest.mark.parametrize("error", [Stumbled("over the mat"), Evacuated("everybody out")], ids=["stumbles", "leaves"])
def test_an_error_leaves_the_doorway(race, error):
    def scenario():
        watch = Watch(2)
        watch.swipe()
        watch.enter("ann", takes=3, fails=error)
        watch.until(1)
        watch.enter("bob", fails=error)
        watch.check_times(
            3,
            "it stays open for 2 s, bob was in the doorway at 1 s, ann from 0 to 3 s, and then step raised "
            f"{error!r}: leave the doorway on every way out, use `finally`",
        )
        for name in ("ann", "bob"):
            said = watch.answer_of(name, f"step raised {error!r}")
            assert said is error, (
                f"step raised {error!r} for {name}, and enter answered {said!r}: the caller wants the error"
            )
            check_cause(said)

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
def test_an_error_leaves_the_doorway_with_a_card_too(race):
    def scenario():
        watch, error = Watch(2), Evacuated("everybody out")
        watch.enter_with_card("ann", takes=3, fails=error)
        watch.check_times(
            3,
            "it stays open for 2 s, ann, with a card, was in the doorway from 0 to 3 s, and then step raised "
            f"{error!r}: leave the doorway on every way out, use `finally`",
        )
        said = watch.answer_of("ann", f"step raised {error!r}")
        assert said is error, (
            f"step raised {error!r}, and enter_with_card answered {said!r}: the caller wants the error"
        )
        check_cause(said)

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
def test_step_may_use_the_door(race):
    def scenario():
        watch, noted = Watch(2), []
        door = watch.door
        watch.swipe()

        def step():
            noted.append(door.wait_shut(1))
            door.swipe()
            noted.append(door.enter(lambda: noted.append("inner"), 0))
            noted.append(door.is_open())

        said, took = watch.ask(lambda: door.enter(step))
        assert said != NO_ANSWER, (
            f"step called wait_shut(1), swipe, enter and is_open, and {GUARD} s later enter has not returned: hold no "
            "lock while somebody is in the doorway"
        )
        assert (said, noted) == (True, [False, "inner", True, True]), (
            f"step called wait_shut(1), swipe, enter and is_open, which answered {noted}, and enter answered {said!r}"
        )
        watch.check_times(took + 2, f"it stays open for 2 s, and step swiped at {took:g} s")

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
def test_who_has_been_in_the_doorway_twice_is_still_there(race):
    def scenario():
        watch, other, noted = Watch(2), Watch(9), []
        door = watch.door
        watch.swipe()
        other.swipe()

        def step():
            door.enter(lambda: other.door.enter(lambda: noted.append("inner")))
            time.sleep(5)
            noted.append(door.is_open())

        watch.call("ann", lambda: door.enter(step))
        watch.check_times(
            5, "it stays open for 2 s, ann was in the doorway from 0 to 5 s, and entered once more meanwhile"
        )
        assert noted == ["inner", True], (
            f"ann entered in the doorway once more, and noted {noted} instead of 'inner', True"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(2)
def test_who_goes_home_leaves_the_others_outside(race):
    def scenario():
        watch = Watch(2)
        for name, patience in (("ann", None), ("bob", 3), ("cid", 50)):
            watch.enter(name, patience=patience)
        watch.until(5)
        watch.swipe()
        watch.until(GUARD)
        watch.check_entered(
            [("ann", 5), ("cid", 5)], "three wait, bob goes home after 3 s, and the door is opened at 5 s"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
def test_a_card_opens(race):
    def scenario():
        watch = Watch(5)
        for when in (0, 20):
            watch.until(when)
            watch.enter_with_card("ann", takes=1)
            watch.until(when + BIT)
            watch.check_doorway()
            watch.check(True, f"ann came with her card at {when} s")
            watch.check_times(when + 5, f"it stays open for 5 s, and ann came with her card at {when} s")
        watch.check_entered([("ann", 0), ("ann", 20)], "ann came with her card at 0 and 20 s")
        said = [answer for name, answer, _ in watch.answers if name == "ann"]
        assert said == [True, True], f"ann needed her card twice, and enter_with_card answered {said}"

    race.explore(scenario, schedules=4)


@pytest.mark.task(4)
def test_an_open_door_needs_no_card(race):
    def scenario():
        watch = Watch(5)
        watch.swipe()
        watch.until(3)
        watch.enter_with_card("ann")
        watch.check_times(
            5, "it stays open for 5 s, somebody swiped at 0 s, and ann, who came at 3 s, did not need her card"
        )
        watch.check_entered([("ann", 3)], "it was open, and ann came with her card")
        said = watch.answer_of("ann", "it was open, and ann came with her card")
        assert said is False, (
            f"it was open, ann came with her card, and enter_with_card answered {said!r} instead of False"
        )
        watch.until(9)
        watch.enter_with_card("bob", takes=7)
        watch.until(15)
        watch.enter_with_card("cid")
        watch.until(15 + BIT)
        said = watch.answer_of("cid", "bob keeps it open beyond its time, and cid came with his card")
        assert said is False, (
            f"bob keeps it open beyond its time, cid came, and enter_with_card answered {said!r} instead of False"
        )
        watch.check_times(
            16, "it stays open for 5 s, bob opened it at 9 s and was in the doorway until 16 s; cid needed no card"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(4)
def test_who_found_it_open_has_not_needed_her_card(race):
    def scenario():
        watch = Watch(5)
        watch.swipe()
        watch.until(1)
        watch.enter_with_card("ann", takes=2)
        watch.until(2)
        watch.swipe()
        watch.until(4)
        said = watch.answer_of("ann", "it was open at 1 s, ann came with her card, and stayed until 3 s")
        assert said is False, (
            "it was open when ann came with her card at 1 s, somebody else swiped at 2 s while she was in the doorway, "
            f"and enter_with_card answered {said!r} instead of False: whether it was open is asked when she enters"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_two_cards_at_once(race):
    def scenario():
        watch = Watch(5)
        for name in ("ann", "bob"):
            watch.enter_with_card(name)
        watch.until(1)
        watch.check_entered([("ann", 0), ("bob", 0)], "ann and bob came with their cards at 0 s")
        said = sorted(answer for name, answer, _ in watch.answers if name in ("ann", "bob"))
        assert said == [False, True], (
            f"ann and bob came at the same time, with their cards, and enter_with_card answered {said}: one of them "
            "needs his card, and the other one finds it open; looking and swiping must be one step"
        )
        watch.check_times(5, "it stays open for 5 s, and two came with their cards at 0 s")

    race.explore(scenario, schedules=7)


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound=ABANDONED, NoProgressFound=ABANDONED)
def test_a_card_never_waits(race):
    def scenario():
        watch = Watch(BIT)
        threads = [watch.enter_with_card(name) for name in ("ann", "bob")]
        for thread in threads:
            thread.join()
        watch.check_doorway()
        assert len(watch.entered) == 2, f"ann and bob came with their cards, and those who entered are {watch.entered}"

    race.explore(scenario, schedules=12, clock="any", seconds=2)


@pytest.mark.task(4)
def test_a_card_when_it_is_about_to_shut(race):
    def scenario():
        watch = Watch(5)
        watch.swipe()
        watch.until(5)
        watch.enter_with_card("ann", takes=1)
        watch.until(5 + BIT)
        watch.check_entered([("ann", 5)], "it was about to shut at 5 s, and ann came with her card")
        watch.until(6 + BIT)
        needed = watch.answer_of("ann", "ann came with her card at 5 s and was in the doorway for 1 s")
        if needed:
            watch.check_times(10, "ann came with her card just after it had shut, at 5 s; it stays open for 5 s")
        watch.check(False, f"it was about to shut, ann came with her card, and enter_with_card answered {needed!r}")

    race.explore(scenario, schedules=20)


@pytest.mark.task(5)
def test_who_waits_until_it_is_shut(race):
    def scenario():
        watch = Watch(ODD)
        said, took = watch.ask(watch.door.wait_shut)
        assert (said, took) == (True, 0), (
            f"the door is new, and wait_shut answered {said!r} after {took:g} s instead of True at once: an event is "
            "waited for until it is *set*, so being shut needs an event of its own"
        )
        watch.until(1)
        watch.swipe()
        for name, patience in (("ann", None), ("bob", 8)):
            watch.call(name, lambda patience=patience: watch.door.wait_shut(patience))
        watch.until(2)
        watch.swipe()
        watch.until(GUARD)
        found = {name: (said, when) for name, said, when in watch.answers if name in ("ann", "bob")}
        assert len(found) == 2, (
            f"it was opened twice and has shut, and {GUARD} s later of ann and bob only {list(found)} has noticed"
        )
        assert found == dict.fromkeys(("ann", "bob"), (True, 2 + ODD)), (
            f"it stays open for {ODD:g} s, somebody swiped at 1 s and 2 s, and who waited until it was shut got, "
            f"(answer, seconds), {found} instead of {(True, 2 + ODD)}: let yourself be woken when it shuts, neither "
            "sleep nor ask"
        )
        said, took = watch.ask(watch.door.wait_shut)
        assert (said, took) == (True, 0), f"the door has shut, and wait_shut answered {said!r} after {took:g} s"

    race.explore(scenario, schedules=4)


@pytest.mark.task(5)
def test_it_is_not_open_and_shut(race):
    def scenario():
        watch, looks = Watch(5), []
        race.run(watch.door.swipe, lambda: looks.append((watch.door.is_open(), watch.door.wait_shut(0))))
        assert looks != [(True, True)], (
            "somebody swiped, somebody else looked at this moment, and is_open() answered True, and then wait_shut(0) "
            "True, too: what tells that it is shut has to be taken back before it can be seen open, or in the same step"
        )

    race.explore(scenario, schedules=12)


@pytest.mark.task(5)
def test_it_is_shut_behind_the_last(race):
    def scenario():
        watch = Watch(2)
        watch.enter_with_card("ann", takes=ODD + 3)
        watch.until(1)
        watch.enter("bob", takes=1)
        watch.call("cid", watch.door.wait_shut)
        said, took = watch.ask(watch.door.wait_shut)
        assert (said, took) == (True, ODD + 2), (
            f"it stays open for 2 s, ann is in the doorway from 0 to {ODD + 3:g} s, and wait_shut, called at 1 s, "
            f"answered {said!r} after {took:g} s instead of True after {ODD + 2:g} s; two wait for it, and whoever "
            "leaves last tells both"
        )
        watch.check(False, "wait_shut answered True, and nobody has come since")
        watch.until(GUARD)
        said = watch.answer_of("cid", "two waited until it was shut, and whoever leaves last tells both")
        assert said is True, f"the door has shut behind ann, and wait_shut answered {said!r}"

    race.explore(scenario, schedules=4)


@pytest.mark.task(5)
@pytest.mark.parametrize("patience", [3, 0, ODD])
def test_who_is_out_of_patience_leaves_it_open(race, patience):
    def scenario():
        watch = Watch(5)
        watch.swipe()
        said, took = watch.ask(lambda: watch.door.wait_shut(patience))
        assert said != NO_ANSWER, f"wait_shut({patience:g}) still waits {GUARD} s later"
        assert (said, took) == (False, patience), (
            f"it is open for 5 s, and wait_shut({patience:g}) answered {said!r} after {took:g} s instead of False "
            f"after {patience:g} s"
        )
        watch.check_times(5, "it stays open for 5 s, and somebody had no patience to wait until it shuts")

    race.explore(scenario, schedules=2)

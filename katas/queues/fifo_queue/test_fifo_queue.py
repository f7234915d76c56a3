"""The letter box: the tests. Time is virtual in them, and the threads mix in many ways."""

import queue
import time

import pytest
from fifo_queue import Mailbox
from lying_about import LYING_ABOUT, left_out

NOTHING = "nothing there"
ODD = 1 + 1 / 512  # nobody who looks every now and then looks at this very moment
MANY = 1_500  # letters
YEAR = 365 * 86_400  # seconds


class Touchy:
    """A letter that cannot be compared, and is neither true nor false."""

    def refuse(self, *others):
        raise TypeError(
            "a letter was compared, or asked whether it is true: hand it on, and compare with `is` if at all"
        )

    __eq__ = __ne__ = __lt__ = __bool__ = refuse
    __hash__ = object.__hash__

    def __repr__(self):
        return "a touchy letter"


def filled(*letters, size=0):
    """Make a box with letters in it."""
    box = Mailbox(size)
    for letter in letters:
        box.post(letter)
    return box


def later(seconds, act):
    """Make a function that acts after some time."""

    def wait_and_act():
        time.sleep(seconds)
        return act()

    return wait_and_act


def timed(act):
    """Make a function that returns what the act returned, and when it did."""

    def run():
        began = time.monotonic()
        found = act()
        return found, time.monotonic() - began

    return run


@pytest.mark.task(1)
def test_first_in_first_out(race):
    def scenario():
        box = filled("a", "b", "c")
        found = [box.take(), box.take(), box.take()]
        assert found == ["a", "b", "c"], f"posted a, b, c and took {found}: the oldest comes out first"

    race.explore(scenario, schedules=3)


@pytest.mark.task(1)
def test_any_object_is_a_letter(race):
    def scenario():
        letters = [None, "", queue.Empty(), KeyError("a letter"), 0, None]
        box = filled(*letters)
        found = [box.take_now(NOTHING), box.take_within(1, NOTHING)]
        found += [box.take_now(NOTHING), box.take_within(1, NOTHING), *box.take_all()]
        assert found == letters, (
            f"posted {letters}, took {found}: None, 0 and an empty string are letters too, and so is an exception, and "
            "each counts, also if it is the same object"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
def test_no_letter_is_compared(race):
    def scenario():
        letters = [Touchy() for _ in range(5)]
        box = Mailbox(5)
        said = [box.post_now(letters[0]), box.post_within(letters[1], 1)]
        for letter in letters[2:]:
            box.post(letter)
        found = [box.take(), box.take_now(NOTHING), box.take_within(1, NOTHING), *box.take_all()]
        assert said == [True, True], f"there was room, post_now and post_within said {said}"
        assert [*map(id, found)] == [*map(id, letters)], f"posted {letters}, took {found}: each letter comes out itself"

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
def test_each_box_holds_its_own(race):
    def scenario():
        one, two = filled("a", size=1), Mailbox(1)
        assert two.post_now("b") is True, "one box for one letter is full, and another box has no room: they share it"
        found = [one.take_all(), two.take_all()]
        assert found == [["a"], ["b"]], f"a was posted into one box, b into another; they held {found}"

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
def test_take_waits_for_a_letter(race):
    def scenario():
        box = Mailbox()
        (letter, took), _ = race.run(timed(box.take), later(ODD, lambda: box.post("late")))
        assert letter == "late", f"take returned {letter!r} from an empty box, it must wait for a letter"
        assert took == ODD, (
            f"the letter came after {ODD:g} s, take returned it after {took:g} s: wait "
            "for it, do not look again and again"
        )

    race.explore(scenario, schedules=40, busy_waiting="fail")


@pytest.mark.task(1)
def test_every_letter_goes_to_one_taker(race):
    def scenario():
        box = Mailbox()
        found = race.run(box.take, box.take, lambda: [box.post("a"), box.post("b")])[:2]
        assert sorted(found, key=str) == ["a", "b"], (
            f"posted a and b, two takers got {found}: each letter goes to one of them"
        )

    race.explore(scenario, schedules=11)


@pytest.mark.task(2)
def test_a_full_box_takes_nothing_more(race):
    def scenario():
        box = filled("a", "b", size=2)
        try:
            said = box.post_now("c")
        except queue.Full:
            raise AssertionError(
                "post_now raised queue.Full: that is what a full queue raises (not Empty); catch it and return False"
            ) from None
        there = box.take_all()
        assert not (said and "c" not in there), (
            f"post_now said {said} for the third letter in a box for two, but the box holds {there}: the letter is lost"
        )
        assert (said, there) == (False, ["a", "b"]), (
            f"post_now said {said} for the third letter in a box for two, which holds {there}: "
            "it should be False, and a, b"
        )
        assert box.post_now("d") is True, "post_now must return True when there is room"
        assert box.take_all() == ["d"], "post_now returned True, and the letter is not in the box"

    race.explore(scenario, schedules=5)


@pytest.mark.task(2)
def test_a_box_without_a_size_is_never_full(race):
    def scenario():
        box = Mailbox()
        said = [box.post_now(number) for number in range(50)]
        assert all(said), f"Mailbox() has no limit, but was full after {said.index(False)} letters"
        box.post("one more")
        assert len(box.take_all()) == 51, "a letter is lost"

    race.explore(scenario, schedules=4)


@pytest.mark.task(2)
def test_post_waits_for_room(race):
    def scenario():
        box = filled("a", size=1)
        (_, took), letter = race.run(timed(lambda: box.post("b")), later(ODD, box.take))
        assert letter == "a", f"the oldest letter is a, take returned {letter!r}"
        assert took != 0, "post put a second letter into a box for one, without waiting for room"
        assert took == ODD, (
            f"there was room after {ODD:g} s, post returned after {took:g} s: wait, do not look again and again"
        )
        assert box.take_all() == ["b"], "post returned, and the letter is not in the box"

    race.explore(scenario, schedules=40, busy_waiting="fail")


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound="two post where one has room: between asking for room and posting, the other one was quicker; make "
    "it one step"
)
def test_two_post_where_one_has_room(race):
    def scenario():
        box = Mailbox(1)
        said = race.run(lambda: box.post_now("a"), lambda: box.post_now("b"))
        there = box.take_all()
        assert sorted(said, key=str) == [False, True], (
            f"two post_now into a box for one said {said}: one has room, one has not"
        )
        wanted = ["a"] if said[0] else ["b"]
        assert there == wanted, f"post_now said {said} for a and b, and the box holds {there}"

    race.explore(scenario, schedules=50)


@pytest.mark.task(2)
def test_two_post_where_both_have_room(race):
    def scenario():
        box = Mailbox(2)
        said = race.run(lambda: box.post_now("a"), lambda: box.post_now("b"))
        assert said == [True, True], (
            f"two post_now into a box for two said {said}: False means that the box is full, not that somebody is at it"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="two letters were taken, so two who wait in post can go on: tell one for each letter")
def test_two_wait_for_room(race):
    def scenario():
        box = filled("a", "b", size=2)
        *two, _ = race.run(
            timed(lambda: box.post("c")), timed(lambda: box.post("d")), later(1, lambda: [box.take(), box.take()])
        )
        took = [each for _, each in two]
        assert took == [1, 1], f"two wait in post, two letters are taken at 1 s, and they came back after {took} s"

    race.explore(scenario, schedules=6)


@pytest.mark.task(3)
def test_nothing_there(race):
    def scenario():
        box = Mailbox()
        found, took = timed(lambda: box.take_now(NOTHING))()
        assert found == NOTHING, f"take_now({NOTHING!r}) returned {found!r} from an empty box"
        assert took == 0, f"take_now took {took:g} s, it must not wait"
        assert box.take_now() is None, "without a default, take_now returns None from an empty box"
        found = [box.take_now(0), box.take_now(""), box.take_within(0, 0)]
        assert found == [0, "", 0], (
            f"the defaults were 0, '' and 0, the box was empty, and returned were {found}: a default that counts as "
            "false is the default all the same"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
@pytest.mark.means(
    DeadlockFound="two take the only letter: between asking whether one is there and taking it, the other one was "
    "quicker; make it one step"
)
def test_two_take_where_one_is_there(race):
    def scenario():
        box = filled("a")
        found = race.run(lambda: box.take_now(NOTHING), lambda: box.take_now(NOTHING))
        assert sorted(found, key=str) == ["a", NOTHING], f"one letter, two takers: they got {found}"

    race.explore(scenario, schedules=50)


@pytest.mark.task(3)
def test_two_take_where_two_are_there(race):
    def scenario():
        box = filled("a", "b")
        found = race.run(lambda: box.take_now(NOTHING), lambda: box.take_now(NOTHING))
        assert sorted(found, key=str) == ["a", "b"], (
            f"two letters, two takers: take_now gave {found}; the default means that the box is empty, not that "
            "somebody is at it"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
@pytest.mark.parametrize("seconds", [5, 0, ODD])
@pytest.mark.means(
    DeadlockFound="nobody posts or takes, and the time is over, but the wait is not: get(seconds) takes the seconds "
    "for `block`, say timeout=seconds"
)
def test_give_up_in_time(race, seconds):
    def scenario():
        box = Mailbox(1)
        found, took = timed(lambda: box.take_within(seconds, NOTHING))()
        assert (found, took) == (NOTHING, seconds), (
            f"take_within({seconds:g}) gave {found!r} after {took:g} s; nobody posts, "
            f"so it gives up after {seconds:g} s"
        )
        box.post("a")
        assert box.post_now("b") is False, (
            f"take_within({seconds:g}) gave up, then a was posted into a box for one, and there is still room: whoever "
            "gave up gets no letter"
        )
        said, took = timed(lambda: box.post_within("b", seconds))()
        assert (said, took) == (False, seconds), (
            f"post_within(letter, {seconds:g}) said {said} after {took:g} s; nobody takes, "
            f"so it gives up after {seconds:g} s"
        )
        assert box.take_all() == ["a"], "the letter for which post_within said False is in the box"

    race.explore(scenario, schedules=10)


@pytest.mark.task(4)
def test_who_gave_up_is_gone(race):
    def scenario():
        box = Mailbox(1)
        box.take_within(1)
        box.post("a")
        there = box.take_all()
        assert there == ["a"], (
            f"take_within gave up, then a was posted, and the box holds {there}: a is nobody's but the box's"
        )
        box.post("b")
        box.post_within("c", 1)
        there = [[*box.take_all()], [*box.take_all()]]
        assert there == [["b"], []], (
            f"b was there, post_within(c) gave up, and take_all gave {there[0]} and then {there[1]}: a letter for "
            "which False was returned never comes"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize("seconds", [0, 5])
def test_what_is_there_is_taken_without_waiting(race, seconds):
    def scenario():
        box = filled(None, "b", size=3)
        said, took = timed(lambda: box.post_within("c", seconds))()
        assert (said, took) == (True, 0), (
            f"there is room for a third letter, post_within(letter, {seconds}) said {said} after {took:g} s instead of "
            "True at once: look before you give up, however little time there is"
        )
        found = [timed(lambda: box.take_within(seconds, default))() for default in (None, "b", NOTHING)]
        assert found == [(None, 0), ("b", 0), ("c", 0)], (
            f"None, b and c were there, take_within({seconds}) with the defaults None, b, {NOTHING!r} gave (letter, s) "
            f"{found}: look before you give up, and take no letter for the default, even if it is the same object"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(4)
def test_take_what_comes_in_time(race):
    def scenario():
        box = Mailbox()
        (found, took), _ = race.run(timed(lambda: box.take_within(60, NOTHING)), later(ODD, lambda: box.post("a")))
        assert (found, took) == ("a", ODD), (
            f"the letter came after {ODD:g} s, take_within(60) gave {found!r} after {took:g} s: "
            "wait for it, do not sleep"
        )

    race.explore(scenario, schedules=6, busy_waiting="fail")


@pytest.mark.task(4)
def test_whoever_has_patience_for_a_year(race):
    def scenario():
        box = filled("a", size=1)
        (said, took), _ = race.run(timed(lambda: box.post_within("b", YEAR)), later(YEAR - 1, box.take))
        assert (said, took) == (True, YEAR - 1), (
            f"there was room a second before the year was over, and post_within(letter, a year) said {said} after "
            f"{took:g} s: wait as long as was said"
        )
        box.take()
        (found, took), _ = race.run(
            timed(lambda: box.take_within(YEAR, NOTHING)), later(YEAR - 1, lambda: box.post("c"))
        )
        assert (found, took) == ("c", YEAR - 1), (
            f"a letter came a second before the year was over, and take_within(a year) gave {found!r} after {took:g} s:"
            " wait as long as was said"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(4)
def test_who_names_no_time_waits_as_long_as_it_takes(race):
    def scenario():
        box = filled("a", size=1)
        (_, took), _ = race.run(timed(lambda: box.post("b")), later(2 * YEAR, box.take))
        there = box.take_now(NOTHING)
        assert (took, there) == (2 * YEAR, "b"), (
            f"post(b) waits for room, which comes after two years: it returned after {took / YEAR:g} years, and then "
            f"there was {there!r}: it has no time after which it gives up"
        )
        (found, took), _ = race.run(timed(box.take), later(2 * YEAR, lambda: box.post("c")))
        assert (found, took) == ("c", 2 * YEAR), (
            f"take waits for a letter, which comes after two years: it gave {found!r} after {took / YEAR:g} years; it "
            "has no time after which it gives up"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(4)
def test_who_waits_at_another_box_is_not_called(race):
    def scenario():
        one, two = Mailbox(1), Mailbox(1)

        def post():
            time.sleep(2)
            two.post("b")
            time.sleep(1)
            one.post("a")

        found = race.run(timed(lambda: one.take_within(9)), later(1, timed(lambda: two.take_within(8))), post)[:2]
        assert found == [("a", 3), ("b", 1)], (
            "somebody waits at one box, somebody a second later at another one; b comes into the second box at 2 s, a "
            f"into the first at 3 s; the two got (letter, after s) {found}: call who waits at this very box"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_two_give_up_in_time(race):
    def scenario():
        box = Mailbox(1)
        found = race.run(timed(lambda: box.take_within(3, NOTHING)), timed(lambda: box.take_within(5, NOTHING)))
        assert found == [(NOTHING, 3), (NOTHING, 5)], (
            f"one waits for a letter for 3 s, another one for 5 s, nobody posts: they came back with (letter, after s) "
            f"{found}; each gives up when its own time is over, whoever else waits"
        )
        box.post("a")
        found = race.run(timed(lambda: box.post_within("b", 3)), timed(lambda: box.post_within("c", 5)))
        assert found == [(False, 3), (False, 5)], (
            f"one waits for room for 3 s, another one for 5 s, nobody takes: they came back with (said, after s) "
            f"{found}; each gives up when its own time is over, whoever else waits"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(4)
def test_who_gives_up_leaves_it_to_the_next(race):
    def scenario():
        box = Mailbox(1)
        first, (second, took), _ = race.run(
            lambda: box.take_within(1, NOTHING),
            timed(lambda: box.take_within(9, NOTHING)),
            later(1, lambda: box.post("a")),
        )
        assert (first, second, took) in (("a", NOTHING, 9), (NOTHING, "a", 1)), (
            f"one waited for a letter until 1 s, another one until 9 s, a came at 1 s: the first one got {first!r}, "
            f"the second one {second!r} at {took:g} s; who is called and out of time must look, take what is there, or "
            "call the next"
        )

    race.explore(scenario, schedules=7)


@pytest.mark.task(4)
def test_who_gives_up_leaves_the_room_to_the_next(race):
    def scenario():
        box = Mailbox(1)
        box.post("b")
        first, (second, took), _ = race.run(
            lambda: box.post_within("c", 1), timed(lambda: box.post_within("d", 9)), later(1, box.take)
        )
        assert (first, second, took) in ((True, False, 9), (False, True, 1)), (
            f"one waited for room until 1 s, another one until 9 s, there was some at 1 s: the first one was told "
            f"{first}, the second one {second} at {took:g} s; who is called and out of time must look, use the room, "
            "or call the next"
        )

    race.explore(scenario, schedules=7)


@pytest.mark.task(4)
def test_post_when_there_is_room_in_time(race):
    def scenario():
        box = filled("a", size=1)
        (said, took), _ = race.run(timed(lambda: box.post_within("b", 60)), later(ODD, box.take))
        assert (said, took) == (True, ODD), (
            f"there was room after {ODD:g} s, post_within(letter, 60) said {said} after {took:g} s: wait, do not sleep"
        )
        assert box.take_all() == ["b"], "post_within said True, and the letter is not in the box"

    race.explore(scenario, schedules=6)


@pytest.mark.task(4)
def test_the_time_does_not_begin_anew(race):
    def scenario():
        box = Mailbox()
        two = race.run(
            timed(lambda: box.take_within(5, NOTHING)),
            timed(lambda: box.take_within(5, NOTHING)),
            later(3, lambda: box.post("a")),
        )[:2]
        assert sorted(two, key=str) == [("a", 3), (NOTHING, 5)], (
            f"two wait for 5 s, one letter comes after 3 s: they got {two}; whoever is woken for nothing waits for the "
            "rest of its time, not for another 5 s"
        )

    race.explore(scenario, schedules=50)


@pytest.mark.task(4)
@pytest.mark.parametrize("way", ["post", "post_within"])
@pytest.mark.parametrize("again", [2, 9], ids=["room comes again", "no room comes again"])
def test_overtaken_by_another_post(race, way, again):
    def scenario():
        box = filled("a", size=1)
        limit = () if way == "post" else (5,)

        def act():
            time.sleep(1)
            taken = box.take()
            overtaken = box.post_now("c")
            time.sleep(again - 1)
            return overtaken, [taken, *box.take_all()]

        (said, took), (overtaken, found) = race.run(timed(lambda: getattr(box, way)("b", *limit)), act)
        found += box.take_all()
        gives_up = overtaken and way == "post_within" and again > 5
        assert took == (1 if not overtaken else 5 if gives_up else again), (
            f"b waits for room in {way}; at 1 s somebody takes a, and post_now(c) says {overtaken}; at {again} s the "
            f"box is emptied: {way} came back with {said} after {took:g} s; whoever was overtaken waits on, for the "
            "rest of the time"
        )
        assert found == ["a", *(["c"] if overtaken else []), *([] if gives_up else ["b"])], (
            f"a was there, post_now(c) said {overtaken}, {way}(b) said {said}, and {found} came out"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize("way", ["take", "take_within"])
@pytest.mark.parametrize("again", [2, 9], ids=["a letter comes again", "no letter comes again"])
def test_overtaken_by_another_take(race, way, again):
    def scenario():
        box = Mailbox()
        limit = () if way == "take" else (5, NOTHING)

        def act():
            time.sleep(1)
            box.post("a")
            overtaken = box.take_now(NOTHING) == "a"
            time.sleep(again - 1)
            box.post("b")
            return overtaken

        found, overtaken = race.run(timed(lambda: getattr(box, way)(*limit)), act)
        wanted = ("a", 1) if not overtaken else (NOTHING, 5) if limit and again > 5 else ("b", again)
        assert found == wanted, (
            f"somebody waits in {way}; at 1 s comes a, take_now {'gets it' if overtaken else 'gets nothing'}; at "
            f"{again} s comes b: {way} gave {found[0]!r} after {found[1]:g} s instead of {wanted[0]!r} after "
            f"{wanted[1]} s; "
            "whoever was overtaken waits on, for the rest of the time"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound="one waits in post at a full box, and post_now or post_within never comes back")
def test_who_posts_is_not_held_up_by_who_waits(race):
    def scenario():
        box = filled("a", size=1)

        def others():
            time.sleep(1)
            return [timed(lambda: box.post_now("c"))(), timed(lambda: box.post_within("d", 2))(), box.take_all()]

        _, (now, within, _) = race.run(lambda: box.post("b"), others)
        assert now == (False, 0), (
            f"while another waits in post at a full box, post_now said {now[0]} after {now[1]:g} s instead of False at "
            "once: it never waits, so hold nothing while you wait for room"
        )
        assert within == (False, 2), (
            f"while another waits in post at a full box, post_within(letter, 2) said {within[0]} after {within[1]:g} s "
            "instead of False after 2 s"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound="one waits in take at an empty box, and another call never comes back")
def test_who_takes_is_not_held_up_by_who_waits(race):
    def scenario():
        box = Mailbox(1)

        def others():
            time.sleep(1)
            found = [timed(lambda: box.take_now(NOTHING))(), timed(box.take_all)()]
            found.append(timed(lambda: box.take_within(2, NOTHING))())
            box.post("a")
            return found

        letter, found = race.run(box.take, others)
        assert found == [(NOTHING, 0), ([], 0), (NOTHING, 2)], (
            f"while another waits in take, take_now, take_all and take_within(2) gave (letter, s) {found} instead of "
            f"{[(NOTHING, 0), ([], 0), (NOTHING, 2)]}: hold nothing while you wait for a letter"
        )
        assert letter == "a", f"take waited for a letter, a came, and it returned {letter!r}"

    race.explore(scenario, schedules=5)


@pytest.mark.task(4)
@pytest.mark.means(
    DeadlockFound="three take, three letters are posted, so all can go on: was one told to go on who cannot?"
)
def test_both_sides_wait_at_one_box(race):
    def scenario():
        box = Mailbox(1)

        def post_two():
            time.sleep(1)
            box.post("a")
            box.post("b")

        found = race.run(box.take, box.take, box.take, post_two, later(1, lambda: box.post("c")))[:3]
        assert sorted(found, key=str) == ["a", "b", "c"], f"a, b, c were posted, three takers got {found}"

    race.explore(scenario, schedules=10)


@pytest.mark.task(5)
def test_what_lies_about_is_a_letter():
    one_by_one, at_once = filled(*LYING_ABOUT), filled(*LYING_ABOUT)
    taken = {"take_now": [one_by_one.take_now(NOTHING) for _ in LYING_ABOUT], "take_all": at_once.take_all()}
    for name, letters in taken.items():
        lost = left_out(letters)
        assert lost is None, (
            f"{lost} was posted as a letter, and {name} did not give it back: it was taken for the answer of an empty "
            "box; anybody can have it, so take an object for that which nobody else has, and know it by `is`"
        )


@pytest.mark.task(5)
def test_many_letters_are_taken_at_once():
    box = filled(*range(MANY))
    found = box.take_all()
    assert found == [*range(MANY)], f"{MANY} letters were there, take_all returned {len(found)}"


@pytest.mark.task(5)
def test_take_all_takes_what_is_there(race):
    def scenario():
        box = filled("a", "b", "c")
        found = box.take_all()
        assert found == ["a", "b", "c"], f"a, b, c were there, take_all returned {found}"
        assert box.take_all() == [], "an empty box gives an empty list"
        assert found == ["a", "b", "c"], (
            f"take_all returned a, b, c, was called again, and the list of before is {found}: make a new list each time"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
def test_there_is_room_beside_who_waits(race):
    def scenario():
        box = filled("a", "b", size=2)

        def take_two_and_post():
            return box.take(), box.take(), box.post_now("d")

        waited, (*_, said) = race.run(lambda: box.post_within("c", 9), later(1, take_two_and_post))
        found = sorted(box.take_all())
        assert (waited, said, found) == (True, True, ["c", "d"]), (
            "a box for two is full, one waits to post c, then both letters are taken, and post_now(d) comes: the first "
            f"was told {waited}, the second {said}, and then {found} lie in the box: there is room for "
            "both, whoever waits"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
def test_who_waits_for_a_letter_makes_no_room(race):
    def scenario():
        box = Mailbox(1)

        def post_two_and_empty():
            return box.post_now("a"), box.post_now("b"), box.take_all()

        taken, (*said, found) = race.run(lambda: box.take_within(9, NOTHING), later(1, post_two_and_empty))
        assert len(found) < 2, (
            f"one waits for a letter at a box for one, post_now(a) and post_now(b) said {said}, and take_all gave "
            f"{found}, the other one {taken!r}: who waits for a letter makes no room for it before he has taken it"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(5)
@pytest.mark.means(
    DeadlockFound="two empty the box: what one has counted, the other one has taken; take until nothing is left, "
    "without waiting"
)
def test_two_empty_it(race):
    def scenario():
        box = filled("a", "b")
        first, second = race.run(box.take_all, box.take_all)
        assert sorted(first + second, key=str) == ["a", "b"], (
            f"a and b were there, two take_all got {first} and {second}: each letter goes to one of them"
        )

    race.explore(scenario, schedules=13)


@pytest.mark.task(5)
def test_empty_it_while_others_post_and_take(race):
    def scenario():
        box = filled("a", size=3)
        found, _, taken = race.run(box.take_all, lambda: box.post("b"), lambda: box.take_now(NOTHING))
        everything = [*found, *box.take_all(), *([] if taken == NOTHING else [taken])]
        assert sorted(everything, key=str) == ["a", "b"], (
            f"a was there and b was posted: take_all returned {found}, take_now {taken!r}, at last {everything} "
            "came out: "
            "a letter is lost or doubled"
        )

    race.explore(scenario, schedules=11)


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound="take_all has made room, and who waits in post was not told")
def test_emptying_makes_room(race):
    def scenario():
        box = filled("a", "b", size=2)
        (_, took), found = race.run(timed(lambda: box.post("c")), later(ODD, box.take_all))
        assert took == ODD, f"take_all made room after {ODD:g} s, post returned after {took:g} s"
        everything = [*found, *box.take_all()]
        assert everything == ["a", "b", "c"], f"a, b were there, c was posted: {everything} came out"

    race.explore(scenario, schedules=40)


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound="take_all made room for two who wait in post: tell as many as there is room for")
def test_emptying_makes_room_for_all_who_wait(race):
    def scenario():
        box = filled("a", "b", size=2)
        *two, found = race.run(timed(lambda: box.post("c")), timed(lambda: box.post("d")), later(ODD, box.take_all))
        took = [each for _, each in two]
        assert took == [ODD, ODD], (
            f"two wait in post, take_all makes room for both after {ODD:g} s; they came back after {took} s: "
            "tell as many as there is room for"
        )
        everything = sorted([*found, *box.take_all()])
        assert everything == ["a", "b", "c", "d"], f"a, b were there, c, d were posted: {everything} came out"

    race.explore(scenario, schedules=6)

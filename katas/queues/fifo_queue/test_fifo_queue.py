"""The letter box: the tests. Time is virtual in them, and the threads mix in many ways."""

import queue
import time

import pytest
from fifo_queue import Mailbox

NOTHING = "nothing there"
ODD = 1 + 1 / 512  # nobody who looks every now and then looks at this very moment


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

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
def test_any_object_is_a_letter(race):
    def scenario():
        letters = [None, "", 0, None]
        box = filled(*letters)
        found = [box.take_now(NOTHING), box.take_within(1, NOTHING), *box.take_all()]
        assert found == letters, f"posted {letters}, took {found}: None, 0 and an empty string are letters too"

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
        assert sorted(found) == ["a", "b"], f"posted a and b, two takers got {found}: each letter goes to one of them"

    race.explore(scenario, schedules=80)


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

    race.explore(scenario, schedules=5)


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
def test_two_post_where_one_has_room(race):
    def scenario():
        box = Mailbox(1)
        said = race.run(lambda: box.post_now("a"), lambda: box.post_now("b"))
        there = box.take_all()
        assert sorted(said) == [False, True], f"two post_now into a box for one said {said}: one has room, one has not"
        wanted = ["a"] if said[0] else ["b"]
        assert there == wanted, f"post_now said {said} for a and b, and the box holds {there}"

    race.explore(scenario, schedules=80)


@pytest.mark.task(3)
def test_nothing_there(race):
    def scenario():
        box = Mailbox()
        found, took = timed(lambda: box.take_now(NOTHING))()
        assert found == NOTHING, f"take_now({NOTHING!r}) returned {found!r} from an empty box"
        assert took == 0, f"take_now took {took:g} s, it must not wait"
        assert box.take_now() is None, "without a default, take_now returns None from an empty box"

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
def test_two_take_where_one_is_there(race):
    def scenario():
        box = filled("a")
        found = race.run(lambda: box.take_now(NOTHING), lambda: box.take_now(NOTHING))
        assert sorted(found) == ["a", NOTHING], f"one letter, two takers: they got {found}"

    race.explore(scenario, schedules=80)


@pytest.mark.task(4)
@pytest.mark.parametrize("seconds", [5, 0, ODD])
def test_give_up_in_time(race, seconds):
    def scenario():
        box = Mailbox(1)
        found, took = timed(lambda: box.take_within(seconds, NOTHING))()
        assert (found, took) == (NOTHING, seconds), (
            f"take_within({seconds:g}) gave {found!r} after {took:g} s; nobody posts, "
            f"so it gives up after {seconds:g} s"
        )
        box.post("a")
        said, took = timed(lambda: box.post_within("b", seconds))()
        assert (said, took) == (False, seconds), (
            f"post_within(letter, {seconds:g}) said {said} after {took:g} s; nobody takes, "
            f"so it gives up after {seconds:g} s"
        )
        assert box.take_all() == ["a"], "the letter for which post_within said False is in the box"

    race.explore(scenario, schedules=10)


@pytest.mark.task(4)
def test_take_what_comes_in_time(race):
    def scenario():
        box = Mailbox()
        (found, took), _ = race.run(timed(lambda: box.take_within(60, NOTHING)), later(ODD, lambda: box.post("a")))
        assert (found, took) == ("a", ODD), (
            f"the letter came after {ODD:g} s, take_within(60) gave {found!r} after {took:g} s: "
            "wait for it, do not sleep"
        )

    race.explore(scenario, schedules=40, busy_waiting="fail")


@pytest.mark.task(4)
def test_post_when_there_is_room_in_time(race):
    def scenario():
        box = filled("a", size=1)
        (said, took), _ = race.run(timed(lambda: box.post_within("b", 60)), later(ODD, box.take))
        assert (said, took) == (True, ODD), (
            f"there was room after {ODD:g} s, post_within(letter, 60) said {said} after {took:g} s: wait, do not sleep"
        )
        assert box.take_all() == ["b"], "post_within said True, and the letter is not in the box"

    race.explore(scenario, schedules=40)


@pytest.mark.task(4)
def test_the_time_does_not_begin_anew(race):
    def scenario():
        box = Mailbox()
        two = race.run(
            timed(lambda: box.take_within(5, NOTHING)),
            timed(lambda: box.take_within(5, NOTHING)),
            later(3, lambda: box.post("a")),
        )[:2]
        assert sorted(two) == [("a", 3), (NOTHING, 5)], (
            f"two wait for 5 s, one letter comes after 3 s: they got {two}; whoever is woken for nothing waits for the "
            "rest of its time, not for another 5 s"
        )

    race.explore(scenario, schedules=80)


@pytest.mark.task(5)
def test_take_all_takes_what_is_there(race):
    def scenario():
        box = filled("a", "b", "c")
        found = box.take_all()
        assert found == ["a", "b", "c"], f"a, b, c were there, take_all returned {found}"
        assert box.take_all() == [], "an empty box gives an empty list"

    race.explore(scenario, schedules=5)


@pytest.mark.task(5)
def test_two_empty_it(race):
    def scenario():
        box = filled("a", "b")
        first, second = race.run(box.take_all, box.take_all)
        assert sorted(first + second) == ["a", "b"], (
            f"a and b were there, two take_all got {first} and {second}: each letter goes to one of them"
        )

    race.explore(scenario, schedules=80)


@pytest.mark.task(5)
def test_empty_it_while_others_post_and_take(race):
    def scenario():
        box = filled("a", size=3)
        found, _, taken = race.run(box.take_all, lambda: box.post("b"), lambda: box.take_now(NOTHING))
        everything = [*found, *box.take_all(), *([] if taken == NOTHING else [taken])]
        assert sorted(everything) == ["a", "b"], (
            f"a was there and b was posted: take_all returned {found}, take_now {taken!r}, at last {everything} "
            "came out: "
            "a letter is lost or doubled"
        )

    race.explore(scenario, schedules=120)


@pytest.mark.task(5)
def test_emptying_makes_room(race):
    def scenario():
        box = filled("a", "b", size=2)
        (_, took), found = race.run(timed(lambda: box.post("c")), later(ODD, box.take_all))
        assert took == ODD, f"take_all made room after {ODD:g} s, post returned after {took:g} s"
        everything = [*found, *box.take_all()]
        assert everything == ["a", "b", "c"], f"a, b were there, c was posted: {everything} came out"

    race.explore(scenario, schedules=40)

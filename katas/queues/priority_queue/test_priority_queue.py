"""The waiting room: the tests. Time is virtual in them, and the threads mix in many ways."""

import time

import pytest
from priority_queue import WaitingRoom

NOBODY = "nobody"
YEAR = 365 * 86_400  # seconds
ODD = 1 + 1 / 512  # nobody who looks every now and then looks at this very moment


class Person:
    """Somebody who cannot be compared with anybody."""

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return self.name

    def refuse(self, other):
        raise TypeError(f"the patients {self.name} and {other} were compared: keep them out of the comparison")

    __lt__ = __gt__ = __le__ = __ge__ = __eq__ = __ne__ = refuse

    def __bool__(self):
        raise TypeError(f"the patient {self.name} was asked whether he is true: look at nothing but the urgency")

    __hash__ = object.__hash__


def names(patients):
    """Name the patients."""
    return [str(patient) for patient in patients]


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
def test_the_most_urgent_is_first(race):
    def scenario():
        room = WaitingRoom()
        for urgency, patient in [(3, "cough"), (1, "leg"), (4, "rash"), (2, "burn")]:
            room.arrive(urgency, patient)
        found = [room.call() for _ in range(4)]
        assert found == ["leg", "burn", "cough", "rash"], (
            f"cough 3, leg 1, rash 4, burn 2 arrived, and were called as {found}: the lowest number is the most urgent"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(1)
def test_who_arrives_later_may_be_called_before(race):
    def scenario():
        room = WaitingRoom()
        room.arrive(2, "a")
        room.arrive(3, "b")
        found = [room.call()]
        room.arrive(1, "c")
        found += [room.call(), room.call()]
        assert found == ["a", "c", "b"], f"a 2, b 3, then a is called, then c 1 arrives: called as {found}, not a, c, b"

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
@pytest.mark.means(
    OverflowError="an urgency may be infinite, and a whole number may be beyond every float: make no other number of it"
)
def test_urgency_is_any_number(race):
    def scenario():
        room = WaitingRoom()
        order = [float("-inf"), -1, -0.5, 0, 1, 1 + 2**-40, 1.5, 10**17, 10**17 + 1, float("inf")]
        for number in (3, 8, 1, 5, 9, 0, 6, 2, 7, 4):
            room.arrive(order[number], number)
        found = [order[room.call()] for _ in order]
        assert found == order, (
            f"the urgencies were called as {found} instead of {order}: any number is an urgency, and two that are "
            "close are not the same; change none of them"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_each_room_has_its_own_patients(race):
    def scenario():
        one, two = WaitingRoom(), WaitingRoom()
        one.arrive(2, "a")
        two.arrive(1, "b")
        found = one.call()
        assert found == "a", f"a waits in one room, b in another; call in the first room gave {found!r}: they share it"

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
@pytest.mark.parametrize("urgency", [0.1, 10**9, 10.0**15, -(10**9)])
def test_ties_at_any_urgency(race, urgency):
    def scenario():
        room = WaitingRoom()
        for number in range(9):
            room.arrive(urgency, number)
        found = [room.call() for _ in range(9)]
        assert found == [*range(9)], (
            f"nine of urgency {urgency:g} were called as {found}: keep urgency and number apart, a sum of both has no "
            "room for the smaller one"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
def test_ties_of_numbers_that_look_different(race):
    def scenario():
        room = WaitingRoom()
        order = [1.0, 1, 1.0, 1]
        for urgency in order:
            room.arrive(urgency, repr(urgency))
        found = [room.call() for _ in order]
        assert found == [repr(each) for each in order], (
            f"the urgencies {order} are all equal, they were called as {found}: it is the order of arrival that decides"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
@pytest.mark.parametrize("count", [2, 5, 9])
def test_ties_in_the_order_of_arrival(race, count):
    def scenario():
        room = WaitingRoom()
        order = [f"{number}th" for number in range(count, 0, -1)]
        for name in order:
            room.arrive(5, name)
        found = [room.call() for _ in order]
        assert found == order, (
            f"all equally urgent, they arrived as {order} and were called as {found}: "
            "it is the order of arrival that decides"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(2)
@pytest.mark.parametrize("left", [0, 1, 2])
def test_ties_after_some_were_called(race, left):
    def scenario():
        room = WaitingRoom()
        for patient in "abcd":
            room.arrive(1, patient)
        found = [room.call() for _ in range(4 - left)]
        room.arrive(1, "e")
        room.arrive(1, "f")
        found += [room.call() for _ in range(left + 2)]
        assert found == [*"abcdef"], (
            f"a, b, c, d arrived, {4 - left} of them were called, then e and f arrived, all equally urgent; called as "
            f"{found}: whoever arrives later gets a higher number, however many are there"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
def test_ties_among_others(race):
    def scenario():
        room = WaitingRoom()
        for urgency, name in [(2, "z"), (1, "y"), (2, "x"), (1, "w"), (2, "v"), (1, "u")]:
            room.arrive(urgency, name)
        found = [room.call(), room.call()]
        room.arrive(1, "t")
        found += [room.call() for _ in range(5)]
        assert found == list("ywutzxv"), (
            f"of equal urgency, they were not called in the order of arrival: {''.join(found)} instead of ywutzxv"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
def test_patients_are_never_compared(race):
    def scenario():
        room = WaitingRoom()
        order = [Person("ann"), Person("bob"), Person("cleo"), Person("dora")]
        for patient in order:
            room.arrive(1, patient)
        found = names(room.call() for _ in order)
        assert found == names(order), f"they arrived as {names(order)} and were called as {found}"

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
def test_any_object_can_be_ill(race):
    def scenario():
        room = WaitingRoom()
        order = [{"name": "ann"}, {"name": "bob"}, None, "", 0, None]
        for patient in order:
            room.arrive(1, patient)
        found = [room.call_within(1, NOBODY) for _ in order]
        assert found == order, f"{order} arrived, and were called as {found}"

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
def test_the_same_patient_arrives_twice(race):
    def scenario():
        room, ann, bob = WaitingRoom(), {"name": "ann"}, {"name": "bob"}
        for urgency, patient in [(3, ann), (2, bob), (1, ann), (3, ann)]:
            room.arrive(urgency, patient)
        found = [room.call_within(1, NOBODY) for _ in range(5)]
        assert found == [ann, bob, ann, ann, NOBODY], (
            f"ann arrived with 3, bob with 2, ann again with 1 and with 3; called were {found}: each arrival is called "
            "once, with its own urgency"
        )
        assert found[0] is ann, "ann arrived, and another object that is equal to her was called: hand out no copies"

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_two_arrive_at_the_same_time(race):
    def scenario():
        room = WaitingRoom()
        race.run(lambda: room.arrive(1, Person("ann")), lambda: room.arrive(1, Person("bob")))
        room.arrive(1, Person("cleo"))
        found = names([room.call_within(0, NOBODY) for _ in range(3)])
        assert sorted(found, key=str) == ["ann", "bob", "cleo"], f"ann, bob and cleo arrived, called were {found}"
        assert found[2] == "cleo", f"cleo arrived after the others, and was called as {found}"

    race.explore(scenario, schedules=70)


@pytest.mark.task(4)
def test_each_thread_keeps_its_order(race):
    def scenario():
        room = WaitingRoom()
        race.run(
            lambda: [room.arrive(1, "a1"), room.arrive(1, "a2")],
            lambda: [room.arrive(1, "b1"), room.arrive(1, "b2")],
        )
        found = [room.call_within(0, NOBODY) for _ in range(4)]
        assert sorted(found, key=str) == ["a1", "a2", "b1", "b2"], f"a1, a2, b1, b2 arrived, called were {found}"
        for who in "ab":
            mine = [name for name in found if name[0] == who]
            assert mine == [f"{who}1", f"{who}2"], f"{who}1 arrived before {who}2, and they were called as {found}"

    race.explore(scenario, schedules=7)


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound="two doctors call and two patients arrive: each who arrives has to call a doctor in")
def test_two_doctors_call(race):
    def scenario():
        room = WaitingRoom()
        found = race.run(room.call, room.call, lambda: [room.arrive(2, "a"), room.arrive(1, "b")])[:2]
        assert sorted(found, key=str) == ["a", "b"], (
            f"a and b arrived, two doctors called {found}: each patient is called once"
        )

    race.explore(scenario, schedules=8)


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound="two doctors wait and two patients arrive: each who arrives has to call a doctor in")
def test_two_arrive_while_two_doctors_wait(race):
    def scenario():
        room = WaitingRoom()
        first, second, _ = race.run(
            timed(room.call), timed(room.call), later(ODD, lambda: [room.arrive(2, "a"), room.arrive(1, "b")])
        )
        assert sorted([first, second], key=str) == [("a", ODD), ("b", ODD)], (
            f"two doctors wait, two patients arrive after {ODD:g} s, one right after the other: the doctors got "
            f"(patient, s) {first} and {second}"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(4)
def test_the_doctor_waits_for_a_patient(race):
    def scenario():
        room = WaitingRoom()
        (found, took), _ = race.run(timed(room.call), later(ODD, lambda: room.arrive(1, "late")))
        assert (found, took) == ("late", ODD), (
            f"somebody arrived after {ODD:g} s, call returned {found!r} after {took:g} s: "
            "wait, do not look again and again"
        )

    race.explore(scenario, schedules=12, busy_waiting="fail")


@pytest.mark.task(5)
def test_two_call_where_two_are_there(race):
    def scenario():
        room = WaitingRoom()
        room.arrive(1, "one")
        room.arrive(2, "two")
        found = race.run(lambda: room.call_within(0, NOBODY), lambda: room.call_within(0, NOBODY))
        assert sorted(found, key=str) == ["one", "two"], (
            f"two patients are there, two doctors call at the same time, with 0 seconds: they got {found}; who is "
            "there is called also with 0, whoever else has the list in his hands"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(5)
@pytest.mark.parametrize("seconds", [5, ODD, 0])
@pytest.mark.means(
    DeadlockFound="nobody comes, and the time is over, but the wait is not: get(seconds) takes the seconds for "
    "`block`, say timeout=seconds"
)
def test_nobody_comes(race, seconds):
    def scenario():
        room = WaitingRoom()
        found, took = timed(lambda: room.call_within(seconds, NOBODY))()
        assert (found, took) == (NOBODY, seconds), (
            f"nobody comes, call_within({seconds:g}) returned {found!r} after {took:g} s, it should be its default "
            f"after {seconds:g} s"
        )
        assert room.call_within(0) is None, "without a default, call_within returns None"
        assert room.call_within(0, 0) == 0, "the default was 0, and call_within returned another one: 0 is one, too"

    race.explore(scenario, schedules=10)


@pytest.mark.task(5)
def test_both_ways_to_call_keep_the_order(race):
    def scenario():
        room, urgencies = WaitingRoom(), [1, 5, 2, 6, 7, 3, 4, 8]
        for urgency in urgencies:
            room.arrive(urgency, urgency)
        found = [call() for _ in range(4) for call in (room.call, lambda: room.call_within(0, NOBODY))]
        assert found == sorted(urgencies), (
            f"patients arrived with the urgencies {urgencies}, and were called by call and call_within in turn: "
            f"{found}; whichever way one is called, the most urgent is next"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(5)
def test_somebody_comes_in_time(race):
    def scenario():
        room = WaitingRoom()
        (found, took), _ = race.run(
            timed(lambda: room.call_within(60, NOBODY)), later(ODD, lambda: room.arrive(1, "late"))
        )
        assert (found, took) == ("late", ODD), (
            f"somebody arrived after {ODD:g} s, call_within(60) returned {found!r} after {took:g} s: wait, do not sleep"
        )

    race.explore(scenario, schedules=4, busy_waiting="fail")


@pytest.mark.task(5)
def test_whoever_has_patience_for_a_year(race):
    def scenario():
        room = WaitingRoom()
        (found, took), _ = race.run(
            timed(lambda: room.call_within(YEAR, NOBODY)), later(YEAR - 1, lambda: room.arrive(1, "late"))
        )
        assert (found, took) == ("late", YEAR - 1), (
            f"somebody arrived a second before the year was over, call_within(a year) returned {found!r} after "
            f"{took:g} s: wait as long as was said"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(5)
def test_who_names_no_time_waits_as_long_as_it_takes(race):
    def scenario():
        room = WaitingRoom()
        (found, took), _ = race.run(timed(room.call), later(2 * YEAR, lambda: room.arrive(1, "one")))
        assert (found, took) == ("one", 2 * YEAR), (
            f"a doctor waits in call, a patient comes after two years: it gave {found!r} after {took / YEAR:g} years; "
            "call has no time after which it gives up"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(5)
def test_who_waits_in_another_room_is_not_called(race):
    def scenario():
        one, two = WaitingRoom(), WaitingRoom()

        def arrive():
            time.sleep(2)
            two.arrive(1, "b")
            time.sleep(1)
            one.arrive(1, "a")

        found = race.run(timed(lambda: one.call_within(9)), later(1, timed(lambda: two.call_within(8))), arrive)[:2]
        assert found == [("a", 3), ("b", 1)], (
            "a doctor waits in one room, another one a second later in another room; b comes into the second room at "
            f"2 s, a into the first at 3 s; the doctors got (patient, after s) {found}: call who waits in this very "
            "room"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(5)
def test_who_gives_up_leaves_it_to_the_next(race):
    def scenario():
        room = WaitingRoom()
        first, (second, took), _ = race.run(
            lambda: room.call_within(1, NOBODY),
            timed(lambda: room.call_within(9, NOBODY)),
            later(1, lambda: room.arrive(1, "ann")),
        )
        assert (first, second, took) in (("ann", NOBODY, 9), (NOBODY, "ann", 1)), (
            f"one doctor waited until 1 s, another one until 9 s, ann arrived at 1 s: the first one called {first!r}, "
            f"the second one {second!r} at {took:g} s; who is woken and out of time must look, call who is there, or "
            "wake the next"
        )

    race.explore(scenario, schedules=30)


@pytest.mark.task(5)
@pytest.mark.means(
    DeadlockFound="two doctors call the only patient: between asking whether somebody is there and calling, the other "
    "one was quicker; make it one step"
)
def test_two_call_the_one_who_is_there(race):
    def scenario():
        room = WaitingRoom()
        room.arrive(1, "one")
        two = race.run(lambda: room.call_within(0, NOBODY), lambda: room.call_within(0, NOBODY))
        assert sorted(two, key=str) == [NOBODY, "one"], f"one patient is there, two doctors call: they got {two}"

    race.explore(scenario, schedules=15)


@pytest.mark.task(5)
def test_two_wait_for_one(race):
    def scenario():
        room = WaitingRoom()
        two = race.run(
            timed(lambda: room.call_within(5, NOBODY)),
            timed(lambda: room.call_within(5, NOBODY)),
            later(3, lambda: room.arrive(1, "one")),
        )[:2]
        assert sorted(two, key=str) == [(NOBODY, 5), ("one", 3)], (
            f"two doctors wait for 5 s, one patient comes after 3 s: they got {two}; who is woken "
            "for nobody waits for the rest of the time"
        )

    race.explore(scenario, schedules=15)


@pytest.mark.task(5)
@pytest.mark.parametrize("seconds", [0, 5])
def test_who_is_there_is_called_at_once(race, seconds):
    def scenario():
        room = WaitingRoom()
        room.arrive(1, None)
        room.arrive(2, "a")
        room.arrive(3, "b")
        found = [timed(lambda: room.call_within(seconds, default))() for default in (None, "a", NOBODY)]
        assert found == [(None, 0), ("a", 0), ("b", 0)], (
            f"None, a and b are there, call_within({seconds}) with the defaults None, a and {NOBODY!r} gave (patient, "
            f"s) {found}: look before you give up, and take no patient for the default"
        )
        left = room.call_within(0, NOBODY)
        assert left == NOBODY, f"None, a and b were called, and {left!r} is still there: each patient is called once"

    race.explore(scenario, schedules=4)


@pytest.mark.task(5)
@pytest.mark.means(
    DeadlockFound="one doctor waits in call, and another doctor, or who arrives, is held up: hold nothing"
)
def test_nobody_is_held_up_by_a_doctor_who_waits(race):
    def scenario():
        room = WaitingRoom()

        def others():
            time.sleep(1)
            return timed(lambda: room.call_within(2, NOBODY))(), timed(lambda: room.arrive(1, "late"))()

        found, (within, (_, took)) = race.run(room.call, others)
        assert within == (NOBODY, 2), (
            f"one doctor waits in call, another in call_within(2), nobody comes: it gave {within[0]!r} after "
            f"{within[1]:g} "
            "s instead of its default after 2 s; hold nothing while you wait"
        )
        assert (found, took) == ("late", 0), (
            f"one doctor waits in call, late arrives: arrive took {took:g} s, and call gave {found!r}"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(5)
@pytest.mark.parametrize("again", [2, 9], ids=["somebody comes again", "too late"])
def test_overtaken_by_another_doctor(race, again):
    def scenario():
        room = WaitingRoom()

        def act():
            time.sleep(1)
            room.arrive(1, "a")
            overtaken = room.call_within(0, NOBODY) == "a"
            time.sleep(again - 1)
            room.arrive(1, "b")
            return overtaken

        found, overtaken = race.run(timed(lambda: room.call_within(5, NOBODY)), act)
        wanted = ("a", 1) if not overtaken else ("b", 2) if again == 2 else (NOBODY, 5)
        assert found == wanted, (
            f"a doctor waits for 5 s, a arrives at 1 s, another doctor calls "
            f"{'a' if overtaken else 'nobody'}, b arrives at {again} s: the first got {found[0]!r} after {found[1]:g} "
            f"s instead of {wanted[0]!r} after {wanted[1]} s; whoever was overtaken waits for the rest of the time"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(5)
@pytest.mark.means(RecursionError="many patients are no reason to call so deep: use a loop")
def test_many_patients():
    room = WaitingRoom()
    for number in range(1_500):
        room.arrive(number % 2, number)
    found = [room.call_within(0, NOBODY) for _ in range(1_500)]
    assert found == [*range(0, 1_500, 2), *range(1, 1_500, 2)], (
        "750 patients of urgency 0 and 750 of urgency 1 arrived in turn, and were not called all of urgency 0 first, "
        "each in the order of arrival"
    )

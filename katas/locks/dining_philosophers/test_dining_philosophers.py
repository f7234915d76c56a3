"""Dining philosophers: the tests. Time is virtual, and the threads mix in many ways."""

import functools
import threading
import time

import pytest
from dining_philosophers import dine


class Evening:
    """What the philosophers do, noted by single appends.

    How long somebody thinks or eats is one number for all times, or a list: one for each time, the last for all others.
    """

    def __init__(self, seats, think=0, eat=1):
        self.seats = seats
        self.thinking = think if isinstance(think, dict) else dict.fromkeys(range(seats), think)
        self.eating = eat if isinstance(eat, dict) else dict.fromkeys(range(seats), eat)
        self.began = time.monotonic()
        self.events = []  # (what, seat, when)
        self.threads = []  # (seat, thread)

    def note(self, what, seat):
        """Write down one event."""
        self.events.append((what, seat, time.monotonic() - self.began))

    def think(self, seat):
        """Think, and be hungry."""
        self.threads.append((seat, threading.current_thread()))
        self.spend(self.thinking[seat], "hungry", seat)
        self.note("hungry", seat)

    def eat(self, seat):
        """Eat."""
        self.note("begins", seat)
        self.spend(self.eating[seat], "ends", seat)
        self.note("ends", seat)

    def spend(self, times, what, seat):
        """Let the time of one meal or one thought go by."""
        if isinstance(times, list):
            times = times[min(len(self.of(what, seat)), len(times) - 1)]
        time.sleep(times)

    def neighbours(self, seat):
        """Return who sits left and right."""
        return {(seat - 1) % self.seats, (seat + 1) % self.seats}

    def of(self, what, seat):
        """List when something happened to somebody."""
        return [when for found, who, when in self.events if (found, who) == (what, seat)]

    def check_meals(self, rounds):
        """Everybody had all meals, thinking before each."""
        for seat in range(self.seats):
            found = [what for what, who, _ in self.events if who == seat]
            meals = found.count("ends")
            assert meals == rounds, f"seat {seat} had {meals} meals instead of {rounds} when dine came back"
            assert found == ["hungry", "begins", "ends"] * rounds, (
                f"seat {seat} should think and eat in turn, and did {found}"
            )

    def check_forks(self):
        """No fork was in two hands."""
        at_table = []
        for what, seat, when in self.events:
            both = self.neighbours(seat) & set(at_table)
            assert what != "begins" or not both, (
                f"seats {seat} and {both} of {self.seats} ate at the same time, after {when:g} s, and "
                "share a fork: somebody has it who did not take it, or two took it at once"
            )
            if what == "begins":
                at_table.append(seat)
            elif what == "ends":
                at_table.remove(seat)

    def check_fairness(self):
        """Nobody was overtaken again and again."""
        overtaken = {}
        for what, seat, when in self.events:
            if what == "hungry":
                overtaken[seat] = (when, dict.fromkeys(self.neighbours(seat), 0))
            if what != "begins":
                continue
            overtaken.pop(seat, None)
            for other, (since, meals) in overtaken.items():
                if seat in meals:
                    meals[seat] += 1
                    assert meals[seat] <= self.seats, (
                        f"seat {other} was hungry since {since:g} s, and its neighbour, seat {seat}, "
                        f"began {meals[seat]} meals meanwhile, at a table of {self.seats}: whoever is "
                        "hungry first must come first"
                    )


@pytest.mark.task(1)
@pytest.mark.parametrize(("seats", "rounds"), [(2, 1), (3, 2), (5, 1)])
def test_everybody_thinks_and_eats(race, seats, rounds):
    def scenario():
        evening = Evening(seats, think=1, eat=1)
        dine(seats, rounds, evening.think, evening.eat)
        evening.check_meals(rounds)

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
@pytest.mark.means(AttributeError="think and eat have no __name__: whatever can be called will do, only call it")
@pytest.mark.parametrize("answer", [False, True, ValueError("returned")], ids=repr)
def test_what_think_and_eat_return_says_nothing(race, answer):
    def scenario():
        evening = Evening(2)
        think, eat = (
            functools.partial(lambda act, seat: act(seat) or answer, act) for act in (evening.think, evening.eat)
        )
        dine(2, 2, think, eat)
        meals = [len(evening.of("ends", seat)) for seat in range(2)]
        assert meals == [2, 2], (
            f"think and eat returned {answer!r}, and after two rounds the two had {meals} meals: what they return "
            "means nothing"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(1)
def test_each_is_a_thread_of_his_own(race):
    def scenario():
        evening = Evening(3, think=1, eat=1)
        dine(3, 2, evening.think, evening.eat)
        used = {thread for _, thread in evening.threads}
        assert len(used) == len(set(evening.threads)) == 3 and threading.current_thread() not in used, (
            "three philosophers were at the table, and (seat, thread) are "
            f"{sorted({(seat, thread.name) for seat, thread in evening.threads})}: each is one thread, and no other "
            "one's"
        )
        dine(3, 0, evening.think, evening.eat)
        assert len(evening.events) == 18, "in a dinner of 0 rounds somebody thought or ate"

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_two_tables_have_nothing_in_common(race):
    def scenario():
        evenings = [Evening(2, eat=5) for _ in range(2)]
        race.run(*(lambda evening=evening: dine(2, 1, evening.think, evening.eat) for evening in evenings))
        took = time.monotonic() - evenings[0].began
        assert took == 10, (
            f"two dinners of 10 s at two tables took {took:g} s instead of 10 s: who sits at one table waited for the "
            "other; "
            "forks and locks are made in dine"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_everybody_thinks_side_by_side(race):
    def scenario():
        evening = Evening(5, think=10, eat=0)
        dine(5, 2, evening.think, evening.eat)
        took = time.monotonic() - evening.began
        assert took == 20, (
            f"five who think twice for 10 s and eat in no time took {took:g} s instead of 20 s: start "
            "all before you join one, and hold no fork while you think"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
@pytest.mark.parametrize("seats", [2, 3, 4])
def test_neighbours_never_eat_at_the_same_time(race, seats):
    def scenario():
        evening = Evening(seats)
        dine(seats, 1, evening.think, evening.eat)
        evening.check_forks()

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
def test_a_fork_is_not_free_before_the_meal_is_over(race):
    def scenario():
        evening = Evening(3, eat={0: 60, 1: 1, 2: 1})
        dine(3, 1, evening.think, evening.eat)
        evening.check_forks()
        evening.check_meals(1)

    race.explore(scenario, schedules=4)


@pytest.mark.task(3)
@pytest.mark.parametrize(("seats", "rounds"), [(2, 2), (3, 1), (4, 1)])
@pytest.mark.means(
    DeadlockFound="all wait, and nobody eats: each has one fork and wants another (take forks in one order, or both "
    "at once), or those who could eat were not woken (wake all who wait)"
)
def test_they_do_not_starve_together(race, seats, rounds):
    def scenario():
        evening = Evening(seats)
        dine(seats, rounds, lambda seat: None, evening.eat)
        for seat in range(seats):
            assert len(evening.of("ends", seat)) == rounds, f"seat {seat} did not eat {rounds} times"

    race.explore(scenario, schedules=5)


@pytest.mark.task(4)
def test_opposite_seats_eat_at_the_same_time(race):
    def scenario():
        evening = Evening(4, think={0: 0, 1: 10, 2: 0, 3: 10}, eat=1)
        dine(4, 1, evening.think, evening.eat)
        took = time.monotonic() - evening.began
        assert took == 11, (
            f"seats 0 and 2 were hungry at 0 s, seats 1 and 3 at 10 s, a meal takes 1 s: dinner took {took:g} s "
            "instead of 11 s; who shares no fork need not wait for each other"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(4)
@pytest.mark.parametrize("hungry", [(0, 2), (1, 3)], ids=str)
def test_nobody_waits_for_who_thinks(race, hungry):
    def scenario():
        evening = Evening(4, think={seat: 1 if seat in hungry else 100 for seat in range(4)}, eat=1)
        dine(4, 3, evening.think, evening.eat)
        for seat in hungry:
            began = evening.of("begins", seat)
            assert began == [1, 3, 5], (
                f"both neighbours of seat {seat} think until 100 s, it is hungry at 1, 3 and 5 s, and ate at {began}: "
                "who "
                "has two free forks and no hungry neighbour does not wait until the others have had as many meals"
            )

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_who_waits_holds_up_nobody_far_away(race):
    def scenario():
        evening = Evening(5, think={0: 0, 1: 1, 2: 100, 3: 2, 4: 100}, eat={0: 10.5} | dict.fromkeys(range(1, 5), 1))
        dine(5, 1, evening.think, evening.eat)
        began = evening.of("begins", 3)[0]
        assert began == 2, (
            "seat 0 eats until 10.5 s, seat 1 waits for it; seat 3 is hungry at 2 s, has two free forks and no "
            f"hungry neighbour, and ate at {began:g} s: nobody may hold a lock for all while waiting for a fork"
        )
        began = evening.of("begins", 1)[0]
        assert began == 10.5, (
            f"seat 0 put its forks down at 10.5 s, and seat 1, which was waiting, began to eat at {began:g} s: "
            "do not ask again and again, let yourself be woken"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(5)
@pytest.mark.parametrize(("seats", "rounds"), [(2, 4), (3, 5)])
def test_nobody_is_overtaken_again_and_again(race, seats, rounds):
    def scenario():
        evening = Evening(seats)
        dine(seats, rounds, evening.think, evening.eat)
        evening.check_fairness()

    race.explore(scenario, schedules=3)


@pytest.mark.task(5)
def test_two_do_not_conspire_against_a_third(race):
    def scenario():
        first = iter([2])  # seat 2 begins later than seat 0, and then one of them always eats
        evening = Evening(4, think=1, eat={0: 3, 1: 1, 2: 3, 3: 1})

        def think(seat):
            if seat in (0, 2) and not evening.of("hungry", seat):
                time.sleep(next(first) if seat == 2 else 0)
                evening.note("hungry", seat)
            else:
                evening.think(seat)

        dine(4, 6, think, evening.eat)
        evening.check_fairness()

    race.explore(scenario, schedules=2)


@pytest.mark.task(5)
def test_a_long_meal_on_one_side_gives_nothing_to_the_other(race):
    def scenario():
        evening = Evening(4, think={0: 200, 1: 0, 2: 1, 3: 0.5}, eat={0: 1, 1: [100, 1], 2: 1, 3: 1})
        dine(4, 8, evening.think, evening.eat)
        evening.check_fairness()

    race.explore(scenario, schedules=1)


@pytest.mark.task(5)
def test_who_has_eaten_less_has_no_right_to_more(race):
    def scenario():
        evening = Evening(2, think={0: [6, 0], 1: [0, 0, 0, 0, 0, 1.5, 0]}, eat=1)
        dine(2, 9, evening.think, evening.eat)
        evening.check_fairness()

    race.explore(scenario, schedules=1)


@pytest.mark.task(5)
@pytest.mark.parametrize("quick", [0, 1, 2])
def test_who_is_quick_drives_nobody_into_a_corner(race, quick):
    def scenario():
        evening = Evening(3, think={seat: 0 if seat == quick else 0.5 for seat in range(3)})
        dine(3, 4, evening.think, evening.eat)
        evening.check_meals(4)
        evening.check_fairness()

    race.explore(scenario, schedules=1)


@pytest.mark.task(4)
def test_a_meal_may_take_a_day(timing):
    with timing.virtual():
        began, eaten = time.monotonic(), []

        def eat(seat):
            time.sleep(86_400)
            eaten.append(seat)

        dine(3, 1, lambda seat: None, eat)
        took, through = time.monotonic() - began, sorted(eaten)
    assert (through, took) == ([0, 1, 2], 3 * 86_400), (
        f"three eat for a day each, one after the other, and dine came back after {took / 86_400:g} days instead of 3, "
        f"when {through} had eaten: wait for every meal as long as it takes"
    )

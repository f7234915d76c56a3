"""Dining philosophers: the tests. Time is virtual, and the threads mix in many ways."""

import time

import pytest
from dining_philosophers import dine


class Evening:
    """What the philosophers do, noted by single appends."""

    def __init__(self, seats, think=0, eat=1):
        self.seats = seats
        self.thinking = think if isinstance(think, dict) else dict.fromkeys(range(seats), think)
        self.eating = eat if isinstance(eat, dict) else dict.fromkeys(range(seats), eat)
        self.began = time.monotonic()
        self.events = []  # (what, seat, when)

    def note(self, what, seat):
        """Write down one event."""
        self.events.append((what, seat, time.monotonic() - self.began))

    def think(self, seat):
        """Think, and be hungry."""
        time.sleep(self.thinking[seat])
        self.note("hungry", seat)

    def eat(self, seat):
        """Eat."""
        self.note("begins", seat)
        time.sleep(self.eating[seat])
        self.note("ends", seat)

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

    race.explore(scenario, schedules=16)


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

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
@pytest.mark.parametrize("seats", [2, 3, 4])
def test_neighbours_never_eat_at_the_same_time(race, seats):
    def scenario():
        evening = Evening(seats)
        dine(seats, 1, evening.think, evening.eat)
        evening.check_forks()

    race.explore(scenario, schedules=6)


@pytest.mark.task(2)
def test_a_fork_is_not_free_before_the_meal_is_over(race):
    def scenario():
        evening = Evening(3, eat={0: 60, 1: 1, 2: 1})
        dine(3, 1, evening.think, evening.eat)
        evening.check_forks()
        evening.check_meals(1)

    race.explore(scenario, schedules=10)


@pytest.mark.task(3)
@pytest.mark.parametrize(("seats", "rounds"), [(2, 2), (3, 1), (4, 1)])
def test_they_do_not_starve_together(race, seats, rounds):
    def scenario():
        evening = Evening(seats)
        dine(seats, rounds, lambda seat: None, evening.eat)
        for seat in range(seats):
            assert len(evening.of("ends", seat)) == rounds, f"seat {seat} did not eat {rounds} times"

    race.explore(scenario, schedules=12)


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

    race.explore(scenario, schedules=6)


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

    race.explore(scenario, schedules=6)


@pytest.mark.task(5)
@pytest.mark.parametrize(("seats", "rounds"), [(2, 4), (3, 5)])
def test_nobody_is_overtaken_again_and_again(race, seats, rounds):
    def scenario():
        evening = Evening(seats)
        dine(seats, rounds, evening.think, evening.eat)
        evening.check_fairness()

    race.explore(scenario, schedules=6)


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

    race.explore(scenario, schedules=5)

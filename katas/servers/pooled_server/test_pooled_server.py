"""The tea house: the tests. In tasks 1 and 2 you say how the threads mix; then guests are made of nothing."""

import threading
import time

import pytest
from broken_tables import Bell, Count
from loopback import Visitor, hosted
from pooled_server import break_bell, break_count, serve


def play(race, steps, make, acts, judge):
    """Play a schedule; `judge` looks at what came of it, and returns what is wrong with it as a proof."""

    def scenario():
        tables, told = make(), {}
        threads = [
            threading.Thread(target=lambda name=name, act=act: told.update({name: act(tables)}), name=name, daemon=True)
            for name, act in acts.items()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        return judge(tables, told)

    __tracebackhide__ = True
    if not isinstance(steps, list):
        pytest.fail(f"a schedule is a list of steps, and this is {steps!r}", pytrace=False)
    played = race.play(scenario, steps)
    if played.value:
        pytest.fail(f"{played.value}. What happened:\n\n{played}", pytrace=False)


@pytest.mark.task(1)
def test_the_count_breaks(race):
    def judge(_, told):
        if [told.get(name) for name in "AB"] != [True, True]:
            return (
                f"the count is not broken: A heard {told.get('A')}, B heard {told.get('B')}; change over when one "
                "has looked and has not taken"
            )

    play(race, break_count(), lambda: Count(1), dict.fromkeys("AB", lambda tables: tables.take()), judge)


@pytest.mark.task(2)
def test_the_bell_breaks(race):
    def judge(tables, told):
        if "A" not in told:
            return "the bell is not broken: A has not come to his end, and the table is his"
        if "B" in told:
            return (
                "the bell is not broken: B has the table; it has to ring when B has seen that none is free and does "
                "not wait yet"
            )

    acts = {"A": lambda tables: (tables.take(), tables.give_back()), "B": lambda tables: tables.take()}
    play(race, break_bell(), lambda: Bell(1), acts, judge)


class Guest:
    """A connection made of nothing."""

    def __init__(self, number):
        self.number, self.is_closed = number, False

    def close(self):
        self.is_closed = True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class House:
    """A door through which so many come, and which is shut then; and what happens in the house."""

    def __init__(self, guests, tables, act=lambda guest: None, waits_for=None, late=None):
        self.guests = [Guest(number) for number in range(guests)]
        self.tables, self.act, self.waits_for, self.late = tables, act, waits_for, late
        self.coming = iter(self.guests)
        self.log, self.mistakes, self.threads = [], [], []
        self.before, self.host = threading.active_count(), threading.get_ident()

    def accept(self):
        self._count_threads()
        guest = next(self.coming, None)
        if guest is None:
            if self.waits_for is not None:
                self.waits_for.wait()
            raise OSError("the door is shut")
        if guest.number == self.late:
            time.sleep(1)  # all who came before have gone
        return guest, ("127.0.0.1", guest.number)

    def close(self):
        self.mistakes.append("serve has closed the door: it belongs to the caller")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def talk(self, guest):
        self.log.append(("sits", guest.number))
        self._count_threads()
        if guest.is_closed:
            self.mistakes.append(f"guest {guest.number} was talked to when his connection had been closed")
        if threading.get_ident() == self.host:
            self.mistakes.append("talk was called in the thread of serve: nobody is accepted meanwhile")
        try:
            self.act(guest)
        finally:
            self.log.append(("goes", guest.number))

    def _count_threads(self):
        gone = sum(what == "goes" for what, _ in list(self.log))
        more = threading.active_count() - self.before - gone
        if more > self.tables:
            self.threads.append(f"{self.tables} tables, {gone} have gone, and {more + gone} threads")

    def run(self):
        found = serve(self, self.talk, self.tables)
        assert found is None, f"serve returned {found!r} instead of None"
        sits = most = 0
        for what, _ in self.log:
            sits += 1 if what == "sits" else -1
            most = max(most, sits)
        assert most <= self.tables, f"{self.tables} tables, and {most} guests sat at the same time: the rest wait"
        assert sits == 0, f"serve has come back, and {sits} guests still sit: wait for them"
        assert not self.mistakes, self.mistakes[0]
        served = sorted(number for what, number in self.log if what == "sits")
        twice = sorted({number for number in served if served.count(number) > 1})
        assert not twice, f"guests {twice} were served twice"
        still = [guest.number for guest in self.guests if not guest.is_closed]
        assert not still, f"serve has come back, and the connections of guests {still} are open: close each"
        left = threading.active_count() - self.before
        assert left == 0, f"serve has come back, and {left} of its threads still run: wait for them"
        return served


@pytest.mark.task(3)
@pytest.mark.parametrize(("tables", "before", "schedules"), [(1, 0, 8), (3, 0, 8), (2, 1, 8), (2, 2, 64)])
@pytest.mark.means(
    DeadlockFound="as many guests as there are tables wait for each other, and not all of them are served at once",
    BrokenBarrierError="a guest waited for others who were never served",
)
def test_k_at_once(race, tables, before, schedules):
    def scenario():
        meeting, all_met = threading.Barrier(tables), threading.Event()

        def act(guest):
            if guest.number >= before:
                meeting.wait()
                all_met.set()

        served = House(before + tables, tables, act, waits_for=all_met, late=before).run()
        assert served == list(range(before + tables)), f"{before + tables} guests came, and served were {served}"

    race.explore(scenario, schedules=schedules)


def everybody(guests, tables, act=lambda guest: None):
    """Let so many in; the door is shut when all have been served."""
    served, all_served = [], threading.Event()

    def act_and_count(guest):
        try:
            act(guest)
        finally:
            served.append(guest.number)
            if len(served) == guests:
                all_served.set()

    return House(guests, tables, act_and_count, waits_for=all_served)


@pytest.mark.task(4)
@pytest.mark.parametrize(("guests", "tables"), [(3, 1), (4, 2), (1, 3)])
@pytest.mark.means(DeadlockFound="guests wait, the tables are free, and nobody serves them")
def test_no_more_than_k(race, guests, tables):
    race.explore(lambda: everybody(guests, tables).run(), schedules=12)


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound="guests wait, the tables are free, and nobody serves them")
def test_no_more_threads_than_k(race):
    def scenario():
        house = everybody(4, 2)
        house.run()
        assert not house.threads, f"{house.threads[0]}: first a table, then a thread"

    race.explore(scenario, schedules=12)


@pytest.mark.task(4)
def test_two_houses(race):
    def scenario():
        met, houses = threading.Barrier(2), []

        def run():
            all_met = threading.Event()

            def act(_):
                met.wait()
                all_met.set()

            house = House(1, 1, act, waits_for=all_met)
            serve(house, act, 1)
            houses.append(house)

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(houses) == 2, "two houses with a table each, a guest in each, and one has not closed"

    race.explore(scenario, schedules=8)


@pytest.mark.task(4)
def test_a_stranger_takes_no_table(race):
    def scenario():
        served, all_served, strangers = [], threading.Event(), []

        def act(guest):
            if not strangers:
                strangers.append(threading.Thread(target=all_served.wait, args=(60,)))
                strangers[0].start()
            served.append(guest.number)
            if len(served) == 2:
                all_served.set()

        began = time.monotonic()
        serve(House(2, 1, act, waits_for=all_served), act, 1)
        took = time.monotonic() - began
        for stranger in strangers:
            stranger.join()
        assert took < 60, (
            f"somebody else has started a thread, and the second guest waited {took:g} s until it had ended: count "
            "your own tables"
        )

    race.explore(scenario, schedules=8)


class Storm(BaseException):
    """No Exception, and in nobody's list."""


KINDS = [ValueError, OSError, KeyboardInterrupt, SystemExit, Storm]


@pytest.mark.task(5)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.means(DeadlockFound="talk raised, and the table is never free again: guests wait for ever")
def test_an_error_frees_the_table(race, kind, monkeypatch, capsys):
    def scenario():
        printed = []
        monkeypatch.setattr(threading, "excepthook", lambda args: printed.append(args.exc_value))

        def act(guest):
            if guest.number != 1:
                raise kind("part of the test")

        try:
            everybody(4, 2, act).run()
        except kind as error:
            raise AssertionError(f"talk raised {error!r}, and it came out of serve") from None
        assert not printed, f"talk raised {printed[0]!r}, and it came out of a thread: end this conversation alone"
        said = "".join(capsys.readouterr()).strip()
        assert not said, f"talk raised {kind.__name__}, and this was printed: {said.splitlines()[-1]!r}; print nothing"

    race.explore(scenario, schedules=8)


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound="guests wait, the tables are free, and nobody serves them")
def test_closed_when_he_goes(race):
    def scenario():
        def act(guest):
            gone = [number for what, number in list(house.log) if what == "goes"]
            seen.extend(number for number in gone if not house.guests[number].is_closed)

        seen, house = [], None
        house = everybody(3, 1, act)
        house.run()
        assert not seen, f"one table, another guest sits there, and the connections of {seen} are still open"

    race.explore(scenario, schedules=8)


@pytest.mark.task(6)
@pytest.mark.parametrize("guests", [0, 3])
@pytest.mark.means(DeadlockFound="the door is shut, and serve does not come back: a worker waits for ever")
def test_the_house_closes(race, guests):
    race.explore(lambda: House(guests, 2).run(), schedules=12)


@pytest.mark.task(6)
def test_who_came_first_goes_last(race):
    def scenario():
        House(4, 2, lambda guest: time.sleep(0 if guest.number else 5)).run()

    race.explore(scenario, schedules=8)


@pytest.mark.task(6)
def test_real_guests():
    def talk(connection):
        while piece := connection.recv(10):
            connection.sendall(piece.upper())

    with hosted(serve, talk, 2) as door, Visitor(door) as ann:
        for name in ("ben", "cid", "dan"):
            with Visitor(door) as other:
                for each in (other, ann):
                    each.say(f"{name}\n")
                    heard = each.hear()
                    assert heard == f"{name}\n".upper().encode(), f"ann sits there, {name} came, one heard {heard!r}"
        ann.shutdown(1)
        ann.hear_all()

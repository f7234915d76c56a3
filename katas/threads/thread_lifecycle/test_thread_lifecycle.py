"""Thread lifecycle: the tests. Time is virtual in them, and the threads mix in many ways."""

import threading
import time

import pytest
from thread_lifecycle import Courier

SIMPLE = ["created", "ready", "running", "exited"]
WITH_GATE = ["created", "ready", "running", "blocked", "running", "exited"]


def nothing(courier):
    """A journey that is over at once."""


def compare(courier, wanted):
    """Hold the board against what it should show."""
    found = list(courier.history)
    assert found == wanted, (
        f"the history is {found}, it should be {wanted}: note 'ready' before the thread is "
        "started, as afterwards the courier may be anywhere, and let the courier note the rest"
    )
    assert courier.state == wanted[-1], f"the state is {courier.state!r}, not {wanted[-1]!r}"


@pytest.mark.task(1)
def test_a_new_courier_is_created(race):
    def scenario():
        journeys = []
        courier = Courier(journeys.append)
        assert courier.state == "created", f"before the start the state is {courier.state!r}"
        assert list(courier.history) == ["created"], f"the history is {courier.history}"
        time.sleep(10)
        assert journeys == [], "nobody has started the courier, and he is on his way"
        assert courier.state == "created", (
            f"nobody has started the courier, and after 10 s the state is {courier.state!r}: the "
            "clock does not know where he is"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(1)
def test_the_journey_is_made_in_a_new_thread(race):
    def scenario():
        seen = []

        def journey(who):
            seen.append((who, threading.current_thread(), who.state))
            time.sleep(5)

        courier = Courier(journey)
        began = time.monotonic()
        courier.start()
        took = time.monotonic() - began
        assert took == 0, f"start() came back after {took:g} s instead of at once"
        courier.join()
        took = time.monotonic() - began
        assert took == 5, f"the journey takes 5 s, join() came back after {took:g} s"
        assert len(seen) == 1 and seen[0][0] is courier, (
            f"the journey was made {len(seen)} times instead of once, with the courier as its argument"
        )
        assert seen[0][1] is not threading.current_thread(), (
            "the journey was made in the thread of the caller: start a thread"
        )
        assert seen[0][2] == "running", (
            f"at the beginning of the journey the state was {seen[0][2]!r} instead of 'running': "
            "let the courier note it, as the first thing that the thread does, and note 'ready' "
            "before the thread is started"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(1)
def test_the_states_come_in_order(race):
    def scenario():
        courier = Courier(nothing)
        courier.start()
        assert courier.state in SIMPLE[1:], (
            f"after start() the state is {courier.state!r}, it can be one of {SIMPLE[1:]}"
        )
        courier.join()
        compare(courier, SIMPLE)

    race.explore(scenario, schedules=120)


@pytest.mark.task(1)
@pytest.mark.parametrize("seconds", [1, 100])
def test_the_state_is_no_guess(race, seconds):
    def scenario():
        courier = Courier(lambda courier: time.sleep(seconds))
        courier.start()
        now = 0
        for then in (0.5, 50, 150):
            time.sleep(then - now)
            now = then
            wanted = "running" if now < seconds else "exited"
            assert courier.state == wanted, (
                f"the journey takes {seconds} s; after {now:g} s the state is {courier.state!r} "
                f"instead of {wanted!r}: the courier has to report it, the clock cannot know"
            )
        courier.join()

    race.explore(scenario, schedules=20)


@pytest.mark.task(1)
def test_a_join_may_give_up(race):
    def scenario():
        courier = Courier(lambda courier: time.sleep(5))
        began = time.monotonic()
        courier.start()
        courier.join(2)
        took = time.monotonic() - began
        assert took == 2, f"join(2) came back after {took:g} s: hand the time-out on"
        assert courier.state == "running", f"the journey takes 5 s, join(2) gave up, and the state is {courier.state!r}"
        courier.join()
        compare(courier, SIMPLE)

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
def test_in_front_of_the_gate(race):
    def scenario():
        def journey(courier):
            time.sleep(1)
            with courier.blocked():
                time.sleep(10)
            time.sleep(1)

        courier = Courier(journey)
        courier.start()
        seen = []
        for seconds in (0.5, 5, 6, 5):
            time.sleep(seconds)
            seen.append(courier.state)
        courier.join()
        wanted = ["running", "blocked", "running", "exited"]
        assert seen == wanted, (
            f"the courier walks for 1 s, waits for 10 s, walks for 1 s; after 0.5, 5.5, 11.5 and "
            f"16.5 s the state was {seen} instead of {wanted}: who waits is alive, but not running"
        )
        compare(courier, WITH_GATE)

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
def test_the_history_is_right_in_every_order(race):
    def scenario():
        gate = threading.Event()

        def journey(courier):
            with courier.blocked():
                gate.wait()

        courier = Courier(journey)
        courier.start()
        gate.set()
        courier.join()
        compare(courier, WITH_GATE)

    race.explore(scenario, schedules=120)


@pytest.mark.task(2)
def test_a_gate_that_stays_closed(race):
    def scenario():
        caught = []

        def journey(courier):
            try:
                with courier.blocked():
                    raise TimeoutError("the gate stays closed")
            except TimeoutError:
                caught.append(courier.state)

        courier = Courier(journey)
        courier.start()
        courier.join()
        assert caught, "what is raised in front of the gate has to go on to the journey"
        assert caught == ["running"], (
            f"the waiting ended in an exception, and the state is still {caught[0]!r}: put it back in finally"
        )
        compare(courier, WITH_GATE)

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
def test_two_couriers_have_a_board_each(race):
    def scenario():
        first, second = Courier(nothing), Courier(nothing)
        assert first.history is not second.history, (
            "two couriers have one history: a list in the body of the class is one for all; make it in __init__"
        )
        first.start()
        first.join()
        compare(second, ["created"])
        second.start()
        second.join()
        compare(first, SIMPLE)
        compare(second, SIMPLE)

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
@pytest.mark.parametrize("kind", [ValueError, SystemExit])
def test_exited_after_an_exception(race, kind):
    def scenario():
        printed, error = [], kind("lost the way")

        def journey(courier):
            raise error

        hook = threading.excepthook
        threading.excepthook = lambda args: printed.append(args.exc_value)
        try:
            courier = Courier(journey)
            courier.start()
            courier.join()
        finally:
            threading.excepthook = hook
        assert courier.state == "exited", (
            f"the journey ended in {error!r}, and the state is still {courier.state!r}: report the end in finally"
        )
        compare(courier, SIMPLE)
        assert printed == ([error] if kind is ValueError else []), (
            f"the journey ended in {error!r}, and nobody hears of it: do not catch it, finally is enough"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
@pytest.mark.parametrize("when", ["on the way", "at home"])
def test_a_second_start_is_refused(race, when):
    def scenario():
        journeys = []

        def journey(courier):
            journeys.append(courier)
            time.sleep(5)

        courier = Courier(journey)
        courier.start()
        time.sleep(1 if when == "on the way" else 9)
        before = list(courier.history)
        try:
            courier.start()
        except RuntimeError:
            pass
        else:
            raise AssertionError(
                f"{when} the courier was started a second time, and nothing was said: raise "
                "RuntimeError, or let that of Thread.start go on"
            )
        assert list(courier.history) == before, (
            f"{when} a second start was refused, and yet the history went from {before} to "
            f"{courier.history}: look before you note anything"
        )
        courier.join()
        time.sleep(9)
        assert len(journeys) == 1, f"the journey was made {len(journeys)} times"
        compare(courier, SIMPLE)

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
def test_a_start_right_after_the_start_is_refused(race):
    def scenario():
        courier = Courier(nothing)
        courier.start()
        try:
            courier.start()
        except RuntimeError:
            courier.join()
        else:
            raise AssertionError(
                "two starts, one right after the other, and nothing was said: the second one has "
                "to raise RuntimeError, wherever the courier is"
            )
        compare(courier, SIMPLE)

    race.explore(scenario, schedules=120)

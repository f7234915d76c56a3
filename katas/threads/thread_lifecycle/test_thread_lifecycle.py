"""Thread lifecycle: the tests. Time is virtual in them, and the threads mix in many ways."""

import functools
import threading
import time

import pytest
from thread_lifecycle import Courier


class Recall(BaseException):
    """Raised by a journey: no Exception, and none that Python knows."""


SIMPLE = ["created", "ready", "running", "exited"]
WITH_GATE = ["created", "ready", "running", "blocked", "running", "exited"]


def nothing(courier):
    """A journey that is over at once."""


def compare(courier, wanted):
    """Hold the board against what it should show."""
    found = list(courier.history)
    is_only_ready = [state for state in found if state != "ready"] == [state for state in wanted if state != "ready"]
    assert not is_only_ready or found == wanted, (
        f"the history is {found}, it should be {wanted}: note 'ready' before the thread is "
        "started, as afterwards the courier may be anywhere, and let the courier note the rest"
    )
    assert found == wanted, (
        f"the history is {found}, it should be {wanted}: let the courier note the rest after 'ready', each state when "
        "it begins, every time, and once"
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
@pytest.mark.means(AttributeError="the journey has no __name__: whatever can be called is one, ask it for nothing else")
def test_what_a_journey_returns_says_nothing(race):
    def scenario():
        calls, printed = [], []
        hook, threading.excepthook = threading.excepthook, printed.append
        try:
            for answer in (False, ValueError("returned"), calls.append):
                courier = Courier(functools.partial(lambda answer, courier: calls.append("journey") or answer, answer))
                courier.start()
                courier.join()
                compare(courier, SIMPLE)
        finally:
            threading.excepthook = hook
        assert (calls, printed) == (["journey"] * 3, []), (
            f"three journeys returned False, an exception and a function; called was {calls}, raised {printed}: what a "
            "journey returns means nothing"
        )

    race.explore(scenario, schedules=2)


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


@pytest.mark.task(1)
def test_a_join_without_time_only_looks(race):
    def scenario():
        courier = Courier(lambda courier: time.sleep(5))
        courier.start()
        began = time.monotonic()
        courier.join(0)
        courier.join(timeout=0)
        took = time.monotonic() - began
        assert took == 0, f"join(0) came back after {took:g} s: 0 is a time-out like any other, only None means none"
        courier.join(None)
        compare(courier, SIMPLE)
        courier.join()

    race.explore(scenario, schedules=6)


@pytest.mark.task(1)
@pytest.mark.parametrize("who", ["whom nobody has sent", "who is on the journey himself"])
def test_a_join_that_would_wait_for_ever_is_refused(race, who):
    def scenario():
        told = []

        def join(courier):
            for timeout in (3, 0):
                try:
                    courier.join(timeout)
                except RuntimeError:
                    told.append(timeout)

        courier = Courier(join)
        if who == "whom nobody has sent":
            join(courier)
        else:
            courier.start()
            courier.join()
        assert told, (
            f"the one to be joined is a courier {who}, and join did not raise RuntimeError as Thread.join does: "
            "hand it on to the thread"
        )
        assert told == [3, 0], (
            f"the one to be joined is a courier {who}; join(3) and join(0) were called, and refused was {told} only: "
            "0 is a time-out, too, and is refused as all others are"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(1)
def test_the_state_is_the_end_of_the_history(race):
    def scenario():
        def journey(courier):
            with courier.blocked():
                pass

        courier = Courier(journey)
        courier.start()
        before = list(courier.history)
        state = courier.state
        after = list(courier.history)
        assert state in after[len(before) - 1 :], (
            f"the history was {before}, then the state was {state!r}, and then the history {after}: whoever looks sees "
            "the two disagree; keep one of them, and let the other one follow from it"
        )
        courier.join()

    race.explore(scenario, schedules=60)


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


@pytest.mark.task(1)
def test_to_look_changes_nothing(race):
    def scenario():
        courier = Courier(nothing)
        courier.start()
        courier.join()
        found = race.run(lambda: (courier.state, list(courier.history)), lambda: (list(courier.history), courier.state))
        found.append(list(courier.history))
        assert found == [("exited", SIMPLE), (SIMPLE, "exited"), SIMPLE], (
            f"he was home, and two looked at the board at the same time; they and who came after them saw {found}: "
            "the courier notes where he is, whoever looks notes nothing"
        )

    race.explore(scenario, schedules=16)


@pytest.mark.task(2)
@pytest.mark.parametrize("kind", [TimeoutError, SystemExit, GeneratorExit, Recall])
def test_a_gate_that_stays_closed(race, kind):
    def scenario():
        caught, error, cause = [], kind("the gate stays closed"), OSError("a rusty lock")
        error.__cause__ = cause

        def journey(courier):
            try:
                with courier.blocked():
                    raise error
            except kind as found:
                caught.append((courier.state, found is error))

        courier = Courier(journey)
        courier.start()
        courier.join()
        assert caught, f"{error!r} was raised in front of the gate, and has to go on to the journey"
        assert caught[0][0] == "running", (
            f"the waiting ended in {error!r}, and the state is still {caught[0][0]!r}: put it back in finally"
        )
        assert caught[0][1], f"{error!r} was raised in front of the gate, and another exception went on to the journey"
        assert error.__cause__ is cause, (
            f"{error!r} was raised in front of the gate from {cause!r}, and what went on to the journey has the cause "
            f"{error.__cause__!r}: a bare raise leaves it as it is"
        )
        compare(courier, WITH_GATE)

    race.explore(scenario, schedules=6)


@pytest.mark.task(2)
def test_a_second_gate(race):
    def scenario():
        mistakes = []

        def journey(courier):
            for _ in range(2):
                try:
                    with courier.blocked():
                        time.sleep(1)
                except Exception as error:
                    mistakes.append(error)

        courier = Courier(journey)
        courier.start()
        courier.join()
        assert not mistakes, (
            f"the journey comes to two gates, and one `with courier.blocked()` failed: {mistakes[0]!r}; blocked() has "
            "to return a new context manager each time"
        )
        compare(courier, [*WITH_GATE[:-1], "blocked", "running", "exited"])

    race.explore(scenario, schedules=6)


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


@pytest.mark.task(2)
def test_two_wait_at_the_same_time(race):
    def scenario():
        def wait(before, at_the_gate, afterwards):
            def journey(courier):
                time.sleep(before)
                with courier.blocked():
                    time.sleep(at_the_gate)
                time.sleep(afterwards)

            return journey

        couriers = Courier(wait(0, 3, 3)), Courier(wait(1, 4, 1))
        for courier in couriers:
            courier.start()
        time.sleep(4)
        seen = [courier.state for courier in couriers]
        assert seen == ["running", "blocked"], (
            "one courier waited from 0 to 3 s, another one waits from 1 to 5 s, and at 4 s their states are "
            f"{seen} instead of ['running', 'blocked']: what `blocked` returns belongs to one courier"
        )
        for courier in couriers:
            courier.join()
            compare(courier, WITH_GATE)

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_one_waits_and_the_other_walks(race):
    def scenario():
        def wait(courier):
            with courier.blocked():
                time.sleep(9)

        first, second = Courier(wait), Courier(lambda courier: time.sleep(5))
        for courier in (first, second):
            courier.start()
        time.sleep(1)
        seen = [first.state, second.state]
        for courier in (first, second):
            courier.join()
        assert seen == ["blocked", "running"], (
            f"one courier waits and another one walks, and their states are {seen} instead of ['blocked', 'running']: "
            "each has a board of his own"
        )
        compare(first, WITH_GATE)
        compare(second, SIMPLE)

    race.explore(scenario, schedules=6)


@pytest.mark.task(2)
def test_seventy_are_on_the_way_at_the_same_time(timing):
    with timing.virtual():
        couriers = [Courier(lambda courier: time.sleep(1)) for _ in range(70)]
        began = time.monotonic()
        for courier in couriers:
            courier.start()
        for courier in couriers:
            courier.join()
        took = time.monotonic() - began
    assert took == 1, (
        f"70 journeys of 1 s took {took:g} s instead of 1 s: not all couriers could be on the way at the same time; "
        "each has a thread of his own, and waits for no other"
    )


@pytest.mark.task(3)
@pytest.mark.parametrize("kind", [ValueError, SystemExit, StopIteration, Recall])
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
            at_the_join = list(printed)
            time.sleep(1)
        finally:
            threading.excepthook = hook
        assert courier.state == "exited", (
            f"the journey ended in {error!r}, and the state is still {courier.state!r}: report the end in finally"
        )
        compare(courier, SIMPLE)
        wanted = [error]  # also of SystemExit: it is the usual hook that says nothing of that
        assert printed == wanted, (
            f"the journey ended in {error!r}, and threading.excepthook was told {printed} instead of {wanted}: do not "
            "catch it, finally is enough, and what is raised goes its way"
        )
        assert at_the_join == wanted, (
            f"join() came back before the thread had ended: {error!r} was on its way to threading.excepthook; wait for "
            "the thread itself, not for something that it does before its end"
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
        for number in ("second", "third"):
            try:
                courier.start()
            except RuntimeError:
                pass
            else:
                raise AssertionError(
                    f"{when} the courier was started a {number} time, and nothing was said: raise "
                    "RuntimeError, or let that of Thread.start go on"
                )
            assert list(courier.history) == before, (
                f"{when} a {number} start was refused, and yet the history went from {before} to "
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


@pytest.mark.task(4)
def test_who_failed_does_not_start_again(race):
    def scenario():
        journeys, told = [], []

        def journey(courier):
            journeys.append(courier)
            raise SystemExit

        courier = Courier(journey)
        courier.start()
        courier.join()
        try:
            courier.start()
        except RuntimeError as error:
            told.append(error)
        courier.join()
        assert told and len(journeys) == 1, (
            f"the journey ended in an exception, the courier was started again, and made {len(journeys)} journeys: "
            "that the first one failed is no reason for a second; raise RuntimeError"
        )
        compare(courier, SIMPLE)

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize("where", ["on the road", "at the gate"])
def test_the_journey_cannot_start_itself(race, where):
    def scenario():
        told = []

        def start(courier):
            try:
                courier.start()
            except RuntimeError as error:
                told.append(error)

        def journey(courier):
            if where == "on the road":
                start(courier)
            else:
                with courier.blocked():
                    start(courier)

        courier = Courier(journey)
        courier.start()
        courier.join()
        assert told, f"the courier, {where}, was started by his own journey, and nothing was said: raise RuntimeError"
        compare(courier, SIMPLE if where == "on the road" else WITH_GATE)

    race.explore(scenario, schedules=6)

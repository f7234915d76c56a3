"""The gate to the tower: the tests. Time is virtual, and the threads mix in many ways."""

import functools
import operator
import queue
import threading
import time

import pytest
from semaphore_gate import Gate, show_round

GUARD = 9  # nobody may wait for so long
DAY = 86_400
ODD = 1 + 1 / 512  # nobody who looks every now and then looks at this very moment


def most_at_once(steps):
    """Return how many were inside at most; a step is +1 or -1, or a pair that begins with it."""
    inside = most = 0
    for step in steps:
        inside += step[0] if isinstance(step, tuple) else step
        most = max(most, inside)
    return most


def run_visits(race, gate, *visits):
    """Let each visitor come after some time and stay for some time; return when who went in and out."""
    began, steps = time.monotonic(), []

    def come(after, stay):
        time.sleep(after)
        gate.enter()
        steps.append((+1, time.monotonic() - began))
        time.sleep(stay)
        steps.append((-1, time.monotonic() - began))
        gate.leave()

    race.run(*(lambda after=after, stay=stay: come(after, stay) for after, stay in visits))
    return steps


def timed(act):
    """Make a function that returns what the act returned, and how long it took."""

    def run():
        began = time.monotonic()
        found = act()
        return found, time.monotonic() - began

    return run


def leave_fails(gate):
    """Leave; tell whether this raised ValueError."""
    try:
        gate.leave()
    except ValueError:
        return True
    return False


def check_places(race, gate, places, after):
    """Nobody is inside, and there must be so many places: no more, no fewer."""
    done = []

    def fill():
        for _ in range(places):
            gate.enter()
            done.append("in")

    filling = threading.Thread(target=fill, name="all who fit in", daemon=True)
    filling.start()
    filling.join(GUARD)
    assert len(done) == places, (
        f"{after}, nobody is inside, and {places} want to enter: only {len(done)} could, the next one still waits 9 s "
        "later; whoever has entered must leave on every way out, use `finally`"
    )
    extra = []
    one_more = threading.Thread(target=lambda: extra.append(gate.enter()), name="one more", daemon=True)
    one_more.start()
    one_more.join(GUARD)
    assert not extra, (
        f"{after}, {places} entered a gate with {places} places, and then one more did: somebody gave back a place "
        "that nobody had taken"
    )
    for _ in range(places):
        gate.leave()
    one_more.join(GUARD)
    assert extra, f"{after}, {places} entered and left again, and who waits at the gate still waits 9 s later"
    gate.leave()


@pytest.mark.task(1)
@pytest.mark.parametrize(("places", "visitors"), [(1, 2), (2, 3), (1, 3)])
def test_no_more_than_there_are_places(race, places, visitors):
    def scenario():
        gate, steps = Gate(places), []

        def come():
            gate.enter()
            steps.append(+1)
            steps.append(-1)
            gate.leave()

        race.run(*[come] * visitors)
        most = most_at_once(steps)
        assert most <= places, (
            f"{most} were inside at once at a gate with {places} places: looking whether there is a place and "
            "taking it must be one step"
        )

    race.explore(scenario, schedules=23)


@pytest.mark.task(1)
def test_who_is_woken_looks_again(race):
    def scenario():
        gate, steps = Gate(1), []
        gate.enter()

        def come():
            gate.enter()
            steps.append(+1)
            time.sleep(1)
            steps.append(-1)
            gate.leave()

        race.run(come, come, gate.leave)
        most = most_at_once(steps)
        assert most <= 1, (
            f"one left and two wanted to enter, and {most} were inside at once at a gate with 1 place: who is woken "
            "has to "
            "look again, as somebody who has just come may have been quicker"
        )

    race.explore(scenario, schedules=12)


@pytest.mark.task(1)
def test_who_comes_too_late_waits(race):
    def scenario():
        steps = run_visits(race, Gate(2), (0, 3), (0, 3), (1, 3))
        most = most_at_once(steps)
        assert most <= 2, f"{most} were inside at once at a gate with 2 places: enter must wait until there is one"

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
def test_who_waits_enters_at_once(race):
    def scenario():
        gate = Gate(1)
        steps = run_visits(race, gate, (0, ODD), (ODD / 2, 0))
        entered = steps[2][1]
        assert entered == ODD, (
            f"the place was free at {ODD:g} s, and who waited for it entered at {entered:g} s: "
            "let yourself be woken, do not look again and again"
        )

    race.explore(scenario, schedules=20, busy_waiting="fail")


@pytest.mark.task(1)
def test_enter_says_that_you_are_in(race):
    def scenario():
        gate = Gate(1)
        said = gate.enter()
        assert said is True, f"there was a place, and enter returned {said!r}"
        gate.leave()
        said = gate.enter()
        assert said is True, f"who was inside has left, and enter returned {said!r}"

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
def test_anybody_may_leave(race):
    def scenario():
        gate, entered = Gate(1), []
        race.run(gate.enter)
        try:
            gate.leave()
        except Exception as error:
            raise AssertionError(
                f"one thread entered, another one called leave, and that raised {error!r}: a place belongs to nobody"
            ) from None
        thread = threading.Thread(target=lambda: entered.append(gate.enter()), name="the next one", daemon=True)
        thread.start()
        thread.join(GUARD)
        assert entered, (
            "one thread entered, another one called leave, and the next who came still waits 9 s later: a place "
            "belongs to nobody"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(2)
@pytest.mark.parametrize(("places", "visitors", "wanted"), [(2, 4, 2), (3, 3, 1)])
def test_all_places_are_used(race, places, visitors, wanted):
    def scenario():
        began = time.monotonic()
        steps = run_visits(race, Gate(places), *[(0, 1)] * visitors)
        took, most = time.monotonic() - began, most_at_once(steps)
        assert most <= places, f"{most} were inside at once at a gate with {places} places"
        assert took == wanted, (
            f"{visitors} visitors, 1 s each, and {places} places took {took:g} s instead of {wanted} s, and at most "
            f"{most} "
            "were inside at once: who finds a place must not wait, so hold no lock while somebody is inside"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(2)
def test_a_free_place_is_taken_at_once(race):
    def scenario():
        steps = run_visits(race, Gate(2), (0, 5), (1, 1), (1, 1), (1, 1))
        entered = [when for step, when in steps if step > 0]
        assert entered == [0, 1, 2, 3], (
            "one stays for 5 s, three come at 1 s and stay for 1 s; there are 2 places, and they entered at "
            f"{entered} "
            "instead of [0, 1, 2, 3]: a place that becomes free is free at once, whoever else is still inside"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(2)
def test_who_has_no_patience_set_waits_for_days(race):
    def scenario():
        gate, answers = Gate(1), []
        gate.enter()
        waiter = threading.Thread(target=lambda: answers.append(gate.enter()), daemon=True)
        waiter.start()
        time.sleep(DAY)
        assert not answers, (
            f"the only place was taken for a day, and enter() was told {answers[0]!r} before it was free: without a "
            "patience one waits as long as it takes"
        )
        gate.leave()
        waiter.join(1)
        assert answers == [True], f"the place became free after a day, and enter(), called before, was told {answers}"

    race.explore(scenario, schedules=1)


@pytest.mark.task(2)
def test_each_gate_has_its_own_places(race):
    def scenario():
        gates, entered = [Gate(1), Gate(1)], []
        for gate in gates:
            thread = threading.Thread(target=lambda gate=gate: entered.append(gate.enter()), daemon=True)
            thread.start()
            thread.join(GUARD)
        assert len(entered) == 2, (
            "there are two gates with 1 place each, at each of them one wants to enter, and 9 s later only "
            f"{len(entered)} could: places belong to one gate, make them in __init__"
        )
        gates[1].leave()
        assert leave_fails(gates[1]), "one entered each gate, one left the second, and a second one could leave there"

    race.explore(scenario, schedules=6)


@pytest.mark.task(3)
@pytest.mark.parametrize("places", [1, 2])
def test_nobody_leaves_an_empty_tower(race, places):
    def scenario():
        gate = Gate(places)
        assert leave_fails(gate), "nobody is inside, and leave raised no ValueError: there is a place too many now"
        gate.enter()
        assert not leave_fails(gate), (
            "nobody was inside and leave raised ValueError, then one entered, wanted to leave, and leave raised "
            "ValueError "
            "again: the first one has added a place before it raised; look first, then add"
        )
        assert leave_fails(gate), (
            "one entered, left, and left once more, and leave raised no ValueError: there is a place too many now"
        )
        check_places(race, gate, places, "somebody tried to leave an empty tower twice")

    race.explore(scenario, schedules=3, busy_waiting="fail")


@pytest.mark.task(3)
@pytest.mark.parametrize("inside", [1, 2])
def test_one_too_many_leaves(race, inside):
    def scenario():
        gate = Gate(inside)
        for _ in range(inside):
            gate.enter()
        failed = race.run(*[lambda: leave_fails(gate)] * (inside + 1))
        assert failed.count(True) == 1, (
            f"{inside} were inside, {inside + 1} left at the same time, and leave raised ValueError for "
            f"{failed.count(True)} of them instead of 1: looking whether all places are free and giving one back must "
            "be one step"
        )

    race.explore(scenario, schedules=8)


class Fainted(TimeoutError):
    """What look raises in the tests: of a kind that a gate may use for its own time-out."""


class Evacuated(BaseException):
    """What look raises in the tests, and no `except Exception` catches."""


@pytest.mark.task(4)
@pytest.mark.means(AttributeError="look has no __name__: whatever can be called will do, only call it")
def test_a_visit(race):
    def scenario():
        gate, seen = Gate(2), []
        said = gate.visit(functools.partial(lambda seen: bool(seen.append("the town")), seen))
        assert seen == ["the town"], f"one visit called look {len(seen)} times"
        assert said is True, f"there was a place, look returned False, which says nothing, and visit returned {said!r}"
        check_places(race, gate, 2, "one has visited the tower")

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
def test_a_visit_during_a_visit(race):
    def scenario():
        gate, other, seen = Gate(2), Gate(1), []
        gate.visit(lambda: gate.visit(lambda: other.visit(lambda: seen.append("the town"))))
        assert seen == ["the town"], (
            f"there were 2 places, one visited twice at once, and look was called {len(seen)} times"
        )
        check_places(race, gate, 2, "one has visited the tower while he visited it")
        check_places(race, other, 1, "one has visited another tower from there")

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
def test_visits_keep_to_the_places(race):
    def scenario():
        gate, steps = Gate(2), []

        def look():
            steps.append(+1)
            time.sleep(1)
            steps.append(-1)

        began = time.monotonic()
        race.run(*[lambda: gate.visit(look)] * 4)
        took, most = time.monotonic() - began, most_at_once(steps)
        assert most <= 2, f"{most} looked at once at a gate with 2 places: enter before you look, leave afterwards"
        assert took == 2, (
            f"4 visits of 1 s each at a gate with 2 places took {took:g} s instead of 2 s: hold the place "
            "while somebody looks, and nothing else"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(4)
@pytest.mark.parametrize("error", [Fainted, Evacuated], ids=lambda error: error.__name__)
def test_an_error_gives_the_place_back(race, error):
    def scenario():
        gate, caught, raised, cause = Gate(2), [], error("upstairs"), OSError("thin air")
        raised.__cause__ = cause

        def look():
            raise raised

        def come():
            try:
                gate.visit(look)
            except BaseException as found:
                caught.append(found)

        for _ in range(2):
            visitor = threading.Thread(target=come, daemon=True)
            visitor.start()
            visitor.join(GUARD)
        assert caught == [raised] * len(caught), f"look raised {raised!r}, and visit raised {caught}"
        assert caught, f"look raised {error.__name__}, and visit raised nothing: whoever visits has to hear of it"
        check_places(race, gate, 2, f"look raised {error.__name__} twice in a gate with 2 places")
        assert len(caught) == 2, f"look raised {error.__name__} twice, and visit {len(caught)} times"
        assert raised.__cause__ is cause, (
            f"look raised {raised!r} from {cause!r}, and what visit raised has the cause {raised.__cause__!r}: a bare "
            "raise leaves it as it is, raise … from None takes away why"
        )

    race.explore(scenario, schedules=3, busy_waiting="fail")


@pytest.mark.task(5)
def test_two_enter_where_two_places_are_free(race):
    def scenario():
        gate = Gate(2)
        found = race.run(lambda: gate.enter(0), lambda: gate.enter(0))
        assert found == [True, True], (
            f"two places were free, two called enter(0) at the same time, and were told {found}: with a patience of 0 "
            "nobody waits for a place, but who finds one free gets it, whoever else is at the gate"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(5)
@pytest.mark.parametrize("patience", [5, 0, ODD])
def test_who_is_out_of_patience_goes(race, patience):
    def scenario():
        gate = Gate(1)
        gate.enter()
        found = []
        waiting = threading.Thread(target=lambda: found.append(timed(lambda: gate.enter(patience))()), daemon=True)
        waiting.start()
        waiting.join(GUARD)
        assert found, f"no place becomes free, and enter({patience:g}) still waits 9 s later: 0 is a patience, too"
        said, took = found[0]
        assert (said, took) == (False, patience), (
            f"no place became free, and enter({patience:g}) returned {said!r} after {took:g} s instead of False after "
            f"{patience:g} s"
        )
        gate.leave()
        check_places(race, gate, 1, "somebody gave up waiting")

    race.explore(scenario, schedules=2, busy_waiting="fail")


@pytest.mark.task(5)
def test_patience_does_not_slow_down(race):
    def scenario():
        gate = Gate(2)
        found = timed(lambda: gate.enter(9))()
        assert found == (True, 0), f"a place was free, and enter(9) returned {found[0]!r} after {found[1]:g} s"

        def go():
            time.sleep(ODD)
            gate.leave()

        gate.enter(0)
        (said, took), _ = race.run(timed(lambda: gate.enter(9)), go)
        assert (said, took) == (True, ODD), (
            f"a place was free at {ODD:g} s, and enter(9) returned {said!r} after {took:g} s: wait for the place, do "
            "not sleep"
        )

    race.explore(scenario, schedules=3, busy_waiting="fail")


@pytest.mark.task(5)
def test_patience_does_not_begin_anew(race):
    def scenario():
        gate = Gate(1)
        gate.enter()

        def out_and_in():
            time.sleep(3)
            gate.leave()
            gate.enter(0)

        (said, took), _ = race.run(timed(lambda: gate.enter(5)), out_and_in)
        assert (said, took) in [(True, 3), (False, 5)], (
            "one waits with a patience of 5 s; at 3 s the other goes out and perhaps in again at once; enter(5) "
            f"returned {said!r} "
            f"after {took:g} s: who is woken for nothing waits for the rest of the time, not for another 5 s"
        )

    race.explore(scenario, schedules=9)


@pytest.mark.task(5)
def test_each_waits_as_long_as_he_wants(race):
    def scenario():
        gate = Gate(1)
        gate.enter()

        def go():
            time.sleep(2)
            gate.leave()

        *found, _ = race.run(*[timed(lambda patience=patience: gate.enter(patience)) for patience in (3, 5)], go)
        late = [(False, patience) for (said, _), patience in zip(found, (3, 5), strict=True) if not said]
        assert len(late) == 1, (
            f"one place became free, two waited for it, and enter returned {[said for said, _ in found]}"
        )
        assert late[0] in found, (
            f"two wait with a patience of 3 s and 5 s, one place is free at 2 s, and enter returned (answer, seconds) "
            f"{found}: who is woken for nothing, or not at all, waits for his own time, not less and not more"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(5)
def test_who_gives_up_keeps_nobody_out(race):
    def scenario():
        gate, entered = Gate(1), []
        gate.enter()

        def come(patience):
            if gate.enter(patience):
                entered.append(patience)
                gate.leave()

        def go():
            time.sleep(3)
            gate.leave()

        for act in (lambda: come(3), lambda: come(None), go):
            threading.Thread(target=act, daemon=True).start()
        time.sleep(GUARD)
        assert None in entered, (
            "one waits with a patience of 3 s and one without an end; at 3 s the place became free, and who has no "
            "end still "
            "waits 9 s later: who was woken and goes away instead has to take the place, or to wake the next"
        )

    race.explore(scenario, schedules=10)


@pytest.mark.task(5)
@pytest.mark.parametrize("patience", [5, 0])
def test_a_visit_that_does_not_take_place(race, patience):
    def scenario():
        gate, seen = Gate(1), []
        gate.enter()
        found = []

        def come():
            try:
                found.append(timed(lambda: gate.visit(lambda: seen.append("the town"), patience))())
            except ValueError as error:
                found.append((error, 0))

        visitor = threading.Thread(target=come, daemon=True)
        visitor.start()
        visitor.join(GUARD)
        assert found, f"no place becomes free, and visit(look, {patience:g}) still waits 9 s later"
        said, took = found[0]
        assert not seen, (
            f"no place became free, visit(look, {patience:g}) called look all the same, and two are on a platform for "
            "one: "
            "look at what enter or acquire returns"
        )
        assert (said, took) == (False, patience), (
            f"no place became free, and visit(look, {patience:g}) returned {said!r} after {took:g} s instead of False "
            "after "
            f"{patience:g} s"
        )
        extra = []
        one_more = threading.Thread(target=lambda: extra.append(gate.enter()), daemon=True)
        one_more.start()
        one_more.join(GUARD)
        assert not extra, (
            "one is inside, another one gave up, and then a third could enter a gate with 1 place: who gave up also "
            "left; "
            "leave only if you have entered"
        )

    race.explore(scenario, schedules=4)


def tour(*stays):
    """Make a tour: visitors who stay so long, what they do, and the steps (+1 or -1, when, who)."""
    began, steps = time.monotonic(), []

    def look(visitor):
        number, stay = visitor
        steps.append((+1, time.monotonic() - began, number))
        time.sleep(stay)
        steps.append((-1, time.monotonic() - began, number))
        return f"seen {number}"

    return list(enumerate(stays)), look, steps


@pytest.mark.task(6)
@pytest.mark.parametrize(("stays", "places"), [([3, 1, 2], 2), ([1, 1], 5)])
def test_everybody_is_shown_round(race, stays, places):
    def scenario():
        visitors, look, steps = tour(*stays)
        found = show_round(visitors, places, look)
        gone = sorted(number for step, _, number in steps if step < 0)
        assert gone == list(range(len(stays))), (
            f"{len(stays)} visitors, and when show_round came back numbers {gone} had looked: each looks once, and you "
            "wait for all of them"
        )
        most = most_at_once(steps)
        assert most <= places, f"{most} looked at once where there are {places} places: all have to pass the same gate"
        wanted = [f"seen {number}" for number in range(len(stays))]
        assert found == wanted, f"show_round returned {found} instead of {wanted}, in the order of the visitors"

    race.explore(scenario, schedules=4)


@pytest.mark.task(6)
@pytest.mark.parametrize(("stays", "places"), [([1, 1, 1], 3), ([5, 1, 1, 1], 2)])
def test_no_place_is_empty_while_somebody_waits(race, stays, places):
    def scenario():
        visitors, look, steps = tour(*stays)
        show_round(visitors, places, look)
        last, inside = max(when for step, when, _ in steps if step > 0), 0
        for (step, since, _), (_, until, _) in zip(steps, steps[1:], strict=False):
            inside += step
            assert inside >= places or since == until or since >= last, (
                f"{len(stays)} visitors stay for {stays} s, there are {places} places, and from {since:g} to "
                f"{until:g} s only "
                f"{inside} were inside though somebody had not begun: start all threads before you join one, and "
                "let in the next as soon as somebody comes out, not when all are out"
            )

    race.explore(scenario, schedules=4)


@pytest.mark.task(6)
def test_forty_places_and_a_day(timing):
    with timing.virtual():
        began = time.monotonic()
        found = list(show_round(list(range(41)), 40, lambda visitor: time.sleep(2 * DAY) or visitor))
        took = time.monotonic() - began
    assert found == list(range(41)), f"41 visitors stayed for two days each, and show_round returned {found}"
    assert took == 4 * DAY, (
        f"41 visitors stayed for two days each, there are 40 places, and it took {took / DAY:g} days instead of 4: an "
        "executor has fewer workers than that if you do not say how many, and then places are empty"
    )


@pytest.mark.task(6)
def test_one_who_fails_holds_up_nobody(race):
    def scenario():
        visitors, seen, error = ["ann", "bob", "bob", "cy"], [], Fainted("upstairs")

        def look(visitor):
            time.sleep(1)
            seen.append(visitor)
            if visitor == "bob":
                raise error
            return visitor.upper()

        found = []
        shown = threading.Thread(target=lambda: found.append(show_round(visitors, 1, look)), daemon=True)
        shown.start()
        shown.join(GUARD)
        assert sorted(seen) == visitors, (
            f"bob fails, and of {visitors} only {sorted(seen)} had looked 9 s later: who fails gives his place "
            "back, too"
        )
        assert found, f"all of {visitors} have looked, and show_round has not returned 9 s later"
        assert found == [["ANN", error, error, "CY"]], (
            f"bob fails, and show_round returned {found[0]} instead of ['ANN', error, error, 'CY']: one entry for each "
            "visitor, two for equal ones, and the exception object for who fails"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(6)
def test_an_error_that_looks_like_the_end_is_none(race):
    def scenario():
        errors = [IndexError(), StopIteration(), queue.Empty(), ValueError(), KeyError()]

        def look(visitor):
            raise errors[visitor]

        found = answered(lambda: show_round([0, 1, 2, 3, 4], 1, look))
        assert found == errors, (
            f"five visitors failed with {errors}, and show_round answered {found}: what look raises says nothing about "
            "the list of those who have not begun; take the next one in one `try`, and let him look in another"
        )

    race.explore(scenario, schedules=2)


class Speechless(Exception):
    """An exception that is false."""

    def __bool__(self):
        return False


@pytest.mark.task(6)
@pytest.mark.means(AttributeError="look has no __name__: whatever can be called will do, only call it")
def test_what_is_seen_may_be_nothing(race):
    def scenario():
        error = Speechless()
        seen = [None, 0, "", ValueError("returned"), iter("ab"), dict, error]

        def look(wanted, visitor):
            if wanted[visitor] is error:
                raise error
            return wanted[visitor]

        found = answered(lambda: show_round(list(range(7)), 2, functools.partial(look, seen)))
        if isinstance(found, AttributeError):
            raise found
        same = isinstance(found, list) and len(found) == 7 and all(map(operator.is_, found, seen))
        assert same, (
            f"the visitors saw {seen[:6]} and one failed with an exception that is false, and show_round answered "
            f"{found!r}: what is false is an answer, too, and so is whatever look returns, as it is"
        )

    race.explore(scenario, schedules=3)


def answered(act):
    """Return what it returned, or what it raised; what is not written yet is no answer."""
    try:
        return act()
    except NotImplementedError:
        raise
    except Exception as error:
        return error


@pytest.mark.task(6)
def test_the_same_visitor_twice(race):
    def scenario():
        ann, looks, caller = object(), [], threading.current_thread()

        def look(visitor):
            looks.append((visitor, threading.current_thread()))
            time.sleep(1)
            return len(looks)

        found = show_round([ann, ann, ann], 1, look)
        assert caller not in [thread for _, thread in looks], "look was called in the thread that called show_round"
        assert [visitor for visitor, _ in looks] == [ann] * 3, f"the same visitor three times, and {len(looks)} looked"
        assert sorted(found) == [1, 2, 3], (
            f"the same visitor was three times in the list and saw 1, 2 and 3, and show_round returned {found}: one "
            "entry "
            "for each place in the list, not for each visitor"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(6)
def test_two_tours_have_nothing_in_common(race):
    def scenario():
        began = time.monotonic()

        def look(visitor):
            time.sleep(2)
            return visitor

        found = race.run(lambda: show_round(["ann"], 1, look), lambda: show_round(["bob"], 1, look))
        took = time.monotonic() - began
        assert found == [["ann"], ["bob"]], f"ann and bob went on two tours, and those returned {found}"
        assert took == 2, (
            f"two tours of 2 s with a place of their own took {took:g} s instead of 2 s: one waited for the other; a "
            "tour "
            "makes its own gate"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(6)
@pytest.mark.means(
    ValueError="two threads asked one generator for the next visitor at the same time, which it does not allow: take "
    "the next one under a lock, or from a queue"
)
def test_the_gate_of_a_tour_holds_in_every_order(race):
    def scenario():
        steps = []

        def look(visitor):
            steps.append(+1)
            steps.append(-1)
            return visitor

        found = show_round([1, 2, 3], 2, look)
        most = most_at_once(steps)
        assert most <= 2, f"{most} looked at once where there are 2 places: all have to pass the same gate"
        assert found == [1, 2, 3], f"the visitors 1, 2 and 3 saw {found}: keep what each has seen in its own place"

    race.explore(scenario, schedules=11)


@pytest.mark.task(6)
@pytest.mark.means(
    ValueError="nobody may come: an empty list of visitors is no error, and a pool needs one worker at least"
)
def test_no_visitors_and_no_threads_left(race):
    def scenario():
        before = threading.active_count()
        found = show_round([], 2, time.sleep)
        assert found == [], f"nobody came, and show_round returned {found!r} instead of an empty list"
        show_round([1, 2], 1, time.sleep)
        left = threading.active_count() - before
        assert left == 0, f"show_round came back, and {left} of its threads still run: join every thread"

    race.explore(scenario, schedules=6)

"""The serving hatch: the tests. Time is virtual; in tasks 1 and 2 you say how the threads mix."""

import threading
import time

import pytest
from condition_handoff import Closed, Hatch, break_looks_once, break_looks_outside
from hatches import LooksOnce, LooksOutside

GUARD = 9  # nobody may wait for so long
DAY = 86_400
ODD = 1 + 1 / 512  # nobody who looks every now and then looks at this very moment
UNLOCKED = (
    "wait, notify and notify_all are for whoever holds the lock of the condition, and here somebody called one of them "
    "without it, or released a lock that he did not hold: write `with condition:` around what you look at, what you "
    "change, and the call"
)
EMPTY = (
    "somebody took from an empty hatch: a wake-up does not say that there is a dish, as somebody else may have been "
    "quicker; look again after each wait, `while` instead of `if`, or wait_for, and take in the same step"
)


def check_steps(steps):
    """A schedule is a list of steps."""
    __tracebackhide__ = True
    if not isinstance(steps, list):
        pytest.fail(f"a schedule is a list of steps, and this is {steps!r}", pytrace=False)


@pytest.mark.task(1)
def test_the_hatch_that_looks_outside_breaks(race):
    def scenario():
        hatch, served = LooksOutside(), []
        waiter = threading.Thread(target=lambda: served.append(hatch.take()), name="waiter")
        cook = threading.Thread(target=hatch.put, args=("soup",), name="cook")
        waiter.start()
        cook.start()
        waiter.join()
        cook.join()
        return served

    steps = break_looks_outside()
    check_steps(steps)
    if steps[-1:] == ["waiter: to the end"]:  # he never gets there, and that is what is wanted
        steps = steps[:-1]
    played = race.play(scenario, steps, check=False)
    if not played.failed:
        pytest.fail(
            f"under this schedule the waiter took {played.value}, and the hatch is not broken: let the cook put and "
            f"notify when the waiter has looked and does not yet wait. What happened:\n\n{played}",
            pytrace=False,
        )


@pytest.mark.task(2)
def test_the_hatch_that_looks_once_breaks(race):
    def scenario():
        hatch, served = LooksOnce(), []

        def take():
            try:
                served.append(hatch.take())
            except IndexError:
                served.append("nothing")

        def cook():
            hatch.put("soup")
            hatch.put("fish")

        tasks = {"ann": take, "bob": take, "cook": cook}
        threads = [threading.Thread(target=act, name=name) for name, act in tasks.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return served

    steps = break_looks_once()
    check_steps(steps)
    played = race.play(scenario, steps)
    if "nothing" not in played.value:
        pytest.fail(
            f"under this schedule ann and bob took {played.value}, and the hatch is not broken: let one of them be "
            "woken, and the other one take the dish before the first goes on, and before the second dish is there. "
            f"What happened:\n\n{played}",
            pytrace=False,
        )


def answer(act):
    """Call; return what it returned, or the name of the error that the contract knows."""
    try:
        return act()
    except (Closed, TimeoutError) as error:
        return type(error).__name__


def call(answers, act, name=None):
    """Let a thread call something, and note its answer and when it came; a daemon, as it may wait for ever."""
    began = time.monotonic()

    def run():
        found = answer(act)
        answers.append((found, time.monotonic() - began))

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def ask(act):
    """Call in another thread, and return the answer and how long it took; ("no answer", …) if it waits for ever."""
    answers = []
    call(answers, act, name="who asks").join(GUARD)
    return answers[0] if answers else ("no answer", GUARD)


def check_works(hatch, after):
    """Whatever happened before, a dish that is put is taken, and nothing is left."""
    answers = []
    for act in (lambda: hatch.put("cake"), lambda: hatch.take(5), lambda: hatch.cleared(5)):
        call(answers, act, name="who comes next").join(GUARD)
    found = [each for each, _ in answers]
    assert len(found) == 3, (
        f"{after}; then somebody put a dish and took it, and 9 s later he still waits: the lock is still taken; "
        "use `with`, which releases it on every way out"
    )
    assert found == [None, "cake", True], (
        f"{after}; then somebody put a cake and wanted to take it, and put, take and cleared answered {found}"
    )


@pytest.mark.task(3)
@pytest.mark.means(RuntimeError=UNLOCKED, IndexError=EMPTY)
def test_a_dish_is_put_and_taken(race):
    def scenario():
        hatch, dishes = Hatch(), ["soup", "fish", "soup"]
        for dish in dishes:
            said = ask(lambda dish=dish: hatch.put(dish))
            assert said == (None, 0), (
                f"nobody takes, and put answered {said[0]!r} after {said[1]:g} s: put does not wait"
            )
        served = [ask(hatch.take)[0] for _ in dishes]
        assert "no answer" not in served, (
            f"{dishes} were put, then take was called for each, and the answers, 9 s later at most, are {served}: look "
            "for a dish before you wait, as nobody rings for what is there already"
        )
        assert served == dishes, f"{dishes} were put, {served} were taken: the oldest first"
        other = Hatch()
        hatch.put("fish")
        said = ask(lambda: other.take(0))[0]
        assert said != "no answer", (
            "there was nothing, and take(0) still waits 9 s later: with a patience of 0 nobody waits"
        )
        assert said == "TimeoutError", (
            f"a fish was put into one hatch, and from another one somebody took {said!r}: what belongs to one hatch is "
            "made in __init__"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
@pytest.mark.means(RuntimeError=UNLOCKED, IndexError=EMPTY)
@pytest.mark.parametrize("patience", [None, 5, 0])
def test_any_object_is_a_dish(race, patience):
    def scenario():
        hatch, dishes = Hatch(), [None, 0, "", False, [], "soup"]
        for dish in dishes:
            ask(lambda dish=dish: hatch.put(dish))
        served = [ask(lambda: hatch.take(patience))[0] for _ in dishes]
        assert served == dishes, (
            f"{dishes} were put, then take({patience}) was called for each and answered {served}: any object is a "
            "dish, "
            "also None and what is false"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(3)
@pytest.mark.means(RuntimeError=UNLOCKED, IndexError=EMPTY)
def test_who_waits_at_one_hatch_is_not_woken_for_another(race):
    def scenario():
        other, hatch, answers = Hatch(), Hatch(), []
        call([], other.take, name="ann")
        time.sleep(1)
        call(answers, hatch.take, name="bob")
        time.sleep(1)
        hatch.put("soup")
        time.sleep(GUARD)
        found = [each for each, _ in answers]
        assert found == ["soup"], (
            f"ann waits at one hatch, bob at another one, a soup came to bob's, and 9 s later he has taken {found}: "
            "the "
            "bell rang at the other hatch; what belongs to one hatch is made in __init__"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(3)
@pytest.mark.means(RuntimeError=UNLOCKED, IndexError=EMPTY)
def test_it_does_not_matter_who_comes_first(race):
    def scenario():
        hatch, answers = Hatch(), []
        call(answers, hatch.take, name="waiter")
        putting = threading.Thread(target=hatch.put, args=("soup",), name="cook", daemon=True)
        putting.start()
        time.sleep(GUARD)
        assert not putting.is_alive(), (
            "who takes waits, and who puts cannot get in: `wait` releases the lock while one waits, `sleep` does not"
        )
        assert answers, (
            "a soup was put, and 9 s later who wants it still waits: it was announced when nobody slept yet; looking "
            "and falling asleep, and putting and waking, must each be one step under the same lock"
        )
        assert answers[0][0] == "soup", f"a soup was put, and take answered {answers[0][0]!r}"

    race.explore(scenario, schedules=15)


@pytest.mark.task(3)
@pytest.mark.means(RuntimeError=UNLOCKED, IndexError=EMPTY)
@pytest.mark.parametrize("early", [0, 1], ids=["all at once", "one waits already"])
def test_each_dish_is_taken_once(race, early):
    def scenario():
        hatch, answers = Hatch(), []
        taking = [call(answers, hatch.take, name="ann")]
        time.sleep(early)

        def cook():
            hatch.put("soup")
            hatch.put("fish")

        putting = threading.Thread(target=cook, name="cook", daemon=True)
        putting.start()
        taking.append(call(answers, hatch.take, name="bob"))
        for thread in [*taking, putting]:
            thread.join(GUARD)
        served = sorted(str(found) for found, _ in answers)
        assert len(served) == 2, (
            f"soup and fish were put, two want one each, and 9 s later only {served} were taken: a wake-up was lost, "
            "or woke nobody who needed it"
        )
        assert served == ["fish", "soup"], (
            f"soup and fish were put, two took, and got {served}: who is woken has to look again, and looking and "
            "taking must be one step"
        )

    race.explore(scenario, schedules=23)


@pytest.mark.task(3)
@pytest.mark.means(RuntimeError=UNLOCKED, IndexError=EMPTY)
def test_who_waits_is_woken_at_once(race):
    def scenario():
        hatch, answers = Hatch(), []
        threads = [call(answers, hatch.take, name=name) for name in ("ann", "bob")]
        time.sleep(ODD)
        hatch.put("soup")
        time.sleep(ODD)
        hatch.put("fish")
        for thread in threads:
            thread.join(GUARD)
        assert [found for found, _ in answers] == ["soup", "fish"], (
            f"two wait, a soup comes and then a fish, and 9 s later they have taken {[found for found, _ in answers]}"
        )
        when = [when for _, when in answers]
        assert when == [ODD, 2 * ODD], (
            f"two wait, dishes came at {ODD:g} s and {2 * ODD:g} s, and were taken at {when}: let yourself be woken, "
            "do not look every now and then"
        )

    race.explore(scenario, schedules=3, busy_waiting="fail")


@pytest.mark.task(3)
@pytest.mark.means(RuntimeError=UNLOCKED, IndexError=EMPTY)
def test_several_dishes_wake_several(race):
    def scenario():
        hatch, answers = Hatch(), []
        threads = [call(answers, hatch.take, name=name) for name in ("ann", "bob")]
        time.sleep(1)
        hatch.put("soup")
        hatch.put("fish")
        for thread in threads:
            thread.join(GUARD)
        assert sorted(answers) == [("fish", 1), ("soup", 1)], (
            f"two wait, soup and fish come at 1 s, and 9 s later (dish, seconds) are {sorted(answers)}: each dish has "
            "to wake one, also if there was one before it that nobody has taken yet"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(4)
@pytest.mark.parametrize("patience", [5, 0, ODD])
def test_who_is_out_of_patience_gives_up(race, patience):
    def scenario():
        hatch = Hatch()
        said, took = ask(lambda: hatch.take(patience))
        assert said != "no answer", f"nothing comes, and take({patience:g}) still waits 9 s later: 0 is a patience, too"
        assert said == "TimeoutError", (
            f"nothing comes, and take({patience:g}) answered {said!r} instead of TimeoutError: wait and wait_for "
            "answer False when time is up, and somebody has to look at that"
        )
        assert took == patience, (
            f"nothing comes, and take({patience:g}) raised TimeoutError after {took:g} s instead of {patience:g} s: "
            "all waiting counts, and nothing else takes time; let yourself be woken, and do not sleep"
        )
        check_works(hatch, f"take({patience:g}) raised TimeoutError")

    race.explore(scenario, schedules=2, busy_waiting="fail")


@pytest.mark.task(4)
def test_patience_does_not_slow_down(race):
    def scenario():
        hatch, answers = Hatch(), []
        for patience in (0, 9):
            hatch.put("soup")
            said = ask(lambda patience=patience: hatch.take(patience))
            assert said == ("soup", 0), (
                f"a soup was there, and take({patience}) answered {said[0]!r} after {said[1]:g} s"
            )
        thread = call(answers, lambda: hatch.take(8))
        time.sleep(ODD)
        hatch.put("fish")
        thread.join(GUARD)
        assert answers, f"a fish came at {ODD:g} s, and 9 s later take(8) has neither taken it nor given up"
        assert answers == [("fish", ODD)], (
            f"a fish came at {ODD:g} s, and take(8) answered {answers[0][0]!r} after {answers[0][1]:g} s: wait for the "
            "wake-up, do not sleep"
        )

    race.explore(scenario, schedules=3, busy_waiting="fail")


@pytest.mark.task(4)
@pytest.mark.means(IndexError=EMPTY)
def test_patience_does_not_begin_anew(race):
    def scenario():
        hatch, answers = Hatch(), []
        thread = call(answers, lambda: hatch.take(5), name="ann")
        time.sleep(3)
        hatch.put("soup")
        cook = ask(lambda: hatch.take(0))[0]  # the cook takes it away again, if nobody was quicker
        thread.join(GUARD)
        assert answers, (
            "one waits with a patience of 5 s; a dish comes at 3 s and is gone at once; 9 s later he still waits: "
            "who is woken for nothing waits for the rest of the time, not for ever"
        )
        wanted = ("TimeoutError", 5) if cook == "soup" else ("soup", 3)
        assert answers == [wanted], (
            f"one waits with a patience of 5 s; at 3 s a dish comes, and somebody else may be quicker; he got "
            f"{answers[0][0]!r} after {answers[0][1]:g} s instead of {wanted[0]} after {wanted[1]} s: who is woken for "
            "nothing waits for the rest of the time, not for another 5 s, and not shorter"
        )

    race.explore(scenario, schedules=10)


@pytest.mark.task(4)
def test_two_take_where_two_are_there(race):
    def scenario():
        hatch = Hatch()
        hatch.put("soup")
        hatch.put("fish")
        found = race.run(lambda: ask(lambda: hatch.take(0))[0], lambda: ask(lambda: hatch.take(0))[0])
        assert sorted(found) == ["fish", "soup"], (
            f"soup and fish are there, two take with a patience of 0 at the same time, and got {found}: nobody waits "
            "for a dish then, but who finds one gets it, whoever else is at the hatch"
        )

    race.explore(scenario, schedules=8)


@pytest.mark.task(4)
def test_who_gives_up_takes_no_dish_along(race):
    def scenario():
        hatch, answers = Hatch(), []
        call(answers, lambda: hatch.take(3), name="ann")
        call(answers, hatch.take, name="bob")
        time.sleep(3)
        hatch.put("soup")
        time.sleep(GUARD)
        found = [each for each, _ in answers]
        assert "soup" in found, (
            "ann waits with a patience of 3 s, bob without an end; at 3 s a soup came, ann gave up, and 9 s later bob "
            "still waits though the soup is there: it was ann who was woken; look once more before you give up, "
            "as wait_for does, or wake the next one"
        )
        assert found.count("soup") == 1, f"one soup was put, and the answers were {found}"

    race.explore(scenario, schedules=12)


@pytest.mark.task(4)
def test_a_dish_at_the_last_moment_is_there(race):
    def scenario():
        hatch, answers = Hatch(), []
        call(answers, lambda: hatch.take(3), name="ann")
        time.sleep(3)
        hatch.put("soup")
        time.sleep(1)
        left = ask(lambda: hatch.take(0))[0]
        found = [each for each, _ in answers]
        assert sorted([*found, left]) == ["TimeoutError", "soup"], (
            f"ann waits with a patience of 3 s, at 3 s a soup came, ann's take answered {found}, and then take(0) "
            f"{left!r}: "
            "either she gets it, or it is there for the next; look once more before you give up, in the same step"
        )

    race.explore(scenario, schedules=7)


@pytest.mark.task(4)
@pytest.mark.means(RuntimeError=UNLOCKED, IndexError=EMPTY)
@pytest.mark.parametrize("gives_up", ["ann", "bob", "cid"])
def test_who_gives_up_leaves_the_others_alone(race, gives_up):
    def scenario():
        hatch, answers = Hatch(), []
        for name in ("ann", "bob", "cid"):
            call(answers, lambda name=name: hatch.take(2 if name == gives_up else None), name=name)
            time.sleep(0.5)
        time.sleep(2)
        hatch.put("soup")
        hatch.put("fish")
        time.sleep(GUARD)
        found = sorted(each for each, _ in answers)
        assert found == ["TimeoutError", "fish", "soup"], (
            f"ann, bob and cid wait one after the other, {gives_up} gives up after 2 s, then soup and fish come, and 9 "
            "s "
            f"later the answers are {found}: who gives up takes himself off the list, and nobody else"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(5)
@pytest.mark.means(RuntimeError=UNLOCKED)
def test_the_hatch_is_cleared(race):
    def scenario():
        hatch = Hatch()
        said = ask(hatch.cleared)
        assert said == (True, 0), f"no dish is there, and cleared() answered {said[0]!r} after {said[1]:g} s"
        hatch.put("soup")
        for patience in (5, 0, ODD):
            said, took = ask(lambda patience=patience: hatch.cleared(patience))
            assert (said, took) == (False, patience), (
                f"a soup is there, and cleared({patience:g}) answered {said!r} after {took:g} s instead of False after "
                f"{patience:g} s"
            )
        said = ask(hatch.take)[0]
        assert said == "soup", f"a soup is there, cleared gave up three times, and then take answered {said!r}"
        assert ask(lambda: hatch.cleared(0))[0] is True, "the last dish was taken, and cleared(0) did not answer True"

    race.explore(scenario, schedules=3, busy_waiting="fail")


@pytest.mark.task(5)
@pytest.mark.means(RuntimeError=UNLOCKED)
@pytest.mark.parametrize("patience", [None, 8])
def test_the_last_dish_wakes_who_waits_for_it(race, patience):
    def scenario():
        hatch, answers, served = Hatch(), [], []
        hatch.put("soup")
        thread = call(answers, lambda: hatch.cleared(patience), name="cook")
        for act in (lambda: hatch.put("fish"), hatch.take, hatch.take):
            time.sleep(ODD)
            served.append(ask(act)[0])
        thread.join(GUARD)
        assert served == [None, "soup", "fish"], (
            f"while somebody waits in cleared, put, take and take answered {served}: he must not hold the lock "
            "meanwhile"
        )
        assert answers, (
            f"soup and fish are taken, nothing is left, and 9 s later cleared({patience}) still waits: whoever takes "
            "the last dish has to wake whoever waits for that"
        )
        assert answers == [(True, 3 * ODD)], (
            f"a soup is there, a fish comes at {ODD:g} s, they are taken at {2 * ODD:g} s and {3 * ODD:g} s, and "
            f"cleared({patience}) answered {answers[0][0]!r} after {answers[0][1]:g} s instead of True after "
            f"{3 * ODD:g} s: look again after each wake-up"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(5)
@pytest.mark.means(RuntimeError=UNLOCKED)
def test_all_who_wait_for_an_empty_hatch_are_told(race):
    def scenario():
        hatch, answers = Hatch(), []
        hatch.put("soup")
        for patience in (None, 8, None):
            call(answers, lambda patience=patience: hatch.cleared(patience))
        time.sleep(ODD)
        hatch.take()
        time.sleep(GUARD)
        assert answers == [(True, ODD)] * 3, (
            f"three wait in cleared, the last dish was taken at {ODD:g} s, and 9 s later (answer, seconds) are "
            f"{answers}: "
            "notify wakes one, and all of them have been waiting for this"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(5)
def test_two_who_wait_for_an_empty_hatch_rest(race):
    def scenario():  # two who wake each other come to no end, and the verdict is `unfinished`
        hatch, answers = Hatch(), []
        hatch.put("soup")
        for name in ("ann", "bob"):
            call(answers, hatch.cleared, name=name)
        time.sleep(1)
        hatch.put("fish")
        time.sleep(1)
        hatch.take()
        hatch.take()
        time.sleep(1)
        assert answers == [(True, 2)] * 2, (
            f"two wait until no dish is there, a second dish comes at 1 s, both are taken at 2 s, and the answers are "
            f"{answers} instead of twice True at 2 s"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(5)
@pytest.mark.means(RuntimeError=UNLOCKED)
def test_the_patience_of_who_waits_for_an_empty_hatch(race):
    def scenario():
        hatch, answers = Hatch(), []
        hatch.put("soup")
        hatch.put("fish")
        call(answers, lambda: hatch.cleared(5), name="cook")
        time.sleep(3)
        hatch.take()
        time.sleep(GUARD)
        assert answers == [(False, 5)], (
            f"two dishes are there, one is taken at 3 s, and cleared(5) gave (answer, seconds) {answers} instead of "
            "False "
            "after 5 s: who is woken for nothing waits for the rest of the time, and looks again"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(5)
@pytest.mark.means(RuntimeError=UNLOCKED, IndexError=EMPTY)
def test_the_wrong_one_is_not_woken_instead(race):
    def scenario():
        hatch, answers, said = Hatch(), [], []
        for name in ("ann", "bob"):
            call(answers, hatch.take, name=name)
        time.sleep(1)
        hatch.put("soup")
        call(said, hatch.cleared, name="cook")
        time.sleep(GUARD)
        found = [each for each, _ in answers]
        assert found == ["soup"], f"two wait for a dish, a soup came, and 9 s later they have taken {found}"
        assert said, (
            "the soup was taken, nothing is left, and 9 s later who waits in cleared still waits: some wait for a "
            "dish, some for an empty hatch, and `notify` woke one of the wrong sort; use notify_all, or two "
            "conditions with one lock"
        )

    race.explore(scenario, schedules=13)


@pytest.mark.task(5)
def test_who_has_no_patience_set_waits_for_days(race):
    def scenario():
        hatch, taken, cleared = Hatch(), [], []
        call(taken, hatch.take)
        time.sleep(DAY)
        hatch.put("soup")
        time.sleep(1)
        assert taken == [("soup", DAY)], (
            f"a dish came after a day, and take(), called before, got (answer, seconds) {taken}: without a patience "
            "one waits as long as it takes"
        )
        hatch.put("fish")
        call(cleared, hatch.cleared)
        time.sleep(DAY)
        hatch.take()
        time.sleep(1)
        assert cleared == [(True, DAY)], (
            f"a dish was taken after another day, and cleared() was told {[said for said, _ in cleared]}: without a "
            "patience one waits as long as it takes"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(6)
@pytest.mark.means(RuntimeError=UNLOCKED, IndexError=EMPTY)
@pytest.mark.parametrize("patience", [None, 8])
def test_all_who_wait_are_told(race, patience):
    def scenario():
        hatch, answers = Hatch(), []
        threads = [call(answers, lambda: hatch.take(patience), name=name) for name in ("ann", "bob", "cid")]
        time.sleep(ODD)
        hatch.close()
        for thread in threads:
            thread.join(GUARD)
        told = [found for found, _ in answers]
        assert told == ["Closed"] * 3, (
            f"three wait in take({patience}), the hatch was closed, and 9 s later their answers are {told} instead of "
            "three times Closed: notify wakes one, notify_all wakes all; and who wakes has to look at two things"
        )
        when = [when for _, when in answers]
        assert when == [ODD] * 3, f"the hatch was closed at {ODD:g} s, and those who wait heard of it at {when}"

    race.explore(scenario, schedules=3)


@pytest.mark.task(6)
@pytest.mark.means(IndexError=EMPTY)
def test_what_is_there_is_still_taken(race):
    def scenario():
        hatch = Hatch()
        hatch.put("soup")
        hatch.put(None)
        for _ in range(2):
            said = ask(hatch.close)[0]
            assert said is None, f"close answered {said!r}; it may be called again"
        assert ask(lambda: hatch.cleared(0))[0] is False, (
            "two dishes are there, the hatch was closed, and cleared(0) answered True: closing removes nothing"
        )
        served = [ask(lambda: hatch.take(patience))[0] for patience in (None, 0, 8, None, 0)]
        assert served == ["soup", None, "Closed", "Closed", "Closed"], (
            f"two dishes were there, the hatch was closed, five calls of take answered {served} instead of "
            "['soup', None, 'Closed', 'Closed', 'Closed']: first what is there, then Closed for everybody, at once"
        )
        said = ask(lambda: hatch.put("fish"))[0]
        assert said == "Closed", f"the hatch was closed, and put answered {said!r} instead of Closed"
        said = ask(hatch.cleared)[0]
        assert said is True, (
            f"all dishes were taken, the hatch was closed, and cleared answered {said!r}: nothing is there"
        )
        said = ask(hatch.take)[0]
        assert said == "Closed", f"a dish was refused with Closed, and take answered {said!r}: refuse before you put"

    race.explore(scenario, schedules=3)


@pytest.mark.task(6)
@pytest.mark.means(RuntimeError=UNLOCKED)
def test_closing_clears_nothing(race):
    def scenario():
        hatch, answers = Hatch(), []
        hatch.put("soup")
        call(answers, lambda: hatch.cleared(8), name="cook")
        time.sleep(1)
        hatch.close()
        time.sleep(1)
        hatch.take()
        time.sleep(GUARD)
        assert answers == [(True, 2)], (
            f"a soup is there, the hatch is closed at 1 s, the soup taken at 2 s, and cleared gave (answer, seconds) "
            f"{answers} instead of True after 2 s: for cleared closing changes nothing"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(6)
def test_no_dish_is_lost_when_the_hatch_is_closed(race):
    def scenario():
        hatch, put, closed, served = Hatch(), [], [], []

        def serve():
            found = answer(hatch.take)
            while found != "Closed":
                served.append(found)
                found = answer(hatch.take)

        taking = threading.Thread(target=serve, name="waiter", daemon=True)
        threads = [call(put, lambda: hatch.put("soup"), "cook"), call(closed, hatch.close, "boss"), taking]
        taking.start()
        for thread in threads:
            thread.join(GUARD)
        assert not taking.is_alive(), "the hatch was closed, and 9 s later who takes still waits for a dish"
        assert put, "the hatch was closed, and 9 s later who puts still waits"
        said = put[0][0]
        wanted = ["soup"] if said is None else []
        assert served == wanted, (
            f"somebody put a soup while somebody else closed; put answered {said!r}, and until take raised Closed "
            f"{served} was taken: asking whether the hatch is closed and putting the dish must be one step, and so "
            "must looking for a dish and for the end"
        )

    race.explore(scenario, schedules=20)

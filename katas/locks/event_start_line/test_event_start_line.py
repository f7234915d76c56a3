"""The start line: the tests. Time is virtual, and the threads mix in many ways."""

import functools
import threading
import time
import warnings

import pytest
from event_start_line import StartLine, hold_race

GUARD = 19  # nobody may wait for so long
DAY = 86_400
ODD = 1 + 1 / 512  # nobody who looks every now and then looks at this very moment
NO_ANSWER = "no answer"


class Rain(TimeoutError):
    """What the starter raises in the tests; it says nothing about anybody's patience."""


class Drizzle(Exception):
    """An exception that is false."""

    def __bool__(self):
        return False


def call(answers, act, name=None):
    """Let a thread call something, and note its answer and how long it took; a daemon, as it may wait for ever."""
    began = time.monotonic()

    def run():
        found = act()
        answers.append((found, time.monotonic() - began))

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def ask(act):
    """Call in another thread; return the answer and how long it took, (NO_ANSWER, …) if it waits for ever."""
    answers = []
    call(answers, act, name="who asks").join(GUARD)
    return answers[0] if answers else (NO_ANSWER, GUARD)


def at_once(line, name):
    """Call a method of the line that does not wait."""
    said, took = ask(getattr(line, name))
    assert said != NO_ANSWER, (
        f"somebody called {name}, and {GUARD} s later it has not returned: only `wait` waits, and whoever waits holds "
        "no lock meanwhile"
    )
    assert took == 0, f"{name} took {took:g} s: only `wait` waits"
    return said


def check_started(line, wanted, after):
    """has_started answers what happened last."""
    said = at_once(line, "has_started")
    assert said is wanted, f"{after}, and has_started answered {said!r} instead of {wanted}"


def check_answers(answers, number, wanted, story):
    """All have got the same answer."""
    found = [each for each, _ in answers]
    assert len(found) == number, (
        f"{story}, and {GUARD} s later {number - len(found)} of {number} still wait: whatever is decided, all who wait "
        "have to be told, and those who come later find it as it was left"
    )
    assert found == [wanted] * number, (
        f"{story}, and wait answered {found} instead of {[wanted] * number}: being woken only says that the race is "
        "decided; how, has to be written before anybody is woken"
    )


@pytest.mark.task(1)
def test_nobody_goes_before_the_signal(race):
    def scenario():
        line, answers = StartLine(), []
        check_started(line, False, "a line is new (what belongs to one line is made in __init__)")
        threads = [call(answers, line.wait, name=name) for name in ("ann", "bob", "cid")]
        time.sleep(ODD)
        assert not answers, (
            f"nobody has fired, and wait answered {answers[0][0]!r} after {answers[0][1]:g} s: `wait` of an event "
            "waits while it is not set, and `set` is the signal"
        )
        at_once(line, "fire")
        for thread in threads:
            thread.join(GUARD)
        check_answers(answers, 3, True, "three wait, and then the signal is fired")
        when = [each for _, each in answers]
        assert when == [ODD] * 3, (
            f"three wait, the signal is fired at {ODD:g} s, and they went at {when}: let yourself be woken, do not "
            "look every now and then"
        )
        check_started(line, True, "the signal was fired")

    race.explore(scenario, schedules=3, busy_waiting="fail")


@pytest.mark.task(1)
def test_nobody_misses_the_signal(race):
    def scenario():
        line, answers = StartLine(), []
        threads = [call(answers, line.wait, name="ann")]
        firing = threading.Thread(target=line.fire, name="starter", daemon=True)
        firing.start()
        threads += [call(answers, line.wait, name="bob"), firing]
        for thread in threads:
            thread.join(GUARD)
        check_answers(
            answers, 2, True, "two step up while the signal is fired, some just before it, some just after it"
        )

    race.explore(scenario, schedules=7)


@pytest.mark.task(1)
def test_who_is_late_goes_at_once(race):
    def scenario():
        line, answers = StartLine(), []
        call(answers, line.wait, name="ann")
        time.sleep(1)
        at_once(line, "fire")
        for _ in range(2):
            time.sleep(5)
            said, took = ask(line.wait)
            assert said != NO_ANSWER, (
                f"the signal was fired, one stepped up later, and waits still {GUARD} s later: the signal stays until "
                "line_up; do not take it back, and look before you wait"
            )
            assert (said, took) == (True, 0), (
                f"the signal was fired, one stepped up later, and wait answered {said!r} after {took:g} s instead of "
                "True at once"
            )
        check_started(line, True, "the signal was fired, and two have heard it")

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
def test_who_waits_does_not_give_up(race):
    def scenario():
        line, answers = StartLine(), []
        thread = call(answers, line.wait, name="ann")
        time.sleep(99)
        assert not answers, (
            f"one waits without a patience, nobody has fired, and after {answers[0][1]:g} s wait answered "
            f"{answers[0][0]!r}"
        )
        at_once(line, "fire")
        thread.join(GUARD)
        check_answers(answers, 1, True, "one has waited for 99 s, and then the signal is fired")

    race.explore(scenario, schedules=3, busy_waiting="fail")


@pytest.mark.task(1)
def test_each_line_has_its_own_signal(race):
    def scenario():
        line, other, answers = StartLine(), StartLine(), []
        call(answers, other.wait, name="ann")
        at_once(line, "fire")
        time.sleep(1)
        assert not answers, (
            f"ann waits at one line, another one was fired, and wait answered {answers[0][0]!r}: what belongs to one "
            "line is made in __init__"
        )
        check_started(other, False, "one line was fired, another one was asked")
        at_once(other, "fire")

    race.explore(scenario, schedules=4)


@pytest.mark.task(2)
@pytest.mark.parametrize("patience", [5, 0, ODD])
def test_who_is_out_of_patience_gives_up(race, patience):
    def scenario():
        line = StartLine()
        said, took = ask(lambda: line.wait(patience))
        assert said != NO_ANSWER, (
            f"nobody fires, and wait({patience:g}) still waits {GUARD} s later: 0 is a patience, too"
        )
        assert said is False, (
            f"nobody fires, and wait({patience:g}) answered {said!r} after {took:g} s instead of False: that time is "
            "up is no signal; look at what `wait` of the event returns"
        )
        assert took == patience, (
            f"nobody fires, and wait({patience:g}) answered False after {took:g} s instead of {patience:g} s"
        )
        check_started(line, False, "somebody gave up")
        at_once(line, "fire")
        said, took = ask(line.wait)
        assert (said, took) == (True, 0), (
            f"somebody gave up, then the signal was fired, and wait answered {said!r} after {took:g} s instead of True "
            "at once: who gives up decides nothing"
        )

    race.explore(scenario, schedules=2, busy_waiting="fail")


@pytest.mark.task(2)
def test_patience_does_not_slow_down(race):
    def scenario():
        line, answers = StartLine(), []
        threads = [call(answers, lambda: line.wait(8), name="ann"), call(answers, lambda: line.wait(1), name="bob")]
        time.sleep(ODD)
        assert answers == [(False, 1)], (
            f"ann waits with a patience of 8 s, bob with one of 1 s, nobody has fired, and at {ODD:g} s the answers "
            f"are {answers} instead of [(False, 1)]"
        )
        at_once(line, "fire")
        for thread in threads:
            thread.join(GUARD)
        assert answers[1:] == [(True, ODD)], (
            f"the signal was fired at {ODD:g} s, bob had given up before, and ann with her patience of 8 s has "
            f"{answers[1:]} instead of [(True, {ODD:g})]: wait for the signal, do not sleep"
        )
        for patience in (0, 8):
            said, took = ask(lambda patience=patience: line.wait(patience))
            assert (said, took) == (True, 0), (
                f"the signal was fired long ago, and wait({patience}) answered {said!r} after {took:g} s instead of "
                "True at once"
            )

    race.explore(scenario, schedules=4, busy_waiting="fail")


@pytest.mark.task(3)
def test_all_who_wait_are_told_that_it_is_called_off(race):
    def scenario():
        line, answers = StartLine(), []
        threads = [call(answers, line.wait, name="ann"), call(answers, lambda: line.wait(8), name="bob")]
        time.sleep(ODD)
        at_once(line, "call_off")
        for thread in threads:
            thread.join(GUARD)
        check_answers(answers, 2, False, "two wait, and then the race is called off")
        when = [each for _, each in answers]
        assert when == [ODD] * 2, (
            f"two wait, the race is called off at {ODD:g} s, and they were told at {when}: wake all"
        )
        check_started(line, False, "the race was called off")
        said, took = ask(line.wait)
        assert (said, took) == (False, 0), (
            f"the race was called off, one stepped up later, and wait answered {said!r} after {took:g} s instead of "
            "False at once: nobody may be left standing"
        )

    race.explore(scenario, schedules=4, busy_waiting="fail")


@pytest.mark.task(3)
@pytest.mark.parametrize("acts", [("fire", "call_off", "call_off"), ("call_off", "fire")], ids=" ".join)
def test_what_comes_first_decides(race, acts):
    def scenario():
        line, answers, wanted = StartLine(), [], acts[0] == "fire"
        thread = call(answers, line.wait, name="ann")
        time.sleep(1)
        for act in acts:
            at_once(line, act)
        story = f"somebody called {', '.join(acts)}, in this order"
        check_started(line, wanted, story)
        thread.join(GUARD)
        check_answers(answers, 1, wanted, f"{story}, and one had been waiting")
        said, _ = ask(line.wait)
        assert said is wanted, (
            f"{story}, one stepped up later, and wait answered {said!r} instead of {wanted}: what comes first decides"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
def test_all_are_told_the_same(race):
    def scenario():
        line, answers = StartLine(), []
        threads = [call(answers, line.wait, name="ann")]
        for name in ("fire", "call_off"):
            threads.append(threading.Thread(target=getattr(line, name), name=name, daemon=True))
            threads[-1].start()
        for thread in threads:
            thread.join(GUARD)
        assert len(answers) == 1, (
            f"one called fire, another one call_off, at the same time, and {GUARD} s later ann still waits"
        )
        ann, late = answers[0][0], ask(line.wait)[0]
        started = at_once(line, "has_started")
        assert ann == late == started, (
            f"one called fire, another one call_off, at the same time; then wait answered {ann!r} to ann and "
            f"{late!r} to who came later, and has_started {started!r}: looking whether the race is decided, and "
            "deciding it, must be one step, and what the runners are told is written before they are woken"
        )

    race.explore(scenario, schedules=55)


@pytest.mark.task(4)
@pytest.mark.parametrize("decided", ["fire", "call_off"])
def test_the_next_race_is_undecided(race, decided):
    def scenario():
        line, answers = StartLine(), []
        for again in range(2):
            at_once(line, decided)
            at_once(line, "line_up")
            story = f"{decided} and line_up were called{', and both once more' * again}"
            check_started(line, False, story)
            said, took = ask(lambda: line.wait(2))
            assert (said, took) == (False, 2), (
                f"{story}, and wait(2) answered {said!r} after {took:g} s instead of False after 2 s: the next race is "
                "not decided yet"
            )
        thread = call(answers, line.wait, name="ann")
        time.sleep(1)
        at_once(line, "fire")
        thread.join(GUARD)
        check_answers(answers, 1, True, f"{decided} and line_up were called, then one waited, and then fire was called")
        check_started(line, True, f"{decided}, line_up and fire were called")

    race.explore(scenario, schedules=2, busy_waiting="fail")


@pytest.mark.task(4)
@pytest.mark.parametrize(
    "acts",
    [
        ("fire", "line_up"),
        ("call_off", "line_up"),
        ("fire", "line_up", "call_off"),
        ("call_off", "line_up", "fire"),
        ("fire", "line_up", "call_off", "line_up"),
        ("call_off", "line_up", "fire", "line_up", "call_off"),
    ],
    ids=" ".join,
)
def test_who_was_waiting_keeps_his_answer(race, acts):
    def scenario():
        line, answers, wanted = StartLine(), [], acts[0] == "fire"
        threads = [call(answers, line.wait, name="ann"), call(answers, lambda: line.wait(8), name="bob")]
        time.sleep(1)

        def decide():
            for act in acts:
                getattr(line, act)()

        call([], decide, name="starter").join(GUARD)
        for thread in threads:
            thread.join(GUARD)
        story = f"two were waiting when {', '.join(acts)} were called, one right after the other"
        assert len(answers) == 2, (
            f"{story}, and {GUARD} s later {2 - len(answers)} of 2 still wait: their race was decided; do not let who "
            "wakes look at a flag that was cleared meanwhile"
        )
        found = [said for said, _ in answers]
        assert found == [wanted] * 2, (
            f"{story}, and wait answered {found} instead of {[wanted] * 2}: they waited for the old race, and nobody "
            "may take its answer away before they have read it; an event for each race is the simplest way"
        )
        assert [when for _, when in answers] == [1, 1], (
            f"{story} at 1 s, and they went at {[when for _, when in answers]}"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_who_comes_in_between_waits_for_the_one_or_the_other(race):
    def scenario():
        line, answers = StartLine(), []

        def decide():
            line.call_off()
            line.line_up()

        threads = [
            call([], decide, name="starter"),
            call(answers, lambda: [line.wait()], name="ann"),
            call(answers, lambda: [line.wait()], name="bob"),
        ]
        threads[0].join(GUARD)
        time.sleep(1)
        waiting = 2 - len(answers)
        at_once(line, "fire")
        for thread in threads:
            thread.join(GUARD)
        wanted = [([False], 0)] * (2 - waiting) + [([True], 1)] * waiting
        assert answers == wanted, (
            "a race was called off, and the next one lined up and fired 1 s later; two stepped up at the time of the "
            f"first, and ([answer], seconds) are {answers} instead of {wanted}: who waits for a race gets the "
            "answer of this race; find out once for which one you wait"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(4)
def test_who_gives_up_hears_nothing_of_the_next_race(race):
    def scenario():
        line, answers = StartLine(), []
        thread = call(answers, lambda: line.wait(2), name="ann")
        time.sleep(2)
        for act in ("call_off", "line_up", "fire"):
            getattr(line, act)()
        thread.join(GUARD)
        assert answers == [(False, 2)], (
            "ann waited with a patience of 2 s; at this moment the race was called off, and the next one lined up and "
            f"started: ([answer], seconds) are {answers} instead of [(False, 2)]; who is out of patience does not look "
            "at the race that is on by then"
        )

    race.explore(scenario, schedules=24)


@pytest.mark.task(4)
def test_who_wakes_looks_at_one_race_only(race):
    def scenario():
        line, answers = StartLine(), []
        thread = call(answers, line.wait, name="ann")
        time.sleep(1)
        line.fire()
        line.line_up()
        thread.join(GUARD)
        assert answers == [(True, 1)], (
            "ann waited, the race was started and the next one lined up while she woke, and ([answer], seconds) are "
            f"{answers} instead of [(True, 1)]: find out once for which race you wait, and ask no other one"
        )

    race.explore(scenario, schedules=24)


@pytest.mark.task(4)
def test_an_undecided_race_goes_on(race):
    def scenario():
        line, answers = StartLine(), []
        thread = call(answers, line.wait, name="ann")
        time.sleep(1)
        at_once(line, "line_up")
        time.sleep(1)
        at_once(line, "fire")
        thread.join(GUARD)
        check_answers(
            answers, 1, True, "one waits, line_up is called though nothing is decided yet, and then the signal is fired"
        )
        assert answers[0][1] == 2, f"the signal was fired at 2 s, and who was waiting went at {answers[0][1]:g} s"

    race.explore(scenario, schedules=5)


@pytest.mark.task(4)
def test_two_line_up_at_once(race):
    def scenario():
        line, answers = StartLine(), []
        line.fire()
        threads = [
            call([], line.line_up, name="one steward"),
            call([], line.line_up, name="another steward"),
            call(answers, line.wait, name="ann"),
        ]
        time.sleep(1)
        at_once(line, "fire")
        for thread in threads:
            thread.join(GUARD)
        check_answers(
            answers,
            1,
            True,
            "a race was started, two called line_up at the same time, one stepped up meanwhile, and the next race was "
            "started (looking whether the race is decided, and going on to the next, must be one step)",
        )

    race.explore(scenario, schedules=10)


class Meeting:
    """What happens at the line, noted by single appends."""

    def __init__(self, ready=None, paces=None, word=(3, True)):
        self.ready = ready or {}  # seconds by runner
        self.paces = paces or {}
        self.after, self.word = word
        self.began = time.monotonic()
        self.events = []  # (what, runner, seconds)
        self.threads = []

    def note(self, what, runner=None):
        """Note what happens now."""
        self.events.append((what, runner, time.monotonic() - self.began))

    def step_up(self, runner):
        """Tie the shoes."""
        self.threads.append(threading.current_thread())
        self.note("steps up", runner)
        time.sleep(self.ready.get(runner, 0) if self.ready else 0)

    def starter(self):
        """Give the word."""
        self.note("starter")
        time.sleep(self.after)
        if isinstance(self.word, Exception):
            raise self.word
        return self.word

    def run(self, runner):
        """Run."""
        self.threads.append(threading.current_thread())
        self.note("runs", runner)
        time.sleep(self.paces.get(runner, 0) if self.paces else 0)
        self.note("is there", runner)

    def noted(self, what):
        """Return who did this, and when."""
        return sorted(((runner, when) for found, runner, when in self.events if found == what), key=str)

    def hold(self, line, runners):
        """Hold the race in a thread of its own; return what hold_race returned or raised, and how long it took."""
        found = []

        def attempt():
            try:
                answer = hold_race(line, runners, self.step_up, self.starter, self.run)
            except Exception as error:
                answer = error
            found.append((answer, time.monotonic() - self.began))

        thread = threading.Thread(target=attempt, name="hold_race", daemon=True)
        thread.start()
        thread.join(GUARD + self.after)
        if found and isinstance(found[0][0], Exception) and found[0][0] is not self.word:
            raise found[0][0]
        self.check_order(len(runners))
        assert found, (
            f"{self.story()}, and {GUARD} s later hold_race has not come back: somebody still waits at the line; "
            "whatever the starter answers, and also if he raises, everybody has to be told"
        )
        alive = [thread for thread in self.threads if thread.is_alive()]
        assert not alive, (
            f"{self.story()}, and hold_race came back when {len(alive)} of its threads still ran, or waited: tell all, "
            "on every way out, and join them"
        )
        return found[0]

    def check_order(self, number):
        """Everybody steps up at once, and so does the starter."""
        stepped = self.noted("steps up")
        late = [each for each in stepped if each[1]]
        assert len(stepped) == number, (
            f"there are {number} runners, and step_up was called for {len(stepped)} of them: start all before you "
            "join one, and join all before you come back"
        )
        assert not late, (
            f"{late[0][0]!r} stepped up at {late[0][1]:g} s instead of 0 s: start all threads, wait for nobody in "
            "between, and then ask the starter"
        )
        starter = self.noted("starter")
        assert len(starter) == 1, f"the starter was called {len(starter)} times instead of once"
        assert starter[0][1] == 0, (
            f"the starter was called at {starter[0][1]:g} s instead of 0 s: he waits for no runner, and who steps up "
            "later goes at once"
        )

    def story(self):
        """Tell what the starter did."""
        did = "raised" if isinstance(self.word, Exception) else "said"
        return f"after {self.after:g} s the starter {did} {self.word!r}"

    def check_nobody_ran(self):
        """It is called off."""
        ran = self.noted("runs")
        assert not ran, f"{self.story()}, and all the same {ran[0][0]!r} ran at {ran[0][1]:g} s"


@pytest.mark.task(5)
def test_all_run_at_one_signal(race):
    def scenario():
        line, runners = StartLine(), [f"runner {number}" for number in range(10)]
        ready = {"runner 0": 5, "runner 1": 2, "runner 2": ODD}
        meeting = Meeting(ready=ready, paces={"runner 3": 4, "runner 4": 4}, word=(3, True))
        said, took = meeting.hold(line, runners)
        wanted = sorted((runner, max(3, ready.get(runner, 0))) for runner in runners)
        ran = meeting.noted("runs")
        wrong = [each for each in ran if each not in wanted]
        missing = [runner for runner, _ in wanted if runner not in [who for who, _ in ran]]
        assert ran == wanted, (
            f"ten step up, runner 0 after 5 s, the others within 2 s, and the starter says True after 3 s: all go at "
            f"the signal, and who is late goes at once; who ran at another time: {wrong[:3]}, who did not: {missing}"
        )
        assert said is True, f"the race was started, and hold_race returned {said!r} instead of True"
        assert took == 7, (
            f"the last runners need 4 s and ran from 3 s on, and hold_race came back after {took:g} s instead of 7 s: "
            "they run side by side, and when all have ended it comes back"
        )
        check_started(line, True, "hold_race has started a race")

    race.explore(scenario, schedules=3, busy_waiting="fail")


@pytest.mark.task(5)
@pytest.mark.parametrize("runners", [[], ["ann", "ann"], [None, 0, []]], ids=["none", "equal ones", "odd ones"])
def test_whoever_runs(race, runners):
    def scenario():
        meeting = Meeting(word=(0, True))
        said, took = meeting.hold(StartLine(), runners)
        ran = sorted(str(runner) for what, runner, _ in meeting.events if what == "is there")
        assert ran == sorted(map(str, runners)), f"the runners are {runners}, and those who ran are {ran}"
        assert (said, took) == (True, 0), f"the runners are {runners}, and hold_race answered {said!r} after {took:g} s"

    race.explore(scenario, schedules=2)


@pytest.mark.task(5)
@pytest.mark.means(AttributeError="step_up, starter and run have no __name__: whatever can be called will do")
@pytest.mark.parametrize("answer", [False, True, Rain("returned")], ids=repr)
def test_what_runners_return_says_nothing(race, answer):
    def scenario():
        line, ran = StartLine(), []
        step_up = functools.partial(lambda wanted, runner: wanted, answer)
        run = functools.partial(lambda wanted, runner: ran.append(runner) or wanted, answer)
        said = hold_race(line, ["ann", "bob"], step_up, functools.partial(bool, 1), run)
        assert (sorted(ran), said) == (["ann", "bob"], True), (
            f"step_up and run returned {answer!r}, the starter True, those who ran are {sorted(ran)}, and hold_race "
            f"returned {said!r}: only what the starter returns means something"
        )
        check_started(line, True, f"step_up and run returned {answer!r}, the starter True")

    race.explore(scenario, schedules=1)


@pytest.mark.task(5)
@pytest.mark.parametrize(
    "word", [False, Rain("it rains"), Drizzle()], ids=["says no", "raises", "raises what is false"]
)
def test_nobody_is_left_standing(race, word):
    def scenario():
        line, cause = StartLine(), OSError("the sky")
        if word is not False:
            word.__cause__ = cause
        meeting = Meeting(ready={"ann": 5, "bob": 1}, word=(3, word))
        said, took = meeting.hold(line, ["ann", "bob", "cid"])
        meeting.check_nobody_ran()
        if word is False:
            assert said is False, f"{meeting.story()}, and hold_race answered {said!r} instead of False"
        else:
            assert said is word, f"{meeting.story()}, and hold_race answered {said!r}: the caller wants this exception"
            assert said.__cause__ is cause, (
                f"{meeting.story()} from {cause!r}, and what hold_race raised has the cause {said.__cause__!r}: raise "
                "… from None takes away why"
            )
        assert took == 5, (
            f"{meeting.story()}, ann stepped up at 5 s and did not run, and hold_race came back after {took:g} s "
            "instead of 5 s"
        )
        check_started(line, False, meeting.story())
        heard, waited = ask(line.wait)
        assert (heard, waited) == (False, 0), (
            f"{meeting.story()}, hold_race came back, and at the line wait answered {heard!r} after {waited:g} s: it "
            "is called off with `call_off`, for whoever comes"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(5)
@pytest.mark.parametrize("word", [True, False])
def test_it_ends_well_in_every_order(race, word):
    def scenario():
        meeting = Meeting(word=(0, word))
        said, _ = meeting.hold(StartLine(), ["ann", "bob"])
        ran = meeting.noted("runs")
        wanted = [("ann", 0), ("bob", 0)] if word else []
        assert ran == wanted, f"the starter said {word} at once, and those who ran are {ran} instead of {wanted}"
        assert said is word, f"the starter said {word} at once, and hold_race returned {said!r}"

    race.explore(scenario, schedules=2)


@pytest.mark.task(5)
@pytest.mark.parametrize("before", ["fire", "call_off"])
def test_the_last_signal_starts_nobody(race, before):
    def scenario():
        line = StartLine()
        at_once(line, before)
        meeting = Meeting(word=(3, True))
        said, _ = meeting.hold(line, ["ann", "bob"])
        ran, wanted = meeting.noted("runs"), [("ann", 3), ("bob", 3)]
        assert ran == wanted, (
            f"at this line {before} was called for the last race, now the starter says True after 3 s, and they ran at "
            f"{ran} instead of {wanted}: line up before the first runner is there, not after it"
        )
        assert said is True, f"the second race at a line was started, and hold_race returned {said!r}"

    race.explore(scenario, schedules=7, busy_waiting="fail")


@pytest.mark.task(5)
@pytest.mark.parametrize("word", [True, False])
def test_three_races_at_one_line(race, word):
    def scenario():
        line = StartLine()
        for expected in (word, not word, word):
            meeting = Meeting(word=(99, expected))
            said, took = meeting.hold(line, ["ann", "bob"])
            ran, wanted = meeting.noted("runs"), [("ann", 99), ("bob", 99)] if expected else []
            assert (said, ran, took) == (expected, wanted, 99), (
                f"three races at one line; in one of them the starter said {expected} after 99 s, those who ran are "
                f"{ran} instead of {wanted}, and hold_race answered {said!r} after {took:g} s"
            )

    race.explore(scenario, schedules=2)


@pytest.mark.task(5)
@pytest.mark.parametrize("act", ["fire", "call_off"])
@pytest.mark.parametrize("word", [True, False, Rain("it rains")], ids=["True", "False", "raises"])
def test_somebody_else_decides(race, act, word):
    def scenario():
        line, meeting, wanted = StartLine(), Meeting(word=(3, word)), act == "fire"

        def decide():
            time.sleep(1)
            getattr(line, act)()

        call([], decide, name="steward")
        said, took = meeting.hold(line, ["ann", "bob"])
        ran = meeting.noted("runs")
        assert ran == ([("ann", 1), ("bob", 1)] if wanted else []), (
            f"at 1 s somebody called {act}, {meeting.story()}, and those who ran are {ran}: what comes first decides"
        )
        wanted = word if isinstance(word, Rain) else wanted
        assert said is wanted, (
            f"at 1 s somebody called {act}, {meeting.story()}, and hold_race answered {said!r} instead of {wanted!r}: "
            "what comes first decides, ask the line how it was; and what the starter raises is raised all the same"
        )
        assert took == 3, f"{meeting.story()}, and hold_race came back after {took:g} s"

    race.explore(scenario, schedules=2)


@pytest.mark.task(5)
@pytest.mark.parametrize("word", [True, False])
def test_who_waits_at_an_undecided_race_is_told(race, word):
    def scenario():
        line, answers, meeting = StartLine(), [], Meeting(word=(3, word))
        call(answers, line.wait, name="who stood there before")
        time.sleep(1)
        meeting.began = time.monotonic()
        meeting.hold(line, ["ann"])
        time.sleep(1)
        assert answers in ([(word, 4)], [(False, 1)]), (
            f"one stood at a line whose race was undecided when hold_race came at 1 s, {meeting.story()}, and (answer, "
            "seconds) "
            f"are {answers}: who waits there waits for this race, or hears at once that the old one is called off"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(5)
def test_two_races_at_two_lines(race):
    def scenario():
        lines, meetings = [StartLine(), StartLine()], [Meeting(word=(3, True)), Meeting(word=(3, False))]
        found = race.run(
            *(
                lambda line=line, at=at: hold_race(line, ["ann"], at.step_up, at.starter, at.run)
                for line, at in zip(lines, meetings, strict=True)
            )
        )
        ran = [at.noted("runs") for at in meetings]
        assert (found, ran) == ([True, False], [[("ann", 3)], []]), (
            f"at one line the starter said True after 3 s, at another one False: hold_race answered {found} instead of "
            f"[True, False], and those who ran are {ran}"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(5)
def test_nothing_in_it_is_out_of_date(race):
    def scenario():
        line = StartLine()
        for name in ("has_started", "line_up", "fire", "has_started", "line_up", "call_off", "has_started"):
            at_once(line, name)
            ask(lambda: line.wait(0))
        Meeting().hold(line, ["ann"])

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        race.explore(scenario, schedules=3)
    old = sorted({str(each.message) for each in caught if each.category is DeprecationWarning})
    assert not old, f"Python warns of names that are out of date: {'; '.join(old)}"


@pytest.mark.task(5)
def test_forty_wait_for_days(timing):
    with timing.virtual():
        began, ran = time.monotonic(), []

        def run(runner):
            time.sleep(2 * DAY)
            ran.append(runner)

        started = hold_race(StartLine(), range(40), lambda runner: None, lambda: time.sleep(DAY) is None, run)
        took, through = time.monotonic() - began, len(ran)
    assert through == 40, (
        f"forty waited for a signal that came after a day, ran for two days, and {through} had run when hold_race came "
        f"back after {took / DAY:g} days: without a patience one waits as long as it takes, for the signal and for the "
        "last runner"
    )
    assert (started, took) == (True, 3 * DAY), (
        f"forty waited for a signal that came after a day, and ran for two days: hold_race returned {started!r} after "
        f"{took / DAY:g} days instead of True after 3: they run side by side, and a pool has a limit"
    )

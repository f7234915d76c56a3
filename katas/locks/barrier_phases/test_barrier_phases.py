"""The rope party: the tests. Time is virtual, and the threads mix in many ways."""

import functools
import threading
import time
import traceback

import pytest
from barrier_phases import climb

GUARD = 99  # nobody may wait for so long
ODD = 1 + 1 / 512  # nobody who looks every now and then looks at this very moment


class Ankle(Exception):
    """What go raises in the tests."""


class Storm(Exception):
    """What camp raises in the tests."""


class Quiet(Exception):
    """An exception that is false."""

    def __bool__(self):
        return False


class NotBack:
    """What climb has raised as long as it has not come back."""

    def __repr__(self):
        return f"nothing, as it has not come back after {GUARD} s"


NOT_BACK = NotBack()


class Party:
    """What happens on the mountain, noted by single appends."""

    def __init__(self, paces=None, fails=()):
        self.paces = paces or {}  # seconds by climber, or by (climber, stage)
        self.fails = dict(fails)  # what is raised by (climber, stage), or by stage in the camp
        self.began = time.monotonic()
        self.events = []  # ("begins" or "ends", climber, stage), ("camp", None, stage)
        self.threads = []  # (climber, thread)

    def go(self, climber, stage):
        """Climb one stage."""
        self.threads.append((climber, threading.current_thread()))
        self.events.append(("begins", climber, stage))
        time.sleep(self.paces.get((climber, stage), self.paces.get(climber, 0)))
        self.events.append(("ends", climber, stage))
        if (climber, stage) in self.fails:
            raise self.fails[climber, stage]

    def camp(self, stage):
        """Put up the tent."""
        self.events.append(("camp", None, stage))
        if stage in self.fails:
            raise self.fails[stage]

    def took(self):
        """Return how long it took."""
        return time.monotonic() - self.began

    def stages(self, what):
        """List the stages in which something happened."""
        return [stage for found, _, stage in self.events if found == what]

    def check_together(self, climbers):
        """Nobody begins a stage before all have finished the one before."""
        for place, (what, climber, stage) in enumerate(self.events):
            if what != "begins" or not stage:
                continue
            before = {who for found, who, where in self.events[:place] if (found, where) == ("ends", stage - 1)}
            late = sorted(set(range(climbers)) - before)
            assert not late, (
                f"climber {climber} began stage {stage} when climbers {late} had not finished stage {stage - 1}: "
                "all wait for all at the end of each stage"
            )

    def check_camps(self, climbers, stages):
        """There is one camp after each stage, when all are there and before anybody goes on."""
        for stage in stages:
            times = self.stages("camp").count(stage)
            assert times == 1, f"camp({stage}) was called {times} times instead of once"
            place = self.events.index(("camp", None, stage))
            late = [who for who in range(climbers) if ("ends", who, stage) not in self.events[:place]]
            assert not late, f"camp({stage}) was called when climbers {late} were still under way: wait for all first"
            early = [who for what, who, where in self.events[:place] if (what, where) == ("begins", stage + 1)]
            assert not early, (
                f"climbers {early} had begun stage {stage + 1} when camp({stage}) was called: let the barrier call it, "
                "as its action, before it lets anybody go"
            )

    def check_nothing_after(self, stage, climbers):
        """Nobody goes further than this stage, and nobody is still under way."""
        further = sorted({where for what, _, where in self.events if what == "begins" and where > stage})
        assert not further, f"it went wrong in stage {stage}, and somebody began stage {further[0]} all the same"
        camps = [where for where in self.stages("camp") if where > stage]
        assert not camps, f"it went wrong in stage {stage}, and camp({camps[0]}) was called all the same"
        under_way = [
            (who, where)
            for what, who, where in self.events
            if what == "begins" and ("ends", who, where) not in self.events
        ]
        assert not under_way, (
            f"climb came back when climber {under_way[0][0]} was still under way in stage {under_way[0][1]}: wait for "
            "all threads before you raise"
        )
        alive = sorted({climber for climber, thread in self.threads if thread.is_alive()})
        assert not alive, f"climb came back when the threads of climbers {alive} still ran: join all before you raise"


def result_of(party, climbers, stages, patience=None):
    """Climb in a thread of its own; return what climb raised, or None, and how long it took."""
    found = []

    def attempt():
        try:
            climb(climbers, stages, party.go, party.camp, **({} if patience is None else {"patience": patience}))
        except Exception as error:
            found.append((error, party.took()))
        else:
            found.append((None, party.took()))

    thread = threading.Thread(target=attempt, name="climb", daemon=True)
    thread.start()
    thread.join(GUARD)
    if found and isinstance(found[0][0], NotImplementedError):
        raise found[0][0]
    return found[0] if found else (NOT_BACK, party.took())


@pytest.mark.task(1)
@pytest.mark.parametrize(("climbers", "stages"), [(1, 2), (3, 1), (2, 3), (2, 0), (1, 0)])
@pytest.mark.means(
    DeadlockFound="all climbers are in the camp and wait for one more: only those who climb are counted, not the caller"
)
def test_everybody_climbs_all_stages(race, climbers, stages):
    def scenario():
        party = Party()
        climb(climbers, stages, party.go, party.camp)
        for climber in range(climbers):
            for what in ("begins", "ends"):
                found = [stage for noted, who, stage in party.events if (noted, who) == (what, climber)]
                assert found == list(range(stages)), (
                    f"{climbers} climbers, {stages} stages, and when climb came back climber {climber} had been "
                    f"through {found} instead of {list(range(stages))}"
                )

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_they_climb_side_by_side(race):
    def scenario():
        party = Party(paces={(0, 0): 5, (1, 0): 2, (2, 0): 1, (0, 1): 1, (1, 1): 4, (2, 1): ODD})
        climb(3, 2, party.go, party.camp)
        took = party.took()
        assert took == 9, (
            "three climbers need 5, 2 and 1 s for the first stage and 1, 4 and 1.002 s for the second, and climb took "
            f"{took:g} s instead of 9 s: start all before you join one, and hold no lock while somebody climbs"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
def test_each_climber_is_one_thread(race):
    def scenario():
        party = Party(paces={0: 1, 1: 2})
        climb(2, 3, party.go, party.camp)
        for climber in range(2):
            used = {thread for who, thread in party.threads if who == climber}
            assert len(used) == 1, (
                f"climber {climber} was {len(used)} threads in 3 stages: do not join between the stages, let the same "
                "threads wait for each other"
            )
        assert len({thread for _, thread in party.threads}) == 2, "two climbers were one thread"

    race.explore(scenario, schedules=4)


@pytest.mark.task(1)
def test_nobody_takes_the_thread_of_who_has_failed(race):
    def scenario():
        party = Party(fails={(climber, 0): Ankle("twisted") for climber in range(3)})
        result_of(party, 3, 1)
        climbers, threads = {who for who, _ in party.threads}, {thread for _, thread in party.threads}
        assert len(threads) == len(climbers), (
            f"all three fail in the first stage, {len(climbers)} of them began it, and they were {len(threads)} "
            "threads: a "
            "pool lends the thread of who is done to the next; each climber is a thread of his own"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(1)
@pytest.mark.means(
    DeadlockFound="a climber climbs another mountain on the way, or a hill from the camp, and his climb waits for "
    "that: let nothing be shared by two climbs"
)
def test_a_climb_during_a_climb(race):
    def scenario():
        party, inner, hill = Party(), Party(), Party()

        def go(climber, stage):
            party.go(climber, stage)
            if (climber, stage) == (0, 1):
                climb(2, 1, inner.go, inner.camp, 5)

        def camp(stage):
            party.camp(stage)
            if stage == 0:
                climb(2, 1, hill.go, hill.camp)

        climb(2, 2, go, camp)
        for each, stages in ((party, 2), (inner, 1), (hill, 1)):
            each.check_together(2)
            each.check_camps(2, range(stages))

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
@pytest.mark.means(
    AttributeError="go and camp have no __name__: whatever can be called will do, only call it",
    Ankle="go or camp returned an exception, and it was raised: what they return means nothing",
)
def test_what_go_and_camp_return_says_nothing(race):
    def scenario():
        party, answers = Party(), (False, Ankle("returned"), None, 0)

        def go(climber, stage):
            party.go(climber, stage)
            return answers[stage]

        def camp(stage):
            party.camp(stage)
            return answers[stage]

        climb(2, 4, functools.partial(go), functools.partial(camp))
        reached = [party.stages("begins"), party.stages("camp")]
        assert reached == [[0, 0, 1, 1, 2, 2, 3, 3], [0, 1, 2, 3]], (
            f"for the stages 0 to 3 go and camp returned {answers}, and they were called for the stages {reached}: "
            "what they return means nothing, who turns back raises"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(2)
@pytest.mark.parametrize(("climbers", "stages"), [(2, 2), (2, 3), (3, 2)])
@pytest.mark.means(
    DeadlockFound="somebody waits in a camp that all have reached: two have changed a number at the same time, or a "
    "door was closed before all were through"
)
def test_nobody_is_ahead(race, climbers, stages):
    def scenario():
        party = Party()
        climb(climbers, stages, party.go, party.camp)
        party.check_together(climbers)

    race.explore(scenario, schedules=8)


@pytest.mark.task(2)
def test_the_slowest_is_waited_for(race):
    def scenario():
        party = Party(paces={(0, 0): 50, (1, 1): 50, (2, 2): 50})
        climb(3, 3, party.go, party.camp)
        party.check_together(3)
        assert party.took() == 150, (
            f"three stages of 50 s took {party.took():g} s instead of 150 s: go on when all are there, not later"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound="forty climb, and not all of them are on their way: a pool has a limit, and who has no thread never "
    "comes to the camp"
)
def test_forty_climb_for_days(timing):
    with timing.virtual():
        party = Party(paces=dict.fromkeys(range(40), 86_400))
        climb(40, 2, party.go, party.camp)
        party.check_together(40)
        took = party.took()
    assert took == 2 * 86_400, (
        f"forty climbers need a day for each of two stages, and climb came back after {took / 86_400:g} days instead "
        "of 2: without a patience all are waited for as long as it takes"
    )


@pytest.mark.task(2)
def test_they_go_on_at_once(race):
    def scenario():
        party = Party(paces={(0, 0): ODD, (1, 1): ODD})
        climb(2, 2, party.go, party.camp)
        assert party.took() == 2 * ODD, (
            f"the slower one needs {ODD:g} s for each of two stages, and climb took {party.took():g} s instead of "
            f"{2 * ODD:g} s: wait for each other, do not look again and again"
        )

    race.explore(scenario, schedules=4, busy_waiting="fail")


@pytest.mark.task(3)
@pytest.mark.parametrize(("climbers", "stages"), [(1, 2), (2, 2), (3, 2)])
def test_one_camp_when_all_are_there(race, climbers, stages):
    def scenario():
        party = Party()
        climb(climbers, stages, party.go, party.camp)
        party.check_camps(climbers, range(stages))
        found = party.stages("camp")
        assert found == list(range(stages)), f"camps were put up after the stages {found} of {stages}"

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
@pytest.mark.parametrize("stage", [0, 1, 2], ids=["in the first stage", "in the second", "in the last"])
def test_one_fails_and_nobody_waits_for_him(race, stage):
    def scenario():
        error = Ankle("twisted")
        party = Party(paces={0: 1, 1: 2, 2: 5}, fails={(1, stage): error})
        raised, took = result_of(party, 3, 3)
        assert raised is not NOT_BACK, (
            f"climber 1 failed in stage {stage}, and {GUARD} s later climb has not come back: somebody still waits for "
            "him; who fails has to tell the others, use `abort`"
        )
        assert raised is error, (
            f"climber 1 raised {error!r}, and climb raised {raised!r}: keep the exception of who has failed, and "
            "raise it when all have ended"
        )
        party.check_nothing_after(stage, 3)
        party.check_camps(3, range(stage))
        assert stage not in party.stages("camp"), f"climber 1 failed in stage {stage}, and camp({stage}) was called"
        wanted = 5 * (stage + 1)
        assert took == wanted, (
            f"each stage takes 5 s, climber 1 failed in stage {stage}, and climb came back after {took:g} s instead of "
            f"{wanted} s: who is under way goes to the end of the stage, and nobody waits any longer"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
@pytest.mark.parametrize(
    ("error", "patience"),
    [(TimeoutError("no signal"), None), (TimeoutError("no signal"), 60), (Quiet(), None), (RuntimeError("fog"), 60)],
    ids=["TimeoutError", "TimeoutError with patience", "what is false", "RuntimeError with patience"],
)
@pytest.mark.parametrize("where", [(0, 1), 1], ids=["go", "camp"])
def test_what_is_raised_is_this_very_exception(race, error, patience, where):
    def scenario():
        cause = OSError("out of reach")
        error.__cause__, error.__traceback__ = cause, None
        party = Party(paces={1: 1}, fails={where: error})
        raised, _ = result_of(party, 2, 3, patience)
        assert raised is error, (
            f"{'camp(1)' if where == 1 else 'climber 0'} raised {error!r}, nobody was late, and climb raised "
            f"{raised!r}: tell "
            "by other means than its kind, and whether it is false, who has failed"
        )
        assert raised.__cause__ is cause, (
            f"{error!r} was raised from {cause!r}, and what climb raised has the cause {raised.__cause__!r}: raise … "
            "from takes away why, raise it as it is"
        )
        places = [frame.f_code.co_name for frame, _ in traceback.walk_tb(raised.__traceback__)]
        assert ("camp" if where == 1 else "go") in places, (
            f"the traceback of what climb raised leads through {places} only: keep it, or nobody can see where it went "
            "wrong"
        )
        party.check_nothing_after(1, 2)

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_one_fails_in_every_order(race):
    def scenario():
        error = Ankle("twisted")
        party = Party(fails={(0, 1): error})
        raised, _ = result_of(party, 2, 3)
        assert raised is not NOT_BACK, (
            f"climber 0 failed in stage 1, and {GUARD} s later climb has not come back: somebody who arrived before "
            "him or "
            "after him still waits; `abort` is for both"
        )
        assert raised is error, f"climber 0 raised {error!r}, and climb raised {raised!r}"
        party.check_together(2)
        party.check_nothing_after(1, 2)
        party.check_camps(2, [0])

    race.explore(scenario, schedules=11)


@pytest.mark.task(4)
def test_the_last_to_arrive_fails(race):
    def scenario():
        error = Ankle("twisted")
        party = Party(paces={0: 1, 1: 3}, fails={(1, 0): error})
        raised, took = result_of(party, 2, 2)
        assert raised is error, (
            f"climber 0 waits in the camp since 1 s, climber 1 fails at 3 s, and {GUARD} s later climb has not come "
            "back: "
            "wake those who wait"
            if raised is NOT_BACK
            else f"climber 1 raised {error!r}, and climb raised {raised!r}"
        )
        assert took == 3, f"climber 1, the last, failed at 3 s, and climb came back at {took:g} s"
        party.check_nothing_after(0, 2)

    race.explore(scenario, schedules=4)


@pytest.mark.task(4)
def test_who_comes_after_the_failure_does_not_wait(race):
    def scenario():
        error = Ankle("twisted")
        party = Party(paces={0: 1, 1: 3, 2: 4}, fails={(0, 0): error})
        raised, took = result_of(party, 3, 2)
        assert raised is error, (
            "climber 0 fails at 1 s, climbers 1 and 2 arrive at 3 and 4 s, and 99 s later climb has not come back: "
            "the barrier "
            "must stay broken for those who come later; `reset` makes it as good as new"
            if raised is NOT_BACK
            else f"climber 0 raised {error!r}, and climb raised {raised!r}"
        )
        assert took == 4, f"climber 0 failed at 1 s, the last arrived at 4 s, and climb came back at {took:g} s"
        party.check_nothing_after(0, 3)

    race.explore(scenario, schedules=4)


@pytest.mark.task(4)
def test_two_fail(race):
    def scenario():
        errors = [Ankle("left"), Ankle("right")]
        party = Party(paces={0: 1, 1: 1, 2: 2}, fails={(0, 0): errors[0], (1, 0): errors[1]})
        raised, took = result_of(party, 3, 2)
        assert raised in errors, f"climbers 0 and 1 failed, and climb raised {raised!r} instead of what one of them did"
        assert took == 2, f"two failed at 1 s, the third arrived at 2 s, and climb came back at {took:g} s"
        party.check_nothing_after(0, 3)

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize("stage", [0, 1])
def test_a_camp_fails(race, stage):
    def scenario():
        error = Storm("the tent is gone")
        party = Party(paces={0: 1, 1: 2}, fails={stage: error})
        raised, took = result_of(party, 2, 2)
        assert raised is not NOT_BACK, (
            f"camp({stage}) raised, and {GUARD} s later climb has not come back: nobody may wait any longer"
        )
        assert raised is error, f"camp({stage}) raised {error!r}, and climb raised {raised!r}"
        party.check_nothing_after(stage, 2)
        assert took == 2 * (stage + 1), (
            f"camp({stage}) raised at {2 * (stage + 1)} s, and climb came back at {took:g} s"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_one_climb_does_not_spoil_another(race):
    def scenario():
        first, second = Party(paces={0: 1, 1: 2}, fails={(0, 0): Ankle("twisted")}), Party(paces={0: 2, 1: 1})
        found = race.run(lambda: result_of(first, 2, 2), lambda: result_of(second, 2, 2))
        assert found[1] == (None, 4), (
            f"two parties climb, one of them fails, and the other one got {found[1][0]!r} after {found[1][1]:g} s "
            "instead "
            "of coming back after 4 s: each climb needs a barrier of its own"
        )
        third = Party()
        raised, _ = result_of(third, 2, 2)
        assert raised is None, f"one party failed, and the next one, which did not, got {raised!r}"

    race.explore(scenario, schedules=3)


@pytest.mark.task(5)
@pytest.mark.parametrize("stage", [0, 1, 2], ids=["in the first stage", "in the second", "in the last"])
def test_who_is_late_is_not_waited_for(race, stage):
    def scenario():
        party = Party(paces={0: 1, 1: 2, (2, stage): 20, 2: 1})
        raised, took = result_of(party, 3, 3, patience=5)
        assert raised is not None, (
            f"climber 2 needed 20 s for stage {stage}, the others had a patience of 5 s, and climb raised nothing: who "
            "gives up waiting must not go on, and the camp after the last stage is one like the others"
        )
        assert isinstance(raised, TimeoutError), (
            f"the others waited for climber 2 with a patience of 5 s, he came after 20 s, and climb raised {raised!r} "
            "instead of TimeoutError"
        )
        party.check_nothing_after(stage, 3)
        party.check_camps(3, range(stage))
        assert stage not in party.stages("camp"), f"somebody was late in stage {stage}, and camp({stage}) was called"
        wanted = 2 * stage + 20
        assert took == wanted, (
            f"climber 2 was under way until {wanted} s, nobody waited for him any longer, and climb came back at "
            f"{took:g} s"
        )

    race.explore(scenario, schedules=2, busy_waiting="fail")


@pytest.mark.task(5)
def test_when_one_gives_up_all_do(race):
    def scenario():
        party = Party(paces={0: 1, 1: 4, 2: 8})
        raised, took = result_of(party, 3, 2, patience=5)
        assert isinstance(raised, TimeoutError), (
            "climbers 0, 1 and 2 arrive at 1, 4 and 8 s with a patience of 5 s, climber 0 gives up at 6 s, and climb "
            "raised "
            f"{raised!r} instead of TimeoutError"
        )
        assert took == 8, (
            "climbers 0, 1 and 2 arrive at 1, 4 and 8 s with a patience of 5 s, climber 0 gives up at 6 s, and climb "
            "came "
            f"back at {took:g} s instead of 8 s: when one gives up, nobody waits any longer"
        )
        party.check_nothing_after(0, 3)

    race.explore(scenario, schedules=3)


@pytest.mark.task(5)
def test_patience_that_suffices(race):
    def scenario():
        party = Party(paces={0: 3, 1: 6})
        raised, took = result_of(party, 2, 3, patience=ODD + 3)
        assert (raised, took) == (None, 18), (
            f"nobody waited for more than 3 s in a camp, with a patience of {ODD + 3:g} s, and climb got {raised!r} "
            "after "
            f"{took:g} s instead of coming back after 18 s: each wait has its own time, and the way there does not "
            "count"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(5)
def test_no_patience_at_all(race):
    def scenario():
        party = Party(paces={0: 1, 1: 2})
        raised, took = result_of(party, 2, 2, patience=0)
        assert (type(raised), took) == (TimeoutError, 2), (
            "with a patience of 0 s, climber 0 arrived at 1 s and climber 1 at 2 s, and climb got "
            f"{raised!r} after {took:g} s instead of a TimeoutError after 2 s: 0 is a patience, too"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(5)
def test_a_failure_tells_more_than_lateness(race):
    def scenario():
        error = Ankle("twisted")
        party = Party(paces={0: 1, 1: 9}, fails={(1, 0): error})
        raised, took = result_of(party, 2, 2, patience=5)
        assert raised is error, (
            f"climber 1 was late and then raised {error!r}, and climb raised {raised!r}: what went wrong in go tells "
            "more"
        )
        assert took == 9, f"climber 1 was under way until 9 s, and climb came back at {took:g} s"

    race.explore(scenario, schedules=5)

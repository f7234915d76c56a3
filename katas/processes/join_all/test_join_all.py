"""The queen's messengers: the tests. Time is virtual in them, and the messengers overtake each other."""

import multiprocessing
import os
import signal
import sys
import time
from functools import partial

import pytest
from join_all import proclaim, report, send_out

ODD = 3 + 1 / 512  # nobody who looks every now and then looks at this very moment
FATES = {
    "fine": lambda: None,
    "nothing to say": lambda: sys.exit(None),
    "bandits": lambda: 1 / 0,
    "seven": lambda: sys.exit(7),
    "wolves": lambda: os.kill(os.getpid(), signal.SIGKILL),
}


def ride(notes, town):
    """Ride as long as the town's number says, and note it."""
    time.sleep(town)
    notes.write(town)


def meet(bridge, town):
    """Ride on when all have come to the bridge."""
    bridge.wait()


def befall(fate):
    """Meet a fate."""
    FATES[fate]()


def riders(*seconds):
    """Start processes that take so long."""
    processes = [multiprocessing.Process(target=time.sleep, args=(each,)) for each in seconds]
    for process in processes:
        process.start()
    return processes


def timed(function, *args):
    """Return what it returned, and how long it took."""
    began = time.monotonic()
    try:
        found = function(*args)
    except AssertionError as error:
        if "join" in str(error):
            found = f"AssertionError({str(error)!r}): only who was started can be joined"
        else:
            raise
    return found, time.monotonic() - began


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound="three messengers were to meet at a bridge: send all out, and wait for nobody")
def test_all_are_out(race):
    def scenario():
        bridge = multiprocessing.Barrier(4)
        messengers = send_out(partial(meet, bridge), (town for town in ["a", "b", "a"]))
        bridge.wait()
        for messenger in messengers:
            messenger.join()
        assert [messenger.exitcode for messenger in messengers] == [0] * 3, f"three were sent out, and are {messengers}"

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_each_has_his_town(race, notes):
    def scenario():
        notes.clear()
        messengers = send_out(partial(ride, notes), [9, 0])
        messengers[1].join()
        assert notes.read() == [0], f"the second one's town is 0, he is back, and seen were {notes.read()}"
        messengers[0].join()
        assert send_out(partial(ride, notes), []) == [], "no towns, no messengers"

    race.explore(scenario, schedules=2)


def see(notes, town):
    """Note a town, whatever it is, and bring something home."""
    notes.write(town)
    return town


@pytest.mark.task(1)
def test_a_town_may_be_anything(race, notes):
    def scenario():
        notes.clear()
        towns = [None, ["rome"], ("a", "b"), 7]
        messengers = send_out(partial(see, notes), towns)
        for messenger in messengers:
            messenger.join()
        seen, codes = notes.read(), [messenger.exitcode for messenger in messengers]
        assert sorted(map(repr, seen)) == sorted(map(repr, towns)), f"the towns are {towns}, and seen were {seen}"
        assert codes == [0] * len(towns), (
            f"all came back, each returned his town, and the exit codes are {codes}: what ride returns is no exit code"
        )

    race.explore(scenario, schedules=1)


def take_a_page_along(town):
    """Ride with a page, and wait for him."""
    page = multiprocessing.Process(target=time.sleep, args=(town,))
    page.start()
    page.join()


@pytest.mark.task(1)
def test_a_messenger_has_a_page(race):
    def scenario():
        words = proclaim(take_a_page_along, [1])
        assert words == ["back"], f"a messenger started a process of his own, and the report is {words}: no daemon may"

    race.explore(scenario, schedules=1)


@pytest.mark.task(2)
@pytest.mark.parametrize("towns", [[1, ODD, 1], [2 * ODD, ODD, 0]])
def test_when_all_are_back(race, notes, towns):
    def scenario():
        notes.clear()
        words, took = timed(proclaim, partial(ride, notes), iter(towns))
        assert sorted(notes.read()) == sorted(towns), (
            f"towns {towns} s away, and when it was reported only {notes.read()} had heard of it: wait for all"
        )
        assert words == ["back"] * len(towns), f"all {len(towns)} are back, and the report is {words}"
        assert took == max(towns), (
            f"towns {towns} s away, and the report came after {took:g} s instead of {max(towns):g} s: "
            "send all out, then wait for each, and do not look every now and then"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_a_town_far_away(race, notes):
    def scenario():
        words = proclaim(partial(ride, notes), [1_000_000])
        assert words == ["back"], f"the town is 1000000 s away, and without a limit the report is {words}"

    race.explore(scenario, schedules=1)


@pytest.mark.task(2)
def test_no_town(race):
    def scenario():
        assert proclaim(befall, ()) == [], "no towns, an empty report"

    race.explore(scenario, schedules=1)


@pytest.mark.task(2)
@pytest.mark.parametrize("fate", list(FATES)[1:])
def test_not_all_come_back(race, fate):
    def scenario():
        words = proclaim(befall, [fate, "fine"])
        wanted = ["back" if fate == "nothing to say" else "lost", "back"]
        assert words == wanted, f"the first met {fate!r}, the second is back, and the report is {words}, not {wanted}"

    race.explore(scenario, schedules=2)


@pytest.mark.task(3)
@pytest.mark.parametrize(
    ("away", "seconds", "wanted", "takes"),
    [
        ((3, 6, 9), 4, ["back", "on the way", "on the way"], 4),
        ((9, 6, 1), 4, ["on the way", "on the way", "back"], 4),
        ((ODD, 1), 60, ["back", "back"], ODD),
        ((3, 1), 0, ["on the way", "on the way"], 0),
    ],
)
def test_one_deadline_for_all(race, away, seconds, wanted, takes):
    def scenario():
        messengers = riders(*away)
        words, took = timed(report, messengers, seconds)
        what = f"towns {away} s away, and a limit of {seconds:g} s"
        assert took == takes, f"{what}: the report came after {took:g} s instead of {takes:g} s: one limit for all"
        assert words == wanted, f"{what}: the report is {words} instead of {wanted}"
        assert report(messengers, 0) == words, f"{what}: asked again at once, the report is another one"
        words = report(messengers)
        assert words == ["back"] * len(away), (
            f"{what}, later one without: it is {words}, and should wait and end nobody"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
def test_daemons_are_waited_for(race):
    def scenario():
        messenger = multiprocessing.Process(target=time.sleep, args=(5,), daemon=True)
        messenger.start()
        words, took = timed(report, [messenger])
        assert (words, took) == (["back"], 5), (
            f"a town 5 s away, the messenger is a daemon, and the report is {words} after {took:g} s instead of 5 s"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
@pytest.mark.parametrize("seconds", [None, 60])
def test_somebody_else_is_out(race, seconds):
    def scenario():
        mine, other = riders(1, 9)
        words, took = timed(report, [mine], seconds)
        assert (words, took) == (["back"], 1), (
            f"towns 1 s and 9 s away, a report on the first messenger only: it is {words} after {took:g} s instead of "
            "1 s: wait for those on the list"
        )
        words, took = timed(proclaim, time.sleep, [2])
        assert (words, took) == (["back"], 2), (
            f"a town 2 s away, and somebody else is out for 8 s: it is {words} after {took:g} s instead of 2 s: "
            "proclaim waits for those whom it has sent out"
        )
        other.join()

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
def test_back_at_this_very_moment(race):
    def scenario():
        (messenger,) = riders(0)
        words = report([messenger], 0)
        assert words in (["back"], ["on the way"]), (
            f"he was sent out, and comes back while you look: the report is {words}; who was started has a pid"
        )
        messenger.join()

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
@pytest.mark.parametrize("seconds", [None, 60, 0])
def test_some_never_left(race, seconds):
    def scenario():
        home, (out,) = multiprocessing.Process(target=time.sleep), riders(0)
        out.join()
        (words, _), pid = timed(report, [home, out, home], seconds), home.pid
        assert words == ["at home", "back", "at home"], (
            f"the first and the last were never started, and the report is {words}"
        )
        assert pid is None, "somebody had not been started, and the report has sent him out"
        assert timed(report, [home], seconds) == (["at home"], 0), "nobody was sent out: there is nothing to wait for"
        found, wanted = timed(report, [home, *riders(2)], seconds), ("on the way", 0) if seconds == 0 else ("back", 2)
        assert found == (["at home", wanted[0]], wanted[1]), (
            f"the first was never started, the town of the second is 2 s away: the report is {found[0]} after "
            f"{found[1]:g} s: whoever comes after somebody at home is waited for, too"
        )

    race.explore(scenario, schedules=2)

"""Join or not: the tests. Time is virtual in them, and the threads mix in many ways."""

import threading
import time

import pytest
from join_or_not import bring_home, send_out


class Town:
    """Where the reporters are, and what they brought home."""

    def __init__(self):
        self.threads = []
        self.written = []

    def story(self, name, seconds):
        """Make the work of one reporter."""

        def write():
            self.threads.append(threading.current_thread())
            time.sleep(seconds)
            self.written.append(name)

        return write

    def stories(self, **seconds):
        """Make the work of several."""
        return {name: self.story(name, each) for name, each in seconds.items()}


def unpack(answer):
    """Take the answer apart, or say what it should be."""
    assert isinstance(answer, tuple) and len(answer) == 2, (
        f"send_out returned {answer!r} instead of a pair: a list of names, and a dictionary of "
        "the threads that still run"
    )
    home, out = answer
    return list(home), dict(out)


@pytest.mark.task(1)
@pytest.mark.parametrize("seconds", [(3, 5), (5, 3)], ids=["3 s and 5 s", "5 s and 3 s"])
def test_if_all_are_home_early_it_is_over_early(race, seconds):
    def scenario():
        town = Town()
        began = time.monotonic()
        home, out = unpack(send_out(town.stories(ann=seconds[0], bob=seconds[1]), 60))
        took = time.monotonic() - began
        assert took != 8, (
            "reporters of 3 s and 5 s took 8 s: they went out one after the other; start all "
            "threads before you join one"
        )
        assert took <= 5, (
            f"all were home after 5 s, send_out came back after {took:g} s: sleeping is "
            "guessing, join(timeout) is back as soon as the thread has ended"
        )
        assert took == 5, (
            f"send_out came back after {took:g} s, though bob had all of a minute: a reporter who "
            "is out before the deadline is waited for"
        )
        assert (home, out) == (["ann", "bob"], {}), (
            f"both were home in time, the report says home {home}, out {sorted(out)}"
        )

    race.explore(scenario, schedules=40)


@pytest.mark.task(1)
def test_each_has_a_thread_of_its_own(race):
    def scenario():
        town = Town()
        send_out(town.stories(ann=1, bob=1), 5)
        assert sorted(town.written) == ["ann", "bob"], (
            f"{sorted(town.written)} were written instead of ['ann', 'bob'], each once"
        )
        assert threading.current_thread() not in town.threads, (
            "a story was written in the thread of the caller: give the function to Thread(target=…) and start() it"
        )

    race.explore(scenario, schedules=40)


@pytest.mark.task(1)
def test_waiting_is_no_asking(race):
    def scenario():
        town = Town()
        _, out = unpack(send_out(town.stories(ann=2, bob=9), 5))
        bring_home(out)

    race.explore(scenario, schedules=10, busy_waiting="fail")


@pytest.mark.task(2)
@pytest.mark.parametrize("late", [1, 2, 3])
def test_one_deadline_for_all(race, late):
    def scenario():
        town = Town()
        began = time.monotonic()
        send_out(town.stories(**dict.fromkeys(["ann", "bob", "cleo"][:late], 100)), 6)
        took = time.monotonic() - began
        assert took <= 6, (
            f"with {late} reporters late, send_out came back after {took:g} s instead of 6 s: the "
            "deadline is one point in time for all; wait for each only as long as is left of it"
        )
        assert took == 6, (
            f"send_out came back after {took:g} s, the deadline is at 6 s: whoever is out may still come home"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
def test_the_time_of_the_others_counts(race):
    def scenario():
        town = Town()
        began = time.monotonic()
        home, _ = unpack(send_out(town.stories(ann=3, bob=5, cleo=100), 6))
        took = time.monotonic() - began
        assert took == 6, (
            f"ann took 3 s, bob 5 s, cleo is late, and send_out came back after {took:g} s instead "
            "of 6 s: look at the clock before each join, and wait for what is left"
        )
        assert home == ["ann", "bob"], f"ann and bob were home after 5 s, the report says {home}"

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
def test_without_time_nobody_is_waited_for(race):
    def scenario():
        town = Town()
        began = time.monotonic()
        home, out = unpack(send_out(town.stories(ann=5, bob=5), 0))
        took = time.monotonic() - began
        assert took == 0, f"there was no time to wait, and send_out came back after {took:g} s"
        assert (home, sorted(out)) == ([], ["ann", "bob"]), (
            f"nobody can be home yet, the report says home {home}, out {sorted(out)}"
        )
        assert unpack(send_out({}, 5)) == ([], {}), "without reporters nobody is home or out"

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
@pytest.mark.parametrize(
    "seconds",
    [(3, 20, 5), (20, 3, 5), (5, 3, 20), (20, 5, 20)],
)
def test_the_report_is_right(race, seconds):
    def scenario():
        town = Town()
        plan = dict(zip(["ann", "bob", "cleo"], seconds, strict=True))
        began = time.monotonic()
        home, out = unpack(send_out(town.stories(**plan), 6))
        took = time.monotonic() - began
        wanted = [name for name in plan if plan[name] < 6]
        late = [name for name in plan if plan[name] > 6]
        assert not set(home) & set(late), (
            f"{late} need more than the 6 s there were, the report says that {home} are home: "
            "join(timeout) returns None in any case; ask is_alive()"
        )
        assert took == 6, (
            f"{late} are late, and send_out came back after {took:g} s instead of 6 s: whatever is "
            "left of the time is for those who are still out"
        )
        assert sorted(home) == sorted(wanted), (
            f"{wanted} were home in time, the report says {home}: ask for each thread when the "
            "waiting is over, not before"
        )
        assert home == wanted, f"home is {home}, in the order of the stories it is {wanted}"
        assert list(out) == late and all(each.is_alive() for each in out.values()), (
            f"out should hold the running threads of {late}, it is {out}"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_nobody_is_in_both_or_in_neither(race):
    def scenario():
        town = Town()
        home, out = unpack(send_out(town.stories(ann=5, bob=7), 6))
        told = sorted([*home, *out])
        assert told == ["ann", "bob"], (
            f"the report says home {home}, out {sorted(out)}: somebody came home while it was "
            "written; ask is_alive() once for each thread, and keep the answer"
        )

    race.explore(scenario, schedules=120, clock="any")


@pytest.mark.task(4)
def test_the_late_ones_go_on(race):
    def scenario():
        town = Town()
        began = time.monotonic()
        _, out = unpack(send_out(town.stories(ann=3, bob=20, cleo=30), 6))
        bring_home(out)
        took = time.monotonic() - began
        assert sorted(town.written) == ["ann", "bob", "cleo"], (
            f"bring_home came back when {sorted(town.written)} had written their stories: it has "
            "to wait for all, as long as it takes"
        )
        assert took == 30, f"the last story takes 30 s, bring_home came back after {took:g} s"

    race.explore(scenario, schedules=40)


@pytest.mark.task(4)
@pytest.mark.parametrize("daemon", [False, True], ids=["from a usual thread", "from a daemon"])
def test_the_late_ones_are_no_daemons(race, daemon):
    def scenario():
        town, found = Town(), []
        caller = threading.Thread(target=lambda: found.append(send_out(town.stories(ann=9), 1)), daemon=daemon)
        caller.start()
        caller.join()
        _, out = unpack(found[0])
        assert not any(thread.daemon for thread in out.values()), (
            "ann's thread is a daemon: her story is lost if the program ends before she is home; say daemon=False"
        )
        bring_home(out)

    race.explore(scenario, schedules=20)

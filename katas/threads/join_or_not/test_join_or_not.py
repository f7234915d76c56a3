"""Join or not: the tests. Time is virtual in them, and the threads mix in many ways."""

import threading
import time

import pytest
from join_or_not import bring_home, send_out

DAY = 86_400


class Town:
    """Where the reporters are, and what they brought home."""

    def __init__(self):
        self.threads = []
        self.by_name = {}
        self.written = []

    def story(self, name, seconds):
        """Make the work of one reporter."""

        def write():
            self.threads.append(threading.current_thread())
            self.by_name[name] = threading.current_thread()
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

    race.explore(scenario, schedules=5)


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


class Story:
    """A story like any other, only that it has no hash, is equal to every other one, and is not true."""

    __hash__ = None

    def __init__(self, told):
        self.told = told

    def __call__(self):
        self.told.append("a story")
        return False

    def __eq__(self, other):
        return True

    def __bool__(self):
        return False


@pytest.mark.task(1)
@pytest.mark.means(
    TypeError="a story need not be hashable: keep the threads by the name, not by the story",
    AttributeError="a story has no __name__: whatever can be called is one, ask it for nothing else",
)
@pytest.mark.parametrize("kind", ["the very same function", "equal and not hashable"])
def test_two_may_have_the_same_story(race, kind):
    def scenario():
        told = []
        first = Story(told) if kind == "equal and not hashable" else lambda: told.append("a story")
        stories = {"ann": first, "": first if kind == "the very same function" else Story(told), "bob": first}
        home, _ = unpack(send_out(stories, 5))
        assert len(told) == 3, (
            f"three reporters had the same story ({kind}), and it was called {len(told)} times: each reporter has a "
            "thread of his own; keep the threads by the name, not by the story"
        )
        assert home == ["ann", "", "bob"], (
            f"all were home in time, also who has no name, whatever the stories returned, and the report says {home}"
        )
        assert len(stories) == 3, "send_out has taken stories out of the caller's dictionary: leave it as it is"

    race.explore(scenario, schedules=6)


@pytest.mark.task(1)
def test_seventy_reporters_need_as_long_as_one(timing):
    town = Town()
    stories = town.stories(**{f"reporter_{number}": 4 for number in range(70)})
    with timing.virtual():
        home, out = unpack(send_out(stories, 5))
        at_work = len(town.threads)
        bring_home(out)
    assert at_work < 70 or len(home) == 70, (
        f"all of 70 reporters who need 4 s each were out at the same time, and the report of 5 s says that {len(home)} "
        "are home: wait for each of them, and for what is left of the time"
    )
    assert len(home) == 70, (
        f"of 70 reporters who need 4 s each, {len(home)} were home after 5 s: not all were out at the same time; a "
        "pool has a limit, each needs a thread of his own"
    )


@pytest.mark.task(1)
@pytest.mark.means(
    DeadlockFound="without reporters nobody comes home last: who waits for the last one waits for ever",
    ValueError="without reporters there is nothing to do; a pool wants one worker at least, so do not make one",
)
def test_without_reporters_it_is_over_at_once(race):
    def scenario():
        began = time.monotonic()
        found = unpack(send_out({}, 5))
        took = time.monotonic() - began
        assert found == ([], {}), f"without reporters nobody is home or out, the report says {found}"
        assert took == 0, f"nobody was sent out, and send_out came back after {took:g} s: there is nobody to wait for"
        bring_home({})

    race.explore(scenario, schedules=3)


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

    race.explore(scenario, schedules=5)


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

    race.explore(scenario, schedules=4)


@pytest.mark.task(3)
def test_who_has_just_come_back_is_home(race):
    def scenario():
        home, out = unpack(send_out({"ann": lambda: time.sleep(2), "bob": lambda: None}, 6))
        assert (home, sorted(out)) == (["ann", "bob"], []), (
            f"ann was back after 2 s, bob at once, there was time until 6 s, and the report says home {home}, out "
            f"{sorted(out)}: that a story is written is not yet the end of its thread, only a join waits for that"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_home_has_the_order_of_the_stories(race):
    def scenario():
        names = ["hugo", "bob", "gina", "ann", "fred", "cleo", "emil", "dora", "ivan"]
        home, _ = unpack(send_out({name: lambda: None for name in names}, 5))
        assert home == names, (
            f"all are home, in the order {home}, in the order of the stories it is {names}: a set has no order, and "
            "sorting makes another one"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(3)
def test_a_stranger_of_the_same_name(race):
    def scenario():
        stranger = threading.Thread(target=time.sleep, args=(60,), name="ann")
        stranger.start()
        town, began = Town(), time.monotonic()
        home, out = unpack(send_out(town.stories(ann=2, bob=3), 9))
        took = time.monotonic() - began
        assert (home, sorted(out)) == (["ann", "bob"], []), (
            f"ann and bob are home, and another thread of the program is called ann, too; the report says home {home}, "
            f"out {sorted(out)}: a name is no identity, ask your own threads"
        )
        assert took == 3, (
            f"all were home after 3 s, and another thread of the program went on to 60 s: send_out came back after "
            f"{took:g} s; wait for your own threads, and for nobody else"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(3)
def test_a_thread_that_is_new_may_be_a_strangers(race):
    def scenario():
        stranger, town = threading.Thread(target=time.sleep, args=(60,)), Town()
        began = time.monotonic()
        send_out({"ann": stranger.start, "bob": town.story("bob", 3)}, 9)
        took = time.monotonic() - began
        assert took == 3, (
            f"ann started a thread that needs 60 s, and send_out came back after {took:g} s instead of 3 s: not "
            "all that is new is yours; join the threads that you have started"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(3)
def test_two_papers_may_be_made_at_the_same_time(race):
    def scenario():
        town = Town()

        def paper(seconds):
            home, out = unpack(send_out(town.stories(ann=2, bob=seconds), 6))
            return home, sorted(out)

        found = race.run(lambda: paper(4), lambda: paper(9))
        wanted = [(["ann", "bob"], []), (["ann"], ["bob"])]
        assert found == wanted, (
            f"two papers sent out an ann and a bob each, at the same time; the reports are {found} instead of "
            f"{wanted}: each call has its own reporters, whatever they are called"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(2)
def test_each_paper_has_a_deadline_of_its_own(race):
    def scenario():
        began = time.monotonic()

        def paper(seconds):
            home, out = unpack(send_out(Town().stories(ann=2, bob=20), seconds))
            return home, sorted(out), time.monotonic() - began

        found = race.run(lambda: paper(5), lambda: paper(9))
        wanted = [(["ann"], ["bob"], 5), (["ann"], ["bob"], 9)]
        assert found == wanted, (
            f"two papers were made at the same time, one for 5 s and one for 9 s; (home, out, took) was {found} "
            f"instead of {wanted}: the deadline of a call is its own"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(1)
def test_the_stories_stay_as_they_are_meanwhile(race):
    def scenario():
        seen = []
        stories = {"ann": lambda: seen.append(sorted(stories)), "bob": lambda: seen.append(sorted(stories))}
        send_out(stories, 5)
        assert seen == [["ann", "bob"]] * 2, (
            f"ann and bob looked at the dictionary while they wrote, and found {seen} in it: it stays as it is, also "
            "for a moment; take nothing out of it to put it back later"
        )

    race.explore(scenario, schedules=10)


@pytest.mark.task(3)
def test_out_holds_the_thread_of_each(race):
    def scenario():
        town = Town()
        _, out = unpack(send_out(town.stories(**{"ann": 9, "bob": 8, "": 7}), 5))
        assert sorted(out) == ["", "ann", "bob"], (
            f"ann, bob and one whose name is empty were late, and those in out are {sorted(out)}: take the names from "
            "`stories`, a thread without a name is given another one"
        )
        wrong = [name for name in out if out[name] is not town.by_name.get(name)]
        assert not wrong, (
            f"out[{wrong[0]!r}] is {out[wrong[0]]!r}, not the thread in which {wrong[0]}'s story is written"
        )

    race.explore(scenario, schedules=4)


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

    race.explore(scenario, schedules=14, clock="any")


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

    race.explore(scenario, schedules=8)


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


@pytest.mark.task(4)
def test_who_is_not_in_the_dictionary_is_not_waited_for(race):
    def scenario():
        town, began = Town(), time.monotonic()
        threading.Thread(target=time.sleep, args=(25,), name="ann").start()
        _, out = unpack(send_out(town.stories(ann=20, bob=30), 6))
        bring_home({"ann": out["ann"]})
        took = time.monotonic() - began
        assert took == 20, (
            f"ann was to be brought home, who needs 20 s, and bring_home came back after {took:g} s (bob needs 30 s, "
            "and a stranger who is called ann, too, 25 s): wait for the threads that the dictionary holds"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(4)
def test_two_may_bring_the_same_ones_home(race):
    def scenario():
        town, back = Town(), []
        began = time.monotonic()
        _, out = unpack(send_out(town.stories(ann=20, bob=30), 6))

        def wait():
            bring_home(out)
            back.append(time.monotonic() - began)

        race.run(wait, wait)
        assert back == [30, 30], (
            f"two threads called bring_home with the same dictionary, and were back after {back} s instead of 30 s: "
            "whoever asks waits for all of them"
        )
        bring_home(out)
        assert sorted(out) == ["ann", "bob"], (
            f"bring_home has left {sorted(out)} of ann and bob in the caller's dictionary: leave it as it is"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(4)
def test_two_may_bring_others_home(race):
    def scenario():
        town, began = Town(), time.monotonic()
        _, out = unpack(send_out(town.stories(ann=20, bob=30), 6))

        def wait(name):
            bring_home({name: out[name]})
            return time.monotonic() - began

        back = race.run(lambda: wait("bob"), lambda: wait("ann"))
        assert back == [30, 20], (
            f"two threads called bring_home, one for bob and one for ann, and were back after {back} s instead of "
            "[30, 20] s: each waits for those of its own dictionary, and for no others"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(4)
def test_who_is_out_for_a_day_is_brought_home(race):
    def scenario():
        back = []

        def story():
            time.sleep(1000 * DAY)
            back.append("ann")

        _, out = send_out({"ann": story}, DAY)
        bring_home(out)
        assert back == ["ann"], (
            "ann is out for a thousand days, and bring_home came back before she was home: it waits as long as it takes"
        )
        home, out = send_out({"ann": lambda: time.sleep(2 * DAY)}, 3 * DAY)
        assert (home, out) == (["ann"], {}), (
            f"ann was out for two days, the deadline was after three, and send_out returned home {home}, out {out}: "
            "it waits until the deadline, however far that is"
        )

    race.explore(scenario, schedules=1)

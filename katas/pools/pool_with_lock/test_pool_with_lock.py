"""The pottery: the tests. Time is virtual in them, and the threads mix in many ways."""

import threading
import time

import pytest
from odd_errors import FalseAlarm, hint
from pool_with_lock import make_all

ODD = 1 / 512  # nobody who looks every now and then looks at this very moment


class Crack(BaseException):
    """No Exception, as KeyboardInterrupt and SystemExit are none."""


class Workshop:
    """Turns, fires and paints for so many seconds, and notes who does what when."""

    def __init__(self, turning=1, firing=1, painting=1, cracks=None):
        self.seconds = {"turn": turning, "fire": firing, "paint": painting}
        self.cracks = cracks or {}
        self.kiln, self.opened = threading.Lock(), time.monotonic()
        self.hot, self.wrong, self.begun, self.pots, self.most, self.threads = [], [], [], [], [], []

    def now(self):
        return time.monotonic() - self.opened

    def step(self, name, pot):
        self.threads.append(threading.current_thread())
        self.begun.append((name, pot, self.now()))
        seconds = self.seconds[name]
        time.sleep(seconds.get(pot, 0) if isinstance(seconds, dict) else seconds)
        if (name, pot) in self.cracks:
            raise self.cracks[name, pot]
        return pot

    def leave(self, pot):
        if pot in self.pots:
            self.pots.remove(pot)

    def turn(self, pot):
        self.pots.append(pot)
        self.most.append(len(self.pots))
        try:
            return self.step("turn", pot)
        except BaseException:
            self.leave(pot)
            raise

    def fire(self, pot):
        if not self.kiln.locked():
            self.wrong.append(f"{pot} was fired by somebody who has not got the key of this kiln")
        self.hot.append(pot)
        if len(self.hot) > 1:
            self.wrong.append(f"{' and '.join(self.hot)} were in the kiln at the same time")
        try:
            return self.step("fire", pot)
        except BaseException:
            self.leave(pot)
            raise
        finally:
            self.hot.remove(pot)

    def paint(self, pot):
        try:
            return self.step("paint", pot) + "!"
        finally:
            self.leave(pot)

    def make(self, pots, potters):
        """Make pots, and look at what must always hold."""
        try:
            given = list(pots)
            found = make_all(given, potters, self.turn, self.fire, self.paint, self.kiln)
        except NotImplementedError:
            raise
        except (Exception, Crack, SystemExit) as error:
            raise AssertionError(
                f"make_all raised {error!r}: it stands in the list, and the others are made"
            ) from error
        assert given == list(pots), f"the list of pots was {list(pots)}, and is {given} now: it is the caller's"
        assert not self.wrong, f"{self.wrong[0]}: everybody who fires takes the one key that was handed in"
        assert not self.kiln.locked(), "make_all is back, and nobody has given the key back: use `with`, or `finally`"
        most = max(self.most, default=0)
        assert most <= potters, f"{potters} potters, and {most} pots were under way at the same time"
        assert threading.current_thread() not in self.threads, "the caller has worked himself"
        alive = {thread.name for thread in self.threads if thread.is_alive()}
        assert not alive, f"make_all is back, and {sorted(alive)} still run"
        return found

    def when(self, name):
        return sorted((pot, when) for step, pot, when in self.begun if step == name)


@pytest.mark.task(1)
@pytest.mark.parametrize(("pots", "potters"), [("ab", 2), ("abc", 3), ("a", 1), ("", 2)])
def test_one_in_the_kiln(race, pots, potters):
    def scenario():
        workshop = Workshop(turning=0)
        found = workshop.make(pots, potters)
        assert found == [f"{pot}!" for pot in pots], f"the pots {pots} came to {found}: in their order"

    race.explore(scenario, schedules=10)


@pytest.mark.task(1)
def test_two_calls_and_one_kiln(race):
    def scenario():
        shop, found = Workshop(turning=0), {}

        def make(pots):
            found[pots] = make_all(list(pots), 2, shop.turn, shop.fire, shop.paint, shop.kiln)

        race.run(lambda: make("ab"), lambda: make("cd"))
        assert not shop.wrong, f"two workshops with the same kiln, and {shop.wrong[0]}: take the key that was handed in"
        assert found == {"ab": ["a!", "b!"], "cd": ["c!", "d!"]}, f"two workshops side by side came to {found}"

    race.explore(scenario, schedules=10)


@pytest.mark.task(1)
@pytest.mark.parametrize("until", [2 + ODD, 500_000])
def test_the_neighbours_have_the_key(race, until):
    def scenario():
        workshop = Workshop(turning=0)

        def neighbours():
            with workshop.kiln:
                workshop.hot.append("a neighbour's pot")
                time.sleep(until)
                workshop.hot.remove("a neighbour's pot")

        thread = threading.Thread(target=neighbours)
        thread.start()
        time.sleep(1)
        found = workshop.make("ab", 2)
        thread.join()
        assert found == ["a!", "b!"], f"the neighbours had the key until {until} s, and the pots came to {found}"
        first = min(when for _, when in workshop.when("fire"))
        assert first == until, (
            f"the key came back at {until} s, the first pot was fired at {first} s: wait, do not look"
        )

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
@pytest.mark.parametrize(("pots", "potters", "seconds"), [("ab", 2, 4), ("abc", 3, 5), ("abc", 1, 9), ("abcd", 2, 7)])
def test_only_the_kiln_is_for_one(race, pots, potters, seconds):
    def scenario():
        workshop = Workshop()
        found = workshop.make(pots, potters)
        took = workshop.now()
        assert found == [f"{pot}!" for pot in pots], f"the pots {pots} came to {found}: in their order"
        assert took == seconds, (
            f"{len(pots)} pots, {potters} potters; turning, firing, painting take 1 s each: {took:g} s instead of "
            f"{seconds} s: keep the key for firing, and for nothing else"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
def test_nobody_waits_for_a_slow_hand(race):
    def scenario():
        workshop = Workshop(turning={"b": 9}, firing=1, painting={"a": 20, "c": 1})
        workshop.make("abc", 3)
        fired, painted = workshop.when("fire"), workshop.when("paint")
        assert {when for _, when in fired} == {0, 1, 9}, (
            f"a and c are turned at once, b in 9 s, firing takes 1 s; (pot, s) fired: {fired}: as soon as each can"
        )
        assert {when for _, when in painted} == {1, 2, 10}, f"(pot, s) fired: {fired}, painted: {painted}: at once"

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="who turns or paints waits for somebody else who does: the key is for firing only")
@pytest.mark.parametrize("name", ["turn", "paint"])
def test_they_meet(race, name):
    def scenario():
        meeting = threading.Barrier(6)

        def meet(pot):
            meeting.wait()
            return pot

        steps = {"turn": lambda pot: pot, "fire": lambda pot: pot, "paint": lambda pot: pot} | {name: meet}
        found = make_all([1, 2, 3, 4, 5, 6], 6, *steps.values(), threading.Lock())
        assert found == [1, 2, 3, 4, 5, 6], f"1, 2, 3, 4, 5, 6 came to {found}"

    race.explore(scenario, schedules=5)


@pytest.mark.task(2)
def test_two_kilns(race):
    def scenario():
        shops, found = [Workshop(turning=0, painting=0, firing=5) for _ in range(2)], {}
        race.run(*(lambda place=place: found.update({place: shops[place].make("ab", 2)}) for place in (0, 1)))
        took = shops[0].now()
        assert took == 10, (
            f"two workshops, two kilns, two pots of 5 s each took {took:g} s, not 10 s: each has its own key"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
@pytest.mark.means(
    DeadlockFound="a pot has cracked, and somebody waits for the key, or for a potter who has gone: give it back, go on"
)
@pytest.mark.parametrize("kind", [ValueError, Crack, SystemExit, FalseAlarm])
@pytest.mark.parametrize(("name", "potters"), [("turn", 1), ("fire", 1), ("fire", 2), ("paint", 2)])
def test_a_pot_that_cracks(race, name, potters, kind):
    def scenario():
        error = kind("crack")
        workshop = Workshop(cracks={(name, "b"): error})
        found = workshop.make("abcd", potters)
        assert found == ["a!", error, "c!", "d!"], (
            f"b cracked ({name}, {error!r}), and the pots came to {found}{hint(error)}"
        )
        further = [step for step, pot, _ in workshop.begun if pot == "b"]
        assert further[-1] == name, f"b cracked ({name}), and then it went on: {further}"
        assert len(further) == len({*further}), f"b cracked ({name}), and its steps were {further}: each of them once"

    race.explore(scenario, schedules=6)


@pytest.mark.task(3)
def test_a_pot_cracks_while_another_is_in_the_kiln(race):
    def scenario():
        error = ValueError("crack")
        workshop = Workshop(turning={"b": 2}, firing=5, cracks={("turn", "b"): error})
        found = workshop.make("abc", 2)
        assert found == ["a!", error, "c!"], f"b cracked (turn, {error!r}) while a was fired; the pots came to {found}"

    race.explore(scenario, schedules=6)


@pytest.mark.task(3)
@pytest.mark.parametrize(("clay", "hard"), [(None, 0), (0, None)])
def test_any_object_is_a_pot(race, clay, hard):
    def scenario():
        pots, fine, error = [None, [], [], 0, False], [], ValueError("returned")
        found = make_all(
            pots, 1, lambda pot: clay, lambda clay: hard, lambda hard: fine.append(hard) or error, threading.Lock()
        )
        assert found == [error] * 5 and fine == [hard] * 5, (
            f"{pots} came to {found}, turn returned {clay}, fire {hard}, painted were {fine}: None goes on, too"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
@pytest.mark.parametrize("step", ["turn", "fire"])
def test_an_exception_is_handed_on(race, step):
    def scenario():
        error, painted = KeyboardInterrupt("as decoration"), []
        steps = {"turn": lambda pot: pot, "fire": lambda clay: clay, step: lambda _: error}
        found = make_all(
            ["a"], 1, steps["turn"], steps["fire"], lambda hard: painted.append(hard) or "done", threading.Lock()
        )
        assert painted == [error] and found == ["done"], (
            f"{step} returned an exception, painted were {painted}, and make_all gave {found}: it is returned, not "
            "raised, and handed on like anything else"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
def test_the_same_pot_again(race):
    def scenario():
        pot, painted = object(), []

        def paint(hard):
            painted.append(hard)
            if len(painted) == 2:
                raise ValueError("cracked")
            return len(painted)

        found = make_all([pot] * 3, 1, lambda pot: pot, lambda clay: clay, paint, threading.Lock())
        assert [repr(each) for each in found] == ["1", "ValueError('cracked')", "3"], (
            f"the same pot was made three times, and came to {found} instead of [1, ValueError('cracked'), 3]: each "
            "time it is another job"
        )

    race.explore(scenario, schedules=1)

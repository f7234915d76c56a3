"""Ten furnaces: the tests. Time is virtual where it is measured."""

import multiprocessing
import os
import time
from functools import partial

import pytest
from process_subclass import Furnace, cast_all


def cast(notes, bell, seconds=0):
    """Note who casts what."""
    time.sleep(seconds)
    notes.write((os.getpid(), bell, multiprocessing.current_process().name))


def bring(notes, bell):
    """Cast, and bring home what has come of it."""
    notes.write((os.getpid(), bell, "brought"))
    return lambda: "cast"


def crack(notes, error, bell):
    """Cast what cracks."""
    notes.write(bell)
    if bell == "great":
        raise error


def engrave(notes, bell):
    """Change the bell, and note how the furnace is called then, and whether it is its bell."""
    bell.append("1632")
    furnace = multiprocessing.current_process()
    notes.write((furnace.name, furnace.bell is bell))


HEAT = {"degrees": 0}  # 1100 where a test of this process has set it, or a process that was forked then


def measure(notes, bell):
    """Note what this process knows of the heat."""
    notes.write((bell, multiprocessing.current_process().name, HEAT["degrees"]))


class Ladle:
    """Holds a bell, and counts as false."""

    def __bool__(self):
        return False

    def __iter__(self):
        return iter(["great"])


def with_a_helper(notes, bell):
    """Let another process cast."""
    helper = multiprocessing.Process(target=cast, args=(notes, bell))
    helper.start()
    helper.join()


def hours(notes, bell):
    """Cast for some hours, the first bell longest."""
    cast(notes, bell, 3600 * (10 - bell))


@pytest.mark.task(1)
@pytest.mark.means(AttributeError="Process.__init__ has not made the process: call super().__init__() first")
@pytest.mark.parametrize(("bell", "name"), [("great", None), (None, "left"), (("great", 2), None), (0, None)])
def test_a_furnace_casts_its_bell(race, notes, bell, name):
    def scenario():
        notes.clear()
        furnace, wanted = Furnace(partial(cast, notes), bell, name), f"furnace for {bell}" if name is None else name
        assert not notes.read(), f"a furnace was made, and has cast {notes.read()}: to make one casts nothing"
        assert isinstance(furnace, multiprocessing.Process), f"a furnace is a Process, got {furnace!r}"
        assert furnace.pid is None, "a furnace was made, and it has started"
        assert furnace.name == wanted, (
            f"made for {bell!r} with name={name!r}, its name is {furnace.name!r}, not {wanted!r}"
        )
        furnace.start()
        furnace.join()
        assert len(notes.read()) == 1, f"lit once, and cast was called {len(notes.read())} times"
        ((pid, *seen),) = notes.read()
        assert pid == furnace.pid != os.getpid(), (
            f"the furnace is {furnace.pid}, we are {os.getpid()}, and {pid} has cast"
        )
        assert seen == [bell, wanted], f"{[bell, wanted]} is what the furnace should know there, and it knew {seen}"
        assert furnace.bell is bell, f"it has cast {bell!r}, and its bell is {furnace.bell!r}"

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_a_furnace_with_a_helper(race, notes):
    def scenario():
        notes.clear()
        furnace = Furnace(partial(with_a_helper, notes), "great")
        furnace.start()
        furnace.join()
        seen = [bell for _, bell, _ in notes.read()]
        assert seen == ["great"] and furnace.exitcode == 0, (
            f"cast has a process of its own help it; {seen} was cast, and the furnace's exit code is "
            f"{furnace.exitcode}: a daemon may have no children"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(1)
@pytest.mark.parametrize(("error", "code"), [(ValueError("cracked"), 1), (SystemExit(3), 3), (KeyboardInterrupt(), 1)])
def test_a_bell_that_cracks(race, notes, error, code):
    def scenario():
        notes.clear()
        furnace = Furnace(partial(crack, notes, error), "great")
        furnace.start()
        furnace.join()
        assert furnace.exitcode == code, (
            f"cast raised {error!r}, and the exit code is {furnace.exitcode} instead of {code}"
        )
        assert notes.read() == ["great"], (
            f"cast raised {error!r}, and it was called {len(notes.read())} times: once, however it ends"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_two_furnaces(race, notes):
    def scenario():
        notes.clear()
        bell = ["great"]
        one, two = Furnace(partial(cast, notes), bell, "one"), Furnace(partial(bring, notes), bell, "two")
        one.start()
        one.join()
        two.start()
        two.join()
        assert one.bell is two.bell is bell, "two furnaces were made for the same list, and a bell of theirs is a copy"
        assert [fact[2] for fact in notes.read()] == ["one", "brought"], (
            f"two furnaces, each with a cast of its own, and cast were {notes.read()}"
        )
        assert [one.exitcode, two.exitcode] == [0, 0], (
            f"the second cast returns something, and the exit codes are {[one.exitcode, two.exitcode]}: what it "
            "returns does not matter"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(1)
def test_a_bell_that_changes(race, notes):
    def scenario():
        notes.clear()
        furnace = Furnace(partial(engrave, notes), ["great"])
        furnace.start()
        furnace.join()
        ((name, same),) = notes.read() or [("nothing", True)]
        assert name == "furnace for ['great']", (
            f"cast engraved a year on its bell, and there the furnace was called {name!r} then: a name is made once, "
            "with the furnace"
        )
        assert same, "cast was given another object than the bell of its furnace: it is the very same, there too"

    race.explore(scenario, schedules=1)


@pytest.mark.task(1)
def test_a_furnace_under_spawn(notes, monkeypatch):
    notes.clear()
    monkeypatch.setitem(HEAT, "degrees", 1100)
    multiprocessing.set_start_method("spawn", force=True)
    furnace = Furnace(partial(measure, notes), "great", "far")
    try:
        furnace.start()
    except NotImplementedError:
        raise
    except Exception as error:
        raise AssertionError(f"by spawn the furnace is pickled, and holds what cannot be: {error!r}") from None
    furnace.join()
    done = [fact[:2] for fact in notes.read()]
    assert done == [("great", "far")], (
        f"one furnace was lit by spawn, cast (bell, name) {done}, exit code {furnace.exitcode}"
    )
    assert notes.read()[0][2] == 0, (
        "the start method was spawn, and the furnace knew what only a forked process knows: leave to multiprocessing "
        "how a process is started"
    )


@pytest.mark.task(2)
def test_ten_in_the_time_of_the_longest(race, notes):
    def scenario():
        notes.clear()
        began = time.monotonic()
        furnaces = cast_all(partial(hours, notes), (each for each in range(10)))
        took, done = time.monotonic() - began, notes.read()
        assert os.getpid() not in [pid for pid, *_ in done], "a bell was cast in our own process: start, do not run"
        assert sorted(fact[1] for fact in done) == list(range(10)), (
            f"of 10 bells {len(done)} were cast when cast_all came back: wait for all"
        )
        assert took == 36_000, f"10 bells of 1 to 10 h took {took / 3600:g} h instead of 10 h: light all, then wait"
        assert [furnace.bell for furnace in furnaces] == list(range(10)), (
            f"furnaces in the order of the bells, got {furnaces}"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
@pytest.mark.parametrize("bells", [[], ["great"], ["great", "small", "great", None]])
def test_all_are_out(race, notes, bells):
    def scenario():
        notes.clear()
        furnaces = cast_all(partial(cast, notes), bells)
        done = sorted(str(fact[1]) for fact in notes.read())
        assert done == sorted(map(str, bells)), f"{bells} were to be cast, and cast were {done}: each once"
        assert [furnace.bell for furnace in furnaces] == bells, (
            f"{bells}: a furnace for each in this order, got {furnaces}"
        )
        assert type(furnaces) is list and all(isinstance(furnace, Furnace) for furnace in furnaces), (
            f"a list of furnaces is wanted, got {furnaces!r}"
        )
        assert [furnace.name for furnace in furnaces] == [f"furnace for {bell}" for bell in bells], (
            f"nobody gave them a name, and they are {[furnace.name for furnace in furnaces]}: named for their bells"
        )
        assert [furnace.exitcode for furnace in furnaces] == [0] * len(bells), (
            f"cast_all came back, the furnaces are {furnaces}"
        )

    race.explore(scenario, schedules=4, outliving_threads="fail")


@pytest.mark.task(2)
def test_one_cracks_the_others_do_not(race, notes):
    def scenario():
        furnaces = cast_all(partial(crack, notes, SystemExit(3)), ["great", "small"])
        codes = [furnace.exitcode for furnace in furnaces]
        assert codes == [3, 0], f"of two bells the first cracks with exit code 3, and the codes are {codes}"

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="somebody else has a process, too, and it ends later: wait for your own, no others")
def test_somebody_else_has_a_process(race, notes):
    def scenario():
        notes.clear()
        evening = multiprocessing.Event()
        stranger = multiprocessing.Process(target=evening.wait)
        stranger.start()
        cast_all(partial(bring, notes), Ladle())
        evening.set()
        stranger.join()
        assert stranger.exitcode == 0, f"somebody else's process was ended, with {stranger.exitcode}: leave it alone"
        assert len(notes.read()) == 1, (
            f"one bell, in a ladle that counts as false, and cast were {notes.read()}: whether an iterable has "
            "something, only going through it tells"
        )

    race.explore(scenario, schedules=1)

"""The snail race: the tests. Greenlets note who had a turn; a meeting shows that they run side by side."""

import string
import threading

import gevent
import pytest
from gevent.event import Event
from gevent_spawn import creep, nap, race

WORDS = (
    "args call callback cls fn func function future goal index kwargs name note number order place position results"
    " runner seconds self snail snails steps target task value"
)
SIDE_BY_SIDE = "each snail waits for all the others, and some are not on the way: start them all, then join them all"


class Fall(Exception):
    """What a snail raises."""


@pytest.fixture(autouse=True)
def the_end_of_it():
    """End what hangs; `ref=False`: that nobody goes on any more is told at once all the same."""
    with gevent.Timeout(60, TimeoutError("nothing came to an end within a minute"), ref=False):
        yield


def together(*calls):
    """Call each of these (function, *arguments) in a greenlet, and return what they note."""
    log = []
    greenlets = [gevent.spawn(*call, lambda name, what: log.append((name, what))) for call in calls]
    try:
        gevent.joinall(greenlets, raise_error=True)
    finally:
        gevent.killall(greenlets)
    return log


def step_by_step(name, steps, note):
    """Creep, as the tests do."""
    for step in range(1, steps + 1):
        note(name, step)
        gevent.sleep(0)


def creeps_home(name, steps, note):
    """Let the solution creep, and note when it is back."""
    creep(name, steps, note)
    note(name, "home")


def snail(function, *args, **kwargs):
    return function, args, kwargs


@pytest.mark.task(1)
@pytest.mark.parametrize("steps", [(3, 3), (2, 4, 3), (0, 2, 0, 1), (1,)], ids=str)
def test_a_turn_for_each(steps):
    log = together(*((creeps_home, f"snail {number}", count) for number, count in enumerate(steps)))
    for number, count in enumerate(steps):
        mine = [what for name, what in log if name == f"snail {number}"]
        assert mine == [*range(1, count + 1), "home"], f"snail {number} has {count} steps to make, and noted {mine}"
    for place, (name, step) in enumerate(log):
        others = {who for who, _ in log[place:]} - {name}
        until = next((n for n, entry in enumerate(log) if n > place and entry[0] == name), len(log))
        waited = others - {who for who, _ in log[place:until]} if until < len(log) else ()
        after = log[until][1] if waited else None
        assert not waited, f"{name} made step {step} and {after}, {sorted(waited)} had no turn between them: {log}"


@pytest.mark.task(2)
@pytest.mark.parametrize("seconds", [0.2, 0])
def test_all_sleep_at_the_same_time(seconds):
    log = together((nap, "a", seconds), (nap, "b", seconds), (nap, "c", seconds))
    for name in "abc":
        mine = [what for who, what in log if who == name]
        assert mine == ["asleep", "awake"], f"{name} takes a nap, and noted {mine}"
    first = log.index(next(entry for entry in log if entry[1] == "awake"))
    assert first == 3, f"while one slept, nobody else could even lie down, the whole thread slept: {log}"


@pytest.mark.task(2)
def test_the_others_go_on_meanwhile():
    log = together((nap, "a", 0.2), (step_by_step, "b", 9), (nap, "c", 0))
    meanwhile = log[: log.index(("a", "awake"))]
    steps = [name for name, _ in meanwhile].count("b")
    assert steps == 9, f"a sleeps for a while, b has 9 short steps to make and made {steps} meanwhile: {log}"
    assert ("c", "awake") in meanwhile, f"a sleeps for 0.2 s, c for 0 s, and a was awake before c: {log}"


@pytest.mark.task(3)
@pytest.mark.means(LoopExit=SIDE_BY_SIDE)
@pytest.mark.parametrize("count", [2, 5, 300])
def test_side_by_side(count):
    inside, open_gate = [], Event()

    def waits(number):
        inside.append(number)
        if len(inside) == count:
            open_gate.set()
        open_gate.wait()

    found = race(snail(waits, number) for number in range(count))
    assert len(inside) == count, (
        f"{count} snails, and {len(inside)} had come to their ends when race was back: join all"
    )
    assert sorted(found) == [*range(count)], f"{count} snails came to the goal, race gave {found}"


@pytest.mark.task(3)
def test_in_a_greenlet_of_its_own():
    places, here = [], gevent.getcurrent()
    found = race([snail(lambda: places.append((gevent.getcurrent(), threading.get_ident())))] * 3)
    assert len(places) == 3, f"the same snail three times, and {len(places)} crept"
    assert {thread for _, thread in places} == {threading.get_ident()}, "a snail creeps in another thread: in none"
    assert len({here, *(greenlet for greenlet, _ in places)}) == 4, "each snail should have a greenlet of its own"
    assert sorted(found) == [0, 1, 2], f"the same snail three times came to the goal, and race gave {found}"


@pytest.mark.task(3)
def test_in_the_order_of_the_goal():
    for steps in ([3, 1, 2], [2, 9, 1, 4], [0], []):
        found = race([snail(step_by_step, "s", count, print) for count in steps])
        right = sorted(range(len(steps)), key=steps.__getitem__)
        assert found == right, f"snails with {steps} steps to make: race gave {found} instead of {right}"


@pytest.mark.task(3)
def test_all_have_ended():
    ended = []

    def sleeps(name, seconds):
        gevent.sleep(seconds)
        ended.append(name)

    found = race([snail(sleeps, "a", 0.02), snail(sleeps, "b", 0), snail(sleeps, "c", 0.01)])
    assert sorted(ended) == ["a", "b", "c"], f"race is back, and only {ended} have come to their ends: wait for all"
    assert sorted(found) == [0, 1, 2], f"three came to the goal, race gave {found}"


@pytest.mark.task(3)
def test_a_race_of_days(request):
    def scenario():
        found = race([snail(gevent.sleep, 172_800), snail(gevent.sleep, 86_400)])
        assert found == [1, 0], f"one snail needs two days and one a day, race gave {found}: wait for the last one"

    request.getfixturevalue("race").explore(scenario, schedules=1)


@pytest.mark.task(3)
def test_arguments_arrive_as_they_are():
    got = []

    def takes(*args, **kwargs):
        got.append((args, kwargs))
        gevent.sleep(0)

    names = dict.fromkeys([*string.ascii_letters, *WORDS.split()], 0)
    calls = [((), {}), ((1, [2]), {}), ([None, "x"], {"a": 0}), ((0,), names)]
    found = race((takes, args, kwargs) for args, kwargs in calls)
    for args, kwargs in calls:
        has_it = (tuple(args), kwargs) in got
        names = f"{len(kwargs)} names, also args, number and i" if len(kwargs) > 9 else kwargs
        assert has_it, f"a snail should get {tuple(args)} and {names}; they got {str(got):.99}"
    assert len(got) == 4, f"four snails, and {len(got)} calls"
    assert found == [0, 1, 2, 3], f"four came to the goal, race gave {found}"


@pytest.mark.task(3)
@pytest.mark.parametrize("value", [None, 0, False, Fall("returned, not raised"), Fall])
def test_anything_may_be_returned(value):
    found = race([snail(lambda: value), snail(lambda: [value])])
    assert found == [0, 1], f"a snail returns {value!r} and has come to the goal; race gave {found}"


@pytest.mark.task(3)
@pytest.mark.parametrize("kind", [Fall, StopIteration, TimeoutError, gevent.Timeout])
@pytest.mark.parametrize("late", [False, True], ids=["at once", "late"])
def test_one_falls(kind, late):
    ended = []

    def falls():
        gevent.sleep(0.002 if late else 0)
        raise kind(5)

    def goes_on(name):
        for _ in range(3):
            gevent.sleep(0.005)
        ended.append(name)

    try:
        found = race([snail(goes_on, "a"), snail(falls), snail(goes_on, "b")])
    except kind as error:
        pytest.fail(f"one snail raises, and {error!r} came out of race: it stops nobody else")
    assert sorted(ended) == ["a", "b"], f"one snail raises, and of the others only {ended} came to their ends"
    assert sorted(found) == [0, 2], f"the one in the middle has raised: race gave {found}, without 1 it should be"


@pytest.mark.task(3)
def test_a_race_in_a_race():
    inner = []

    def organises(count):
        inner.append(race([snail(step_by_step, "s", steps, print) for steps in range(count, 0, -1)]))

    found = race([snail(organises, 3), snail(organises, 1)])
    assert inner == [[0], [2, 1, 0]], f"two snails hold races themselves, which gave {inner}"
    assert found == [1, 0], f"the race of one snail is over first, and the outer race gave {found}"

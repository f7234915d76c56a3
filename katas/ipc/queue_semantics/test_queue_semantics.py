"""The box that does not know: the tests. In tasks 1 to 3 you say how the processes mix; time is virtual."""

import multiprocessing
import sys
import time

import pytest
from logbook import Logbook
from queue_semantics import break_after_the_bell, break_look_then_take, break_until_empty, receive_all, take_up_to
from three_clerks import after_the_bell, look_then_take, send, send_and_ring, until_empty

LARGE = 300_000  # bytes: more than a pipe holds


def start(target, *args, name=None):
    process = multiprocessing.Process(target=target, args=args, name=name, daemon=True)
    process.start()
    return process


def play(race, steps, begin):
    """Play a schedule; return what was told, who waits for ever, and what happened."""

    def scenario():
        with Logbook() as book:
            processes = begin(book.note)
            for process in processes:
                process.join(60)
            return book.read(), [process.name for process in processes if process.is_alive()]

    __tracebackhide__ = True
    if not isinstance(steps, list):
        pytest.fail(f"a schedule is a list of steps, and this is {steps!r}", pytrace=False)
    played = race.play(scenario, steps)
    return *played.value, played


def survives(what, played):
    __tracebackhide__ = True
    pytest.fail(f"{what}. What happened:\n\n{played}", pytrace=False)


@pytest.mark.task(1)
def test_until_empty_breaks(race):
    def begin(tell):
        box = multiprocessing.SimpleQueue()
        return start(send, box, ["a", "b"], name="sender"), start(until_empty, box, tell, name="receiver")

    told, _, played = play(race, break_until_empty(), begin)
    if told != ["a"]:
        survives(f"the receiver told {told}, not ['a']: let it look when a has been taken, and b is not there", played)


@pytest.mark.task(2)
def test_look_then_take_breaks(race):
    def begin(tell):
        box = multiprocessing.SimpleQueue()
        box.put("letter")
        return start(look_then_take, box, tell, name="A"), start(look_then_take, box, tell, name="B")

    _, waiting, played = play(race, break_look_then_take(), begin)
    if not waiting:
        survives("both have ended: let both look before one of them takes the letter", played)


@pytest.mark.task(3)
def test_after_the_bell_breaks(race):
    def begin(tell):
        box, bell = multiprocessing.Queue(), multiprocessing.Event()
        return (
            start(send_and_ring, box, bell, name="sender"),
            start(after_the_bell, box, bell, tell, name="receiver"),
        )

    told, _, played = play(race, break_after_the_bell(), begin)
    if told != ["nothing"]:
        survives(f"the receiver told {told}: let it look when the bell has rung, and nothing is in the pipe", played)


def post(box, letters, seconds=0, code=0):
    """Put letters into a box, each after a pause, and end with this exit code."""
    for letter in letters:
        time.sleep(seconds)
        box.put(letter)
    sys.exit(code)


def named(letters):
    return [f"{len(letter)} bytes" if isinstance(letter, bytes) and letter else repr(letter) for letter in letters]


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound="take_up_to waits for a letter for ever, and not for so many seconds")
def test_what_has_arrived_is_taken(race):
    def scenario():
        box = multiprocessing.Queue()
        start(post, box, [None, 0, "", OSError(5), "y"]).join()
        began = time.monotonic()
        came = [take_up_to(box, most, seconds) for most, seconds in ((0, 60), (2, 0), (2, 60), (9, 0), (1, 0))]
        shown = [named(each) for each in came]
        assert shown == [[], ["None", "0"], ["''", "OSError(5)"], ["'y'"], []], (
            f"None, 0, '', OSError(5), 'y' have arrived; none, two, two, nine and one are asked for: {shown} were taken"
        )
        assert time.monotonic() == began, "there were enough letters, or seconds=0, and it waited nevertheless"

    race.explore(scenario, schedules=2, seconds=60)


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound="take_up_to waits for a letter for ever, and not for so many seconds")
def test_one_time_limit_for_all(race):
    def scenario():
        box, began = multiprocessing.Queue(), time.monotonic()
        sender = start(post, box, ["a", "b", "c"], 4)
        first = (take_up_to(box, 5, 9), time.monotonic() - began)
        second = (take_up_to(box, 1, 60), time.monotonic() - began)
        sender.join()
        assert first == (["a", "b"], 9), (
            "letters come after 4, 8 and 12 s; up to five, for 9 s in all, were asked for, and (letters, s) were "
            f"{first}: the time limit is one for all of them"
        )
        assert second == (["c"], 12), (
            f"then one is asked for, for 60 s: (letters, s) were {second} instead of (['c'], 12); "
            "wait in get, do not look again and again"
        )

    race.explore(scenario, schedules=3, busy_waiting="fail", seconds=60)


@pytest.mark.task(4)
@pytest.mark.means(
    DeadlockFound="two look at one letter, both see it, and one of them waits for ever: do not ask whether it is empty"
)
def test_another_takes_it(race):
    def scenario():
        box = multiprocessing.Queue()
        start(post, box, ["a"]).join()
        with Logbook() as book:
            for process in [start(lambda: book.note(take_up_to(box, 1, 5))) for _ in range(2)]:
                process.join()
            came = sorted(book.read())
        assert came == [[], ["a"]], f"two take out of one box, in which there is one letter, 'a': they have got {came}"

    race.explore(scenario, schedules=8, seconds=60)


class Twin:
    """A letter that says of itself that it is equal to everything."""

    def __eq__(self, other):
        return True

    def __repr__(self):
        return "a letter that is equal to everything"

    __hash__ = None


def check_received(box, *posts, late=False):
    senders = [start(post, box, *each) for each in posts]
    if late:
        for sender in senders:
            sender.join()
    came = receive_all(box, senders)
    alive = [sender.name for sender in senders if sender.is_alive()]
    codes = [sender.exitcode for sender in senders]
    assert not alive, f"receive_all has returned, and {alive} still run: letters may come"
    wanted = [named(each[0]) for each in posts]
    shown = named(came)
    missing = [each for letters in wanted for each in letters if each not in shown]
    assert not missing, f"the senders put {wanted}, {shown} were received: {missing[0]} is missing, wait for the last"
    assert len(shown) == sum(map(len, wanted)), f"the senders put {wanted}, {shown} were received: each once"
    for letters in wanted:
        assert [each for each in shown if each in letters] == letters, (
            f"one sender put {letters}, {shown} were received: those of one sender stay in order"
        )
    assert codes == [each[2] if len(each) > 2 else 0 for each in posts], f"the senders have ended with {codes}"


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound="somebody waits for ever: for a letter that does not come, or with what nobody takes")
@pytest.mark.parametrize(
    ("posts", "late"),
    [
        ([(["a", "b"], 2), (["c"], 1, 3)], False),
        ([([None, 0, "", "END", "STOP", b"", OSError(5), Twin(), None],), ([],)], True),
        ([([bytes(LARGE), bytes(LARGE + 1)],), ([bytes(LARGE + 2)], 1)], False),
        ([], False),
    ],
    ids=["slow ones", "early ones", "large letters", "nobody"],
)
def test_all_is_received(race, posts, late):
    race.explore(lambda: check_received(multiprocessing.Queue(), *posts, late=late), schedules=2, seconds=60)


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound="somebody waits for ever: for a letter that does not come, or with what nobody takes")
def test_the_last_letter(race):
    race.explore(lambda: check_received(multiprocessing.Queue(), (["a"], 1)), schedules=30, seconds=60, strategy="pos")


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound="somebody waits for ever: for a letter that does not come, or with what nobody takes")
def test_the_next_time(race):
    def scenario():
        box = multiprocessing.Queue()
        check_received(box, (["a"],), (["b"],))
        check_received(box, (["c"], 1))

    race.explore(scenario, schedules=2, seconds=60)

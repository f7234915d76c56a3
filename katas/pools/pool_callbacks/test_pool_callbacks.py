"""Breakfast after waking up: the tests. Processes are real, one or two of them; who has to be there at once meets."""

import concurrent.futures.process
import multiprocessing
import multiprocessing.pool
import os
import threading
import time
import traceback

import pytest
from forked import FORK, SHARED, Fire, end_all, given, left
from pool_callbacks import wake_all

VALUES = {"u": None, "v": 0, "w": [], "x": ValueError("hard"), "y": KeyboardInterrupt("hard")}


class Nothing(Exception):
    """An exception that is false."""

    def __len__(self):
        return 0


class Guests:
    """An iterable that counts as false, and notes how often it is walked."""

    def __init__(self, guests):
        self.guests, self.walks = guests, 0

    def __bool__(self):
        return False

    def __iter__(self):
        self.walks += 1
        return iter(self.guests)


class Hotel(type(FORK)):
    """A context that has processes of its own, and knows its pools; and a kitchen that notes whom it has served."""

    class Process(FORK.Process):
        pass

    def __init__(self):
        self.pools, self.served, self.sorry, self.threads, self.called_back = [], [], [], [], []
        self.pids = set()
        self.act = lambda guest: None

    def Pool(self, *args, **kwargs):
        self.pools.append(super().Pool(*args, **kwargs))
        return self.pools[-1]

    def breakfast(self, guest, mood):
        self.serve(self.served, guest, mood)
        if not self.called_back:  # there it would hang
            self.act(guest)
        return VALUES[guest] if "values" in SHARED else ("egg", guest, mood)

    def apologise(self, guest, error):
        self.serve(self.sorry, guest, error)
        if not self.called_back:
            self.act(guest)
        return "sorry", guest, error

    def serve(self, notes, *what):
        notes.append(what)
        self.threads.append(threading.current_thread())
        self.pids.add(os.getpid())
        files = {frame.f_code.co_filename for frame, _ in traceback.walk_stack(None)}
        if files & {multiprocessing.pool.__file__, concurrent.futures.process.__file__}:
            self.called_back.append("guests who are awake" if notes is self.served else "guests who cannot be woken")

    def wake_all(self, porters, guests):
        """Return what came out, be it an exception."""
        return given(wake_all, self, porters, wakes, guests, self.breakfast, self.apologise)

    def check_called_back(self):
        assert not self.called_back, (
            f"{self.called_back[0]} are served in a callback, by the thread that receives all results: while one eats "
            "no other result gets in, and if a breakfast raises, that thread is dead; a callback hands on, and is back"
        )

    def check_left(self):
        assert not left(), f"wake_all is back, and {left()} are still there: end the pool, and wait for it"
        alive = [thread.name for thread in self.threads if thread.is_alive() and thread != threading.main_thread()]
        assert not alive, f"wake_all is back, and the threads {alive} still run: wait for them"


@pytest.fixture
def hotel():
    opened = Hotel()
    yield opened
    end_all(opened.pools)


def wakes(guest):
    """Wake a guest; what he is called says how that goes."""
    if "meeting" in SHARED:
        SHARED["meeting"]()
    if "woken" in SHARED:
        with SHARED["woken"].get_lock():
            SHARED["woken"].value += 1
    if guest == "slow":
        SHARED["gate"].wait()
    if guest == "dozes":
        SHARED["gate"].wait(0.3)  # who is alone waits in vain
    if guest == "snores":
        SHARED["gate"].set()
    if isinstance(guest, Exception):
        raise guest
    if guest == "dreams":
        return ValueError("of an exam")
    if guest == "whose":
        return isinstance(multiprocessing.current_process(), Hotel.Process)
    return {"a": None, "b": 0}.get(guest, os.getpid()) if isinstance(guest, str) else guest


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound="two porters, and never two guests are woken at the same time: hand all of them in")
def test_all_porters(hotel, timing):
    SHARED["meeting"] = timing.meeting(2, start_method="fork")
    found = hotel.wake_all(2, (guest for guest in "vwxyz"))
    assert isinstance(found, list) and len(found) == 5, f"five guests, two porters, and wake_all gave {found!r}"
    pids = {mood for _, _, mood in found}
    assert os.getpid() not in pids and len(pids) <= 2, f"two porters, {os.getpid()} is the caller, woken by {pids}"


@pytest.mark.task(1)
@pytest.mark.parametrize("porters", [1, 2])
@pytest.mark.parametrize("guests", [["a", "b", "a", "c"], [[], 0, [], False], ["a"], []], ids=repr)
def test_in_order(hotel, porters, guests):
    walked = Guests(guests)
    found = hotel.wake_all(porters, walked)
    assert isinstance(found, list), f"the guests {guests}, and wake_all gave {found!r}: it returns when all are served"
    assert walked.walks == 1, f"guests is an iterable that is false, and was walked {walked.walks} times: once"
    right = [("egg", guest, {"a": None, "b": 0}.get(guest) if isinstance(guest, str) else guest) for guest in guests]
    shown = [each if each[1] != "c" else ("egg", "c", None) for each in found if each is not None]
    assert repr(shown) == repr(right), (
        f"the guests {guests}, and wake_all returned {found}: breakfast for each, in order"
    )
    assert len(hotel.served) == len(guests) and not hotel.sorry, f"the guests {guests}, and served were {hotel.served}"
    assert all(each[1] is guest for each, guest in zip(found, guests, strict=True)), (
        f"the guests {guests}, and breakfast was for guests that are only equal to them: what comes back from a "
        "process is a copy"
    )
    hotel.check_left()


@pytest.mark.task(1)
def test_one_porter(hotel):
    SHARED["gate"] = hotel.Event()
    found = hotel.wake_all(1, ["dozes", "snores", "x"])
    assert isinstance(found, list), f"three guests, one porter, and wake_all gave {found!r}"
    pids = {mood for _, _, mood in found}
    assert len(pids) == 1, f"one porter, and three guests were woken by the processes {pids}: he wakes all of them"


@pytest.mark.task(1)
@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt])
def test_the_list_of_guests_breaks_off(hotel, kind):
    error, begun = kind("torn"), threading.Event()
    hotel.act = lambda guest: (begun.set(), time.sleep(0.2))

    def guests():
        yield "x"
        begun.wait(0.5)  # in vain, if all are asked for before anybody is woken
        raise error

    found = hotel.wake_all(1, guests())
    assert found is error, f"asking for the second guest raised {error!r}, and wake_all gave {found!r}"
    hotel.check_left()


@pytest.mark.task(1)
def test_whose_porters(hotel):
    found = hotel.wake_all(1, ["whose"])
    assert found == [("egg", "whose", True)], (
        f"was the process that woke the guest one that the context has started? wake_all gave {found!r}"
    )


@pytest.mark.task(1)
def test_an_error_as_a_mood(hotel):
    found = hotel.wake_all(1, ["dreams"])
    assert isinstance(found, list) and not hotel.sorry, (
        f"a guest is awake, and in the mood of a ValueError, which is returned, not raised: wake_all gave {found!r}, "
        f"and apologies were {hotel.sorry}"
    )


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="one guest is hard to wake, and the others, who are awake, are not served")
@pytest.mark.parametrize("guests", [["slow", "a", "c"], ["a", "slow", "c"], ["slow", ValueError("ill"), "c"]], ids=repr)
def test_who_is_awake_is_served(hotel, guests):
    SHARED["gate"] = gate = hotel.Event()
    hotel.act = lambda guest: gate.set() if guest == "c" else None
    found = hotel.wake_all(2, guests)
    assert isinstance(found, list), f"the guests {guests}, and wake_all gave {found!r}"
    assert [guest for _, guest, _ in found] == guests, f"the guests {guests} are served in any order, returned {found}"
    assert hotel.pids == {os.getpid()}, "breakfast was served in the process of a porter: serve in the house"


@pytest.mark.task(2)
def test_served_in_the_house(hotel):
    hotel.wake_all(1, ["x", "y"])
    served = [guest for guest, _ in hotel.served]
    assert sorted(served) == ["x", "y"], (
        f"two guests, and in this process served were {served}: in a porter's process nobody sees what is served, and "
        "who does not wait for the callbacks is back before them"
    )


@pytest.mark.task(2)
def test_a_guest_may_eat_slowly(hotel):
    eaten = []
    hotel.act = lambda guest: (time.sleep(0.1), eaten.append(guest))
    found = hotel.wake_all(2, ["x", "y"])
    assert sorted(eaten) == ["x", "y"], f"wake_all is back with {found!r}, and served are {eaten}: wait for all meals"
    hotel.check_left()


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="somebody could not be woken, and everybody waits for him: there is an error_callback")
@pytest.mark.parametrize("kind", [ValueError, OSError, StopIteration])
def test_who_cannot_be_woken(hotel, kind):
    SHARED["woken"] = hotel.Value("i", 0)
    found = hotel.wake_all(1, ["a", kind("ill"), "b", kind("away")])
    sorry = sorted(error.args for guest, error in hotel.sorry)
    assert sorry == [("away",), ("ill",)], (
        f"two of four guests cannot be woken, {kind.__name__}; told were {hotel.sorry}, wake_all gave {found!r}"
    )
    assert sorted(guest for guest, _ in hotel.served) == ["a", "b"], (
        f"a and b are awake, and served were {hotel.served}"
    )
    assert isinstance(found, list) and [each[0] for each in found] == ["egg", "sorry", "egg", "sorry"], (
        f"a, {kind.__name__}, b, {kind.__name__}: wake_all returned {found!r}"
    )
    assert type(found[1][2]) is kind, f"wake raised {kind.__name__}, and apologise heard of {found[1][2]!r}"
    woken = SHARED["woken"].value
    assert woken == 4, (
        f"four guests, two of them raised {kind.__name__}, and wake was called {woken} times: once for each"
    )
    hotel.check_left()


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="an exception that is false was raised by wake, and everybody waits for its guest")
def test_an_error_that_is_false(hotel):
    found = hotel.wake_all(1, ["a", Nothing("ill"), "b"])
    assert [guest for guest, _ in hotel.served if isinstance(guest, str)] == [guest for guest, _ in hotel.served], (
        f"wake raised an exception that is false, for its len is 0, and breakfast was served: {hotel.served}; ask "
        "which of the two callbacks was called, or `is None`, not `if error`; an executor takes it for a result, too"
    )
    assert [type(error) for _, error in hotel.sorry] == [Nothing], (
        f"wake raised {Nothing('ill')!r}, which is false, and apologies were {hotel.sorry}: one, with it"
    )
    assert isinstance(found, list) and [each[0] for each in found] == ["egg", "sorry", "egg"], (
        f"a, Nothing('ill'), b: wake_all returned {found!r}"
    )
    hotel.check_left()


@pytest.mark.task(4)
def test_anything_is_served(hotel):
    SHARED["values"] = True
    found = hotel.wake_all(2, [*VALUES])
    assert isinstance(found, list) and found == [*VALUES.values()], (
        f"breakfast returned {[*VALUES.values()]}, and wake_all gave {found!r}: each in its place, an exception as well"
    )


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound="three guests are awake, and one's breakfast keeps the others from theirs")
@pytest.mark.parametrize("guests", ["xyz", [ValueError("ill"), ValueError("away"), "z"], [ValueError("ill"), "y", "z"]])
def test_all_eat_at_the_same_time(hotel, timing, guests):
    meeting = timing.meeting(3)
    hotel.act = lambda guest: meeting()
    found = hotel.wake_all(1, guests)
    hotel.check_called_back()
    assert isinstance(found, list) and len(found) == 3, f"three guests eat at the same time, wake_all gave {found!r}"


@pytest.mark.task(4)
@pytest.mark.means(
    DeadlockFound="a breakfast has raised, and nothing goes on: the thread that receives results is dead"
)
@pytest.mark.parametrize("kind", [ValueError, StopIteration, KeyboardInterrupt, SystemExit, Fire])
@pytest.mark.parametrize("guests", ["uvw", ["u", ValueError("ill"), "w"]], ids=["awake", "ill"])
def test_a_breakfast_that_raises(hotel, guests, kind):
    errors, cause = {"v": kind("cold"), "ill": kind("cold"), "w": kind("burnt")}, ValueError("no gas")

    third_has_raised = threading.Event()

    def act(guest):
        name = guest if isinstance(guest, str) else "ill"
        if name == "w":
            third_has_raised.set()
        elif name in errors:
            third_has_raised.wait()
        if name in errors:
            raise errors[name] from cause

    hotel.act = act
    found = hotel.wake_all(1, [*guests, "x"])
    hotel.check_called_back()
    right = errors["v" if guests == "uvw" else "ill"]
    assert found is right, (
        f"for guests 2 and 3 {kind.__name__} was raised, and wake_all gave {found!r}: the first in order"
    )
    assert right.__cause__ is cause, f"{right!r} was raised from {cause!r}, and out came one from {right.__cause__!r}"
    assert len(hotel.served) + len(hotel.sorry) == 4, f"of four guests, served are {hotel.served + hotel.sorry}: all"
    hotel.check_left()

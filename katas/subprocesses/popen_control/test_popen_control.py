"""The fairground: the tests. The rides are real programs, which note what happens to them."""

import signal
import time

import pytest
from popen_control import Ended, Ride
from watched_children import open_files

WAITS = "the ride waits for the gate, and comes back when it is told"
ROUND = "os.write(1, b'round ')\nos.write(2, b'and ')\ngate()\nos.write(1, b'round')\nos._exit(3)\n"
LONG = "for _ in range(40):\n    os.write(1, b'music ' * 1500)\n    os.write(2, b'noise ' * 1500)\n"
POLITE = """\
def bell(number, frame):
    note("bell")
    {moment}
    os.write(1, b"bye")
    os._exit(7)


signal.signal(signal.SIGTERM, bell)
note("there")
"""
STUBBORN = "for number in signal.SIGTERM, signal.SIGINT, signal.SIGHUP:\n    signal.signal(number, signal.SIG_IGN)\n"
LITTLE_ONE = (
    "if os.fork() == 0:\n    " + STUBBORN.replace("\n    ", "\n        ") + "    note('little')\n    for_ever()\n"
)
UNTIL_LITTLE = "while b'little' not in open(sys.argv[1], 'rb').read():\n    os.sched_yield()\n"


class Ground:
    """Starts rides, and looks at them."""

    def __init__(self, watch):
        self.watch = watch

    def start(self, source, *words, name="ride"):
        command = [*self.watch.program(name, source), *words]
        found = self.watch(lambda: Ride(command), "a ride is started, and no more")
        assert isinstance(found, Ride), f"a ride should have been started, and it came to {found!r}"
        return found

    def until(self, reached, what):
        """Wait until rides have come to something."""
        end = time.monotonic() + 60
        while not reached():
            assert time.monotonic() < end, f"a ride should have {what}, its notes are {self.watch.words()}"
            time.sleep(0.01)

    def until_noted(self, word):
        self.until(lambda: word in self.watch.words(), f"noted {word!r}")

    def until_ended(self, pid):
        self.until(lambda: self.watch.fate(pid) != "runs", "ended by itself")

    def rung_once(self):
        asked = self.watch.sent.count("SIGTERM")
        assert asked < 2, f"a ride without little ones was sent SIGTERM {asked} times: the bell is rung once"

    def pid(self):
        self.until(self.watch.noted, "begun")
        return self.watch.noted()[0][0]

    def ends(self, call, right, what, stands, **how):
        """Call what is to return Ended, and look at what is left."""
        found = self.watch(call, f"{what}: {stands}", **how)
        assert isinstance(found, Ended), f"{what}: {found!r:.90} came back instead of Ended"
        same = found == right  # the difference of two long ones takes pytest half a minute
        assert same, f"{what}: {found!r:.90} came back instead of {right!r:.90}"
        left = self.watch.left()
        assert not left, f"{what}: Ended came back, and of the session one {left}"


@pytest.fixture
def ground(watch):
    """Give a ground for rides."""
    return Ground(watch)


@pytest.mark.task(1)
def test_a_ride_goes_round(ground, endless_input, capfd):
    source = "os.write(1, ascii([sys.argv[1:], sys.stdin.read(), os.getsid(0) == os.getpid()]).encode())\n"
    ride = ground.start(source + "os.write(2, b'!')\nos.write(1, b'?\\xff \\r\\n')", "two words", "; echo $HOME", "")
    stands = "the ride waits for something to read: its standard input is at its end"
    right = Ended(0, b"[['two words', '; echo $HOME', ''], '', True]!?\xff \r\n")
    ground.ends(lambda: ride.wait(None), right, "arguments, what it reads, whether it leads a session", stands)
    seen = "".join(capfd.readouterr())
    assert not seen, f"a ride has said {seen!r} to our own outputs"
    found = ground.watch(lambda: Ride(["/no/such/ride"]), stands)
    assert isinstance(found, FileNotFoundError), f"there is no such ride, and it came to {found!r}"


@pytest.mark.task(2)
def test_is_it_running(ground):
    ride = ground.start(ROUND)
    pid = ground.pid()
    for _ in range(3):
        found = ground.watch(ride.is_running, "is_running should tell at once, and it waits")
        assert found is True, f"a ride goes round, and is_running gave {found!r}"
    ground.watch.open_gate()
    ground.until_ended(pid)
    found = ground.watch(ride.is_running, "is_running should tell at once, and it waits")
    assert found is False, f"the ride has ended, nobody has asked for its code yet, and is_running gave {found!r}"
    ground.ends(lambda: ride.wait(0), Ended(3, b"round and round"), "wait(0), it has ended", WAITS)
    for call in (ride.is_running, lambda: ride.wait(5), ride.is_running):
        found = ground.watch(call, WAITS)
        right = (False, Ended(3, b"round and round"))
        assert found in right, f"the ride has ended, and {found!r} came back instead of one of {right}"


@pytest.mark.task(2)
@pytest.mark.parametrize("seconds", [0, 0.3])
def test_waiting_does_not_hurt(ground, seconds):
    ride = ground.start(ROUND)
    pid = ground.pid()
    for _ in range(2):
        began = time.monotonic()
        found = ground.watch(lambda: ride.wait(seconds), f"wait({seconds}): the time is up, the ride goes on")
        took = time.monotonic() - began
        assert found is None, f"wait({seconds}), the ride goes on, and {found!r} came back instead of None"
        assert took >= seconds, f"wait({seconds}) came back after {took:g} s, and the ride goes on"
        assert ground.watch.fate(pid) == "runs", f"wait({seconds}) has ended the ride: waiting ends nobody"
    ground.watch.open_gate()
    ground.ends(lambda: ride.wait(None), Ended(3, b"round and round"), "waited for in pieces", WAITS)


@pytest.mark.task(2)
@pytest.mark.parametrize("seconds", [60, None])
def test_it_ends_while_one_waits(ground, seconds):
    ride = ground.start(ROUND)

    def when_still():
        ground.watch.open_gate()
        return True

    right, stands = Ended(3, b"round and round"), "the ride has ended, and wait does not come back"
    ground.ends(lambda: ride.wait(seconds), right, f"wait({seconds})", stands, when_still=when_still)


@pytest.mark.task(2)
@pytest.mark.parametrize("seconds", [60, None])
def test_who_makes_much_noise(ground, seconds):
    ride = ground.start(LONG + "note('through')\n")
    stands = "it says more than a pipe holds, and waits until somebody listens"
    ground.ends(lambda: ride.wait(seconds), Ended(0, (b"music " * 1500 + b"noise " * 1500) * 40), "a loud ride", stands)


@pytest.mark.task(2)
def test_noise_while_nobody_waits(ground):
    ride = ground.start(LONG + "note('through')\ngate()\n")
    still = "a ride says more than a pipe holds, and stands still while you do something else: somebody has to listen"

    ground.watch(lambda: ground.until_noted("through"), still)
    assert "through" in ground.watch.words(), still
    ground.watch.open_gate()
    ground.ends(lambda: ride.wait(None), Ended(0, (b"music " * 1500 + b"noise " * 1500) * 40), "a loud ride", still)


@pytest.mark.task(3)
@pytest.mark.parametrize("patience", [60, None])
@pytest.mark.parametrize("moment", ["pass", "gate()", LONG.replace("\n", "\n    ")], ids=["", "moment", "noise"])
def test_the_bell_is_rung(ground, patience, moment):
    ride = ground.start("os.write(2, b'round ')\n" + POLITE.format(moment=moment) + "for_ever()\n")
    ground.until_noted("there")

    def when_still():
        if "bell" in ground.watch.words():
            ground.watch.open_gate()
        return "bell" in ground.watch.words()

    noise = (b"music " * 1500 + b"noise " * 1500) * 40 if "music" in moment else b""
    right, what = Ended(7, b"round " + noise + b"bye"), f"stop({patience}), the ride hears the bell and lets them off"
    stands = "it has had its moment, has said what it says, or is never asked, and stop does not come back"
    how = {"when_still": when_still} if moment == "gate()" else {}
    ground.watch.sent.clear()
    ground.ends(lambda: ride.stop(patience), right, what, stands, **how)
    assert ground.watch.words().count("bell") == 1, f"the bell should be rung once: {ground.watch.words()}"
    ground.rung_once()
    ground.ends(lambda: ride.stop(patience), right, "the second stop", stands)
    ground.ends(lambda: ride.wait(0), right, "wait after stop", stands)


@pytest.mark.task(3)
@pytest.mark.parametrize("patience", [0, 0.3])
def test_who_does_not_hear(ground, patience):
    ride = ground.start(STUBBORN + "os.write(1, b'round')\nnote('there')\nfor_ever()\n")
    ground.until_noted("there")
    ground.watch.sent.clear()
    began = time.monotonic()
    right = Ended(-signal.SIGKILL, b"round")
    stands = "patience is at its end, and the ride does not hear: kill it"
    ground.ends(lambda: ride.stop(patience), right, f"stop({patience}), the ride does not hear the bell", stands)
    took = time.monotonic() - began
    assert took >= patience, f"stop({patience}) killed the ride after {took:g} s: have patience"
    ground.rung_once()


@pytest.mark.task(3)
def test_who_has_ended_is_not_asked(ground, monkeypatch):
    ride = ground.start("os._exit(5)")
    pid = ground.pid()
    ground.until_ended(pid)
    ground.ends(lambda: ride.wait(60), Ended(5, b""), "it has ended by itself", WAITS)
    ground.watch.sent.clear()
    ground.ends(lambda: ride.stop(60), Ended(5, b""), "stop, it has ended and was waited for", WAITS)
    sent = ground.watch.sent
    assert not sent, (
        f"the ride has ended and was waited for, and was sent {sent}: the number may be somebody else's now"
    )


@pytest.mark.task(4)
@pytest.mark.parametrize("lead", [STUBBORN, POLITE.format(moment="pass")], ids=["stubborn", "polite"])
def test_the_little_ones(ground, lead):
    ride = ground.start(LITTLE_ONE + lead + "note('there')\nfor_ever()\n")
    ground.until_noted("little")
    ground.until_noted("there")
    stands = "patience is at its end, and a program of the ride's own does not hear, or holds the output: kill all"
    found = ground.watch(lambda: ride.stop(0.3), stands)
    assert isinstance(found, Ended), f"a ride with a little one was stopped, and it came to {found!r}"
    left = ground.watch.left()
    assert not left, f"a ride with a little one of its own was stopped, and of the session one {left}: kill all"


@pytest.mark.task(4)
@pytest.mark.parametrize("how", ["wait(None)", "wait(60)", "stop(60)"])
def test_who_leaves_little_ones(ground, how):
    ride = ground.start(LITTLE_ONE + UNTIL_LITTLE + "os.write(1, b'gone')\nos._exit(6)\n", ground.watch.log)
    ground.until_noted("little")
    ground.until_ended(ground.pid())
    call = {"wait(None)": lambda: ride.wait(None), "wait(60)": lambda: ride.wait(60), "stop(60)": lambda: ride.stop(60)}
    stands = "the ride itself has ended; a program of its own lives on, and holds the output: end it, wait for the ride"
    ground.watch.sent.clear()
    ground.ends(call[how], Ended(6, b"gone"), f"{how}, the ride has ended and left a little one", stands)
    asked = ground.watch.sent.count("SIGTERM")
    assert not asked, f"{how}, the ride has ended and left a little one: that is killed, and was asked to end before"


@pytest.mark.task(4)
def test_two_rides(ground):
    first = ground.start(POLITE.format(moment="pass") + "for_ever()\n", name="first")
    ground.until_noted("there")
    second = ground.start(ROUND, name="second")
    found = ground.watch(lambda: first.stop(60), "the first of two rides is stopped")
    assert found == Ended(7, b"bye"), f"the first of two rides was stopped, and it came to {found!r}"
    found = ground.watch(second.is_running, "is_running should tell at once")
    assert found is True, f"the other ride was stopped, and is_running of this one gave {found!r}"
    ground.watch.open_gate()
    ground.ends(lambda: second.wait(None), Ended(3, b"round and round"), "the second of two rides", WAITS)


@pytest.mark.task(4)
def test_no_pipe_is_left(ground):
    before = open_files()
    for source, what in ((STUBBORN + "for_ever()", "stopped"), ("os._exit(1)", "had ended")):
        ride = ground.start(source)
        ground.watch(lambda: ride.stop(0.3), "patience is at its end")
        left = open_files() - before
        assert not left, f"a ride ({what}), Ended came back, and {len(left)} files or pipes are still open: close them"
    ground.watch(lambda: Ride(["/no/such/ride"]), "there is no such ride")
    assert not open_files() - before, "a ride could not be started, and files or pipes are still open: close them"

"""The last night train: the tests. The processes are real, time is virtual, and they mix in many ways."""

import json
import multiprocessing
import tempfile
import time

import pytest
from ticket_lock import buy, look, sell

FORK = multiprocessing.get_context("fork")
NOT_SENT = "something cannot go to a process that is not forked: use what the context makes, and functions of a module"


class Train:
    """A file with tickets in a folder of its own."""

    def __init__(self, folder):
        self.path = folder / "tickets.json"

    def put(self, left, *sold, **more):
        """Write the file anew; return what is in it."""
        tickets = {"left": left, "sold": list(sold), **more}
        self.path.write_text(json.dumps(tickets), encoding="utf-8")
        return tickets

    def check(self, right):
        """See that this stands in the file, and that nothing lies beside it."""
        text = self.path.read_text(encoding="utf-8")
        assert text and json.loads(text) == right, f"in the file stands {text!r}, it should be {right}"
        beside = [each.name for each in self.path.parent.iterdir() if each != self.path]
        assert not beside, f"beside the file lies {beside}: nothing is left there"


@pytest.fixture
def train(tmp_path):
    return Train(tmp_path)


NEWS = {"strike": False}  # True where a test of this process has set it, or a process that was forked then


def nothing(name):
    """Take no time."""


def leave_a_strike(name):
    """Go home if there is a strike, as far as this process knows."""
    if NEWS["strike"]:
        raise SystemExit("there is a strike")


def minute(name):
    """Take a minute."""
    time.sleep(60)


def alone(race, scenario):
    """Run a scenario in a few orders; who waits for himself is told at once."""
    race.explore(scenario, schedules=1, seconds=40)


@pytest.mark.task(1)
@pytest.mark.parametrize("left", [1, 2, 70])
def test_a_ticket_is_bought(race, train, left):
    def scenario():
        train.put(left, "Bo", train="EN 40", stops=[{"at": None}])
        paid, lock = [], FORK.Lock()

        def pay(name):
            paid.append((name, look(train.path)["left"]))
            return False

        got = buy(path=train.path, lock=lock, name="Zoë", pay=pay)
        assert got is True, f"{left} were left, pay returned False, which says nothing, and buy returned {got!r}"
        assert paid == [("Zoë", left)], f"Zoë pays once, and while she pays {left} are left; (who, left) was {paid}"
        train.check({"left": left - 1, "sold": ["Bo", "Zoë"], "train": "EN 40", "stops": [{"at": None}]})
        assert lock.acquire(block=False), "buy has come back, and the lock is not free"

    alone(race, scenario)


@pytest.mark.task(1)
def test_look(race, train):
    def scenario():
        right = train.put(0, "Zoë", more={})
        found = look(path=train.path)
        assert found == right, f"in the file stands {right}, and look returned {found!r}"

    alone(race, scenario)


@pytest.mark.task(1)
def test_nothing_is_left(race, train):
    def scenario():
        right, paid, lock = train.put(0, "Bo"), [], FORK.Lock()
        got = buy(train.path, lock, "Ann", paid.append)
        assert got is False, f"nothing was left, and buy returned {got!r}"
        assert not paid, "nothing was left, and Ann had to pay: look first"
        train.check(right)
        assert lock.acquire(block=False), "nothing was left, and the lock is not free"

    alone(race, scenario)


@pytest.mark.task(1)
@pytest.mark.parametrize(
    "error", [ValueError("no money"), KeyboardInterrupt(), SystemExit(0), GeneratorExit()], ids=repr
)
def test_who_cannot_pay(race, train, error):
    def scenario():
        right, lock = train.put(1), FORK.Lock()

        def pay(name):
            raise error

        came = None
        try:
            buy(train.path, lock, "Ann", pay)
        except NotImplementedError:
            raise
        except BaseException as raised:
            came = raised
        assert came is error, f"pay raised {error!r}, and what came out is {came!r}"
        train.check(right)
        assert lock.acquire(block=False), f"pay raised {error!r}, and the lock is not free: `with` gives it back"

    alone(race, scenario)


@pytest.mark.task(2)
def test_who_has_opened_it_reads_the_old_one(race, train):
    def scenario():
        train.put(2, "Bo")
        with train.path.open(encoding="utf-8") as opened:
            buy(train.path, FORK.Lock(), "Ann", nothing)
            text = opened.read()
        assert text and json.loads(text) == {"left": 2, "sold": ["Bo"]}, (
            f"somebody had opened the file before Ann bought, and now reads {text!r}: it was rewritten in place"
        )
        train.check({"left": 1, "sold": ["Bo", "Ann"]})

    alone(race, scenario)


@pytest.mark.task(2)
@pytest.mark.means(
    FileNotFoundError="there may be no folder for temporary files, and it may be on another disk, from where "
    "nothing is moved in one step: write the new file beside the old one"
)
def test_the_new_one_is_written_beside_it(race, train, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(train.path.parent / "not there"))

    def scenario():
        train.put(1)
        buy(train.path, FORK.Lock(), "Ann", nothing)
        train.check({"left": 0, "sold": ["Ann"]})

    alone(race, scenario)


@pytest.mark.task(3)
@pytest.mark.parametrize(("left", "count"), [(1, 3), (2, 3), (5, 2), (0, 1), (1, 0)])
def test_the_last_one_is_sold_once(race, train, left, count):
    def scenario():
        train.put(left)
        names, paid = ["Ann", "Bo", "Zoë"][:count], FORK.Value("i", 0)

        def pay(name):
            with paid.get_lock():
                paid.value += 1
            time.sleep(1)

        got = sell(FORK, train.path, names, nothing, pay)
        right = min(left, count)
        assert not multiprocessing.active_children(), "sell came back, and a process still runs: join all"
        assert paid.value == right, (
            f"{left} left, {count} buyers, {paid.value} have paid, not {right}: from the look to the write the lock "
            "is kept, and it is the same for all"
        )
        assert got.count(True) == right and len(got) == count, f"{left} left, {count} buyers: sell returned {got}"
        found = look(train.path)
        assert sorted(found["sold"]) == [name for name, has in zip(names, got) if has], (
            f"of {names} got a ticket: {got}; in the file stands {found}"
        )
        train.check({"left": left - right, "sold": found["sold"]})

    race.explore(scenario, schedules=6, seconds=40)


@pytest.mark.task(3)
def test_who_is_refused_was_late(race, train):
    def scenario():
        train.put(1)
        lock, got = FORK.Lock(), FORK.Array("b", 2, lock=False)

        def no_money(name):
            time.sleep(1)
            raise ValueError

        def first():
            try:
                buy(train.path, lock, "Ann", no_money)
            except ValueError:
                got[0] = 1

        def second():
            got[1] = buy(train.path, lock, "Bo", nothing)

        buyers = [FORK.Process(target=each) for each in (first, second)]
        for buyer in buyers:
            buyer.start()
        for buyer in buyers:
            buyer.join()
        if got[0]:
            assert got[1], (
                "Ann could not pay; Bo was refused meanwhile, and now a bed is empty: wait until she has paid"
            )
        train.check({"left": 0, "sold": ["Bo"]})

    race.explore(scenario, schedules=8, seconds=40)


@pytest.mark.task(3)
@pytest.mark.means(
    DeadlockFound="each of two waits for the other to come, and one has the lock already, or is not started"
)
def test_all_come_at_the_same_time(race, train):
    def scenario():
        train.put(2)
        meeting = FORK.Barrier(2)
        got = sell(FORK, train.path, ["Ann", "Ann"], lambda name: meeting.wait(), nothing)
        assert got == [True, True], f"two of the same name, two tickets: sell returned {got}"
        train.check({"left": 0, "sold": ["Ann", "Ann"]})

    race.explore(scenario, schedules=3, seconds=40)


@pytest.mark.task(3)
def test_two_of_one_name(race, train):
    def scenario():
        train.put(1, "Ann")
        got = sell(FORK, train.path, ["Ann", "Ann"], nothing, nothing)
        assert sorted(got) == [False, True], f"two called Ann, one ticket left: one of them has it, sell returned {got}"

    race.explore(scenario, schedules=2, seconds=40)


@pytest.mark.task(3)
def test_the_slow_are_waited_for(race, train):
    def scenario():
        train.put(1)
        got = sell(context=FORK, path=train.path, names=["Ann", "Bo"], come=stroll, pay=minute)
        assert got == [False, True], f"Ann came an hour later than Bo: sell returned {got}, not [False, True]"
        train.check({"left": 0, "sold": ["Bo"]})

    race.explore(scenario, schedules=2, seconds=40)


def stroll(name):
    """Let Ann take an hour."""
    time.sleep(3600 if name == "Ann" else 0)


@pytest.mark.task(3)
@pytest.mark.means(RuntimeError=NOT_SENT, TypeError=NOT_SENT, AttributeError=NOT_SENT, PicklingError=NOT_SENT)
def test_other_start_methods(race, train, monkeypatch):
    spawn = multiprocessing.get_context("spawn")

    def scenario():
        train.put(1)
        got = sell(spawn, train.path, ["Ann"], nothing, nothing)
        assert got == [True], (
            f"one ticket was left, and a spawned process was to buy it: sell returned {got}; it knows what it is given"
        )
        train.check({"left": 0, "sold": ["Ann"]})
        train.put(1)
        got = sell(spawn, train.path, ["Bo"], leave_a_strike, nothing)
        assert got == [True], (
            f"the context is that of spawn, a process knew what only a forked one knows, and sell returned {got}: make "
            "the processes with it"
        )

    monkeypatch.setitem(NEWS, "strike", True)
    alone(race, scenario)

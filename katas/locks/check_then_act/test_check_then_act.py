"""Check, then act: the tests. Time is virtual, and the threads mix in many ways."""

import functools
import json
import threading
import time
from pathlib import Path

import pytest
from check_then_act import Account, BoxOffice

TORN = (
    "somebody found half a file: it was being written at that moment; let those who look take the lock too, or put a "
    "complete new file in its place (os.replace)"
)


def nothing(amount):
    """Hand out in no time."""


def write(path, **content):
    """Put a new file there."""
    path.write_text(json.dumps(content))
    return path


@pytest.mark.task(1)
def test_enough_or_not(race):
    def scenario():
        account, handed = Account(100), []
        assert account.balance == 100, f"a new account of 100 has {account.balance}"
        done = account.withdraw(101, handed.append)
        assert done is False, f"there were 100, 101 were asked for, and withdraw returned {done!r}"
        assert not handed, f"there were 100, 101 were asked for, and {handed[0]} were handed out"
        done = account.withdraw(100, handed.append)
        assert done is True, f"there were 100, 100 were asked for, and withdraw returned {done!r}"
        assert handed == [100], f"handed out was {handed}, it should be [100]"
        assert account.balance == 0, f"100 of 100 were withdrawn, there are {account.balance} left"

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
@pytest.mark.means(AttributeError="hand_out has no __name__: whatever can be called will do, only call it")
def test_first_taken_then_handed_out(race):
    def scenario():
        account, seen = Account(100), []
        done = account.withdraw(70, functools.partial(lambda seen, amount: bool(seen.append(account.balance)), seen))
        assert seen == [30], (
            f"while 70 of 100 were handed out the balance was {seen[0]}: take it off before you hand it out, or "
            "others can still withdraw it"
        )
        assert done is True, (
            f"70 of 100 were handed out, hand_out returned False, and withdraw returned {done!r}: True says that it "
            "has been handed out, whatever hand_out returns"
        )

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
@pytest.mark.parametrize("amounts", [(70, 70), (100, 1), (40, 40, 40)], ids=str)
def test_nobody_overdraws(race, amounts):
    def scenario():
        account, handed = Account(100), []
        calls = [lambda amount=amount: account.withdraw(amount, handed.append) for amount in amounts]
        done = race.run(*calls)
        assert sum(handed) <= 100, (
            f"{handed} were handed out from an account of 100, which has {account.balance} now: all of them checked "
            "before one of them had taken; the check and the taking must be one step"
        )
        assert account.balance == 100 - sum(handed), (
            f"{handed} were handed out from an account of 100, which has {account.balance} instead of "
            f"{100 - sum(handed)}"
        )
        assert done.count(True) == len(handed), f"withdraw said {done}, and handed out was {handed}"

    race.explore(scenario, schedules=7)


@pytest.mark.task(2)
def test_a_busy_account_is_no_empty_one(race):
    def scenario():
        account = Account(100)
        often, once = race.run(
            lambda: [account.withdraw(10, nothing) for _ in range(3)], lambda: account.withdraw(10, nothing)
        )
        assert [*often, once] == [True] * 4, (
            f"from an account of 100 one asked for 10 three times and another one once, and they were told {often} and "
            f"{once}: that somebody else is at the account is no reason to refuse, however often he was quicker; wait "
            "for the lock"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
def test_nobody_is_refused_for_no_reason(race):
    def scenario():
        account = Account(100)
        done = race.run(lambda: account.withdraw(150, nothing), lambda: account.withdraw(100, nothing))
        assert done == [False, True], (
            f"from an account of 100 one asked for 150 and another one for 100, and they were told {done}, it should "
            "be [False, True]: who is refused must not take anything, not even for a moment"
        )

    race.explore(scenario, schedules=15)


@pytest.mark.task(2)
def test_the_balance_is_never_below_zero(race):
    def scenario():
        account, seen = Account(100), []
        race.run(lambda: account.withdraw(150, nothing), lambda: seen.append(account.balance))
        assert seen == [100], (
            f"150 were asked for from an account of 100, and somebody who looked at the balance meanwhile saw {seen[0]}"
            ": look first, then take; whoever reads the balance need not take your lock"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_two_machines_hand_out_side_by_side(race):
    def scenario():
        account = Account(100)
        began = time.monotonic()
        slow = [lambda: account.withdraw(50, lambda amount: time.sleep(5))] * 2
        done = race.run(*slow)
        took = time.monotonic() - began
        assert done == [True, True], f"50 and 50 are there, and withdraw said {done}"
        assert took == 5, (
            f"two machines, each of which hands out for 5 s, took {took:g} s instead of 5 s: hold the lock for "
            "the check and the taking, not for the handing out"
        )

    race.explore(scenario, schedules=8)


@pytest.mark.task(3)
def test_true_means_that_it_is_handed_out(race):
    def scenario():
        account, handed = Account(100), []

        def slowly(amount):
            time.sleep(5)
            handed.append(amount)

        account.withdraw(70, slowly)
        assert handed == [70], (
            f"withdraw has returned, and handed out was {handed}: it returns when hand_out has returned"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(3)
def test_a_refusal_comes_at_once(race):
    def scenario():
        account, times = Account(100), []

        def second():
            time.sleep(1)
            account.withdraw(1, nothing)
            times.append(time.monotonic())

        began = time.monotonic()
        race.run(lambda: account.withdraw(100, lambda amount: time.sleep(60)), second)
        took = times[0] - began - 1
        assert took == 0, (
            f"the account was empty, and somebody had to wait {took:g} s for a refusal: while notes are handed out "
            "nobody else has to wait"
        )

    race.explore(scenario, schedules=10)


@pytest.mark.task(4)
def test_tickets_are_sold(race, tmp_path):
    def scenario():
        path = write(tmp_path / "tickets.json", play="Faust", left=2)
        office = BoxOffice(path)
        assert office.left() == 2, f"the file says 2, left says {office.left()}"
        done = [office.sell() for _ in range(3)]
        assert done == [True, True, False], f"of two tickets three were asked for: sell said {done}"
        content = json.loads(path.read_text())
        assert content == {"play": "Faust", "left": 0}, f"both were sold, and the file holds {content}"
        assert office.left() == 0, f"both were sold, left says {office.left()}"
        assert BoxOffice(path).left() == 0, "a new box office has to find what is in the file"

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize("kind", [str, Path])
def test_all_else_in_the_file_stays(race, tmp_path, kind):
    def scenario():
        others = {"row": 3, "balcony": {"left": 3}, "prices": [3, 33], "sold out": False}
        path = write(tmp_path / "tickets.json", **others, left=3)
        done = BoxOffice(kind(path)).sell()
        content = json.loads(path.read_text())
        assert done is True, f"one of 3 tickets was asked for, and sell said {done!r}"
        assert content == others | {"left": 2}, (
            f"one of 3 tickets was sold, and the file holds {content} instead of {others | {'left': 2}}: only the "
            "number under `left` changes, and of all that are called so the outermost"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_a_refusal_leaves_the_file_alone(race, tmp_path):
    def scenario():
        path, text = tmp_path / "tickets.json", '{ "left" : 0 ,  "play":"Faust" }'
        path.write_text(text)
        done = BoxOffice(path).sell()
        assert done is False, f"nothing was left, and sell said {done!r}"
        assert path.read_text() == text, (
            f"nothing was left, and the file was written all the same: it held {text}, and holds {path.read_text()}"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
@pytest.mark.means(JSONDecodeError=TORN)
@pytest.mark.parametrize(("tickets", "buyers"), [(1, 2), (2, 2), (1, 3)])
def test_the_last_ticket_is_sold_once(race, tmp_path, tickets, buyers):
    def scenario():
        path = write(tmp_path / "tickets.json", left=tickets)
        office = BoxOffice(path)
        done = race.run(*[office.sell] * buyers)
        assert done.count(True) >= tickets, (
            f"there were {tickets} for {buyers} buyers, and sell told them {done}: somebody was refused although a "
            "ticket "
            "was left; wait for who is selling"
        )
        assert done.count(True) == tickets, (
            f"there were {tickets} for {buyers} buyers, and sell told them {done}: reading, checking and writing must "
            "stay under one lock, the same for all threads"
        )
        content = json.loads(path.read_text())
        assert content == {"left": 0}, (
            f"{tickets} of {tickets} were sold, and the file holds {content}: reading, checking and writing must stay "
            "under one lock, the same for all threads"
        )

    race.explore(scenario, schedules=5, clock="any")


@pytest.mark.task(5)
@pytest.mark.means(JSONDecodeError=TORN)
def test_a_look_is_never_disturbed(race, tmp_path):
    def scenario():
        office = BoxOffice(write(tmp_path / "tickets.json", left=5))

        def look():
            time.sleep(0.5)
            return office.left()

        _, found = race.run(office.sell, look)
        assert found in (4, 5), f"one of 5 tickets was sold, and left said {found}"

    race.explore(scenario, schedules=24, clock="any")


@pytest.mark.task(5)
@pytest.mark.means(JSONDecodeError=TORN)
def test_two_look_while_one_is_sold(race, tmp_path):
    def scenario():
        office, found = BoxOffice(write(tmp_path / "tickets.json", left=5)), []

        def look(after):
            time.sleep(after)
            found.append(office.left())

        race.run(office.sell, lambda: look(0.5), lambda: look(0.6))
        assert all(left in (4, 5) for left in found), (
            f"one of 5 tickets was sold, two looked meanwhile, and left said {found}: nobody looks while it is "
            "written, neither the first who comes nor the second"
        )

    race.explore(scenario, schedules=3)


def made_without_a_file(path):
    """Make a box office where there is no file yet."""
    try:
        return BoxOffice(path)
    except FileNotFoundError:
        pytest.fail("making a box office read the file, which is not there yet: read in sell and left, each time")


@pytest.mark.task(6)
@pytest.mark.parametrize("method", ["sell", "left"])
def test_a_missing_file_keeps_nobody_out(race, tmp_path, method):
    def scenario():
        path, caught, done = tmp_path / "tickets.json", None, []
        path.unlink(missing_ok=True)
        office = made_without_a_file(path)
        try:
            getattr(office, method)()
        except FileNotFoundError as error:
            caught = error
        assert caught is not None, "there was no such file, and no FileNotFoundError reached the caller"
        write(path, left=1)
        buyer = threading.Thread(target=lambda: done.append(office.sell()), name="buyer", daemon=True)
        buyer.start()
        buyer.join(timeout=60)
        assert done == [True], (
            "the file was missing and is there now, and somebody who wants to buy still waits a minute later: "
            "the lock was never released; use `with`, or release in `finally`"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(6)
@pytest.mark.parametrize("method", ["sell", "left"])
def test_a_missing_file_is_told_to_everybody(race, tmp_path, method):
    def scenario():
        path, told = tmp_path / "tickets.json", []
        path.unlink(missing_ok=True)
        office = BoxOffice(path)

        def ask():
            try:
                getattr(office, method)()
            except FileNotFoundError:
                told.append("a FileNotFoundError")

        askers = [threading.Thread(target=ask, daemon=True) for _ in range(2)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join(timeout=60)
        assert len(told) == 2, (
            f"two asked for a file that is missing, and {len(told)} of them heard of it within a minute: who waits "
            "must "
            "be let in after an error too"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(6)
@pytest.mark.parametrize("method", ["sell", "left"])
def test_a_file_that_has_gone_is_missing(race, tmp_path, method):
    def scenario():
        path = write(tmp_path / "tickets.json", left=3)
        office = BoxOffice(path)
        office.sell()
        path.unlink()
        try:
            found = getattr(office, method)()
        except FileNotFoundError:
            found = "a FileNotFoundError"
        assert found == "a FileNotFoundError", (
            f"one of 3 tickets was sold, then the file was taken away, and {method} answered {found!r} instead of "
            "raising FileNotFoundError: what is left stands in the file, and is read there each time"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(6)
def test_a_refusal_keeps_nobody_out(race, tmp_path):
    def scenario():
        office, found = BoxOffice(write(tmp_path / "tickets.json", left=0)), []
        assert office.sell() is False, "nothing was left, and a ticket was sold"
        looker = threading.Thread(target=lambda: found.append(office.left()), name="looker", daemon=True)
        looker.start()
        looker.join(timeout=60)
        assert found == [0], (
            "after somebody had been refused, somebody who looks still waits a minute later: the lock was never "
            "released; use `with`, or release on every way out"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(7)
@pytest.mark.means(
    FileNotFoundError="two offices wrote the same draft: a file beside the real one needs a name of its own"
)
@pytest.mark.parametrize(
    "names",
    [("faust.json", "hamlet.json"), ("monday/left.json", "sunday/left.json"), ("faust.json", "faust.txt")],
    ids=["one folder", "two folders", "one stem"],
)
def test_two_offices_sell_side_by_side(race, tmp_path, names):
    def scenario():
        paths = [tmp_path / name for name in names]
        for path in paths:
            path.parent.mkdir(exist_ok=True)
        offices = [BoxOffice(write(path, play=path.stem, left=1)) for path in paths]
        began = time.monotonic()
        done = race.run(*(office.sell for office in offices))
        took = time.monotonic() - began
        assert done == [True, True], f"one ticket for each of two plays, and sell said {done}"
        assert took == 2, (
            f"two sales of 2 s from different files ({names[0]} and {names[1]}) took {took:g} s instead of 2 "
            "s: "
            "one office waited for the other; each needs a lock of its own, and reads and writes once"
        )
        content = [json.loads(path.read_text()) for path in paths]
        assert content == [{"play": path.stem, "left": 0} for path in paths], (
            f"one ticket was sold for each of two plays, and the files hold {content}: one has the other's text; a "
            "file "
            "beside the real one needs a name of its own"
        )

    race.explore(scenario, schedules=3)

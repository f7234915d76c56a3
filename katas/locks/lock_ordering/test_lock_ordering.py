"""Two accounts, two locks: the tests. Time is virtual, and the threads mix in many ways."""

import functools
import threading
import time

import pytest
from lock_ordering import Account, total, transfer


def yes():
    """Confirm at once."""
    return True


def slow_yes():
    """Confirm after five seconds."""
    time.sleep(5)
    return True


def long_yes():
    """Confirm after twenty seconds."""
    time.sleep(20)
    return True


def after(seconds, function, *arguments):
    """Make a function that calls later, and returns how long after the beginning that was done."""

    def call():
        time.sleep(seconds)
        began = time.monotonic()
        function(*arguments)
        return seconds + time.monotonic() - began

    return call


def sums(*accounts):
    """Read all balances; nobody moves anything any more."""
    return [account.balance for account in accounts]


@pytest.mark.task(1)
@pytest.mark.means(AttributeError="confirm has no __name__: whatever can be called will do, only call it")
def test_money_is_moved(race):
    def scenario():
        ann, bob, calls = Account(100), Account(0), []
        assert sums(ann, bob) == [100, 0], f"accounts of 100 and 0 say {sums(ann, bob)}"
        done = transfer(ann, bob, 70, functools.partial(lambda calls: calls.append("a call") or True, calls))
        assert done is True, f"there were 100, 70 could be moved, and transfer returned {done!r}"
        assert sums(ann, bob) == [30, 70], f"70 of 100 were moved, they have {sums(ann, bob)}"
        assert len(calls) == 1, f"confirm was called {len(calls)} times instead of once"
        assert total([bob, ann]) == 100, f"30 and 70 are in all {total([bob, ann])}"
        assert total([bob]) == 70, f"one account of 70 has in all {total([bob])}"
        assert total([]) == 0, f"no accounts have in all {total([])}"
        done = transfer(ann, bob, 30, yes)
        assert (done, *sums(ann, bob)) == (True, 0, 100), (
            f"30 of 30 are enough, and transfer returned {done!r}, they have {sums(ann, bob)}"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(1)
def test_equal_accounts_are_two(race):
    def scenario():
        ann, bob = Account(50), Account(50)
        done = transfer(ann, bob, 10, yes)
        assert (done, *sums(ann, bob)) == (True, 40, 60), (
            f"10 of 50 were sent to another account with 50 on it: transfer returned {done!r}, and they have "
            f"{sums(ann, bob)}: two accounts are the same if they are one object (`is`), not if they are equal"
        )
        found = total([Account(50), Account(50)])
        assert found == 100, f"two accounts of 50 are in all {found}: they are equal, and yet two"

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_the_accounts_come_once(race):
    def scenario():
        ann, bob = Account(30), Account(70)
        found = total(account for account in (bob, ann))
        assert found == 100, (
            f"30 and 70, handed over by a generator, are in all {found}: it can be gone through only once; make a list "
            "of it first"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_nothing_moves_before_the_call_ends(race):
    def scenario():
        ann, bob, seen = Account(100), Account(0), []

        def look():
            time.sleep(1)
            found = sums(ann, bob)
            if time.monotonic() - began < 5:  # else the balance waited for the end, and has to be the new one
                seen.append(found)

        began = time.monotonic()
        race.run(lambda: transfer(ann, bob, 70, slow_yes), look)
        assert seen in ([], [[100, 0]]), (
            f"while confirm was asked whether 70 may be moved, 100 and 0 had become {seen[0]}: move the money when it "
            "has returned True"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(1)
def test_a_refused_transfer_changes_nothing(race):
    def scenario():
        ann, bob, calls = Account(100), Account(0), []
        done = transfer(ann, bob, 101, lambda: calls.append("a call") or True)
        assert done is False, f"there were 100, 101 cannot be moved, and transfer returned {done!r}"
        assert not calls, "there was not enough money, and confirm was called all the same"
        done = transfer(ann, bob, 100, lambda: bool(calls.append("a call")))
        assert done is False, f"confirm said no, and transfer returned {done!r}"
        assert len(calls) == 1, f"confirm said no, and was called {len(calls)} times: no is an answer, do not ask again"
        assert sums(ann, bob) == [100, 0], f"both were refused, they have {sums(ann, bob)}"

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
@pytest.mark.parametrize("balance", [100, 7], ids=["equal balances", "different balances"])
@pytest.mark.means(
    DeadlockFound="each of two transfers has one account and waits for that of the other: take the two in an order "
    "that is the same for all, and that never changes"
)
def test_both_directions(race, balance):
    def scenario():
        ann, bob = Account(100), Account(balance)
        race.run(lambda: transfer(ann, bob, 5, yes), lambda: transfer(bob, ann, 3, yes))
        assert sums(ann, bob) == [98, balance + 2], (
            f"ann sent 5 and bob sent 3, they had 100 and {balance} and have {sums(ann, bob)}: who moves money has "
            "both "
            "locks, and does not go on without one, not even after a time-out"
        )

    race.explore(scenario, schedules=22, clock="any")


@pytest.mark.task(2)
def test_there_and_back_again(race):
    def scenario():
        ann, bob = Account(100), Account(99)

        def play():
            transfer(ann, bob, 1, yes)  # the balances change places
            transfer(bob, ann, 1, yes)

        race.run(play, lambda: transfer(ann, bob, 10, yes))
        assert sums(ann, bob) == [90, 109], f"they should have 90 and 109, and have {sums(ann, bob)}"

    race.explore(scenario, schedules=6)


@pytest.mark.task(2)
def test_a_ring_of_three(race):
    def scenario():
        ring = [Account(10), Account(20), Account(30)]
        pairs = list(zip(ring, ring[1:] + ring[:1]))
        race.run(*(lambda pair=pair: transfer(*pair, 1, yes) for pair in pairs))
        assert sums(*ring) == [10, 20, 30], (
            f"each of three sent 1 to the next, they had 10, 20, 30 and have {sums(*ring)}"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound="from and to are the same account, and its lock is taken twice: take it once, or let its owner in "
    "again"
)
def test_an_account_to_itself(race):
    def scenario():
        ann, bob = Account(100), Account(0)
        transfer(ann, ann, 30, yes)
        assert ann.balance == 100, f"ann sent 30 to herself, and has {ann.balance} instead of 100"
        transfer(ann, bob, 30, yes)
        assert sums(ann, bob) == [70, 30], f"then 30 to bob, they have {sums(ann, bob)}"
        another = threading.Thread(target=transfer, args=(bob, ann, 30, yes), name="another", daemon=True)
        another.start()
        another.join(timeout=60)
        assert sums(ann, bob) == [100, 0], (
            "ann had sent money to herself, and a minute later somebody else still waits for her account: "
            "what was acquired twice has to be released twice"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound="two accounts were made at the same time, and it is not settled which comes first: give each a "
    "number of its own, in one step"
)
def test_accounts_that_were_made_at_once(race):
    def scenario():
        ann, bob = race.run(lambda: Account(10), lambda: Account(10))
        race.run(lambda: transfer(ann, bob, 5, yes), lambda: transfer(bob, ann, 3, yes))
        assert sums(ann, bob) == [8, 12], f"ann sent 5 and bob sent 3, they had 10 and 10 and have {sums(ann, bob)}"

    race.explore(scenario, schedules=10)


@pytest.mark.task(3)
def test_nobody_overdraws(race):
    def scenario():
        ann, bob, cleo, calls = Account(100), Account(0), Account(0), []

        def call():
            calls.append("a call")
            return slow_yes()

        done = race.run(lambda: transfer(ann, bob, 70, call), lambda: transfer(ann, cleo, 70, call))
        assert ann.balance >= 0, (
            f"70 were sent twice from an account of 100, which now has {ann.balance}: looking, "
            "confirming and moving must stay under the locks"
        )
        assert sorted(done) == [False, True], (
            f"70 were sent twice from an account of 100, and transfer said {done}: one is possible"
        )
        assert sum(sums(ann, bob, cleo)) == 100, f"of 100 there are now {sums(ann, bob, cleo)}"
        assert len(calls) == 1, (
            f"70 were sent twice from an account of 100, and confirm was called {len(calls)} times: one "
            "call, as for the other transfer there is not enough"
        )

    race.explore(scenario, schedules=7)


@pytest.mark.task(3)
def test_no_money_is_lost(race):
    def scenario():
        ann, bob, cleo = Account(100), Account(100), Account(0)
        race.run(lambda: transfer(ann, cleo, 10, yes), lambda: transfer(bob, cleo, 20, yes))
        assert sums(ann, bob, cleo) == [90, 80, 30], (
            "ann sent 10 and bob 20 to cleo, who had nothing; they should have 90, 80 and 30, and have "
            f"{sums(ann, bob, cleo)}: the target needs its lock too"
        )

    race.explore(scenario, schedules=9)


@pytest.mark.task(3)
def test_both_accounts_are_held_while_somebody_confirms(race):
    def scenario():
        ann, bob, cleo = Account(100), Account(100), Account(0)
        began = time.monotonic()
        done = race.run(lambda: transfer(ann, bob, 10, long_yes), lambda: transfer(bob, cleo, 10, long_yes))
        took = time.monotonic() - began
        assert done == [True, True], (
            f"both had enough and were confirmed, and transfer said {done}: wait, do not refuse"
        )
        assert took >= 40, (
            f"two transfers of 20 s that both need bob's account took only {took:g} s: both used it at once; "
            "hold both locks while somebody confirms, and never go on without one of them"
        )
        assert sums(ann, bob, cleo) == [90, 100, 10], f"they have {sums(ann, bob, cleo)}"

    race.explore(scenario, schedules=8)


@pytest.mark.task(3)
def test_who_is_poor_waits_for_what_is_coming(race):
    def scenario():
        ann, bob, cid = Account(0), Account(100), Account(0)
        moved = []
        race.run(lambda: transfer(bob, ann, 100, slow_yes), after(1, lambda: moved.append(transfer(ann, cid, 50, yes))))
        assert moved == [True], (
            "bob sends ann 100, which takes 5 s; after 1 s ann, who had nothing, sends cid 50, and was told "
            f"{moved[0]}: whether there is enough is asked when both accounts are hers, not before"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_strangers_do_not_wait(race):
    def scenario():
        ann, bob, cleo, dora = (Account(100) for _ in range(4))
        began = time.monotonic()
        race.run(lambda: transfer(ann, bob, 1, slow_yes), lambda: transfer(dora, cleo, 1, slow_yes))
        took = time.monotonic() - began
        assert took == 5, (
            "two transfers of 5 s without a common account took "
            f"{took:g} s instead of 5 s: one waited for the other; lock accounts, not the bank"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(4)
def test_a_hundred_strangers_do_not_wait(race):
    def scenario():
        accounts = [Account(100) for _ in range(102)]
        ends = race.run(
            after(0, transfer, *accounts[:2], 1, long_yes),
            after(1, lambda: [transfer(*pair, 1, yes) for pair in zip(accounts[2:], accounts[3:])]),
        )
        assert ends[1] == 1, (
            "two accounts of 102 were in use until 20 s, and transfers among the 100 others, at 1 s, were done at "
            f"{ends[1]:g} s: each account needs a lock of its own, a handful of locks for all is too few"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(4)
@pytest.mark.parametrize("waits", ["transfer", "total"])
def test_who_waits_keeps_no_stranger_out(race, waits):
    def scenario():
        ann, bob, cleo, dora, emil = (Account(100) for _ in range(5))
        waiting = (transfer, bob, cleo, 1, yes) if waits == "transfer" else (total, [bob, cleo])
        ends = race.run(
            after(0, transfer, ann, bob, 1, long_yes),
            after(1, *waiting),
            after(2, transfer, dora, emil, 1, yes),
        )
        assert ends[2] == 2, (
            f"a {waits} waits for bob's account, which is in use, and dora, who needs neither, has to wait "
            f"{ends[2] - 2:g} s: who waits for an account must not hold a lock that all need"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
def test_who_is_woken_for_nothing_wakes_the_next(race):
    def scenario():
        ann, bob, cleo, dora, emil, finn = (Account(100) for _ in range(6))
        ends = race.run(
            after(0, transfer, ann, bob, 1, slow_yes),
            after(0, transfer, cleo, dora, 1, long_yes),
            after(1, transfer, cleo, emil, 1, yes),
            after(2, transfer, ann, finn, 1, yes),
        )
        assert ends[3] < 20, (
            f"ann's account was free after 5 s, and who waited for it got it after {ends[3]:g} s: somebody was woken "
            "who waits for another account; wake all who wait, or let each account have a lock of its own"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(5)
@pytest.mark.parametrize("turn", [1, -1], ids=["as made", "backwards"])
def test_the_total_is_right_while_money_is_moved(race, turn):
    def scenario():
        ann, bob, found = Account(100), Account(50), []
        race.run(
            lambda: [transfer(ann, bob, 30, yes), transfer(bob, ann, 30, yes)],
            lambda: found.append(total([ann, bob][::turn])),
        )
        assert found == [150], (
            f"30 of 150 were moved from one account to the other and back, and total found {found[0]}: "
            "either the money was on no account for a moment, or total looked at one account before "
            "and at the other after; both need all the locks at the same time"
        )

    race.explore(scenario, schedules=26 if turn == 1 else 12)


@pytest.mark.task(5)
@pytest.mark.means(
    DeadlockFound="two count the same accounts, given in two orders, and each waits for what the other has: sort the "
    "accounts before you lock them"
)
def test_two_totals_in_opposite_orders(race):
    def scenario():
        ann, bob, found = Account(100), Account(50), []
        race.run(
            lambda: found.append(total([ann, bob])),
            lambda: found.append(total([bob, ann])),
        )
        assert found == [150, 150], f"of 150 two totals found {found}"

    race.explore(scenario, schedules=12)


@pytest.mark.task(5)
def test_a_total_waits_for_a_transfer(race):
    def scenario():
        ann, bob, found = Account(100), Account(50), []
        race.run(
            lambda: transfer(ann, bob, 100, slow_yes),
            lambda: found.append(total(iter([bob, ann]))),
        )
        assert found == [150], f"100 of 150 were being moved, and total found {found[0]}"

    race.explore(scenario, schedules=7)


@pytest.mark.task(5)
def test_a_total_counts_nothing_before_it_has_all(race):
    def scenario():
        accounts = ann, bob, cid, dan = [Account(100) for _ in range(4)]
        found = []
        race.run(
            lambda: transfer(bob, dan, 10, slow_yes),
            after(1, lambda: found.append(total(accounts))),
            after(2, transfer, ann, cid, 30, yes),
        )
        assert found == [400], (
            f"four had 100 each; bob sent dan 10, which took 5 s, total began at 1 s, ann sent cid 30 at 2 s, and "
            f"total found {found[0]} instead of 400: it had counted ann before it waited for bob, and cid after it; "
            "look at none before all are yours"
        )

    race.explore(scenario, schedules=2)


class Mistake(Exception):
    """What confirm raises in the tests."""


class Evacuated(BaseException):
    """Neither is this one an Exception, as KeyboardInterrupt and SystemExit are not."""


class Nothing(StopIteration):
    """An Exception that a generator makes a RuntimeError of."""


def raising(kind, seconds=0):
    """Make a telephone call that goes wrong after a while."""

    def call():
        time.sleep(seconds)
        raise kind("nobody answers the telephone") from OSError("the line is down")

    return call


def attempt(source, target, call):
    """Return what a transfer of 10 raises, or None."""
    try:
        transfer(source, target, 10, call)
    except (Mistake, Evacuated, Nothing, RuntimeError) as error:
        return error
    return None


@pytest.mark.task(6)
@pytest.mark.parametrize("kind", [Mistake, Evacuated, Nothing])
def test_after_an_error_both_accounts_are_free(race, kind):
    def scenario():
        ann, bob, cleo = Account(100), Account(100), Account(0)
        caught = attempt(ann, bob, raising(kind))
        assert caught is not None, "confirm raised, and transfer did not: the caller has to hear of it"
        assert type(caught) is kind, (
            f"confirm raised {kind.__name__}, a {kind.__base__.__name__}, and transfer raised {caught!r}: let it go on "
            "as it is (a generator makes a RuntimeError of a StopIteration)"
        )
        assert isinstance(caught.__cause__, OSError), (
            f"confirm raised {caught!r} from OSError('the line is down'), and what transfer raised has the cause "
            f"{caught.__cause__!r}: a bare raise leaves it as it is, raise … from None takes away why"
        )
        assert sums(ann, bob) == [100, 100], f"confirm raised, and they have {sums(ann, bob)}"
        others = [threading.Thread(target=transfer, args=(each, cleo, 1, yes), daemon=True) for each in (ann, bob)]
        for other in others:
            other.start()
        for other in others:
            other.join(timeout=60)
        assert sums(ann, bob, cleo) == [99, 99, 2], (
            f"after confirm had raised ({kind.__base__.__name__}), somebody still waits for an account a minute later: "
            f"the balances are {sums(ann, bob, cleo)} instead of [99, 99, 2]; use `with`, or release in `finally`"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(6)
@pytest.mark.parametrize("kind", [Mistake, Evacuated])
def test_an_error_while_others_wait(race, kind):
    def scenario():
        ann, bob, cleo = Account(100), Account(100), Account(0)
        calls = [
            lambda: attempt(ann, bob, raising(kind, 5)),
            after(1, transfer, bob, cleo, 1, yes),
            after(1, transfer, ann, cleo, 1, yes),
        ]
        others = [threading.Thread(target=call, daemon=True) for call in calls]
        for other in others:
            other.start()
        for other in others:
            other.join(timeout=60)
        assert sums(ann, bob, cleo) == [99, 99, 2], (
            f"two waited for ann and bob while confirm raised ({kind.__base__.__name__}), and a minute later "
            f"the balances are {sums(ann, bob, cleo)} instead of [99, 99, 2]: let in who waits after an error too"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(6)
@pytest.mark.parametrize(("amount", "call"), [(101, yes), (1, lambda: False)], ids=["not enough", "not confirmed"])
def test_after_a_refusal_both_accounts_are_free(race, amount, call):
    def scenario():
        ann, bob, cleo = Account(100), Account(100), Account(0)
        transfer(ann, bob, amount, call)
        others = [threading.Thread(target=transfer, args=(each, cleo, 1, yes), daemon=True) for each in (ann, bob)]
        for other in others:
            other.start()
        for other in others:
            other.join(timeout=60)
        assert sums(ann, bob, cleo) == [99, 99, 2], (
            "after a transfer had been refused, somebody still waits for an account a minute later: the balances are "
            f"{sums(ann, bob, cleo)} instead of [99, 99, 2]; release on the way out with False too"
        )

    race.explore(scenario, schedules=3)

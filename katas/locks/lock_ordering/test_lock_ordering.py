"""Two accounts, two locks: the tests. Time is virtual, and the threads mix in many ways."""

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


def sums(*accounts):
    """Read all balances; nobody moves anything any more."""
    return [account.balance for account in accounts]


@pytest.mark.task(1)
def test_money_is_moved(race):
    def scenario():
        ann, bob, calls = Account(100), Account(0), []
        assert sums(ann, bob) == [100, 0], f"accounts of 100 and 0 say {sums(ann, bob)}"
        done = transfer(ann, bob, 70, lambda: calls.append("a call") or True)
        assert done is True, f"there were 100, 70 could be moved, and transfer returned {done!r}"
        assert sums(ann, bob) == [30, 70], f"70 of 100 were moved, they have {sums(ann, bob)}"
        assert len(calls) == 1, f"confirm was called {len(calls)} times instead of once"
        assert total([bob, ann]) == 100, f"30 and 70 are in all {total([bob, ann])}"
        assert total([]) == 0, f"no accounts have in all {total([])}"

    race.explore(scenario, schedules=10)


@pytest.mark.task(1)
def test_a_refused_transfer_changes_nothing(race):
    def scenario():
        ann, bob, calls = Account(100), Account(0), []
        done = transfer(ann, bob, 101, lambda: calls.append("a call") or True)
        assert done is False, f"there were 100, 101 cannot be moved, and transfer returned {done!r}"
        assert not calls, "there was not enough money, and confirm was called all the same"
        done = transfer(ann, bob, 100, lambda: False)
        assert done is False, f"confirm said no, and transfer returned {done!r}"
        assert sums(ann, bob) == [100, 0], f"both were refused, they have {sums(ann, bob)}"

    race.explore(scenario, schedules=10)


@pytest.mark.task(2)
@pytest.mark.parametrize("balance", [100, 7], ids=["equal balances", "different balances"])
def test_both_directions(race, balance):
    def scenario():
        ann, bob = Account(100), Account(balance)
        race.run(lambda: transfer(ann, bob, 5, yes), lambda: transfer(bob, ann, 3, yes))
        assert sums(ann, bob) == [98, balance + 2], (
            f"ann sent 5 and bob sent 3, they had 100 and {balance} and have {sums(ann, bob)}"
        )

    race.explore(scenario, schedules=100, clock="any")


@pytest.mark.task(2)
def test_there_and_back_again(race):
    def scenario():
        ann, bob = Account(100), Account(99)

        def play():
            transfer(ann, bob, 1, yes)  # the balances change places
            transfer(bob, ann, 1, yes)

        race.run(play, lambda: transfer(ann, bob, 10, yes))
        assert sums(ann, bob) == [90, 109], f"they should have 90 and 109, and have {sums(ann, bob)}"

    race.explore(scenario, schedules=60)


@pytest.mark.task(2)
def test_a_ring_of_three(race):
    def scenario():
        ring = [Account(10), Account(20), Account(30)]
        pairs = list(zip(ring, ring[1:] + ring[:1]))
        race.run(*(lambda pair=pair: transfer(*pair, 1, yes) for pair in pairs))
        assert sums(*ring) == [10, 20, 30], (
            f"each of three sent 1 to the next, they had 10, 20, 30 and have {sums(*ring)}"
        )

    race.explore(scenario, schedules=60)


@pytest.mark.task(2)
def test_an_account_to_itself(race):
    def scenario():
        ann, bob = Account(100), Account(0)
        transfer(ann, ann, 30, yes)
        assert ann.balance == 100, f"ann sent 30 to herself, and has {ann.balance} instead of 100"
        transfer(ann, bob, 30, yes)
        assert sums(ann, bob) == [70, 30], f"then 30 to bob, they have {sums(ann, bob)}"

    race.explore(scenario, schedules=10)


@pytest.mark.task(3)
def test_nobody_overdraws(race):
    def scenario():
        ann, bob, cleo = Account(100), Account(0), Account(0)
        done = race.run(lambda: transfer(ann, bob, 70, slow_yes), lambda: transfer(ann, cleo, 70, slow_yes))
        assert ann.balance >= 0, (
            f"70 were sent twice from an account of 100, which now has {ann.balance}: looking, "
            "confirming and moving must stay under the locks"
        )
        assert sorted(done) == [False, True], (
            f"70 were sent twice from an account of 100, and transfer said {done}: one is possible"
        )
        assert sum(sums(ann, bob, cleo)) == 100, f"of 100 there are now {sums(ann, bob, cleo)}"

    race.explore(scenario, schedules=60)


@pytest.mark.task(3)
def test_no_money_is_lost(race):
    def scenario():
        ann, bob, cleo = Account(100), Account(100), Account(0)
        race.run(lambda: transfer(ann, cleo, 10, yes), lambda: transfer(bob, cleo, 20, yes))
        assert sums(ann, bob, cleo) == [90, 80, 30], (
            "ann sent 10 and bob 20 to cleo, who had nothing; they should have 90, 80 and 30, and have "
            f"{sums(ann, bob, cleo)}: the target needs its lock too"
        )

    race.explore(scenario, schedules=60)


@pytest.mark.task(3)
def test_both_accounts_are_held_while_somebody_confirms(race):
    def scenario():
        ann, bob, cleo = Account(100), Account(100), Account(0)
        began = time.monotonic()
        race.run(lambda: transfer(ann, bob, 10, slow_yes), lambda: transfer(bob, cleo, 10, slow_yes))
        took = time.monotonic() - began
        assert took >= 10, (
            f"two transfers of 5 s that both need bob's account took only {took:g} s: both used it at once; "
            "hold both locks while somebody confirms"
        )
        assert sums(ann, bob, cleo) == [90, 100, 10], f"they have {sums(ann, bob, cleo)}"

    race.explore(scenario, schedules=30)


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

    race.explore(scenario, schedules=30)


@pytest.mark.task(5)
@pytest.mark.parametrize("turn", [1, -1], ids=["as made", "backwards"])
def test_the_total_is_right_while_money_is_moved(race, turn):
    def scenario():
        ann, bob, found = Account(100), Account(50), []
        race.run(
            lambda: transfer(ann, bob, 30, yes),
            lambda: found.append(total([ann, bob][::turn])),
        )
        assert found == [150], (
            f"30 of 150 were moved from one account to the other, and total found {found[0]}: "
            "either the money was on no account for a moment, or total looked at one account before "
            "and at the other after; both need all the locks at the same time"
        )

    race.explore(scenario, schedules=16)


@pytest.mark.task(5)
def test_two_totals_in_opposite_orders(race):
    def scenario():
        ann, bob, found = Account(100), Account(50), []
        race.run(
            lambda: found.append(total([ann, bob])),
            lambda: found.append(total([bob, ann])),
        )
        assert found == [150, 150], f"of 150 two totals found {found}"

    race.explore(scenario, schedules=60)


@pytest.mark.task(5)
def test_a_total_waits_for_a_transfer(race):
    def scenario():
        ann, bob, found = Account(100), Account(50), []
        race.run(
            lambda: transfer(ann, bob, 100, slow_yes),
            lambda: found.append(total(iter([bob, ann]))),
        )
        assert found == [150], f"100 of 150 were being moved, and total found {found[0]}"

    race.explore(scenario, schedules=30)


class Mistake(Exception):
    """What confirm raises in the tests."""


@pytest.mark.task(6)
def test_after_an_error_both_accounts_are_free(race):
    def scenario():
        ann, bob, cleo = Account(100), Account(100), Account(0)
        caught = None

        def raising():
            raise Mistake("nobody answers the telephone")

        try:
            transfer(ann, bob, 10, raising)
        except Mistake as error:
            caught = error
        assert caught is not None, "confirm raised, and transfer did not: the caller has to hear of it"
        assert sums(ann, bob) == [100, 100], f"confirm raised, and they have {sums(ann, bob)}"
        others = [threading.Thread(target=transfer, args=(each, cleo, 1, yes), daemon=True) for each in (ann, bob)]
        for other in others:
            other.start()
        for other in others:
            other.join(timeout=60)
        assert sums(ann, bob, cleo) == [99, 99, 2], (
            "after confirm had raised, somebody still waits for an account a minute later: "
            f"the balances are {sums(ann, bob, cleo)} instead of [99, 99, 2]; use `with`, or release in "
            "`finally`"
        )

    race.explore(scenario, schedules=30)

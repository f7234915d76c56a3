"""The doorbell: the tests. Time is virtual, and what is due at the same instant comes in any order."""

import asyncio
import time

import pytest
from delayed_calls import Clock, Doorbell


def in_loop(main):
    """Make a scenario of a coroutine function; what a callback raises is not shown."""

    async def quietly():
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        await main()

    return lambda: asyncio.run(quietly())


class House:
    """Who is called, when, and with what; times count from the making of the house."""

    def __init__(self, error=None, seconds=0):
        self.loop = asyncio.get_running_loop()
        self.began = self.loop.time()
        self.error, self.seconds = error, seconds
        self.calls = []

    @property
    def now(self):
        return round(self.loop.time() - self.began, 6)

    def action(self, *args):
        self.calls.append((self.now, args))
        time.sleep(self.seconds)
        if self.error is not None:
            raise self.error

    async def at(self, seconds):
        """Wait until so many seconds are over, and a little longer."""
        await asyncio.sleep(self.began + seconds - self.loop.time())


@pytest.mark.task(1)
@pytest.mark.parametrize("args", [(), (None,), (0, "")], ids=repr)
def test_once_after_the_last_ring(race, args):
    async def main():
        house = House()
        bell = Doorbell(3, house.action)
        for moment in (0, 1, 2, 4):
            await house.at(moment)
            bell.ring("somebody", moment)
        await house.at(5)
        bell.ring(*args)
        assert not house.calls, f"five rings within 5 s, 3 s of quiet, and {house.calls} was called during the rings"
        await house.at(30)
        assert house.calls == [(8, args)], (
            f"rings after 0, 1, 2, 4 and 5 s, the last with {args}, 3 s of quiet; (when, arguments) called were "
            f"{house.calls} instead of [(8, {args})]: each ring takes the one before back"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(1)
def test_the_same_ring(race):
    async def main():
        house = House()
        bell = Doorbell(3, house.action)
        for moment in (0, 1, 2):
            await house.at(moment)
            bell.ring("ann")
        await house.at(30)
        assert house.calls == [(5, ("ann",))], (
            f"ann rang after 0, 1 and 2 s, 3 s of quiet; called were {house.calls} instead of [(5, ('ann',))]: a ring "
            "with the same arguments is a ring"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(1)
def test_again_when_it_was_quiet(race):
    async def main():
        house = House()
        bell = Doorbell(2, house.action)
        for moment, who in ((0, "a"), (3, "b"), (4, "c"), (9, "d")):
            await house.at(moment)
            bell.ring(who)
        await house.at(30)
        right = [(2, ("a",)), (6, ("c",)), (11, ("d",))]
        assert house.calls == right, (
            f"rings of a, b, c, d after 0, 3, 4 and 9 s, 2 s of quiet; called were {house.calls} instead of {right}"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(1)
def test_without_quiet(race):
    async def main():
        house = House()
        bell = Doorbell(0, house.action)
        bell.ring("first")
        bell.ring("second")
        assert not house.calls, "0 s of quiet, and the action was called inside of `ring`: it comes from the loop"
        await house.at(1)
        assert house.calls == [(0, ("second",))], f"rung twice with 0 s of quiet; called were {house.calls}"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(1)
def test_bells_for_themselves(race):
    async def main():
        house = House()
        one, other = Doorbell(2, house.action), Doorbell(3, house.action)
        one.ring("one")
        other.ring("other")
        await house.at(1)
        other.ring("other again")
        await house.at(9)
        assert house.calls == [(2, ("one",)), (4, ("other again",))], (
            f"two bells, one rang at 0 s and the other at 0 and 1 s; called were {house.calls}: each has its own timer"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(1)
@pytest.mark.means(
    RuntimeError="a bell may be made where no loop runs, and rung in two loops: ask for the loop that runs"
)
def test_a_bell_in_two_loops(race):
    calls, bells = [], []

    async def main(quiet):
        [bell] = bells
        assert bell.due() is None, "a loop is over, and what was pending there is still pending in the next one"
        said = [bell.hurry(), bell.cancel()]
        assert said == [False, False], (
            f"a loop is over, and in the next one hurry and cancel said {said}: what was pending there is gone"
        )
        bell.ring(quiet)
        await asyncio.sleep(quiet)

    def scenario():
        calls.clear()
        bells[:] = [Doorbell(2, calls.append)]
        asyncio.run(main(5))
        asyncio.run(main(1))
        asyncio.run(main(6))
        assert calls == [5, 6], (
            f"a bell rang in three loops, the second of which was over too early; called were {calls} instead of [5, 6]"
        )

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(2)
@pytest.mark.parametrize("args", [(), (None,), (0, "")], ids=repr)
def test_a_ring_with_nothing_to_say(race, args):
    async def main():
        house = House()
        bell = Doorbell(2, house.action)
        bell.ring(*args)
        said = [bell.hurry(), bell.due() is not None, bell.cancel(), bell.cancel()]
        assert said == [True, True, True, False], (
            f"ring{args}, and then hurry, whether something is due, cancel and cancel again said {said} instead of "
            "[True, True, True, False]: a ring is a ring, whatever its arguments"
        )
        await house.at(5)
        assert not house.calls, f"a hurried ring was taken back, and {house.calls} was called"

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(2)
def test_taken_back(race):
    async def main():
        house = House()
        bell = Doorbell(2, house.action)
        said = [bell.cancel(), bell.due()]
        bell.ring("a")
        await house.at(1)
        said += [bell.due() - house.began, bell.cancel(), bell.cancel(), bell.due()]
        await house.at(5)
        assert not house.calls, f"a ring was taken back, and {house.calls} was called: cancel the handle"
        right = [False, None, 2, True, False, None]
        assert said == right, (
            f"cancel and due before a ring, due, cancel, cancel and due after it said {said} instead of {right}"
        )
        bell.ring("b")
        await house.at(8)
        said = [bell.due(), bell.cancel()]
        assert (house.calls, said) == ([(7, ("b",))], [None, False]), (
            f"a ring after 5 s, 2 s of quiet, called were {house.calls}; at 8 s due and cancel said {said} instead of "
            "[None, False]: a call that has come is not pending"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(2)
def test_zero_is_a_time():
    async def main():
        loop, called = asyncio.get_running_loop(), []
        plain, bell = loop.time, Doorbell(5, called.append)
        try:
            loop.time = lambda: -5.0
            bell.ring("first")
            due = bell.due()
            assert due == 0.0 and due is not False, (
                f"the loop's time is -5 s, a bell of 5 s was rung, and due says {due!r} instead of 0.0: a time like "
                "others; `is None`"
            )
            assert bell.cancel() is True, "due at 0.0, and cancel did not say True: 0.0 is a time like others"
            bell.ring("second")
            bell.ring("third")
            loop.time = lambda: 0.0
            assert bell.hurry() is True, "due at 0.0, and hurry did not say True: 0.0 is a time like others"
            due = bell.due()
            assert due == 0.0, (
                f"hurried at 0.0, and due says {due!r}: it is still pending, and 0.0 is a time like others"
            )
        finally:
            loop.time = plain
        for _ in range(10):
            await asyncio.sleep(0)
        assert called == ["third"], f"rung three times, each due at 0.0, and called with {called}: the last ring counts"

    asyncio.run(main())


@pytest.mark.task(2)
@pytest.mark.parametrize("error", [None, ValueError("she sleeps"), asyncio.CancelledError("she left")], ids=repr)
def test_nothing_is_pending_while_it_runs(race, error):
    async def main():
        house, said = House(error), []

        def action(*args):
            said.extend([bell.due(), bell.cancel(), bell.hurry()])
            house.action(*args)

        bell = Doorbell(1, action)
        bell.ring("a")
        await house.at(2)
        said += [bell.due(), bell.cancel()]
        right = [None, False, False, None, False]
        assert said == right, (
            f"an action, which raised {error!r}, asked for due, cancel and hurry, and due and cancel were asked when "
            f"it was over: {said} instead of {right}; nothing is pending from the moment at which it begins"
        )
        bell.ring("b")
        await house.at(5)
        assert house.calls == [(1, ("a",)), (3, ("b",))], (
            f"an action raised {error!r}, and another ring came; called were {house.calls}"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(2)
@pytest.mark.parametrize("error", [None, ValueError("the concierge sleeps")], ids=repr)
def test_an_action_that_rings(race, error):
    async def main():
        house = House(error)

        def action(*args):
            if len(house.calls) < 3:
                bell.ring(len(house.calls))
            house.action(*args)

        bell = Doorbell(1, action)
        bell.ring("first")
        await house.at(1.5)
        assert (bell.due() or house.began) - house.began == 2, (
            "the action has rung the bell itself, 1 s ago; due says that nothing is pending: forget the old call when "
            "it begins, not when it has ended"
        )
        await house.at(2.5)
        said = bell.cancel()
        await house.at(9)
        assert (house.calls, said) == ([(1, ("first",)), (2, (0,))], True), (
            f"an action rings its own bell, and after 2.5 s somebody said cancel, which answered {said}; called were "
            f"{house.calls}: what the action has rung is pending"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(3)
def test_hurried(race):
    async def main():
        house = House()
        bell = Doorbell(5, house.action)
        said = [bell.hurry()]
        bell.ring("a", 0)
        await house.at(1)
        said.append(bell.hurry())
        assert not house.calls, "the action was called inside of `hurry`: it comes from the loop"
        due = bell.due()
        assert due is not None and due - house.began == 1, (
            f"hurried at 1 s, and due says {due and due - house.began}: it is still pending, and due now"
        )
        await house.at(1.5)
        said += [bell.hurry(), bell.cancel()]
        assert house.calls == [(1, ("a", 0))], (
            f"rung with ('a', 0), hurried after 1 s; called were {house.calls} instead of [(1, ('a', 0))]"
        )
        await house.at(20)
        assert len(house.calls) == 1, f"hurried, and called twice: {house.calls}; take the timer back"
        assert said == [False, True, False, False], (
            f"hurry with nothing pending, after a ring, twice, and cancel said {said} instead of "
            "[False, True, False, False]"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(3)
@pytest.mark.parametrize("then", ["cancel", "ring", "hurry"])
def test_hurried_and_then(race, then):
    async def main():
        house = House()
        bell = Doorbell(5, house.action)
        bell.ring("a")
        await house.at(1)
        bell.hurry()
        said = bell.ring("b") if then == "ring" else getattr(bell, then)()
        assert said is {"ring": None}.get(then, True), f"hurry and then {then} in the same breath, which said {said}"
        await house.at(20)
        right = {"cancel": [], "ring": [(6, ("b",))], "hurry": [(1, ("a",))]}[then]
        assert house.calls == right, (
            f"hurry and then {then} in the same breath; called were {house.calls} instead of {right}: until it begins "
            "it is pending, and can be taken back"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(3)
def test_hurried_before_time_is_over(race):
    async def main():
        house = House()
        bell = Doorbell(5, house.action)
        bell.ring("a")
        await house.at(1)
        asyncio.get_running_loop().call_later(0.001, house.calls.append, "later")
        bell.hurry()
        await house.at(2)
        assert house.calls == [(1, ("a",)), "later"], (
            f"hurried, and something else was due a millisecond later; called were {house.calls}: soon is before that"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize(("seconds", "every", "strokes"), [(0, 1, 5), (0.25, 1, 5), (0, 0.1, 100), (0.03, 0.1, 100)])
def test_on_time(race, seconds, every, strokes):
    async def main():
        house = House(seconds=seconds)
        clock = Clock(every, house.action)
        await house.at(2)
        clock.start()
        assert not house.calls, "the clock struck inside of `start`: the first stroke comes after `every` seconds"
        await house.at(2 + every * (strokes + 0.5))
        clock.stop()
        await house.at(2 + every * (strokes + 9))
        right = [(round(2 + every * number, 6), (number,)) for number in range(1, strokes + 1)]
        late = [(stroke, due) for stroke, due in zip(house.calls, right) if stroke != due]
        assert not late, (
            f"a clock that strikes every {every:g} s, started at 2 s, a stroke takes {seconds:g} s: (when, number) "
            f"was {late[0][0]} instead of {late[0][1]}: count from the start, not from the stroke before"
        )
        assert len(house.calls) == strokes, (
            f"every {every:g} s, stopped after {strokes} and a half, and the clock struck {len(house.calls)} times"
        )

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(4)
def test_held_up_by_somebody_else(race):
    async def main():
        house = House()
        clock = Clock(10, house.action)
        clock.start()
        asyncio.get_running_loop().call_later(9, time.sleep, 3)
        await house.at(35)
        clock.stop()
        assert house.calls[1:] == [(20, (2,)), (30, (3,))], (
            f"every 10 s, and somebody held the loop up from 9 to 12 s: (when, number) was {house.calls}: who strikes "
            "late once strikes on time again"
        )

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(4)
@pytest.mark.means(RuntimeError="a clock may be started in two loops, one after the other: ask for the loop that runs")
def test_a_clock_in_two_loops(race):
    calls = []

    async def main(clock, seconds):
        clock.start()
        await asyncio.sleep(seconds)

    def scenario():
        calls.clear()
        clock = Clock(2, calls.append)
        asyncio.run(main(clock, 3))
        asyncio.run(main(clock, 5))
        assert calls == [1, 1, 2], (
            f"a clock of 2 s went in two loops, for 3 s and for 5 s; strokes were {calls} instead of [1, 1, 2]"
        )

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize("who", ["bell", "clock"])
def test_errors_are_for_the_loop(race, who):
    async def main():
        error, told = ValueError("cracked"), []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context.get("exception")))

        def action(*args):
            raise error

        if who == "bell":
            Doorbell(1, action).ring()
        else:
            Clock(1, action).start()
        await asyncio.sleep(1.5)
        assert told == [error], (
            f"the action of a {who} raised {error!r}, and the exception handler of the loop was told {told}: "
            "catch nothing"
        )

    race.explore(lambda: asyncio.run(main()), order="any", schedules=2)


@pytest.mark.task(4)
@pytest.mark.parametrize("error", [ValueError("cracked"), asyncio.CancelledError("cracked")], ids=repr)
def test_a_stroke_that_fails(race, error):
    async def main():
        house = House(error)
        clock = Clock(2, house.action)
        clock.start()
        await house.at(7)
        assert house.calls == [(2, (1,)), (4, (2,)), (6, (3,))], (
            f"each stroke raised {error!r}, every 2 s, and within 7 s came {house.calls}: set the next timer first"
        )
        clock.stop()

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize("again", [False, True], ids=["stopped", "stopped and started"])
def test_stopped_by_its_own_stroke(race, again):
    async def main():
        house = House()

        def action(number):
            house.action(number)
            if len(house.calls) == 2:
                clock.stop()
                if again:
                    clock.start()

        clock = Clock(1, action)
        clock.start()
        await house.at(4.5)
        right = [(1, (1,)), (2, (2,))] + [(3, (1,)), (4, (2,))] * again
        assert house.calls == right, (
            f"the second stroke {'stopped the clock and started it' if again else 'stopped the clock'}; strokes were "
            f"{house.calls} instead of {right}: what is stopped strikes no more, what is started once strikes once"
        )
        clock.stop()

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(4)
def test_started_anew(race):
    async def main():
        house = House()
        clock, other = Clock(2, house.action), Clock(2, lambda number: None)
        clock.stop()
        clock.start()
        other.start()
        await house.at(3)
        clock.start()
        await house.at(6)
        other.stop()
        assert house.calls == [(2, (1,)), (5, (1,))], (
            f"every 2 s, started at 0 s and anew at 3 s; strokes until 6 s were {house.calls} instead of "
            "[(2, (1,)), (5, (1,))]: cancel the timer of the first start"
        )
        clock.stop()
        clock.stop()
        await house.at(9.5)
        clock.start()
        await house.at(12)
        clock.stop()
        assert house.calls[2:] == [(11.5, (1,))], (
            f"stopped twice at 6 s and started at 9.5 s; strokes until 12 s were {house.calls[2:]}"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(3)
def test_due_since_it_was_hurried(race):
    async def main():
        house = House()
        bell = Doorbell(9, house.action)
        bell.ring("a")
        await house.at(1)
        bell.hurry()
        time.sleep(2)
        due = bell.due() - house.began
        assert due == 1, (
            f"hurried at 1 s, the caller held the loop up until 3 s and asked: due said {due} s instead of 1 s; due is "
            "when hurry was called"
        )
        bell.cancel()

    race.explore(in_loop(main), schedules=1)

"""The map room: the tests. In tasks 1 and 2 you say what happens; then tasks go on in many orders."""

import asyncio

import pytest
from async_lock import Purse, Shelf, break_noted, break_tidy
from broken_shelves import NotedShelf, TidyShelf


class Room:
    """Lets happen what a list says."""

    def __init__(self, shelf):
        self.shelf, self.callers, self.drawing, self.most = shelf(self.draw), {}, [], 0

    async def draw(self, name):
        pen = asyncio.get_running_loop().create_future()
        self.drawing.append(pen)
        self.most = max(self.most, len(self.drawing))
        try:
            return await pen
        finally:
            self.drawing.remove(pen)

    async def happens(self, what):
        """Let it happen, and everybody go on as far as he can; return why it cannot."""
        who, _, does = what.partition(" ") if isinstance(what, str) else ("", "", "")
        if what in ("drawn", "fails"):
            if not self.drawing:
                return "nobody draws"
            if what == "drawn":
                self.drawing[0].set_result("map of Rome")
            else:
                self.drawing[0].set_exception(ValueError("ink"))
        elif who not in ("A", "B", "C") or does not in ("asks", "leaves"):
            return 'there are "A asks", "A leaves", B and C likewise, "drawn" and "fails"'
        elif does == "asks":
            if who in self.callers:
                return f"{who} has asked"
            self.callers[who] = asyncio.ensure_future(self.shelf.get("Rome"))
        elif who not in self.waiting():
            return f"{who} does not wait"
        else:
            self.callers[who].cancel()
        for _ in range(20):
            await asyncio.sleep(0)
        return ""

    def waiting(self):
        return [who for who, caller in self.callers.items() if not caller.done()]

    def story(self):
        """Say how everybody stands."""
        return "; ".join(f"{who} {self._stand(caller)}" for who, caller in self.callers.items()) or "nobody has asked"

    def _stand(self, caller):
        if not caller.done():
            return "waits, or draws"
        if caller.cancelled():
            return "has left"
        return f"got {caller.exception()!r}" if caller.exception() else f"got the {caller.result()}"


def play(shelf, steps):
    """Let happen what a list says, and draw what is begun; return the room, and how they stood."""

    async def main():
        room = Room(shelf)
        for number, what in enumerate(steps, 1):
            why = await room.happens(what)
            if why:
                return room, f"step {number}, {what!r}, cannot happen: {why}; {room.story()}", ""
        stood = room.story()
        while room.drawing:
            await room.happens("drawn")
        found = room, "", f"{stood}; at last: {room.story()}"
        room.left = room.waiting()
        for caller in room.callers.values():
            caller.cancel()
        await asyncio.gather(*room.callers.values(), return_exceptions=True)
        return found

    __tracebackhide__ = True
    if not isinstance(steps, list):
        pytest.fail(f"what happens is a list, and this is {steps!r}", pytrace=False)
    room, why, story = asyncio.run(main())
    if why:
        pytest.fail(why, pytrace=False)
    return room, story


@pytest.mark.task(1)
def test_the_noted_shelf_breaks():
    room, story = play(NotedShelf, break_noted())
    assert room.left, (
        "the noted shelf is not broken: nobody waits at last; whoever draws must come out of get without ticking off "
        f"his note, while another one waits for that. How they stood: {story}"
    )


@pytest.mark.task(2)
def test_the_tidy_shelf_breaks():
    room, story = play(TidyShelf, break_tidy())
    assert room.most > 1, (
        "the tidy shelf is not broken: never did two draw at the same time; one must draw below a lock that was put "
        f"away, and another one ask then. How they stood: {story}"
    )


class Quiet(Exception):
    """An error that is false, as it is empty."""

    def __len__(self):
        return 0


MIST = LookupError("mist")
ERRORS = [ValueError("ink"), LookupError(), Quiet(), asyncio.CancelledError("ink"), GeneratorExit("ink")]


def in_loop(main):
    """Make a scenario of a coroutine function; who waits for 99 s waits for ever."""

    async def guarded():
        try:
            await asyncio.wait_for(main(), 99)
        except asyncio.TimeoutError:
            raise AssertionError("somebody still waits 99 s later: wake them on every way out") from None

    return lambda: asyncio.run(guarded())


async def tried(awaitable):
    """Return what was returned or raised."""
    try:
        return await awaitable
    except NotImplementedError:
        raise
    except (Exception, asyncio.CancelledError, GeneratorExit) as error:
        return error


async def after(seconds, awaitable):
    """Wait, then await."""
    await asyncio.sleep(seconds)
    return await tried(awaitable)


def drawing(drawn, maps=None, seconds=2):
    """Make a `draw` that notes what it draws."""

    async def draw(name):
        drawn.append(name)
        await asyncio.sleep(seconds)
        return maps[name] if maps else f"map of {name}"

    return draw


@pytest.mark.task(3)
@pytest.mark.parametrize("found", ["sheet", None, 0])
@pytest.mark.parametrize("callers", [1, 2, 3])
def test_drawn_once(race, found, callers):
    async def main():
        drawn = []
        shelf = Shelf(drawing(drawn, {"Rome": found}, seconds=0))
        got = await asyncio.gather(*[shelf.get("Rome") for _ in range(callers)])
        again = await shelf.get("Rome")
        assert drawn == ["Rome"], (
            f"{callers} asked at the same time and one later, and it was drawn {len(drawn)} times: looking, drawing "
            f"and putting it there belong together, and {found!r} is a map"
        )
        assert [*got, again] == [found] * (callers + 1), f"the map is {found!r}, and the callers got {[*got, again]}"

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(3)
def test_a_shelf_for_many_maps(race):
    async def main():
        async def draw(name):
            drawn.append(name)
            return name

        drawn, names = [], [*range(300)]
        shelf = Shelf(draw)
        for name in names * 2:
            await shelf.get(name)
        assert drawn == names, (
            f"300 maps were asked for, each twice, and {len(drawn)} were drawn: a map that is there stays there, "
            "however many there are"
        )

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(3)
def test_each_shelf_holds_its_own(race):
    async def main():
        drawn = []
        one, two = Shelf(drawing(drawn, {1: "a"})), Shelf(drawing(drawn, {1: "b"}))
        got = await asyncio.gather(one.get(1), two.get(1))
        assert got == ["a", "b"], f"map 1 of two shelves is a and b, got {got}: they have nothing in common"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(4)
def test_two_maps_at_the_same_time(race):
    async def main():
        loop, drawn = asyncio.get_running_loop(), []
        shelf = Shelf(drawing(drawn))
        began = loop.time()
        got = await asyncio.gather(shelf.get("Rome"), shelf.get(("Oslo", 1)), shelf.get("Rome"))
        took = loop.time() - began
        assert got == ["map of Rome", "map of ('Oslo', 1)", "map of Rome"], f"asked for Rome, Oslo, Rome and got {got}"
        assert took == 2, f"two maps of 2 s each took {took:g} s instead of 2 s: a lock for each name"

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(4)
def test_nobody_waits_for_another_map(race):
    async def main():
        loop, came = asyncio.get_running_loop(), []

        async def draw(name):
            await asyncio.sleep(len(name))

        async def fetch(name):
            await shelf.get(name)
            came.append((name, loop.time() - began))

        shelf, began = Shelf(draw), loop.time()
        await asyncio.gather(*map(fetch, ["Timbuktu", "Timbuktu", "Rome", "Rome", "Rome"]))
        assert came == [("Rome", 4)] * 3 + [("Timbuktu", 8)] * 2, (
            f"Rome takes 4 s and Timbuktu 8 s, and they came so: {came}; who waits for Rome must be woken when Rome "
            "is there, whoever else waits for whatever"
        )

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(4)
def test_names_are_told_apart(race):
    async def main():
        drawn, names = [], [1, "1", None, "None", ()]
        shelf = Shelf(drawing(drawn, {name: repr(name) for name in names}))
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*map(shelf.get, names))
        took = asyncio.get_running_loop().time() - began
        assert (len(drawn), took) == (5, 2), (
            f"five maps were asked for, {names}, and {drawn} drawn in {took:g} s instead of 2 s: each name is one"
        )
        got = [await shelf.get(name) for name in names]
        assert got == [*map(repr, names)], f"the maps of {names} are there, and asked for them again, you get {got}"

    race.explore(in_loop(main), schedules=2)


@pytest.mark.task(4)
def test_equal_names_are_one(race):
    async def main():
        drawn = []
        shelf = Shelf(drawing(drawn))
        await asyncio.gather(*[shelf.get(("Rome", float(number))) for number in (1, 1)])
        assert len(drawn) == 1, (
            f"two asked at the same time, with names that are equal and not the same object, and drawn were {drawn}: "
            "what is equal is one key of a dict"
        )

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(3)
def test_an_error_may_be_a_map(race):
    async def main():
        drawn, sheet = [], ValueError("where the sea ends")
        shelf = Shelf(drawing(drawn, {"Rome": sheet}))
        got = [await tried(shelf.get("Rome")) for _ in range(2)]
        assert (got, drawn) == ([sheet] * 2, ["Rome"]), (
            f"draw returned {sheet!r}, and raised nothing; two who asked got {got}, and drawn was {drawn}"
        )

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(5)
@pytest.mark.parametrize("error", ERRORS)
def test_a_failure_is_not_kept(race, error):
    async def main():
        drawn = []

        async def draw(name):
            drawn.append(name)
            await asyncio.sleep(1)
            if drawn.count("Rome") == 1:
                raise error from MIST
            return "sheet"

        shelf = Shelf(draw)
        got = await asyncio.gather(*[tried(shelf.get("Rome")) for _ in range(3)])
        got.append(await tried(shelf.get("Rome")))
        failed = [each for each in got if isinstance(each, BaseException)]
        assert len(failed) == 1 and (failed[0] is error or type(failed[0]) is asyncio.CancelledError is type(error)), (
            f"the first drawing raised {error!r}, the callers got {got}: one gets this very exception, the others a map"
        )
        assert len(drawn) == 2, f"drawn {len(drawn)} times instead of twice: after a failure one draws, the others wait"
        assert error.__cause__ is MIST, f"the cause of {error!r} was {MIST!r}, and is now {error.__cause__!r}: leave it"

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(5)
def test_who_comes_after_a_failure_waits_too(race):
    async def main():
        drawn, now, most = [], 0, 0

        async def draw(name):
            nonlocal now, most
            drawn.append(name)
            now += 1
            most = max(most, now)
            try:
                await asyncio.sleep(2)
                if len(drawn) == 1:
                    raise ValueError("ink")
            finally:
                now -= 1
            return "sheet"

        shelf = Shelf(draw)
        got = await asyncio.gather(*[after(seconds, shelf.get("Rome")) for seconds in (0, 1, 3)])
        assert most == 1 and len(drawn) == 2, (
            f"one failed after 2 s, one waited for it, one came at 3 s: {most} drew Rome at the same time, "
            f"{len(drawn)} in all: who waits and who comes must meet at the same lock"
        )
        assert got[1:] == ["sheet", "sheet"], f"the two others got {got[1:]}"

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(5)
@pytest.mark.parametrize("leaving", [0, 1])
def test_who_is_cancelled_goes_alone(race, leaving):
    async def main():
        drawn = []
        shelf = Shelf(drawing(drawn))
        tasks = [asyncio.create_task(after(number / 4, shelf.get("Rome"))) for number in range(3)]
        await asyncio.sleep(1)
        tasks[leaving].cancel()
        done, _ = await asyncio.wait(tasks, timeout=9)
        who = ["the one who draws", "one who waits"][leaving]
        assert len(done) == 3, f"{who} was cancelled, and {3 - len(done)} still wait 9 s later: unlock on every way out"
        got = [task.result() for task in tasks]
        left = got.pop(leaving)
        assert isinstance(left, asyncio.CancelledError), (
            f"{who} was cancelled, and got {left!r}: let CancelledError out"
        )
        assert got == ["map of Rome"] * 2, f"{who} was cancelled, the two others got {got}: each should have the map"
        assert len(drawn) <= 2 - leaving, f"{who} was cancelled, and it was drawn {len(drawn)} times"

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(5)
def test_other_maps_stay_there(race):
    async def main():
        drawn = []

        async def draw(name):
            drawn.append(name)
            if name == "Rome":
                raise ValueError("ink")
            return name

        shelf = Shelf(draw)
        for name in ("Oslo", "Rome", "Oslo"):
            await tried(shelf.get(name))
        assert drawn == ["Oslo", "Rome"], (
            f"Oslo was there, then Rome failed, then Oslo was asked for again, and drawn were {drawn}: a failure takes "
            "no other map away"
        )

    race.explore(in_loop(main), schedules=1)


async def third_of(get):
    """Let the first of three end, and the second, whose turn it is then, be cancelled at once; return what is left."""

    async def first():
        await tried(get(0))
        tasks[1].cancel()

    tasks = [asyncio.create_task(after(number / 4, get(number)) if number else first()) for number in range(3)]
    _, waiting = await asyncio.wait(tasks, timeout=9)
    return waiting


@pytest.mark.task(5)
def test_cancelled_when_it_is_his_turn(race):
    async def main():
        async def draw(name):
            await asyncio.sleep(1)
            raise ValueError("ink")

        shelf = Shelf(draw)
        assert not await third_of(lambda _: shelf.get("Rome")), (
            "a drawing failed, the next in turn was cancelled before he could do anything, and the third one still "
            "waits 9 s later: who leaves wakes the next one"
        )

    race.explore(in_loop(main), schedules=2)


@pytest.mark.task(6)
@pytest.mark.parametrize(
    ("coins", "amounts", "right"), [(5, (4, 4), 1), (7, (3, 3, 3), 1), (4, (4,), 0), (0, (0, 1), 0)]
)
def test_no_coin_is_paid_twice(race, coins, amounts, right):
    async def main():
        loop, handed = asyncio.get_running_loop(), []

        async def hand_over(amount):
            await asyncio.sleep(1)
            handed.append((amount, loop.time()))

        purse = Purse(coins)
        said = await asyncio.gather(*[purse.pay(amount, hand_over) for amount in amounts])
        paid = [amount for amount, _ in handed]
        assert sum(paid) <= coins, (
            f"{coins} coins, and {paid} were paid: what was counted must be there still when it is paid"
        )
        assert purse.coins == right, f"{coins} coins, {paid} were paid, and {purse.coins} are left instead of {right}"
        assert [each is True for each in said].count(True) == len(paid), f"paid {paid}, and pay said {said}"
        assert said.count(False) == len(said) - len(paid), f"paid {paid}, and pay said {said}: True or False"
        moments = [moment for _, moment in handed]
        assert len(set(moments)) == len(moments), f"paid {paid}, two of them at once: one after the other"

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(6)
@pytest.mark.parametrize("error", ERRORS)
def test_a_payment_that_fails(race, error):
    async def main():
        async def drop(amount):
            await asyncio.sleep(0)
            raise error from MIST

        async def hand_over(amount):
            await asyncio.sleep(0)

        purse, other = Purse(5), Purse(1)
        found = await tried(purse.pay(5, drop))
        assert found is error, f"hand_over raised {error!r}, and pay gave {found!r}: let it out"
        assert purse.coins == 5, f"hand_over raised {error!r}, and {purse.coins} of 5 coins are left: none is taken"
        assert error.__cause__ is MIST, f"the cause of {error!r} was {MIST!r}, and is now {error.__cause__!r}: leave it"
        try:
            said = await asyncio.wait_for(purse.pay(5, hand_over), 9)
        except asyncio.TimeoutError:
            raise AssertionError(
                f"hand_over raised {error!r}, and the next payment still waits 9 s later: unlock on every way out"
            ) from None
        assert (said, purse.coins, other.coins) == (True, 0, 1), (
            f"the next payment said {said}, {purse.coins} are left, {other.coins} in another purse of 1"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(6)
def test_a_payment_that_is_given_up(race):
    async def main():
        async def hand_over(amount):
            await asyncio.sleep(2)

        purse = Purse(5)
        waits = [0, 0.5, 1.5]
        tasks = [asyncio.create_task(after(seconds, purse.pay(3, hand_over))) for seconds in waits]
        await asyncio.sleep(1)
        tasks[1].cancel()
        said = [await task for task in tasks]
        assert (said[0], said[2], purse.coins) == (True, False, 2), (
            "3 of 5 coins were being paid, a second payment of 3 that waited was cancelled, a third came: pay said "
            f"{said}, {purse.coins} are left; who never had the lock must not unlock it"
        )
        assert isinstance(said[1], asyncio.CancelledError), f"a payment was cancelled, and got {said[1]!r}"
        purse = Purse(5)
        assert not await third_of(lambda _: purse.pay(1, hand_over)), (
            "a payment ended, the next in turn was cancelled before he could do anything, and the third one still "
            "waits 9 s later: who leaves wakes the next one"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(6)
def test_handed_over_then_taken(race):
    async def main():
        seen = []

        async def hand_over(amount):
            seen.append(purse.coins)
            await asyncio.sleep(1)
            seen.append(purse.coins)

        purse = Purse(5)
        said = await purse.pay(4, hand_over)
        assert seen == [5, 5], (
            f"4 of 5 coins were being handed over, and in the purse were {seen}: they are taken out afterwards"
        )
        assert (said, purse.coins) == (True, 1), f"4 of 5 coins were paid, pay said {said}, and {purse.coins} are left"

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(6)
@pytest.mark.parametrize("reply", [False, None, 0, True])
def test_what_hand_over_returns_does_not_matter(race, reply):
    async def main():
        async def hand_over(amount):
            return reply

        purse = Purse(5)
        said = await purse.pay(4, hand_over)
        assert (said, purse.coins) == (True, 1), (
            f"4 of 5 coins were handed over, hand_over returned {reply}, pay said {said!r}, {purse.coins} are left: it "
            "may return anything, and only what it raises is a failure"
        )

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(6)
def test_half_a_coin(race):
    async def main():
        handed = []

        async def hand_over(amount):
            handed.append(amount)

        purse = Purse(2.5)
        got = [await purse.pay(amount, hand_over) for amount in (0.5, 2, 0.5)]
        assert (got, purse.coins, handed) == ([True, True, False], 0, [0.5, 2]), (
            f"2.5 coins, to pay were 0.5, 2 and 0.5: pay returned {got}, {purse.coins} are left, {handed} handed over"
        )

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(6)
def test_nothing_to_pay(race):
    async def main():
        handed = []

        async def hand_over(amount):
            handed.append(amount)

        said = await Purse(0).pay(0, hand_over)
        assert (said, handed) == (True, [0]), (
            f"0 coins were to be paid from a purse of 0: pay said {said!r}, and handed over was {handed}; 0 is not "
            "less than 0"
        )

    race.explore(in_loop(main), schedules=1)

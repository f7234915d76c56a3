"""The bakery: the tests. Time is virtual, and the tasks go on in many orders."""

import asyncio

import pytest
from async_producer_consumer import bake_all


def in_loop(main):
    """Make a scenario of a coroutine function; who waits for 99 s waits for ever."""

    async def guarded():
        try:
            await asyncio.wait_for(main(), 99)
        except asyncio.TimeoutError:
            raise AssertionError("bake_all still waits 99 s later: call task_done for each, on every way out") from None

    return lambda: asyncio.run(guarded())


MIST = LookupError("mist")


class Bakery:
    """A bakery that notes what happens: a loaf is a pair of its name and its seconds, or any object that takes 1 s."""

    def __init__(self, loaves, error=None, every=0):
        self.loaves, self.error, self.every = loaves, error, every
        self.taken, self.begun, self.steps = [], [], []

    async def bring(self):
        for loaf in self.loaves:
            if self.every:
                await asyncio.sleep(self.every)
            self.taken.append(loaf)
            self.steps.append("taken")
            yield loaf
        if self.error is not None:
            raise self.error from MIST

    async def bake(self, loaf):
        self.begun.append(loaf)
        self.steps.append("begun")
        try:
            await asyncio.sleep(loaf[1] if isinstance(loaf, tuple) else 1)
            if isinstance(loaf, tuple) and isinstance(loaf[0], BaseException):
                raise loaf[0]
            self.steps.append("out")
        finally:
            self.steps.append("ended")

    def most(self, up, down):
        """Return how many were at most between these two steps."""
        now = most = 0
        for step in self.steps:
            now += (step == up) - (step == down)
            most = max(most, now)
        return most

    async def open(self, bakers=2, room=1):
        return await bake_all(self.bring(), self.bake, bakers, room)


class Alike:
    """A loaf that is equal to everything."""

    def __eq__(self, other):
        return True

    __hash__ = None

    def __repr__(self):
        return "alike"


class FalseError(LookupError):
    """An exception that is false."""

    def __bool__(self):
        return False


def others(before):
    """Return the tasks that were not there before and have not ended."""
    return asyncio.all_tasks() - before


@pytest.mark.task(1)
@pytest.mark.parametrize(
    "loaves",
    [[], ["rye"], ["rye", None, 0, "rye", None], [Alike(), "rye", Alike()], ["oat", ValueError("rye"), "oat"]],
)
@pytest.mark.parametrize("bakers", [1, 2])
def test_each_is_baked_once(race, loaves, bakers):
    async def main():
        bakery = Bakery(loaves)
        try:
            number = await asyncio.wait_for(bakery.open(bakers), 50)
        except asyncio.TimeoutError:
            number = "nothing within 50 s"
        except ValueError as error:
            number = f"nothing, as it raised {error!r}"
        assert sorted(map(str, bakery.begun)) == sorted(map(str, loaves)), (
            f"the loaves {loaves} came, {bakery.begun} were baked: each once, and None is a loaf, "
            f"and so is what is equal to everything, and an exception; bake_all returned {number}"
        )
        out = bakery.steps.count("out")
        assert out == len(loaves), f"bake_all returned, and only {out} of {len(loaves)} loaves were out of the oven"
        assert number == len(loaves), f"{len(loaves)} loaves were baked, and bake_all returned {number}"

    race.explore(in_loop(main), order="any", schedules=5)


class Belt:
    """An asynchronous iterator that is no generator: it has nothing but `__anext__`."""

    def __init__(self, loaves):
        self.loaves = iter(loaves)

    def __aiter__(self):
        return self

    async def __anext__(self):
        await asyncio.sleep(0)
        for loaf in self.loaves:
            return loaf
        raise StopAsyncIteration


@pytest.mark.task(1)
def test_one_like_the_one_before(race):
    async def main():
        begun = []

        async def bake(loaf):
            begun.append(loaf)
            return False

        try:
            number = await bake_all(Belt(["rye", "rye", None, None]), bake, 1, 1)
        except AttributeError as error:
            number = f"{error!r}, as it is no generator"
        assert begun == ["rye", "rye", None, None], f"rye came twice, None came twice, and baked were {begun}"
        assert number == 4, f"four loaves were baked, bake returned False for each, and bake_all returned {number}"

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(1)
@pytest.mark.parametrize(("bakers", "right"), [(1, 10), (2, 6), (3, 4)])
def test_as_many_as_there_are_bakers(race, bakers, right):
    async def main():
        loop = asyncio.get_running_loop()
        bakery = Bakery([("a", 4), ("b", 1), ("c", 1), ("d", 1), ("e", 3)])
        began = loop.time()
        await bakery.open(bakers, 2)
        took = loop.time() - began
        most = bakery.most("begun", "ended")
        assert most <= bakers, f"{most} loaves were in the ovens of {bakers} bakers"
        assert took == right, (
            f"{bakers} bakers, loaves of 4, 1, 1, 1 and 3 s: {took:g} s instead of {right} s; who is free takes one"
        )

    race.explore(in_loop(main), schedules=5)


@pytest.mark.task(2)
@pytest.mark.parametrize(("bakers", "room"), [(1, 1), (2, 1), (1, 3)])
def test_the_table_has_an_edge(race, bakers, room):
    async def main():
        bakery = Bakery(list("abcdefg"))
        await bakery.open(bakers, room)
        most = bakery.most("taken", "ended")
        limit = bakers + room + 1
        assert most <= limit, (
            f"{bakers} bakers and room for {room}: {most} loaves were taken and not baked, at most {limit} may be: "
            "give the queue a maxsize, and wait for room"
        )
        assert most >= bakers + room, (
            f"{bakers} bakers and room for {room}: never more than {most} loaves were there; fill the table"
        )

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(3)
@pytest.mark.parametrize("loaves", [[], ["rye"], ["rye", "oat", "spelt"]])
def test_all_have_gone_home(race, loaves):
    async def main():
        before = asyncio.all_tasks()
        await Bakery(loaves).open(3)
        left = others(before)
        assert not left, (
            f"bake_all returned after {len(loaves)} loaves, and {len(left)} tasks of it have not ended: cancel the "
            "bakers, and wait for them"
        )

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(3)
@pytest.mark.parametrize(("loaves", "every"), [([("a", 9)] * 7, 0), ([("a", 9)], 0), (["a", "b", "c"], 4)])
def test_closed_by_the_police(race, loaves, every):
    async def main():
        before = asyncio.all_tasks()
        bakery = Bakery(loaves, every=every)
        task = asyncio.create_task(bakery.open())
        await asyncio.sleep(2)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=30)
        if done and not task.cancelled():
            task.result()
        assert done and task.cancelled(), (
            f"cancelled, and bake_all {'returned' if done else 'did not end'}: let CancelledError out"
        )
        left, begun, taken = others(before), len(bakery.begun), len(bakery.taken)
        assert not left, f"bake_all was cancelled, and {len(left)} tasks of it have not ended: clean up in finally"
        await asyncio.sleep(30)
        assert (len(bakery.begun), len(bakery.taken)) == (begun, taken), "cancelled, and the baking went on"

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(3)
def test_closed_while_a_loaf_burns(race):
    async def main():
        begun = []

        async def bring():
            for loaf in "abcdef":
                yield loaf

        async def bake(loaf):
            begun.append(loaf)
            try:
                await asyncio.sleep(5)
            except asyncio.CancelledError:
                raise ValueError("burnt") from None

        before = asyncio.all_tasks()
        task = asyncio.create_task(bake_all(bring(), bake, 2, 2))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task], timeout=30)
        if task.done() and not task.cancelled():
            task.result()
        assert len(begun) == 2, (
            f"cancelled while two loaves were in the ovens, both burnt, and {begun} were begun: no loaf any more"
        )
        assert task.cancelled() and not others(before), (
            f"cancelled, two loaves burnt, and {'the caller' if task.done() else 'bake_all'} is still there: {task!r}"
        )

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(3)
def test_closed_while_the_ovens_cool(race):
    async def main():
        begun, cooled = [], []

        async def bring():
            for loaf in "abcdef":
                yield loaf

        async def bake(loaf):
            begun.append(loaf)
            try:
                await asyncio.sleep(5)
            except asyncio.CancelledError:
                await asyncio.sleep(20)
                cooled.append(loaf)

        task = asyncio.create_task(bake_all(bring(), bake, 2, 2))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task], timeout=60)
        if task.done() and not task.cancelled():
            task.result()
        assert len(begun) == 2, (
            f"cancelled while two loaves were in the ovens, which cool for 20 s and return, and {begun} were begun: no "
            "loaf any more, however a bake ends"
        )
        assert len(cooled) == 2, (
            f"cancelled while two loaves were in the ovens, which cool for 20 s, and only {len(cooled)} of them were "
            "cool when bake_all ended: wait for all, as long as they take"
        )
        assert task.cancelled(), f"cancelled, both loaves came out, and bake_all gave {task!r}: let CancelledError out"

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(4)
@pytest.mark.parametrize("error", [ValueError("burnt"), FalseError()])
@pytest.mark.parametrize("bakers", [1, 2])
def test_a_burnt_loaf(race, error, bakers):
    async def main():
        before = asyncio.all_tasks()
        bakery = Bakery([(error, 1), ("b", 2), (error, 0), ("d", 1)])
        try:
            number = await bakery.open(bakers)
        except NotImplementedError:
            raise
        except Exception as told:
            raise AssertionError(
                f"bake raised {error!r}, and bake_all {told!r}: the others are baked all the same"
            ) from told
        assert len(bakery.begun) == 4, f"two of 4 loaves burnt, and {len(bakery.begun)} were begun: go on"
        assert number == 2, f"two of 4 loaves burnt, and bake_all counted {number}"
        assert not others(before), "a loaf burnt, and tasks were left behind"

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(4)
@pytest.mark.parametrize("loaves", [[], [("a", 2), ("b", 1), ("c", 1)]])
@pytest.mark.parametrize("error", [LookupError("no flour"), FalseError("no flour")])
def test_no_more_flour(race, loaves, error):
    async def main():
        before = asyncio.all_tasks()
        bakery = Bakery(loaves, error)
        try:
            found = await bakery.open(2)
        except LookupError as told:
            found = told
        assert found is error, f"loaves raised {error!r}, and bake_all gave {found!r}: this very exception"
        assert error.__cause__ is MIST, f"the cause of {error!r} was {MIST!r}, and is now {error.__cause__!r}: leave it"
        out = bakery.steps.count("out")
        assert out == len(loaves), f"loaves raised after {len(loaves)}, and {out} were baked: first bake them"
        assert not others(before), "loaves raised, and tasks were left behind: clean up in finally"

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(1)
def test_two_bakeries(race):
    async def main():
        one, two = Bakery(["a", "b"]), Bakery(["c"])
        numbers = await asyncio.gather(one.open(), two.open(1))
        numbers.append(await Bakery(["d"]).open())
        assert numbers == [2, 1, 1], f"bakeries with 2, 1 and 1 loaves returned {numbers}: they have nothing in common"

    race.explore(in_loop(main), order="any", schedules=5)

"""The expedition: the tests. Time is virtual, and the tasks go on in many orders."""

import asyncio

import pytest
from task_group import climb_all, climb_until


def in_loop(main):
    """Make a scenario of a coroutine function."""
    return lambda: asyncio.run(main())


async def tried(awaitable):
    """Return what was returned or raised, and how long it took."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        found = await awaitable
    except NotImplementedError:
        raise
    except (Exception, asyncio.CancelledError) as error:
        found = error
    return found, loop.time() - began


def climbing(ended, seconds, result, back=0, late=None):
    """Make a climb: it takes so long, and so long to come back when it is cancelled."""

    async def climb():
        try:
            await asyncio.sleep(seconds)
            if isinstance(result, BaseException):
                raise result
            return result
        except asyncio.CancelledError:
            await asyncio.sleep(back)
            if late is not None:
                raise late from None
            raise
        finally:
            ended.append(seconds)

    return climb


class Quiet(Exception):
    """An error that is false, as it is empty."""

    def __len__(self):
        return 0


def until(climbs):
    return climb_until(climbs, None)


CALLS = pytest.mark.parametrize("call", [climb_all, until], ids=["climb_all", "climb_until"])


@pytest.mark.task(1)
@CALLS
def test_all_at_the_same_time(race, call):
    async def main():
        ended = []
        climbs = [climbing(ended, 1, None), climbing(ended, 3, 0), climbing(ended, 2, "top")]
        found, took = await tried(call([*climbs, climbs[0]]))
        assert took == 3, f"climbs of 1, 3, 2 and 1 s took {took:g} s instead of 3 s: start all before you wait"
        assert found == [None, 0, "top", None], f"got {found} instead of [None, 0, 'top', None]: in the order of climbs"
        for few in ([], climbs[:1]):
            found, _ = await tried(call(few))
            assert found == [None] * len(few), f"{len(few)} climbs gave {found!r} instead of {[None] * len(few)}"

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(1)
@CALLS
def test_twice_is_twice(race, call):
    async def main():
        begun = []

        async def climb():
            begun.append(len(begun))
            return begun[-1]

        found, _ = await tried(call([climb] * 3))
        assert found == [0, 1, 2], (
            f"the same climb stands there three times, each returns its number, and got {found!r}"
        )

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(1)
@CALLS
def test_an_error_may_be_a_result(race, call):
    async def main():
        async def climb():
            return ValueError("rope")

        found, _ = await tried(call([climb]))
        assert repr(found) == "[ValueError('rope')]", f"a climb returned an error, raised none, and got {found!r}"

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(1)
def test_none_is_no_limit(race):
    async def main():
        found, took = await tried(climb_until([climbing([], 10_000_000, "top")], None))
        assert found == ["top"], f"a climb of 10000000 s, and no limit: after {took:g} s got {found!r}"

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(2)
@CALLS
@pytest.mark.parametrize(
    "error",
    [ValueError("rope"), TimeoutError("rope"), Quiet(), ExceptionGroup("two", [ValueError("rope"), ValueError("ice")])],
    ids=lambda error: type(error).__name__,
)
def test_one_error_alone_is_a_group(race, call, error):
    async def main():
        for climbs in ([climbing([], 1, error)], [climbing([], 1, error), climbing([], 9, 0)]):
            found, _ = await tried(call(climbs))
            assert type(found) is ExceptionGroup and found.exceptions == (error,), (
                f"one of {len(climbs)} climbs raised {error!r}, no limit was over, and got {found!r}, not a group of it"
            )

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(2)
@CALLS
@pytest.mark.parametrize("failing", [0, 1, 2])
def test_one_failure_ends_all(race, call, failing):
    async def main():
        ended, first, late = [], ValueError(), LookupError("lost")
        climbs = [climbing(ended, 8, 1, back=1, late=late), climbing(ended, 9, 2, back=2)]
        climbs.insert(failing, climbing(ended, 1, first))
        found, took = await tried(call(climbs))
        assert took != 9 and len(ended) == 3 and took >= 3, (
            f"one failed after 1 s, two need until 3 s to come back: it ended after {took:g} s, {len(ended)} of 3 "
            "had ended: cancel the others at once, and wait for them"
        )
        assert isinstance(found, ExceptionGroup), f"one raised {first!r}, the caller got {found!r}, no ExceptionGroup"
        told = found.exceptions
        assert len(told) == 2 and first in told and late in told, (
            f"raised were {first!r}, and {late!r} on the way back; told were {told}: all errors, and no cancellation"
        )

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(3)
@CALLS
def test_a_cancellation_comes_out(race, call):
    async def main():
        ended = []
        climbs = [climbing(ended, 1, 0), climbing(ended, 8, 1, back=1), climbing(ended, 9, 2)]
        task = asyncio.create_task(tried(call(climbs)))
        await asyncio.sleep(2)
        task.cancel()
        found, took = await task
        assert isinstance(found, asyncio.CancelledError), f"cancelled, the caller got {found!r}: let CancelledError out"
        assert (took, len(ended)) == (3, 3), (
            f"cancelled after 2 s, one needs 1 s to come back: it ended after {took:g} s, {len(ended)} of 3 climbs had "
            "ended: cancel all, and wait for them"
        )

    race.explore(in_loop(main), order="any", schedules=5)


class Alike(Exception):
    """An error that is equal to every other of its kind."""

    def __eq__(self, other):
        return isinstance(other, Alike)

    __hash__ = Exception.__hash__


@pytest.mark.task(2)
@CALLS
@pytest.mark.parametrize(("kind", "texts"), [(Alike, ("first", "second")), (ValueError, ("rope", "rope"))])
def test_equal_errors_are_two(race, call, kind, texts):
    async def main():
        ended, first, second = [], kind(texts[0]), kind(texts[1])
        found, _ = await tried(call([climbing(ended, 1, first), climbing(ended, 9, 2, late=second)]))
        told = [id(each) for each in getattr(found, "exceptions", ())]
        assert sorted(told) == sorted([id(first), id(second)]), (
            f"raised were {first!r} and {second!r}, alike but two, and told was {found!r}: everything that was raised"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(3)
@CALLS
@pytest.mark.parametrize("first", [None, ValueError("rope")])
def test_called_back_on_the_way_back(race, call, first):
    async def main():
        ended, over = [], []
        climbs = [climbing(ended, 1 if first else 8, first), climbing(ended, 9, 2, back=3)]

        async def called():
            try:
                return await call(climbs)
            finally:
                over.append((asyncio.get_running_loop().time() - began, len(ended)))

        began = asyncio.get_running_loop().time()
        task = asyncio.create_task(called())
        for seconds in (1.5, 1):
            await asyncio.sleep(seconds)
            task.cancel()
        [found] = await asyncio.gather(task, return_exceptions=True)
        if isinstance(found, NotImplementedError):
            raise found
        [(took, back)] = over
        end = 4 if first else 4.5
        assert (took, back) == (end, 2), (
            f"cancelled twice, and one needs 3 s to come back: it ended after {took:g} s instead of {end:g}, "
            f"{back} of 2 climbs had ended: wait for all, however often you are called back"
        )
        assert isinstance(found, BaseException), f"cancelled twice, and the caller got {found!r}"

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(4)
def test_no_alarm_is_left(race):
    async def main():
        for result in (ValueError("rope"), 0):
            found, _ = await tried(climb_until([climbing([], 1, result)], 5))
            later, _ = await tried(asyncio.sleep(9, "went on"))
            assert later == "went on", (
                f"climb_until gave {found!r} after 1 s of 5, and 4 s later the caller got {later!r}: "
                "take the alarm back"
            )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(4)
def test_back_at_dusk(race):
    async def main():
        for seconds, right in ((2, TimeoutError), (0.5, TimeoutError), (5, [0, 1])):
            ended = []
            climbs = [climbing(ended, 1, 0), climbing(ended, 4, 1, back=1)]
            found, took = await tried(climb_until(climbs, seconds))
            told = type(found) if isinstance(found, BaseException) else found
            assert told == right, f"climbs of 1 and 4 s in {seconds} s at most: got {found!r} instead of {right}"
            end = 4 if seconds == 5 else seconds + 1
            assert (took, len(ended)) == (end, 2), (
                f"at most {seconds} s, one needs 1 s to come back: over after {took:g} s instead of {end}, "
                f"{len(ended)} of 2 had ended: cancel, and wait for all"
            )

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(4)
def test_a_limit_around_the_limit(race):
    async def main():
        async def caller():
            async with asyncio.timeout(5):
                await tried(climb_until([climbing([], 3, 0)], 1))
                await asyncio.sleep(9)

        found, took = await tried(asyncio.create_task(caller()))
        assert type(found) is TimeoutError and took == 5, (
            f"climb_until was over after 1 s, the caller went on with a limit of 5 s of his own, and after {took:g} s "
            f"got {found!r} instead of TimeoutError: who cancels a task for a limit says uncancel when it is over"
        )

    race.explore(in_loop(main), schedules=1)

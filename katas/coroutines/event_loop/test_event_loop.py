"""The theatre: the tests. Time is virtual, and what runs in a loop goes on in many orders."""

import asyncio
import time

import pytest
from event_loop import play, season


class Fire(BaseException):
    """An error that is no Exception."""


ERRORS = [
    None,
    ValueError("quarrel"),
    Fire("on the stage"),
    asyncio.CancelledError("called off"),
    SystemExit(3),
    KeyboardInterrupt("door bell"),
]
MIST = LookupError("mist")
HAS_NO_LOOP = (
    "no loop was found here, or one that is closed already: new_event_loop makes one, in every thread and every time"
)


def tried(call, *pieces):
    """Return what a call returned or raised; close what it has not awaited."""
    try:
        return call(*pieces)
    except NotImplementedError:
        raise
    except BaseException as error:
        if not isinstance(error, (Exception, BaseExceptionGroup)) and type(error) not in map(type, ERRORS):
            raise  # what ends a schedule
        return error
    finally:
        for each in pieces[0] if isinstance(pieces[0], list) else pieces:
            each.close()


def ran(call, *pieces):
    """Return what a call returned; an error of asyncio's is told in the learner's words."""
    found = tried(call, *pieces)
    if isinstance(found, RuntimeError):
        raise found
    assert not isinstance(found, BaseException), f"nothing failed, and {call.__name__} raised {found!r}"
    return found


def is_very(found, error):
    """Tell whether this exception came out; a cancellation may be another object."""
    return found is error or (type(found) is asyncio.CancelledError is type(error))


async def piece_of(loops, seconds, result):
    """Play for so many seconds; note the loop; return or raise."""
    loops.append(asyncio.get_running_loop())
    await asyncio.sleep(seconds)
    if isinstance(result, BaseException):
        raise result
    return result


async def guest(left, seconds, name="guest", last_word=None):
    """Stay for ever; when asked to go, take so many seconds."""
    try:
        await asyncio.sleep(1000)
    finally:
        await asyncio.sleep(seconds)
        left.append(name)
        if isinstance(last_word, BaseException):
            raise last_word


@pytest.mark.task(1)
@pytest.mark.parametrize("result", ["applause", None, 0], ids=repr)
@pytest.mark.means(RuntimeError=HAS_NO_LOOP)
def test_played_to_its_end(race, result):
    def scenario():
        loops = []
        for _ in range(2):
            began = time.monotonic()
            found = ran(play, piece_of(loops, 3, result))
            took = time.monotonic() - began
            assert found == result and type(found) is type(result), f"the piece returned {result!r}, and play {found!r}"
            assert took == 3, f"a piece of 3 s, and play took {took:g} s"
        assert loops[0] is not loops[1], "two plays ran in the same loop: each has one of its own, which it closes"

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(1)
def test_a_returned_error_is_a_result(race):
    def scenario():
        error = ValueError("what the critic says")

        async def piece():
            await asyncio.sleep(1)
            return error

        for call, pieces, right in ((play, piece(), error), (season, [piece(), piece()], [error, error])):
            try:
                found = call(pieces)
            except ValueError as raised:
                raise AssertionError(f"a piece returned {raised!r}, and {call.__name__} raised it: return it") from None
            assert found == right, f"a piece returned {error!r}, and {call.__name__} gave {found!r}"

    race.explore(scenario, order="any", schedules=2)


@pytest.mark.task(1)
@pytest.mark.means(RuntimeError=HAS_NO_LOOP)
def test_in_two_threads(race):
    def scenario():
        loops = []
        found = race.run(
            lambda: ran(play, piece_of(loops, 1, "comedy")),
            lambda: ran(play, piece_of(loops, 2, "tragedy")),
        )
        assert found == ["comedy", "tragedy"], f"two threads ran a play each, and got {found}"
        assert loops[0] is not loops[1], "two threads ran their plays in the same loop: each has one of its own"

    race.explore(scenario, order="any", schedules=5)


@pytest.mark.task(2)
@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_closed_in_any_case(race, error):
    def scenario():
        loops = []
        if error is not None:
            error.__cause__ = MIST
        found = tried(play, piece_of(loops, 1, error))
        assert is_very(found, error), f"the piece raised {error!r}, and play gave {found!r}: let this very one out"
        assert error is None or error.__cause__ is MIST, (
            f"the piece raised {error!r} from {MIST!r}, and its __cause__ is now {error.__cause__!r}: `raise error "
            "from …` changes the error, `from None` too"
        )
        [loop] = loops
        assert loop.is_closed(), f"the piece raised {error!r}, and its loop is still open: close it in any case"

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(3)
@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_nobody_is_left_inside(race, error):
    def scenario():
        loops, left, tasks = [], [], []

        async def piece():
            tasks.append(asyncio.create_task(guest(left, 90, "slow guest")))
            tasks.append(asyncio.create_task(guest(left, 0, "quick guest")))
            return await piece_of(loops, 1, error)

        began = time.monotonic()
        found = tried(play, piece())
        took = time.monotonic() - began
        open_ones = [task.get_name() for task in tasks if not task.done()]
        for task in tasks:
            task._log_destroy_pending = False
        assert took < 1000, f"a piece of 1 s, and play took {took:g} s: whoever is still there is cancelled"
        assert not open_ones, (
            f"the piece raised {error!r} after 1 s, two guests were still there, and of their tasks {len(open_ones)} "
            "are pending: cancel them, and run the loop until they have ended"
        )
        assert sorted(left) == ["quick guest", "slow guest"], (
            f"two guests were asked to go, and only {left} went by himself"
        )
        assert took == 91, f"a piece of 1 s, and a guest who needs 90 s to go: play took {took:g} s instead of 91 s"
        assert is_very(found, error), (
            f"the piece raised {error!r}, and play gave {found!r}: what the piece does comes out, after all have left"
        )
        assert loops[0].is_closed(), f"the piece raised {error!r}, its loop is still open after all have left: close it"

    race.explore(scenario, order="any", schedules=5)


@pytest.mark.task(3)
@pytest.mark.parametrize("error", [None, ValueError("quarrel")], ids=repr)
@pytest.mark.parametrize("last_word", [ValueError("my coat!"), Fire("cigar"), None], ids=repr)
def test_what_they_say_when_they_leave(race, error, last_word):
    def scenario():
        loops, left = [], []

        async def piece():
            keep.append(asyncio.create_task(guest(left, 1, "loud guest", last_word)))
            keep.append(asyncio.create_task(guest(left, 2, "slow guest")))
            return await piece_of(loops, 1, error)

        async def stubborn():
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                await asyncio.sleep(3)
            left.append("one who does not hear")

        async def larger_piece():
            keep.append(asyncio.create_task(stubborn()))
            return await piece()

        keep = []
        found = tried(play, larger_piece())
        said = [task.exception() for task in keep if task.done() and not task.cancelled()]
        assert len(said) == 1 + isinstance(last_word, BaseException) and all(task.done() for task in keep), (
            f"three guests were asked to go, one of them raised {last_word!r} at the door, and only {left} left: "
            "wait for all, whatever one of them raises"
        )
        assert is_very(found, error), (
            f"the piece raised {error!r}, a guest {last_word!r} at the door, and play gave {found!r}: what the piece "
            "does comes out, and nothing else"
        )
        assert loops[0].is_closed(), f"a guest raised {last_word!r} at the door, and the loop is still open"

    race.explore(scenario, order="any", schedules=5)


@pytest.mark.task(3)
@pytest.mark.parametrize("error", [None, Fire("on the stage")], ids=repr)
def test_generators_are_closed(race, error):
    def scenario():
        loops, closed, kept = [], [], []

        async def scenes(name):
            try:
                for number in range(9):
                    yield number
            finally:
                await asyncio.sleep(1)
                closed.append(name)

        async def piece():
            for name in "ab":
                kept.append(scenes(name))
                await anext(kept[-1])
            return await piece_of(loops, 1, error)

        found = tried(play, piece())
        assert is_very(found, error), f"the piece raised {error!r}, and play gave {found!r}"
        assert sorted(closed) == ["a", "b"], (
            f"the piece had begun two asynchronous generators, {len(closed)} were closed: the loop has a method for it"
        )

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(3)
def test_a_guest_who_takes_his_time(race):
    def scenario():
        loops, left = [], []

        async def piece():
            keep.append(asyncio.create_task(guest(left, 1_000_000)))
            return await piece_of(loops, 1, "applause")

        keep = []
        ran(play, piece())
        assert left, "a guest needs 1000000 s to leave, and play is back without him: wait for all, without a limit"

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
@pytest.mark.parametrize("seconds", [4, 230])
def test_threads_have_done_their_work(race, seconds):
    def scenario():
        loops, done, left = [], [], []

        def carry():
            time.sleep(seconds)
            done.append("scenery")

        async def piece():
            done.append(asyncio.create_task(guest(left, 2)))
            asyncio.get_running_loop().run_in_executor(None, carry)
            return await piece_of(loops, 1, "applause")

        began = time.monotonic()
        found = ran(play, piece())
        took = time.monotonic() - began
        done.pop(0)
        assert (found, done) == ("applause", ["scenery"]), (
            f"a thread of the loop works for {seconds} s, the piece ended after 1 s; play returned {found!r} after "
            f"{took:g} s, and done was {done}: wait for the threads of the loop, too"
        )
        assert took == seconds, (
            f"a thread of the loop works until {seconds} s, a guest needs 2 s from 1 s on, play took {took:g} s: "
            "ask the guests to go at once, and wait for the threads last"
        )

    race.explore(scenario, order="any", schedules=5)


@pytest.mark.task(3)
def test_another_house_stays_open(race):
    def scenario():
        left, loops, other = [], [], asyncio.new_event_loop()
        asyncio.set_event_loop(None)
        try:
            task = other.create_task(guest(left, 0, "guest next door"))
            other.run_until_complete(asyncio.sleep(1))
            ran(play, piece_of(loops, 1, 0))
            assert not task.done() and not other.is_closed(), (
                "play has ended a task in a loop that is not its own, or closed it"
            )
        finally:
            task.cancel()
            other.run_until_complete(asyncio.wait([task]))
            other.close()

    race.explore(scenario, order="any", schedules=2)


@pytest.mark.task(4)
@pytest.mark.parametrize(
    ("lengths", "results"), [((3, 1, 2), ["a", None, "c"]), ((1, 2), [0, 0]), ((2,), [""]), ((), [])], ids=repr
)
@pytest.mark.means(RuntimeError=HAS_NO_LOOP)
def test_a_season(race, lengths, results):
    def scenario():
        loops = []
        began = time.monotonic()
        found = tried(season, [piece_of(loops, seconds, result) for seconds, result in zip(lengths, results)])
        took = time.monotonic() - began
        assert not isinstance(found, BaseException), (
            f"a season of {len(lengths)} pieces raised {found!r}: gather needs a loop that runs, wait needs tasks, and "
            "a result is there when its piece has ended"
        )
        assert len(loops) == len(lengths), f"{len(lengths)} pieces, and {len(loops)} of them began"
        assert len(set(map(id, loops))) <= 1, f"{len(lengths)} pieces ran in {len(set(loops))} loops instead of one"
        longest = max(lengths, default=0)
        assert took == longest, f"pieces of {lengths} s took {took:g} s instead of {longest} s: all at the same time"
        assert found == results, f"the pieces returned {results}, and season {found}: their results, in their order"
        assert all(loop.is_closed() for loop in loops), "the season is over, and its loop still open"

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize("error", ERRORS[1:4], ids=repr)
@pytest.mark.parametrize("failing", [0, 1, 2])
def test_a_season_that_fails(race, error, failing):
    def scenario():
        loops, left = [], []
        pieces = [guest(left, 2, "slow"), guest(left, 1, "quick")]
        pieces.insert(failing, piece_of(loops, 1, error))
        began = time.monotonic()
        found = tried(season, pieces)
        took = time.monotonic() - began
        assert is_very(found, error), (
            f"one of three pieces raised {error!r}, and season gave {found!r}: let this very exception out"
        )
        assert sorted(left) == ["quick", "slow"], (
            f"one of three pieces raised {error!r}, and of the two others only {left} came to their end: the season is "
            "over, cancel them, and wait for them"
        )
        assert took == 3, (
            f"a piece raised after 1 s, the others need 2 s to leave: season took {took:g} s; cancel all at once"
        )
        assert loops[0].is_closed(), f"a piece raised {error!r}, and the loop of the season is still open"

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(4)
def test_a_season_that_fails_and_its_guests(race):
    def scenario():
        left, error = [], ValueError("quarrel")

        async def hosting():
            host = asyncio.create_task(guest(left, 2))
            await guest(left, 2, "piece")
            del host

        began = time.monotonic()
        found = tried(season, [hosting(), piece_of([], 1, error)])
        took = time.monotonic() - began
        assert found is error, f"one of two pieces raised {error!r}, and season gave {found!r}"
        assert sorted(left) == ["guest", "piece"], (
            f"a season failed, and only {left} of guest and piece came to their end"
        )
        assert took == 3, (
            f"a piece raised after 1 s; another piece and the guest that it left inside need 2 s each to leave: "
            f"season took {took:g} s instead of 3 s; cancel the pieces and all others at the same time"
        )

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(4)
def test_a_season_of_many(race):
    def scenario():
        began = time.monotonic()
        found = season([piece_of([], 2, number) for number in range(100)])
        took = time.monotonic() - began
        assert found == [*range(100)], f"a hundred pieces return 0 to 99, the season {found}"
        assert took == 2, (
            f"a hundred pieces of 2 s each, it took {took:g} s instead of 2 s: play all at the same time, however many "
            "they are"
        )

    race.explore(scenario, schedules=1)

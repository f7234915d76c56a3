"""The weather stations: the tests. Time is virtual, and the tasks go on in many orders."""

import asyncio

import pytest
from gather_results import collect, report, survey


class Quiet(Exception):
    """An error that is false, as it is empty."""

    def __len__(self):
        return 0


MIST = LookupError("mist")
FAILURES = [
    (ValueError("fog"), 0),
    (Quiet(), 1),
    (ValueError(), 2),
    (asyncio.CancelledError(), 1),
    (asyncio.CancelledError("fog"), 2),
]


def in_loop(main):
    """Make a scenario of a coroutine function."""
    return lambda: asyncio.run(main())


async def timed(awaitable):
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


def asking(answers, begun=None, ended=None):
    """Make an `ask`: each station is a pair of its name and the seconds that it takes."""

    async def ask(station):
        name, seconds = station
        if begun is not None:
            begun.append(name)
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            if ended is not None:
                ended.append(name)
            raise
        answer = answers[name]
        if isinstance(answer, BaseException):
            raise answer from MIST
        return answer

    return ask


@pytest.mark.task(1)
@pytest.mark.parametrize("call", [collect, survey])
def test_as_long_as_the_longest(race, call):
    async def main():
        stations = [("sea", 1), ("mountain", 3), ("town", 2)]
        begun = []
        found, took = await timed(call(stations, asking({"sea": 10, "mountain": 20, "town": 30}, begun)))
        assert not isinstance(found, BaseException), f"nobody failed, and {call.__name__} raised {found!r}"
        assert sorted(begun) == ["mountain", "sea", "town"], f"asked {begun}: ask each of the three once"
        assert took == 3, f"stations of 1, 3 and 2 s took {took:g} s instead of 3 s: let all begin before you wait"
        assert found == [10, 20, 30], f"answers {found} instead of [10, 20, 30]: in the order of the stations"

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(1)
@pytest.mark.parametrize("call", [collect, survey])
def test_any_answer_of_any_number(race, call):
    async def main():
        ask = asking({"a": None, "b": 0, "c": ""})
        for stations, right in (
            ([("b", 1)], [0]),
            ([("a", 0), ("b", 2), ("a", 0), ("c", 1)], [None, 0, None, ""]),
            ([], []),
        ):
            try:
                found = await call(stations, ask)
            except (TypeError, ValueError) as error:
                raise AssertionError(
                    f"{len(stations)} stations, and {call.__name__} raised {error!r}: none is no error"
                ) from error
            assert found == right, (
                f"{stations} answered {found} instead of {right}: None and 0 are answers, and a station may come twice"
            )

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(1)
@pytest.mark.parametrize("call", [collect, survey])
def test_each_question_has_its_own_answer(race, call):
    async def main():
        answers = iter("abcd")

        async def ask(station):
            answer = next(answers)
            await asyncio.sleep(1)
            return answer

        found = await call([1, True, 1.0, 1], ask)
        assert sorted(found) == list("abcd"), (
            f"four equal stations answered a, b, c and d, and {call.__name__} gave {found}: keep an answer by its place"
        )

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(2)
def test_a_returned_error_is_an_answer(race):
    async def main():
        error = ValueError("what the station says of its thermometer")
        found, _ = await timed(collect([("sea", 1), ("town", 2)], asking_for({"sea": error, "town": None})))
        assert found == [error, None], f"a station returned {error!r}, and collect gave {found!r}: it raised nothing"

    def asking_for(answers):
        async def ask(station):
            await asyncio.sleep(station[1])
            return answers[station[0]]

        return ask

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(2)
@pytest.mark.parametrize(("error", "failing"), FAILURES)
def test_a_failure_is_told_at_once(race, error, failing):
    async def main():
        stations = [("sea", 3), ("mountain", 4), ("town", 5)]
        stations[failing] = ("broken", 1)
        found, took = await timed(collect(stations, asking({"sea": 1, "mountain": 2, "town": 3, "broken": error})))
        assert isinstance(found, BaseException), f"one raised {error!r}, and collect returned {found}: let it out"
        assert found is error or type(found) is asyncio.CancelledError is type(error), (
            f"one raised {error!r}, and collect raised {found!r}: it must be this very exception"
        )
        assert error.__cause__ is MIST, (
            f"one raised {error!r} from {MIST!r}, and its __cause__ is now {error.__cause__!r}: `raise error from …` "
            "changes the error, `from None` too"
        )
        assert took == 1, f"one failed after 1 s, the caller heard of it after {took:g} s: wait for all, not for each"

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(3)
@pytest.mark.parametrize(("error", "failing"), FAILURES)
def test_a_failure_takes_nothing_away(race, error, failing):
    async def main():
        stations = [("sea", 3), ("mountain", 2), ("town", 4)]
        stations[failing] = ("broken", 1)
        answers = {"sea": None, "mountain": 20, "town": 30, "broken": error}
        found, took = await timed(survey(stations, asking(answers)))
        assert not isinstance(found, BaseException), (
            f"one raised {error!r}, and survey raised {found!r}: it stands in the list; CancelledError is no Exception"
        )
        shown = [type(each) if isinstance(each, BaseException) else each for each in found]
        right = [type(error) if name == "broken" else answers[name] for name, _ in stations]
        assert shown == right, f"survey returned {found}, it should be {right}: each answer or exception in its place"
        longest = max(seconds for _, seconds in stations)
        assert took == longest, f"survey came back after {took:g} s instead of {longest} s: the others are waited for"

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(4)
@pytest.mark.parametrize("call", [collect, survey])
def test_called_off(race, call):
    async def main():
        ended = []
        stations = [("quick", 1), ("sea", 5), ("town", 6)]
        ask = asking({"quick": 0, "sea": 1, "town": 2}, ended=ended)
        waiting = asyncio.create_task(timed_out(call(stations, ask)))
        await asyncio.sleep(2)
        waiting.cancel()
        found, took = await waiting
        assert isinstance(found, asyncio.CancelledError), (
            f"the task that waits was cancelled, and {call.__name__} gave it {found!r}: let CancelledError out"
        )
        await asyncio.sleep(0)
        await asyncio.sleep(1)
        assert took == 2, f"cancelled after 2 s, {call.__name__} came back after {took:g} s"
        assert sorted(ended) == ["sea", "town"], (
            f"{call.__name__} was cancelled, of the open questions sea and town only {ended} were: cancel all"
        )

    async def timed_out(awaitable):
        return await timed(awaitable)

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(5)
def test_where_no_loop_runs(race):
    def scenario():
        for _ in range(2):
            try:
                found = report([("sea", 2), ("town", 1)], asking({"sea": 10, "town": 0}))
            except (RuntimeError, ValueError, TypeError, DeprecationWarning) as error:
                raise AssertionError(f"report raised {error!r}: gather needs a loop that runs") from error
            assert found == [10, 0], f"report returned {found!r} instead of [10, 0]: it is a plain function"

    race.explore(scenario, order="any", schedules=5)


@pytest.mark.task(5)
def test_a_report_that_fails(race):
    def scenario():
        error = LookupError("fog")
        try:
            found = report([("sea", 2), ("town", 1)], asking({"sea": 10, "town": error}))
        except LookupError as told:
            found = told
        assert found is error, f"one raised {error!r}, and report gave {found!r}: what collect raises is let out"

    race.explore(scenario, order="any", schedules=5)


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound="a station raised what is no Exception, and nobody is told: be it what it may")
@pytest.mark.parametrize("error", [None, ValueError("fog"), GeneratorExit("fog")], ids=repr)
def test_the_loop_is_closed(race, error):
    def scenario():
        loops = []

        async def ask(station):
            loops.append(asyncio.get_running_loop())
            if error:
                raise error

        try:
            report(["sea"], ask)
        except (ValueError, GeneratorExit) as raised:
            assert raised is error, f"a station raised {error!r}, and report {raised!r}"
        assert [loop.is_closed() for loop in loops] == [True], (
            f"a station raised {error!r}, report is back, and its loop is not closed"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(1)
@pytest.mark.parametrize("call", [collect, survey])
def test_as_many_and_as_long_as_there_are(race, call):
    async def main():
        async def ask(station):
            await asyncio.sleep(years)
            return station

        years = 3 * 366 * 86_400
        found, took = await timed(call(range(60), ask))
        assert found == [*range(60)], (
            f"60 stations take three years each, {call.__name__} gave {str(found)[:80]}: wait as long as it takes"
        )
        assert took == years, (
            f"60 stations take three years each, it took {took / years:g} times as long: ask all at the same time, "
            "however many they are"
        )

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(2)
def test_told_before_the_others_have_ended(race):
    async def main():
        async def ask(station):
            if station == "broken":
                await asyncio.sleep(1)
                raise ValueError("fog")
            try:
                await asyncio.sleep(5)
            finally:
                await asyncio.sleep(2)  # on its way out

        found, took = await timed(collect(["sea", "broken"], ask))
        assert isinstance(found, ValueError) and took == 1, (
            f"one failed after 1 s, another one needs 2 s for its way out when it is cancelled; collect gave {found!r} "
            f"after {took:g} s: wait for nobody then, neither for answers nor for ends"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(3)
def test_a_station_whose_task_is_cancelled(race):
    async def main():
        async def ask(station):
            if station == "broken":
                asyncio.current_task().cancel()
            await asyncio.sleep(1)
            return station

        found, _ = await timed(survey(["sea", "broken", "town"], ask))
        listed = found if isinstance(found, list) else [found]
        shown = [type(each) if isinstance(each, BaseException) else each for each in listed]
        assert shown == ["sea", asyncio.CancelledError, "town"], (
            f"of three stations one had its own task cancelled, and survey gave {found!r}: nobody has cancelled who "
            "waits, so its CancelledError is an entry"
        )

    race.explore(in_loop(main), order="any", schedules=3)


class Alike:
    """An answer that is equal to everything."""

    def __eq__(self, other):
        return True

    __hash__ = None


@pytest.mark.task(1)
@pytest.mark.parametrize("call", [collect, survey])
def test_an_answer_that_is_equal_to_everything(race, call):
    async def main():
        async def ask(station):
            await asyncio.sleep(1)
            return station

        stations = ["sea", Alike(), "town"]
        found, took = await timed(asyncio.wait_for(call(stations, ask), 9))
        assert isinstance(found, list) and [*map(id, found)] == [*map(id, stations)] and took == 1, (
            f"of three stations one answers what is equal to everything, and {call.__name__} gave {found!r} after "
            f"{took:g} s: tell your own marks from answers by `is`"
        )

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(4)
@pytest.mark.parametrize("call", [collect, survey])
def test_called_off_and_answered_all_the_same(race, call):
    async def main():
        async def ask(station):
            try:
                await asyncio.sleep(5)
            except asyncio.CancelledError:
                await asyncio.sleep(1)
            return station

        waiting = asyncio.create_task(timed(call(["sea", "town"], ask)))
        await asyncio.sleep(1)
        waiting.cancel()
        found, _ = await waiting
        assert isinstance(found, asyncio.CancelledError), (
            f"who waits was cancelled, both stations answered all the same, and {call.__name__} gave {found!r}: "
            "CancelledError, whatever the stations make of theirs"
        )

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(4)
@pytest.mark.parametrize("call", [collect, survey])
@pytest.mark.parametrize("passes", range(4))
def test_called_off_when_the_last_one_answers(race, call, passes):
    async def main():
        gate = asyncio.get_running_loop().create_future()

        async def ask(station):
            return await gate

        waiting = asyncio.create_task(timed(call(["sea"], ask)))
        await asyncio.sleep(1)
        gate.set_result(7)
        for _ in range(passes):
            await asyncio.sleep(0)
        cancelled = waiting.cancel()
        found, _ = await waiting
        assert isinstance(found, asyncio.CancelledError) if cancelled else found == [7], (
            f"who waits was cancelled {passes} passes of the loop after the last answer, and {call.__name__} gave "
            f"{found!r}: CancelledError, also if nothing is left to cancel or to wait for"
        )

    race.explore(in_loop(main), schedules=1)

"""The post riders: the tests. Time is virtual, and the coroutines go on in many orders."""

import asyncio
import inspect
import threading

import pytest
from first_coroutine import deliver, deliver_all, exchange, send

MANY = 10_000


class Fallen(BaseException):
    """An error that is no Exception."""


ERRORS = [ValueError("fog"), asyncio.CancelledError("fog"), Fallen("fog")]
MIST = LookupError("mist")


def caused(error):
    """Give the error a cause."""
    error.__cause__ = MIST
    return error


def is_as_it_was(error, call):
    """Tell an error that has lost its cause on the way."""
    assert error.__cause__ is MIST, (
        f"{error!r} was raised from {MIST!r}, and when {call} let it out its __cause__ was {error.__cause__!r}: "
        "`raise error from …` changes the error, `from None` too"
    )


def in_loop(main):
    """Make a scenario of a coroutine function."""
    return lambda: asyncio.run(main())


async def tried(awaitable):
    """Return what was returned or raised."""
    try:
        return await awaitable
    except NotImplementedError:
        raise
    except (Exception, asyncio.CancelledError, Fallen, BaseExceptionGroup) as error:
        return error


def riding(notes, seconds=1, failing=None, error=None):
    """Make a `ride` that notes who begins and who ends, and puts its stage behind the letter."""

    async def ride(letter, stage):
        notes.append(f"{stage} begins")
        await asyncio.sleep(seconds)
        if stage == failing:
            raise error
        notes.append(f"{stage} ends")
        return f"{letter}{stage}"

    return ride


def is_awaited(found, what, call):
    """Tell a coroutine that nobody has awaited, and close it."""
    if inspect.iscoroutine(found):
        found.close()
        raise AssertionError(f"{what}: {call}(…) was called and never awaited; it has not even begun")


@pytest.mark.task(1)
def test_one_stage_after_the_other(race):
    async def main():
        notes, loop = [], asyncio.get_running_loop()
        began = loop.time()
        found = await tried(deliver("letter:", ["a", "b", "a"], riding(notes)))
        took = loop.time() - began
        is_awaited(found, "deliver returned a coroutine", "ride")
        assert not isinstance(found, BaseException), f"nobody fell off, and deliver raised {found!r}"
        assert notes, "deliver returned, and no ride has begun: a coroutine that is called has not begun, await it"
        right = [f"{stage} {what}" for stage in "aba" for what in ("begins", "ends")]
        assert notes == right, f"stages a, b, a: {notes}; the next one begins when the one before has ended"
        assert took == 3, f"three rides of 1 s took {took:g} s: one after the other"
        assert found == "letter:aba", (
            f"each rider adds his stage to the letter, and {found!r} has arrived instead of 'letter:aba': the next "
            "rider takes what the one before has handed over"
        )

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(1)
def test_any_letter_over_any_number_of_stages(race):
    async def main():
        taken = []

        async def ride(letter, stage):
            taken.append((letter, stage))
            await asyncio.sleep(0)
            return stage

        for letter, stages in (("x", []), (None, []), ("x", [0, None, "", 7]), (0, [None]), ("x", ["", None])):
            taken.clear()
            found = await tried(deliver(letter, list(stages), ride))
            right = [*zip([letter, *stages], stages)]
            assert taken == right, (
                f"deliver({letter!r}, {stages}), each rider hands over his stage as the letter: rides were {taken} "
                f"instead of {right}; None, 0 and '' are letters and stages"
            )
            last = [letter, *stages][-1]
            assert found == last and type(found) is type(last), (
                f"deliver({letter!r}, {stages}), each rider hands over his stage as the letter: {found!r} has arrived "
                f"instead of {last!r}"
            )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(1)
@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_a_ride_that_fails(race, error):
    async def main():
        notes = []
        found = await tried(deliver("", ["a", "b", "c"], riding(notes, failing="b", error=caused(error))))
        assert found is error or type(found) is asyncio.CancelledError is type(error), (
            f"the second of three rides raised {error!r}, and deliver gave {found!r}: let this very exception out"
        )
        is_as_it_was(error, "deliver")
        assert "c begins" not in notes, f"the second of three rides raised {error!r}, and the third has begun: {notes}"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(1)
def test_a_letter_that_is_called_off(race):
    async def main():
        notes = []
        task = asyncio.create_task(tried(deliver("", ["a", "b"], riding(notes, seconds=2))))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.sleep(9)
        found = await task
        assert notes == ["a begins"], f"deliver was cancelled during the first of two rides, and they went on: {notes}"
        assert isinstance(found, asyncio.CancelledError), (
            f"deliver was cancelled, and gave {found!r}: let CancelledError out"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(1)
def test_two_letters_on_their_way(race):
    async def main():
        notes, stages = [], ["a", "b", "c"]
        first = asyncio.create_task(tried(deliver("one:", stages, riding(notes))))
        second = asyncio.create_task(tried(deliver("two:", stages, riding(notes, seconds=0.75))))
        found = [await first, await second]
        for each in found:
            assert not isinstance(each, BaseException), f"two letters went over a, b, c, and deliver raised {each!r}"
        assert (found, stages) == (["one:abc", "two:abc"], ["a", "b", "c"]), (
            f"two letters went over the same list of stages a, b, c: arrived {found}, and the list is now {stages}; "
            "it belongs to the caller, take nothing out"
        )

    race.explore(in_loop(main), order="any", schedules=5)


def answering(notes, seconds=1):
    """Make an `answer` that puts the letter into brackets, and a `ring`."""

    async def answer(letter):
        notes.append("answer begins")
        await asyncio.sleep(seconds)
        notes.append("answer ends")
        return f"[{letter}]"

    async def ring():
        notes.append("bell begins")
        await asyncio.sleep(seconds)
        notes.append("bell ends")

    return answer, ring


@pytest.mark.task(2)
@pytest.mark.parametrize(("there", "back"), [("ab", "ba"), ("a", ""), ("", "b"), ("", "")])
def test_there_answered_and_back(race, there, back):
    async def main():
        notes, loop = [], asyncio.get_running_loop()
        began = loop.time()
        found = await tried(exchange("hi ", list(there), list(back), riding(notes), *answering(notes)))
        took = loop.time() - began
        is_awaited(found, "exchange returned a coroutine", "deliver")
        assert not isinstance(found, RuntimeError), (
            f"exchange raised {found!r}: a loop runs here already, so await what you need"
        )
        assert not isinstance(found, BaseException), f"nothing failed, and exchange raised {found!r}"
        assert "coroutine object" not in str(found), (
            f"{found!r} came back: something was called and never awaited on the way"
        )
        steps = [*there, "answer", *back, "bell"]
        for step in steps:
            whose = {"answer": "answer", "bell": "ring"}.get(step, "deliver, or ride in it,")
            assert f"{step} begins" in notes, f"exchange returned, and {whose} was never awaited; what began: {notes}"
        right = [f"{step} {what}" for step in steps for what in ("begins", "ends")]
        assert notes == right, (
            f"there {there!r}, back {back!r}: {notes} instead of {right}; each begins when the one before has ended, "
            "and the bell has rung when exchange returns"
        )
        assert took == len(steps), f"{len(steps)} steps of 1 s took {took:g} s"
        assert found == f"[hi {there}]{back}", (
            f"'hi ' went over {there!r} and its answer over {back!r}: {found!r} came back instead of "
            f"'[hi {there}]{back}'"
        )

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(2)
@pytest.mark.parametrize("reply", [None, 0, ""], ids=repr)
def test_an_empty_answer_is_an_answer(race, reply):
    async def main():
        taken = []

        async def ride(letter, stage):
            taken.append(letter)
            return letter

        async def answer(letter):
            return reply

        async def ring():
            return "ding"

        found = await exchange("hi", [1], [2], ride, answer, ring)
        assert taken == ["hi", reply] and found is reply, (
            f"the answer to 'hi' is {reply!r}: the riders carried {taken}, and {found!r} came back"
        )

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(2)
@pytest.mark.parametrize("error", ERRORS, ids=repr)
@pytest.mark.parametrize("where", ["there", "answer", "back", "bell"])
def test_an_exchange_that_fails(race, where, error):
    async def main():
        begun = []

        async def at(step):
            begun.append(step)
            await asyncio.sleep(1)
            if step == where:
                raise caused(error)

        found = await tried(
            exchange("", ["there"], ["back"], lambda _, stage: at(stage), lambda _: at("answer"), lambda: at("bell"))
        )
        assert found is error or type(found) is asyncio.CancelledError is type(error), (
            f"{where} raised {error!r}, and exchange gave {found!r}: let this very exception out"
        )
        is_as_it_was(error, "exchange")
        steps = ["there", "answer", "back", "bell"]
        assert begun == steps[: steps.index(where) + 1], f"{where} raised {error!r}, and these had begun: {begun}"

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(3)
def test_sent_where_no_loop_runs(race):
    def scenario():
        notes, found = [], []
        for stages in (["a", "b"], []):
            found.append(send("letter:", stages, riding(notes)))
            is_awaited(found[-1], "send returned a coroutine", "deliver")
        assert found == ["letter:ab", "letter:"], (
            f"send returned {found} for two letters instead of ['letter:ab', 'letter:']: it returns what deliver does"
        )
        assert notes == ["a begins", "a ends", "b begins", "b ends"], f"sent over a and b: {notes}"

    race.explore(scenario, order="any", schedules=3)


@pytest.mark.task(3)
@pytest.mark.means(RuntimeError="send found no event loop in a thread of its own: it has to make one, wherever it is")
def test_sent_in_any_thread(race):
    def scenario():
        found = race.run(lambda: send("one:", ["a"], riding([])), lambda: send("two:", ["b", "c"], riding([])))
        assert found == ["one:a", "two:bc"], f"two threads sent a letter each, arrived {found}"

    race.explore(scenario, order="any", schedules=5)


@pytest.mark.task(3)
@pytest.mark.parametrize("error", [None, ValueError("fog"), Fallen("fog")], ids=repr)
def test_the_loop_is_closed(race, error):
    def scenario():
        loops = []

        async def ride(letter, stage):
            loops.append(asyncio.get_running_loop())
            if error:
                raise error

        try:
            send("letter", ["inn"], ride)
        except (ValueError, Fallen) as raised:
            assert raised is error, f"a ride raised {error!r}, and send {raised!r}"
        assert [loop.is_closed() for loop in loops] == [True], (
            f"a ride raised {error!r}, send is back, and its loop is not closed"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
def test_a_sent_letter_that_is_lost(race):
    def scenario():
        for error in (ValueError("fog"), Fallen("fog")):
            try:
                found = send("", ["a", "b"], riding([], failing="a", error=error))
            except (ValueError, Fallen) as raised:
                found = raised
            assert found is error, f"a ride raised {error!r}, and send gave {found!r}: let this very exception out"

    race.explore(scenario, order="any", schedules=2)


@pytest.mark.task(4)
@pytest.mark.parametrize("letters", [["one:", "two:", "one:"], ["one:"], [], [0, None, ""]], ids=repr)
def test_all_letters_in_order(race, letters):
    async def main():
        loop, notes = asyncio.get_running_loop(), []
        waits = iter([3, 1, 2])

        async def ride(letter, stage):
            notes.append(stage)
            await asyncio.sleep(next(waits) if stage == "a" else 1)
            return letter if stage == "a" else f"{letter}{stage}"

        began = loop.time()
        found = await tried(deliver_all(letters, ["a", "b"], ride))
        took = loop.time() - began
        assert not isinstance(found, BaseException), f"letters {letters}, and deliver_all raised {found!r}"
        right = [f"{letter}b" for letter in letters]
        for each in found:
            is_awaited(each, "deliver_all returned coroutines", "deliver")
        assert sorted(notes) == sorted("ab" * len(letters)), (
            f"{len(letters)} letters over a and b were {len(notes)} rides: each letter over each stage"
        )
        assert took == (4 if letters else 0), (
            f"{len(letters)} letters, the slowest needs 4 s, took {took:g} s: all at the same time"
        )
        assert found == right, f"letters {letters} arrived as {found} instead of {right}: in the order of the letters"

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(4)
def test_a_letter_that_is_an_exception(race):
    async def main():
        ink = ValueError("ink")

        async def ride(letter, stage):
            await asyncio.sleep(1)
            return letter

        found = await tried(deliver_all([ink, "two:"], ["a"], ride))
        assert found == [ink, "two:"], (
            f"one of two letters was {ink!r}, no ride raised, and deliver_all gave {found!r}: a letter is any object, "
            "and what is returned is not raised"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(4)
def test_no_letter_waits_for_another(race):
    async def main():
        loop, arrived = asyncio.get_running_loop(), []
        began = loop.time()

        async def ride(letter, stage):
            await asyncio.sleep(letter[stage])
            if stage == 2:
                arrived.append(loop.time() - began)
            return letter

        await deliver_all([(3, 1, 1), (1, 1, 4), (1, 1, 1)], [0, 1, 2], ride)
        assert arrived == [3, 5, 6], (
            "three letters rode three stages, in 3 + 1 + 1, 1 + 1 + 4 and 1 + 1 + 1 s; they arrived after "
            f"{arrived} s instead of [3, 5, 6]: at no stage does a letter wait for another"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize("error", [*ERRORS, ExceptionGroup("fogs", [ValueError("fog")])], ids=repr)
def test_one_of_all_is_lost(race, error):
    async def main():
        async def ride(letter, stage):
            await asyncio.sleep(1 if letter == "lost" else 2)
            if letter == "lost":
                raise caused(error)
            return letter

        found = await tried(deliver_all(["one", "lost", "two"], ["a"], ride))
        assert found is error or type(found) is asyncio.CancelledError is type(error), (
            f"one of three letters was lost with {error!r}, and deliver_all gave {found!r}: let this very exception out"
        )
        is_as_it_was(error, "deliver_all")

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(4)
def test_ten_thousand_in_one_thread():
    here, threads, waiting = threading.get_ident(), set(), []

    async def main():
        gate = asyncio.Event()

        async def ride(letter, stage):
            threads.add(threading.get_ident())
            if threads == {here}:
                waiting.append(letter)
                await gate.wait()
            return letter + stage

        task = asyncio.create_task(deliver_all(range(MANY), [1, 2], ride))
        for _ in range(30):  # passes of the loop, in which nobody comes to the gate without being let begin
            await asyncio.sleep(0)
        if task.done():
            await task
        at_once = len(waiting)
        gate.set()
        if at_once < MANY:
            task.cancel()
        assert threads <= {here}, f"the rides ran in {len(threads)} threads: one is enough, the caller's"
        assert at_once == MANY, (
            f"{MANY} letters, and {at_once} of them were on their way at the same time: all begin before one has ended"
        )
        return await task

    found = asyncio.run(main())
    assert found == [letter + 3 for letter in range(MANY)], f"{MANY} letters: not all arrived, or in another order"


@pytest.mark.task(1)
def test_a_ride_takes_as_long_as_it_takes(race):
    async def main():
        found = await tried(deliver("a", ["1"], riding([], 3 * 366 * 86_400)))
        assert found == "a1", f"a ride took three years, and deliver gave {found!r}: wait as long as it takes"

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(1)
def test_the_same_stage_twice_in_a_row(race):
    async def main():
        found = await deliver("a", ["1", "1", "2", "2"], riding([]))
        assert found == "a1122", (
            f"over the stages 1, 1, 2, 2 goes a, and arrived is {found}: ride each that is in the list"
        )

    race.explore(in_loop(main), schedules=1)

"""The workshop: the tests. Time is virtual, and the tasks go on in many orders."""

import asyncio
import gc
import weakref

import pytest
from task_objects import Workshop


class Quiet(Exception):
    """An error that is false, as it is empty."""

    def __len__(self):
        return 0


ENDS = [
    ("done", "chair"),
    ("done", None),
    ("done", 0),
    ("failed", ValueError("glue")),
    ("failed", LookupError()),
    ("failed", Quiet()),
    ("done", ValueError("returned, not raised")),
    ("called off", None),
]


def in_loop(main):
    """Make a scenario of a coroutine function."""
    return lambda: asyncio.run(main())


def working(seconds, how="done", what=None, begun=None):
    """Make a job that ends in this way after so many seconds."""

    async def job():
        if begun is not None:
            begun.append(what)
        await asyncio.sleep(seconds)
        if how == "failed":
            raise what
        if how == "called off":
            raise asyncio.CancelledError
        return what

    return job


def board_of(notes):
    """Make a board that notes what is written on it."""
    return lambda name, how, what: notes.append((name, how, what))


def look(workshop, name, moment):
    """Look at a job; an error that comes out is told."""
    try:
        found = workshop.look(name)
    except NotImplementedError:
        raise
    except (Exception, asyncio.CancelledError) as error:
        raise AssertionError(f"look at a job {moment} raised {error!r}: it tells how a job stands") from error
    return found


async def waited(workshop, seconds):
    """Return what `wait` returned or raised, and how long it took."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        found = await workshop.wait(seconds)
    except NotImplementedError:
        raise
    except (Exception, asyncio.CancelledError) as error:
        found = error
    return found, loop.time() - began


def is_pair(found, how, what):
    """Tell whether these belong together; an exception must be this very one."""
    return isinstance(found, tuple) and len(found) == 2 and found[0] == how and found[1] is what


@pytest.mark.task(1)
@pytest.mark.parametrize(("how", "what"), ENDS, ids=repr)
def test_how_a_job_stands(race, how, what):
    async def main():
        begun, workshop = [], Workshop(board_of([]))
        workshop.begin(0, working(2, how, what, begun))
        assert not begun, "the job has begun before `begin` returned: it runs in the background"
        seen = [look(workshop, 0, "that has not begun")]
        await asyncio.sleep(1)
        assert begun == [what], f"one job, begun {len(begun)} times: create a task of it"
        seen.append(look(workshop, 0, "that is under way"))
        assert seen == [("under way", None)] * 2, (
            f"a job that has not begun and one under way: look said {seen} instead of ('under way', None)"
        )
        await asyncio.sleep(2)
        for _ in range(2):
            found = look(workshop, 0, f"that has ended, {how}")
            assert is_pair(found, how, what), f"a job ended with {how}, {what!r}, and look said {found}"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(1)
def test_many_side_by_side(race):
    async def main():
        notes = []
        one, other = Workshop(board_of(notes)), Workshop(lambda *_: None)
        for number, name in enumerate([None, 0, "", ("a",)]):
            one.begin(name, working(1, "done", number))
        other.begin(0, working(5, "done", "elsewhere"))
        await asyncio.sleep(2)
        found = [look(one, name, "of several") for name in (None, 0, "", ("a",))]
        assert found == [("done", number) for number in range(4)], (
            f"four jobs of 1 s, 2 s ago; look says {found}: all at the same time, each under its name"
        )
        seen = look(other, 0, "in another workshop")
        assert seen == ("under way", None), f"job 0 of another workshop is under way, look says {seen}"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(2)
@pytest.mark.parametrize(("how", "what"), ENDS, ids=repr)
def test_the_board_tells_it(race, how, what):
    async def main():
        notes = []
        workshop = Workshop(board_of(notes))
        workshop.begin("x", working(1, how, what))
        workshop.begin("y", working(3, "done", 1))
        await asyncio.sleep(2)
        assert notes, f"a job ended with {how}, {what!r}, and the board heard nothing: whatever the end, it is told"
        assert len(notes) == 1 and notes[0][0] == "x" and is_pair(notes[0][1:], how, what), (
            f"job x ended with {how}, {what!r}, and on the board stands {notes}"
        )
        await asyncio.sleep(9)
        assert notes[1:] == [("y", "done", 1)], f"job y was done later, and on the board stands {notes}: each job once"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(2)
def test_told_by_the_next_pass(race):
    async def main():
        notes, seen, loop = [], [], asyncio.get_running_loop()
        workshop = Workshop(board_of(notes))

        async def job():
            await asyncio.sleep(1)
            loop.call_soon(loop.call_soon, lambda: seen.extend(notes))  # in the pass after the next

        workshop.begin("x", job)
        await asyncio.sleep(9)
        assert notes == [("x", "done", None)], f"one job was done, and on the board stands {notes}"
        assert seen == notes, (
            "two passes of the loop after the last step of a job its end did not stand on the board: call the board in "
            "the callback of the task, do not ask the loop once more"
        )

    race.explore(in_loop(main), schedules=3)


@pytest.mark.task(2)
def test_in_the_order_of_their_ends(race):
    async def main():
        notes, loop = [], asyncio.get_running_loop()
        workshop = Workshop(lambda name, how, what: notes.append((name, loop.time() - began)))
        began = loop.time()
        for seconds in (3, 1, 2):
            workshop.begin(f"job of {seconds} s", working(seconds))
        await asyncio.sleep(9)
        right = [(f"job of {seconds} s", seconds) for seconds in (1, 2, 3)]
        assert notes == right, f"jobs of 3, 1 and 2 s, on the board (job, when) stands {notes} instead of {right}"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(2)
def test_a_board_that_begins_the_next(race):
    async def main():
        notes = []

        def board(name, how, what):
            notes.append((name, *look(workshop, name, "from the board")))
            if name < 3:
                workshop.begin(name + 1, working(1, "done", name + 1))

        workshop = Workshop(board)
        workshop.begin(1, working(1, "done", 1))
        await asyncio.sleep(9)
        right = [(number, "done", number) for number in (1, 2, 3)]
        assert notes == right, f"the board begins the next job, three in all; it looked at {notes} instead of {right}"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(3)
def test_nobody_else_keeps_it():
    """Here nothing is explored: the garbage is collected while a job waits for what only itself keeps."""
    waiting, notes = [], []

    async def job():
        letter = asyncio.get_running_loop().create_future()
        waiting.append(weakref.ref(letter))
        return await letter

    async def main():
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        workshop = Workshop(board_of(notes))
        workshop.begin("x", job)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        gc.collect()
        [letter] = [each() for each in waiting] or [None]
        assert letter is not None, (
            "a job was under way, and the garbage collector took it: the loop keeps its tasks only weakly, so keep them"
        )
        letter.set_result("post")
        del letter
        for _ in range(4):
            await asyncio.sleep(0)
        assert notes == [("x", "done", "post")], f"a job waited for a letter, which came, and the board says {notes}"

    asyncio.run(main())


@pytest.mark.task(4)
@pytest.mark.parametrize("after", [0, 1])
def test_called_off(race, after):
    async def main():
        notes, begun = [], []
        workshop = Workshop(board_of(notes))
        workshop.begin("x", working(5, what="x", begun=begun))
        workshop.begin("y", working(6, what="y", begun=begun))
        moment = "after 1 s" if after else "before it had begun"
        if after:
            await asyncio.sleep(after)
        said = workshop.call_off("x")
        assert said is True, f"a job was called off {moment}, and call_off said {said!r}: it was under way"
        await asyncio.sleep(1)
        assert look(workshop, "x", "that was called off") == ("called off", None), (
            f"a job was called off {moment}, and look says {workshop.look('x')}"
        )
        assert notes == [("x", "called off", None)], (
            f"a job was called off {moment}, and on the board stands {notes}: every end is told"
        )
        assert ("x" in begun) == bool(after), f"a job was called off {moment}; begun were {begun}"
        said = workshop.call_off("x")
        await asyncio.sleep(7)
        said = [said, workshop.call_off("y"), workshop.call_off("x")]
        assert said == [False] * 3, f"jobs that had ended were called off, and call_off said {said} instead of False"
        assert notes[1:] == [("y", "done", "y")], f"another job was called off, and on the board stands {notes}"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(4)
def test_called_off_twice(race):
    async def main():
        notes, loop = [], asyncio.get_running_loop()

        async def deaf():
            end = loop.time() + 5
            while loop.time() < end:
                try:
                    await asyncio.sleep(end - loop.time())
                except asyncio.CancelledError:
                    pass
            return "over"

        workshop = Workshop(board_of(notes))
        workshop.begin("x", deaf)
        said = []
        for _ in range(3):
            await asyncio.sleep(1)
            said.append(workshop.call_off("x"))
        await asyncio.sleep(3)
        said.append(workshop.call_off("x"))
        assert said == [True, True, True, False], (
            f"a job that does not listen was called off three times while it was under way, and once later: call_off "
            f"said {said} instead of [True, True, True, False]"
        )
        assert notes == [("x", "done", "over")], f"the job returned 'over', and on the board stands {notes}"

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(4)
@pytest.mark.parametrize(("how", "what"), [("done", "all the same"), ("failed", ValueError("late"))], ids=repr)
def test_called_off_and_on_its_way(race, how, what):
    async def main():
        notes = []

        async def job():
            try:
                await asyncio.sleep(9)
            except asyncio.CancelledError:
                return await working(2, how, what)()

        workshop = Workshop(board_of(notes))
        workshop.begin("x", job)
        await asyncio.sleep(1)
        workshop.call_off("x")
        await asyncio.sleep(1)
        found = look(workshop, "x", "that was called off and needs 2 s")
        assert (found, notes) == (("under way", None), []), (
            f"a job was called off and needs 2 s to end; after 1 s look says {found}, the board {notes}: it is "
            "under way"
        )
        await asyncio.sleep(2)
        found = look(workshop, "x", "that was called off")
        assert is_pair(found, how, what) and [note[1:] for note in notes] == [found], (
            f"a job that was called off ended with {how}, {what!r} all the same; look says {found}, the board {notes}"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(5)
@pytest.mark.parametrize(
    ("seconds", "names", "took"),
    [(None, [], 4), (9, [], 4), (2.5, ["d", "a"], 2.5), (0, ["d", "a", "c", "b"], 0), (0.5, ["d", "a", "c", "b"], 0.5)],
    ids=repr,
)
def test_waited_for_all(race, seconds, names, took):
    async def main():
        notes, workshop = [], Workshop(board_of([]))
        late = Workshop(board_of(notes))
        for name, length in (("d", 4), ("a", 3), ("c", 2), ("b", 1)):
            workshop.begin(name, working(length, what=name))
            late.begin(name, working(length, what=name))
        found, time = await waited(workshop, seconds)
        assert not isinstance(found, BaseException), f"nothing failed, and wait({seconds}) raised {found!r}"
        assert time == took, (
            f"jobs of 4, 3, 2 and 1 s, wait({seconds}) came back after {time:g} s instead of {took} s: when all have "
            "ended, and one deadline for all"
        )
        assert found == names, (
            f"jobs d, a, c, b of 4, 3, 2, 1 s, wait({seconds}) returned {found} instead of {names}: who is under way"
        )
        await asyncio.sleep(9)
        ends = [look(workshop, name, "after the wait")[0] for name in "dacb"]
        assert ends == ["done"] * 4, f"wait({seconds}) is over, and the jobs ended {ends}: it cancels none"
        assert await waited(workshop, 0) == ([], 0), "all jobs have ended, and another wait says something else"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(5)
def test_none_is_without_an_end(race):
    async def main():
        workshop = Workshop(board_of([]))
        workshop.begin("cathedral", working(1_000_000))
        found = await waited(workshop, None)
        assert found == ([], 1_000_000), f"a job of 1000000 s, and wait(None) gave (what, seconds) {found}: no limit"

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(5)
def test_nothing_to_wait_for(race):
    async def main():
        for seconds in (None, 0, 5):
            found = await waited(Workshop(board_of([])), seconds)
            assert found == ([], 0), f"a workshop without jobs, and wait({seconds}) gave (what, seconds) {found}"

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(5)
@pytest.mark.parametrize("seconds", [None, 5, 2.5])
def test_no_failure_is_unseen(race, seconds):
    async def main():
        workshop, glue = Workshop(board_of([])), ValueError("glue")
        errors = [Quiet("nail"), glue, glue, ExceptionGroup("nails", [glue])]
        workshop.begin("ok", working(1))
        for length, error in zip((2, 0.5, 1, 1.5), errors):
            workshop.begin(f"job of {length} s", working(length, "failed", error))
        workshop.begin("off", working(1, "called off"))
        workshop.begin("long", working(3, "done"))
        for _ in range(2):
            found, took = await waited(workshop, seconds)
            assert isinstance(found, ExceptionGroup), (
                f"four of seven jobs failed, and wait({seconds}) gave {found!r}: look at each when the wait is over"
            )
            told = list(found.exceptions)
            assert len(told) == 4 and all(one is other for one, other in zip(told, errors)), (
                f"four jobs failed with {errors}, told were {told}: one for each, as it is, in the order of their "
                "beginning"
            )
        right = {None: 0, 5: 0, 2.5: 0.5}[seconds]
        assert took == right, f"wait({seconds}) for the second time took {took:g} s instead of {right:g} s"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(5)
def test_a_failure_ends_no_wait(race):
    async def main():
        workshop = Workshop(board_of([]))
        workshop.begin("x", working(1, "failed", ValueError("glue")))
        workshop.begin("y", working(4))
        workshop.begin("z", working(2, "called off"))
        found, took = await waited(workshop, None)
        assert took == 4, f"a job failed after 1 s, one needs 4 s, and wait came back after {took:g} s: wait for all"
        assert isinstance(found, ExceptionGroup), f"a job failed, and wait gave {found!r}"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound="two wait for the same jobs, and one of them is never woken: each waits for itself")
def test_begun_while_somebody_waits(race):
    async def main():
        workshop = Workshop(board_of([]))
        workshop.begin("x", working(2))
        first = asyncio.create_task(waited(workshop, None))
        second = asyncio.create_task(waited(workshop, 1.5))
        await asyncio.sleep(1)
        workshop.begin("late", working(1, "failed", ValueError("glue")))
        workshop.begin("later", working(9))
        found = [await first, await second]
        assert found == [([], 2), (["x"], 1.5)], (
            f"two waited for a job of 2 s, one of them for 1.5 s at most, others were begun meanwhile; (what, seconds) "
            f"were {found} instead of [([], 2), (['x'], 1.5)]: who waits waits for those that had begun by then"
        )

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(5)
def test_who_waits_is_cancelled(race):
    async def main():
        workshop = Workshop(board_of([]))
        workshop.begin("x", working(3, what="chair"))
        waiting = asyncio.create_task(waited(workshop, None))
        await asyncio.sleep(1)
        waiting.cancel()
        found, took = await waiting
        assert isinstance(found, asyncio.CancelledError) and took == 1, (
            f"who waits was cancelled after 1 s, and wait gave him {found!r} after {took:g} s: let CancelledError out"
        )
        await asyncio.sleep(5)
        found = look(workshop, "x", "after a cancelled wait")
        assert found == ("done", "chair"), (
            f"who waits was cancelled, and the job ended as {found}: the jobs are none of his, cancel none"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize(("how", "what"), ENDS[3:], ids=repr)
def test_called_off_by_the_board(race, how, what):
    async def main():
        said, notes = [], []

        def board(name, how, what):
            notes.append((how, what))
            said.append(workshop.call_off(name))

        workshop = Workshop(board)
        workshop.begin("x", working(1, how, what))
        await asyncio.sleep(5)
        assert (said, len(notes)) == ([False], 1), (
            f"the board called off the very job whose end, {how}, it was told; call_off said {said} instead of "
            f"[False], the board was told {notes}: when the board is called the job has ended"
        )

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(4)
def test_ended_a_moment_ago(race):
    async def main():
        left, seen, gate = [], [], asyncio.get_running_loop().create_future()

        async def job():
            await gate
            left.append("x")

        workshop = Workshop(board_of([]))
        workshop.begin("x", job)
        await asyncio.sleep(1)
        gate.add_done_callback(lambda _: left and seen.append(workshop.look("x")[0]))  # behind the last step of the job
        gate.add_done_callback(lambda _: left and seen.append(workshop.call_off("x")))
        gate.set_result(None)
        await asyncio.sleep(1)
        assert (left, seen) == (["x"], ["done", False]), (
            f"a job had come to its end a moment ago, and look and call_off said {seen}: it has ended when its "
            "coroutine has, not when a callback has written it down"
        )

    race.explore(in_loop(main), schedules=1)

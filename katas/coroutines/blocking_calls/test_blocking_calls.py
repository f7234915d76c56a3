"""The lighthouse: the tests. Time is virtual, except where a file is read; tasks and threads mix in many ways."""

import asyncio
import contextlib
import contextvars
import os
import threading
import time

import pytest
from blocking_calls import ask, listen, read_log, rest, shine

LOG = "fog\n" * 50_000
PATIENCE = 2  # seconds of real time, which only a loop that stands still needs
TOO_OLD = (
    "a pool or a lock was made with the module, or in an earlier loop, and is of no use any more: make it in the call"
)
MIST = LookupError("mist")
SHIP = contextvars.ContextVar("ship", default="no ship")


class Fire(BaseException):
    """An error that is no Exception."""


def in_loop(main):
    """Make a scenario of a coroutine function."""
    return lambda: asyncio.run(main())


async def lit(awaitable):
    """Return what was returned or raised, how long it took, and when the light flashed."""
    loop, flashes = asyncio.get_running_loop(), []
    began = loop.time()
    light = asyncio.create_task(shine(lambda: flashes.append(loop.time() - began), 1))
    await asyncio.sleep(0)
    try:
        found = await awaitable
    except (Exception, asyncio.CancelledError, Fire) as error:
        assert not any(words in str(error) for words in ("made inside", "event loop")), f"{error!r}: {TOO_OLD}"
        found = error
    took = loop.time() - began
    await asyncio.sleep(0)
    light.cancel()
    return found, took, flashes


def is_lit(what, seconds, took, flashes, advice):
    """Tell a light that did not flash, or flashed too late."""
    right = [*range(int(seconds) + 1)]
    assert flashes[: len(right)] == right, (
        f"{what} for {seconds:g} s, and the light flashed after {flashes} s instead of {right}: the loop stood still; "
        f"{advice}"
    )
    assert took == seconds, f"{what}: this took {took:g} s instead of {seconds:g} s; {advice}"


@pytest.mark.task(1)
def test_a_rest(race):
    async def main():
        found, took, flashes = await lit(rest(3.5))
        assert not isinstance(found, BaseException), f"rest raised {found!r}"
        is_lit("the keeper rested", 3.5, took, flashes, "time.sleep stops everybody, asyncio.sleep nobody")

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(1)
def test_forty_rest(race):
    async def main():
        found, took, flashes = await lit(asyncio.gather(*[rest(1.5) for _ in range(40)], rest(0)))
        assert not isinstance(found, BaseException), f"forty rested, and rest raised {found!r}"
        is_lit(
            "forty keepers rested at the same time",
            1.5,
            took,
            flashes,
            "asyncio.sleep needs no thread, of which there are few",
        )

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(1)
def test_called_from_his_rest(race):
    async def main():
        await called_away(lambda: rest(5), "rest(5)")

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(4)
def test_called_from_the_horn(race):
    async def main():
        await called_away(lambda: listen(threading.Event(), 5), "listen(horn, 5)")

    race.explore(in_loop(main), order="any", schedules=2)


async def called_away(call, what):
    """Cancel something after 1.5 s."""

    async def impatient():
        task = asyncio.create_task(call())
        await asyncio.sleep(1.5)
        task.cancel()
        return await task

    found, took, _ = await lit(impatient())
    assert isinstance(found, asyncio.CancelledError) and took == 1.5, (
        f"{what} was cancelled after 1.5 s, and gave {found!r} after {took:g} s: let CancelledError out, and at once"
    )


async def tried_with(name):
    """Ask with one keyword; return what came of it."""
    try:
        return await ask(lambda **keywords: keywords, **{name: 1})
    except TypeError as error:
        return error


@pytest.mark.task(2)
@pytest.mark.parametrize("result", ["fog", None, 0], ids=repr)
def test_asked(race, result):
    async def main():
        calls = []

        def work(*args, **kwargs):
            calls.append((args, kwargs))
            time.sleep(3.5)
            return result

        found, took, flashes = await lit(ask(work, 1, None, work=2, seconds=0))
        assert not isinstance(found, BaseException), f"ask(work, 1, None, work=2, seconds=0) raised {found!r}"
        assert calls == [((1, None), {"work": 2, "seconds": 0})], (
            f"ask(work, 1, None, work=2, seconds=0) called work with {calls}: once, with all of these"
        )
        is_lit("somebody was asked and thought", 3.5, took, flashes, "call work in a thread, and await it")
        assert found is result, f"work returned {result!r}, and ask {found!r}"
        for name in ("function", "func", "fn", "f", "call", "callback", "args", "kwargs", "loop", "pool", "context"):
            other = await tried_with(name)
            assert other == {name: 1}, (
                f"work takes any keyword, ask(work, {name}=1) came to {other!r}: no parameter of yours may take a "
                "keyword of work's; put `/` behind it, or use functools.partial"
            )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(2)
@pytest.mark.parametrize("error", [ValueError("fog"), Fire("oil")], ids=repr)
def test_asked_and_failed(race, error):
    async def main():
        def work():
            time.sleep(2.5)
            raise error from MIST

        found, took, flashes = await lit(ask(work))
        assert found is error, f"work raised {error!r}, and ask gave {found!r}: let this very exception out"
        assert error.__cause__ is MIST, (
            f"work raised {error!r} from {MIST!r}, and its __cause__ is now {error.__cause__!r}: `raise error from …` "
            "changes the error, `from None` too"
        )
        is_lit("somebody was asked, and failed,", 2.5, took, flashes, "call work in a thread, and await it")

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(2)
def test_an_error_may_be_an_answer(race):
    async def main():
        error = ValueError("fog")
        try:
            found = await ask(lambda: error)
        except ValueError as raised:
            found = f"{raised!r}, raised"
        assert found is error, f"work returned {error!r}, and raised nothing; ask came to {found}"

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(2)
def test_a_promise_may_be_an_answer(race):
    async def main():
        promise = asyncio.get_running_loop().create_future()
        promise.set_result("the answer of another one")
        found = await ask(lambda: promise)
        assert found is promise, (
            f"work returned a future, and ask gave {found!r}: await the thread, not what it returns"
        )

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(2)
def test_four_asked(race):
    async def main():
        def work(seconds):
            time.sleep(seconds)
            return seconds

        found, took, flashes = await lit(asyncio.gather(*[ask(work, seconds) for seconds in (2.5, 1.25, 2.5, 2)]))
        is_lit("four were asked at the same time, the slowest thought", 2.5, took, flashes, "a thread for each of them")
        assert found == [2.5, 1.25, 2.5, 2], f"four were asked, and answered {found}"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(4)
def test_asked_while_four_listen(race):
    async def main():
        silent = threading.Event()
        listening = [asyncio.create_task(listen(silent, 9)) for _ in range(4)]
        await asyncio.sleep(0.5)
        found, took, _ = await lit(ask(lambda: time.sleep(2.5)))
        silent.set()
        await asyncio.gather(*listening)
        assert (found, took) == (None, 2.5), (
            f"four listened to a silent horn, and somebody was asked who thought for 2.5 s: ask gave {found!r} after "
            f"{took:g} s; who listens takes no seat of those who are asked"
        )

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(2)
def test_asked_and_called_away(race):
    async def main():
        done = []

        def work():
            time.sleep(5)
            done.append("work")

        async def impatient():
            task = asyncio.create_task(ask(work))
            await asyncio.sleep(1.5)
            task.cancel()
            return await task

        found, took, flashes = await lit(impatient())
        assert isinstance(found, asyncio.CancelledError), (
            f"who asked was cancelled after 1.5 s, and ask gave {found!r}: let CancelledError out"
        )
        assert took == 1.5 and flashes == [0, 1], (
            f"who asked was cancelled after 1.5 s, and was gone after {took:g} s; flashes came after {flashes} s: do "
            "not wait for a thread that nobody needs, and not in a way that stops the loop"
        )
        await asyncio.sleep(9)
        assert done == ["work"], "who asked was cancelled, and the work in the thread did not come to its end"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(2)
def test_the_context_of_the_caller(race):
    async def main():
        async def keeper(ship):
            SHIP.set(ship)
            await asyncio.sleep(1)
            return await ask(SHIP.get)

        found = await asyncio.gather(keeper("Argo"), keeper("Pequod"))
        assert found == ["Argo", "Pequod"], (
            f"two callers had Argo and Pequod in a context variable, work saw {found}: copy the context of the caller"
        )

    race.explore(in_loop(main), order="any", schedules=3)


def read(path):
    """Return what `read_log` returned or raised, in real time and within a limit."""
    try:
        return asyncio.run(asyncio.wait_for(read_log(path), 2 * PATIENCE))
    except TimeoutError:
        raise AssertionError(
            f"read_log has not read a small file within {2 * PATIENCE} s: is it asked of a pool that was made with the "
            "module? Make one in the call, or none"
        ) from None
    except Exception as error:
        return error


@pytest.mark.task(3)
@pytest.mark.parametrize("kind", [str, lambda path: path], ids=["str", "Path"])
def test_what_stands_in_the_log(tmp_path, kind):
    path = tmp_path / "log.txt"
    for text in ("Nebel über der See\n☂\n", ""):
        path.write_text(text, encoding="utf-8")
        found = read(kind(path))
        assert found == text, f"in the file stands {text!r}, and read_log gave {found!r}"
    found = read(kind(tmp_path / "nothing.txt"))
    assert isinstance(found, FileNotFoundError), (
        f"there is no such file, and read_log gave {found!r} instead of FileNotFoundError: let out what open raises"
    )


class Writer:
    """Who writes a log that cannot be opened, and then not be read to its end, before the loop has gone on."""

    def __init__(self, path):
        self.path = path
        self.went_on, self.goes_on = threading.Event(), threading.Event()
        self.stood_still = []
        self.loop = None

    def write(self):
        if not self.went_on.wait(PATIENCE):
            self.stood_still.append("opened")
        try:
            with open(self.path, "w", encoding="utf-8") as log:
                log.write(LOG)  # more than fits into a pipe: when this is over, somebody reads
                log.flush()
                if not self.stood_still:
                    self.loop.call_soon_threadsafe(self.goes_on.set)
                    if not self.goes_on.wait(PATIENCE):
                        self.stood_still.append("read")
        except BrokenPipeError:
            self.stood_still.append("left unread")

    def is_left_with(self, thread):
        """Read what nobody has read, so that the writer comes to its end."""
        rest = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
        while thread.is_alive():
            with contextlib.suppress(BlockingIOError):
                os.read(rest, 65536)
            thread.join(0.01)
        os.close(rest)


@pytest.mark.task(3)
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a file that blocks who opens it")
def test_reading_stops_nobody(tmp_path):
    path = tmp_path / "log"
    os.mkfifo(path)
    writer = Writer(path)
    thread = threading.Thread(target=writer.write, daemon=True)

    async def main():
        writer.loop = asyncio.get_running_loop()
        thread.start()
        reading = asyncio.create_task(read_log(path))
        for _ in range(3):
            await asyncio.sleep(0)
        writer.went_on.set()
        return await reading

    try:
        found = asyncio.run(asyncio.wait_for(main(), 4 * PATIENCE))
    finally:
        writer.is_left_with(thread)
    assert not writer.stood_still, (
        f"the loop stood still while the log was {writer.stood_still[0]}: a file blocks like any other plain call; "
        "open it and read it in a thread"
    )
    assert found == LOG, (
        f"in the log stand {len(LOG)} characters, and read_log gave {found[:9]!r}…, {len(found)} in all"
    )


@pytest.mark.task(3)
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a file that blocks who reads it")
def test_called_from_the_log(tmp_path):
    path = tmp_path / "log"
    os.mkfifo(path)
    leaves = threading.Event()

    async def main():
        loop, opened = asyncio.get_running_loop(), asyncio.Event()

        def write():
            with open(path, "w", encoding="utf-8"):
                loop.call_soon_threadsafe(opened.set)
                leaves.wait(3 * PATIENCE)

        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        reading = asyncio.create_task(read_log(path))
        try:
            await opened.wait()
            for _ in range(3):
                await asyncio.sleep(0.01)  # so that it reads
            reading.cancel()
            gone, _ = await asyncio.wait([reading], timeout=PATIENCE)
            return bool(gone)
        finally:
            leaves.set()
            await asyncio.to_thread(thread.join)

    assert asyncio.run(main()), (
        f"who read a log in which nothing was written yet was cancelled, and was still there {PATIENCE} s later: "
        "closing the file waits for the read, too; leave that to the thread"
    )


@pytest.mark.task(4)
@pytest.mark.parametrize(("blown", "seconds", "right"), [(3.51, 9, True), (9, 3.5, False), (0.26, 0.5, True)])
def test_the_horn(race, blown, seconds, right):
    async def main():
        horn = threading.Event()

        def blow():
            time.sleep(blown)
            horn.set()

        thread = threading.Thread(target=blow)
        thread.start()
        found, took, flashes = await lit(listen(horn, seconds))
        assert found is right, f"the horn blew after {blown} s, and listen(horn, {seconds}) gave {found!r}"
        what, advice = f"the horn blew after {blown} s, and listen(horn, {seconds}) listened", "wait in a thread, once"
        is_lit(what, min(blown, seconds), took, flashes, f"what belongs to threads blocks: {advice}")

    race.explore(in_loop(main), order="any", schedules=5)


@pytest.mark.task(4)
def test_two_listen(race):
    async def main():
        horn = threading.Event()
        asyncio.get_running_loop().call_later(2.5, horn.set)
        found, took, _ = await lit(asyncio.gather(listen(horn, 5), listen(horn, 9)))
        found.append(horn.is_set())
        assert (found, took) == ([True] * 3, 2.5), (
            f"two listened to a horn that blew after 2.5 s; both said, and is_set says, {found}, after {took:g} s: it "
            "stays set, it is not yours"
        )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize("seconds", [0, 5])
def test_a_horn_that_blew_before(race, seconds):
    async def main():
        silent, loud = threading.Event(), threading.Event()
        loud.set()
        found = await lit(listen(loud, seconds))
        assert found[:2] == (True, 0), f"the horn was set, and listen(horn, {seconds}) gave (what, seconds) {found[:2]}"
        if not seconds:
            later = asyncio.get_running_loop().call_later(60, silent.set)
            found = await lit(listen(silent, seconds))
            later.cancel()
            assert found[:2] == (False, 0), f"nobody blew, and listen(horn, 0) gave (what, seconds) {found[:2]}"

    race.explore(in_loop(main), order="any", schedules=2)

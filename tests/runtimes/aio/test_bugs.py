"""Programs of asyncio that are wrong, and right ones beside them."""

import asyncio
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from pytest_concurrency import Grade, Verdict, explore

Program = Callable[[], Coroutine[Any, Any, object]]


def ran(main: Program) -> Callable[[], object]:
    def scenario() -> object:
        return asyncio.run(main())

    return scenario


def told(verdict: Verdict) -> str:
    """Return a verdict as one line."""
    return " ".join(str(verdict).split())


class Account:
    def __init__(self) -> None:
        self.balance = 0
        self.lock = asyncio.Lock()

    async def deposit(self, amount: int) -> None:
        before = self.balance
        await asyncio.sleep(0)
        self.balance = before + amount

    async def deposit_locked(self, amount: int) -> None:
        async with self.lock:
            await self.deposit(amount)


async def lost_update() -> None:
    account = Account()
    await asyncio.gather(account.deposit(70), account.deposit(30))
    assert account.balance == 100


async def locked_update() -> int:
    account = Account()
    await asyncio.gather(account.deposit_locked(70), account.deposit_locked(30), account.deposit_locked(1))
    assert account.balance == 101
    return account.balance


def test_a_lost_update_is_told_with_lanes_a_cause_and_a_replay() -> None:
    verdict = explore(ran(lost_update))
    text = str(verdict)
    assert verdict.grade == "failed"
    assert "deposit deposit #2" in text
    assert "read balance = 0" in text
    assert "from the read to the write must be one critical section" in told(verdict)
    again = explore(ran(lost_update), replay=verdict.replay)
    assert str(again) == text


@pytest.mark.slow
@pytest.mark.parametrize("order", ["strict", "documented", "any"])
def test_a_lock_across_the_await_is_right(order: str) -> None:
    verdict = explore(ran(locked_update), order=order, seconds=60)
    assert (verdict.grade, set(verdict.outcomes)) == ("proved", {"101"})


async def opposite_orders() -> None:
    first = asyncio.Lock()
    second = asyncio.Lock()

    async def worker(one: asyncio.Lock, other: asyncio.Lock) -> None:
        async with one:
            await asyncio.sleep(1)
            async with other:
                pass

    await asyncio.gather(worker(first, second), worker(second, first))


def test_a_deadlock_says_who_waits_for_what_made_where_held_by_whom() -> None:
    text = told(explore(ran(opposite_orders)))
    assert text.startswith("deadlock: opposite_orders, worker, worker #2 wait for ever")
    assert "waits in Lock.acquire on asyncio.Lock `second` held by worker #2" in text
    assert "made at " in text
    assert "worker waits for worker #2 waits for worker: take these in the same order everywhere" in text


async def its_own_lock() -> None:
    lock = asyncio.Lock()
    async with lock, lock:
        pass


def test_who_waits_for_itself_is_not_told_of_a_lock_that_asyncio_has_not() -> None:
    text = str(explore(ran(its_own_lock)))
    assert "waits for what it holds itself: call the part that does not lock" in text
    assert "RLock" not in text


async def the_lock_of_its_own_condition() -> None:
    full = asyncio.Condition()

    async def work() -> None:
        async with full, full:
            pass

    await asyncio.gather(work())


def test_a_condition_is_held_by_who_holds_its_lock() -> None:
    text = told(explore(ran(the_lock_of_its_own_condition)))
    assert "waits in Condition.acquire on asyncio.Condition `full` held by work" in text
    assert "work waits for what it holds itself" in text


async def no_task_done() -> None:
    queue: asyncio.Queue[int] = asyncio.Queue()
    queue.put_nowait(1)
    await queue.get()
    await queue.join()


def test_a_lock_of_threads_across_an_await_is_told_with_who_has_it() -> None:
    async def main() -> None:
        lock = threading.Lock()

        async def work() -> None:
            with lock:
                await asyncio.sleep(1)

        await asyncio.gather(work(), work())

    text = told(explore(ran(main)))
    assert "held by work taken at" in text
    assert "work #2 lets its whole loop wait for what work holds" in text


def test_who_lets_the_others_of_a_loop_wait_is_told_and_nobody_where_there_are_none() -> None:
    async def get(items: queue.Queue[int]) -> int:
        return items.get()

    async def put(items: queue.Queue[int]) -> None:
        items.put(1)

    async def both() -> None:
        items: queue.Queue[int] = queue.Queue()
        await asyncio.gather(get(items), put(items))

    async def later() -> None:
        items: queue.Queue[int] = queue.Queue()
        asyncio.get_running_loop().call_later(1, items.put, 1)
        await get(items)

    async def one() -> None:
        await asyncio.gather(get(queue.Queue()))

    async def in_a_chain() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(one())

    for blocks, who in ((both, "get"), (later, "later")):
        assert f"{who} lets its whole loop wait, so that nobody else in it goes on" in told(explore(blocks))
    for alone in (one, in_a_chain):
        assert "nobody is left who would put an item" in told(explore(alone))


def test_a_join_lets_the_others_of_a_loop_wait_too_and_a_circle_of_threads_is_told_as_one() -> None:
    async def join(thread: threading.Thread) -> None:
        thread.start()
        thread.join()

    async def put(items: queue.Queue[int]) -> None:
        items.put(1)

    async def fed() -> None:
        items: queue.Queue[int] = queue.Queue()
        await asyncio.gather(join(threading.Thread(target=items.get)), put(items))

    async def locked() -> None:
        lock = threading.Lock()
        with lock:
            await asyncio.gather(join(threading.Thread(target=lock.acquire)), asyncio.create_task(asyncio.sleep(1)))

    assert "join lets its whole loop wait, so that nobody else in it goes on" in told(explore(fed))
    assert "whole loop" not in told(explore(locked))


@pytest.mark.skipif(sys.version_info < (3, 12, 1), reason="the end of a server does not wait for its connections")
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # it is cut while the connection is open
def test_the_end_of_a_server_waits_for_its_connections() -> None:
    async def main() -> None:
        async def serve(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
            await reader.read()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            kept = await asyncio.open_connection(*server.sockets[0].getsockname())
            assert kept

    text = told(explore(main))
    assert "waits in Server.wait_closed on asyncio.Server" in text
    assert "a connection of the server is still open" in text


def test_a_schedule_that_is_cut_short_is_no_failure_of_a_scenario_with_threads() -> None:
    async def main() -> None:
        items: queue.Queue[int] = queue.Queue()

        async def put() -> None:
            await asyncio.sleep(1)
            items.put(1)

        assert (await asyncio.gather(asyncio.to_thread(items.get), put()))[0] == 1

    verdict = explore(main, order="any", strategy="dpor", schedules=400, seconds=60)
    assert verdict.grade is Grade.SAMPLED, verdict


def test_a_join_without_task_done_is_told() -> None:
    text = str(explore(ran(no_task_done)))
    assert "waits in Queue.join on asyncio.Queue `queue`" in text
    assert "task_done was called less often" in text


async def set_from_a_thread() -> None:
    event = asyncio.Event()
    thread = threading.Thread(target=event.set)
    thread.start()
    await event.wait()


async def set_through_the_loop() -> None:
    event = asyncio.Event()
    thread = threading.Thread(target=asyncio.get_running_loop().call_soon_threadsafe, args=(event.set,))
    thread.start()
    await event.wait()
    thread.join()


def test_a_loop_that_nobody_has_woken_is_told_with_its_cause() -> None:
    text = told(explore(ran(set_from_a_thread)))
    assert text.startswith("deadlock: set_from_a_thread waits for ever")
    assert "from another thread, call what belongs to a loop through loop.call_soon_threadsafe" in text


def test_a_loop_that_is_woken_goes_on() -> None:
    assert explore(ran(set_through_the_loop), races="fail").error is None


async def an_error_in_a_group() -> None:
    async def fails() -> None:
        raise LookupError("on purpose")

    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(1))
        group.create_task(fails())


def test_an_error_of_a_task_is_told_with_its_place() -> None:
    text = str(explore(ran(an_error_in_a_group)))
    assert "ExceptionGroup" in text
    assert "LookupError: on purpose" in text
    assert "an_error_in_a_group.fails" in text


async def spins_until_done() -> bool:
    done = False

    async def setter() -> None:
        nonlocal done
        await asyncio.sleep(1)
        done = True

    task = asyncio.create_task(setter())
    while not done:
        await asyncio.sleep(0)
    await task
    return done


async def spins_for_ever() -> None:
    while True:
        await asyncio.sleep(0)


async def counts() -> int:
    async with asyncio.timeout(5):
        for _ in range(2000):
            await asyncio.sleep(0)
    return 1


@pytest.mark.slow
def test_time_passes_for_who_only_waits_for_it() -> None:
    verdict = explore(ran(spins_until_done), schedules=20)
    assert (verdict.error, set(verdict.outcomes)) == (None, {"True"})


@pytest.mark.slow
def test_a_loop_without_an_end_is_no_progress() -> None:
    assert str(explore(ran(spins_for_ever), seconds=20)).startswith("no progress")


@pytest.mark.slow
def test_many_passes_use_up_no_time() -> None:
    assert set(explore(ran(counts), schedules=3).outcomes) == {"1"}


def test_a_thread_of_the_loop_is_under_control() -> None:
    async def main() -> int:
        return await asyncio.to_thread(lambda: 5)

    verdict = explore(ran(main), schedules=20)
    assert (verdict.error, set(verdict.outcomes)) == (None, {"5"})
    assert verdict.grade != "uncontrolled"


def test_a_loop_in_a_thread_of_its_own_gives_its_answers() -> None:
    def scenario() -> list[int]:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()

        async def job(number: int) -> int:
            await asyncio.sleep(1)
            return number

        answers = [asyncio.run_coroutine_threadsafe(job(number), loop) for number in range(2)]
        found = [each.result() for each in answers]
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        return found

    verdict = explore(scenario, schedules=30)
    assert (verdict.error, set(verdict.outcomes)) == (None, {"[0, 1]"})


def test_streams_on_loopback_are_under_control() -> None:
    async def main() -> list[bytes]:
        got: list[bytes] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write((await reader.readline()).upper())
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]

        async def ask(text: bytes) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(text + b"\n")
            got.append(await reader.readline())
            writer.close()
            await writer.wait_closed()

        await asyncio.gather(ask(b"a"), ask(b"b"))
        server.close()
        await server.wait_closed()
        return got

    verdict = explore(ran(main), schedules=30)
    assert verdict.error is None
    assert verdict.grade != "uncontrolled"
    assert set(verdict.outcomes) <= {r"[b'A\n', b'B\n']", r"[b'B\n', b'A\n']"}


def test_a_process_is_outside_and_says_so() -> None:
    async def main() -> int:
        process = await asyncio.create_subprocess_exec("true")
        return await process.wait()

    verdict = explore(ran(main), schedules=2, seconds=5)
    assert (verdict.grade, set(verdict.outcomes)) == ("uncontrolled", {"0"})


def test_a_signal_comes_from_outside() -> None:
    async def main() -> bool:
        event = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, event.set)
        os.kill(os.getpid(), signal.SIGUSR1)
        return await event.wait()

    verdict = explore(ran(main), schedules=2, seconds=5)
    assert (verdict.error, set(verdict.outcomes)) == (None, {"True"})
    assert verdict.grade != "proved"


def test_a_task_that_is_cancelled_may_clean_up_under_control() -> None:
    async def main() -> list[str]:
        seen: list[str] = []

        async def worker() -> None:
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise
            finally:
                await asyncio.sleep(1)
                seen.append("clean")

        task = asyncio.create_task(worker())
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return seen

    verdict = explore(ran(main), order="any")
    assert (verdict.error, set(verdict.outcomes)) == (None, {"['cancelled', 'clean']"})


def test_nothing_of_a_run_that_was_stopped_is_left(recwarn: pytest.WarningsRecorder) -> None:
    before = vars(asyncio.BaseEventLoop)["_run_once"]
    explore(ran(opposite_orders))
    assert vars(asyncio.BaseEventLoop)["_run_once"] is before
    assert asyncio.run(locked_update()) == 101
    assert [str(each.message) for each in recwarn] == []

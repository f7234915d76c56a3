"""Tasks cancelled at each of their awaits: what is left locked, lost or half done, and what is not."""

import asyncio
import contextlib
from typing import Any

import pytest
from oracles.case import Case, judged, right, right_ones, told, wrong, wrong_ones

from pytest_concurrency import explore


class Bank:
    def __init__(self) -> None:
        self.left, self.right = 50, 50
        self.busy = False


async def send() -> None:
    await asyncio.sleep(1)


async def wait_for_all(*coroutines: Any) -> None:
    await asyncio.wait([asyncio.ensure_future(each) for each in coroutines])


@wrong("cancel_points")
async def keeps_the_lock() -> None:
    lock = asyncio.Lock()

    async def use() -> None:
        await lock.acquire()
        await send()
        lock.release()

    await wait_for_all(use())


@wrong("cancel_points")
async def others_wait_for_ever() -> None:
    lock = asyncio.Lock()

    async def use() -> None:
        await lock.acquire()
        await send()
        lock.release()

    await wait_for_all(use(), use())


@wrong("cancel_points")
async def keeps_a_permit() -> None:
    gate = asyncio.Semaphore(2)

    async def use() -> None:
        await gate.acquire()
        await send()
        gate.release()

    await wait_for_all(use())


@wrong("cancel_points")
async def loses_an_item() -> None:
    jobs: asyncio.Queue[int] = asyncio.Queue()
    jobs.put_nowait(1)

    async def work() -> None:
        await jobs.get()
        await send()
        jobs.task_done()

    await wait_for_all(work())


@wrong("cancel_points")
async def tears_a_transfer_apart() -> None:
    bank = Bank()

    async def transfer() -> None:
        bank.left -= 10
        await send()
        bank.right += 10

    await wait_for_all(transfer(), transfer())
    assert bank.left + bank.right == 100


@wrong("cancel_points")
async def stays_busy() -> None:
    bank = Bank()

    async def serve() -> None:
        bank.busy = True
        try:
            await send()
        except Exception:  # no Exception is a CancelledError
            bank.busy = False
        bank.busy = False

    await wait_for_all(serve())
    assert not bank.busy


class Places:
    """As many may be inside as there are places; who leaves hands its place to the first who waits."""

    def __init__(self, *, passes_on: bool) -> None:
        self.free, self.passes_on = 1, passes_on
        self.waiting: list[asyncio.Event] = []

    async def enter(self) -> None:
        if self.free:
            self.free -= 1
            return
        came = asyncio.Event()
        self.waiting.append(came)
        try:
            await came.wait()
        except asyncio.CancelledError:
            if came in self.waiting:
                self.waiting.remove(came)
            elif self.passes_on:
                self.leave()
            raise

    def leave(self) -> None:
        if self.waiting:
            self.waiting.pop(0).set()
        else:
            self.free += 1

    async def visit(self) -> None:
        await self.enter()
        try:
            await send()
        finally:
            self.leave()


@wrong("cancel_points")
async def loses_a_place_that_was_given() -> None:
    places = Places(passes_on=False)
    await wait_for_all(places.visit(), places.visit(), places.visit())


@right("cancel_points")
async def passes_a_place_on() -> None:
    places = Places(passes_on=True)
    await wait_for_all(places.visit(), places.visit(), places.visit())
    assert places.free == 1


@right("cancel_points")
async def takes_what_asyncio_hands_out() -> None:
    lock, gate = asyncio.Lock(), asyncio.Semaphore(1)
    jobs: asyncio.Queue[int] = asyncio.Queue()

    async def use() -> None:
        async with lock, gate:
            await send()
        await jobs.put(1)

    async def work() -> None:
        await jobs.get()
        jobs.task_done()

    await wait_for_all(use(), use(), work())


@right("cancel_points")
async def gives_the_lock_back() -> None:
    lock, gate = asyncio.Lock(), asyncio.Semaphore(2)

    async def use() -> None:
        async with lock:
            await send()
        async with gate:
            await send()

    await wait_for_all(use(), use())


@right("cancel_points")
async def puts_it_right() -> None:
    bank = Bank()

    async def transfer() -> None:
        bank.left -= 10
        try:
            await send()
        except asyncio.CancelledError:
            bank.left += 10
            raise
        bank.right += 10

    await wait_for_all(transfer(), transfer())
    assert bank.left + bank.right == 100


@right("cancel_points")
async def has_no_await_between() -> None:
    bank = Bank()

    async def transfer() -> None:
        await send()
        bank.left -= 10
        bank.right += 10
        await send()

    async with asyncio.TaskGroup() as group:
        group.create_task(transfer())
        group.create_task(transfer())
    assert bank.left + bank.right == 100


@right("cancel_points")
async def counts_what_it_took() -> None:
    jobs: asyncio.Queue[int] = asyncio.Queue()

    async def work() -> None:
        await jobs.get()
        try:
            await send()
        finally:
            jobs.task_done()

    for number in range(2):
        jobs.put_nowait(number)
    await wait_for_all(work(), work())


@right("cancel_points")
async def uses_up_permits() -> None:
    tickets = asyncio.Semaphore(3)

    async def buy() -> None:
        await tickets.acquire()
        await send()

    await wait_for_all(buy(), buy())


async def pay(bank: Bank) -> None:
    bank.left -= 10
    await send()
    bank.right += 10


@right("cancel_points")
async def shields() -> None:
    bank = Bank()

    async def customer() -> None:
        paying = asyncio.create_task(pay(bank))
        try:
            await asyncio.shield(paying)
        except asyncio.CancelledError:
            with contextlib.suppress(asyncio.CancelledError):
                await paying
            raise

    await wait_for_all(customer())


@right("cancel_points")
async def leaves_the_rest_to_the_shield() -> None:
    bank = Bank()

    async def customer() -> None:
        await asyncio.shield(pay(bank))

    await wait_for_all(customer())
    await send()
    await send()
    assert bank.left + bank.right == 100


class Connection:
    def __init__(self) -> None:
        self.answers: asyncio.Queue[str] = asyncio.Queue()

    async def ask(self, who: str) -> str:
        answers = self.answers
        await answers.put(who)
        try:
            await send()
            return await answers.get()
        except BaseException:
            self.answers = asyncio.Queue()
            raise


@right("cancel_points")
async def connects_anew() -> None:
    connection = Connection()
    await wait_for_all(connection.ask("Ann"))
    assert await connection.ask("Ben") == "Ben"


TOLD = {
    "keeps_the_lock": "use is cancelled at its await, and then asyncio.Lock `lock` stays locked",
    "others_wait_for_ever": "held by use, which has ended",
    "keeps_a_permit": "and then asyncio.Semaphore `gate` is left with 1 permit",
    "loses_an_item": "has lost 1 item: taken, and never task_done",
    "tears_a_transfer_apart": "transfer is cancelled at its await, and then main raised AssertionError",
    "stays_busy": "and then main raised AssertionError",
    "loses_a_place_that_was_given": "is cancelled when its await is over, before it goes on, and then deadlock:",
}


@pytest.mark.parametrize("case", wrong_ones("cancel_points"))
def test_what_is_left_is_told(case: Case) -> None:
    text = told(case)
    assert TOLD[case.scenario.__name__] in text, text
    assert "cancelled at oracles/test_cancel_points.py:" in text.replace("tests/", ""), text


@pytest.mark.parametrize("case", right_ones("cancel_points"))
def test_the_right_way_is_accepted(case: Case) -> None:
    error = judged(case)
    assert error is None, error


def test_a_deadlock_behind_it_is_told_with_who_waits() -> None:
    async def scenario() -> None:
        jobs: asyncio.Queue[int] = asyncio.Queue()
        jobs.put_nowait(1)

        async def work() -> None:
            await jobs.get()
            await send()
            jobs.task_done()

        worker = asyncio.create_task(work(), name="Ann")
        await jobs.join()
        await worker

    text = str(explore(scenario, schedules=5, cancel_points="fail").error)
    assert "cancel point: Ann is cancelled at its await, and then deadlock:" in text, text
    assert "waits in Queue.join on asyncio.Queue `jobs`" in text
    assert "await asyncio.sleep(1)" in text
    assert "from tests/oracles/test_cancel_points.py:" in text
    assert "await send()" in text


def test_a_scenario_that_lets_a_cancellation_out_fails() -> None:
    async def scenario() -> None:
        task = asyncio.create_task(send())
        task.cancel()
        await task

    assert "raised CancelledError" in explore(scenario, schedules=5).reason

"""Programs of gevent that are wrong, and right ones beside them."""

import array
import queue
import re
import select
import threading
import time
from collections.abc import Callable
from pathlib import Path

import gevent  # type: ignore[import-untyped]
import gevent.event  # type: ignore[import-untyped]
import gevent.lock  # type: ignore[import-untyped]
import gevent.pool  # type: ignore[import-untyped]
import gevent.queue  # type: ignore[import-untyped]
import gevent.select  # type: ignore[import-untyped]
import gevent.socket  # type: ignore[import-untyped]
import pytest

from pytest_concurrency import Grade, Verdict, explore

ORDERS = ("strict", "documented", "any")


def told(verdict: Verdict) -> str:
    """Return a verdict as one line."""
    return " ".join(str(verdict).split())


def outcomes(verdict: Verdict) -> set[str]:
    return set(verdict.outcomes)


class Account:
    def __init__(self) -> None:
        self.balance = 0
        self.lock = gevent.lock.BoundedSemaphore(1)

    def deposit(self, amount: int) -> None:
        before = self.balance
        gevent.sleep(0)
        self.balance = before + amount

    def deposit_locked(self, amount: int) -> None:
        with self.lock:
            self.deposit(amount)


def lost_update() -> None:
    account = Account()
    gevent.joinall([gevent.spawn(account.deposit, 70), gevent.spawn(account.deposit, 30)], raise_error=True)
    assert account.balance == 100


def locked_update() -> int:
    account = Account()
    gevent.joinall([gevent.spawn(account.deposit_locked, each) for each in (70, 30, 1)], raise_error=True)
    return account.balance


def test_a_lost_update_is_told_with_lanes_a_cause_and_a_replay() -> None:
    verdict = explore(lost_update)
    text = str(verdict)
    assert verdict.grade == "failed"
    assert "deposit deposit #2" in " ".join(text.split())
    assert "read balance = 0" in told(verdict)
    assert "from the read to the write must be one critical section" in told(verdict)
    again = explore(lost_update, replay=verdict.replay)
    assert str(again) == text


class Gate:
    def __init__(self) -> None:
        self.door = gevent.lock.Semaphore(0)


class Door:
    def __init__(self) -> None:
        self.door = gevent.lock.Semaphore(0)  # this one

    def passes(self) -> None:
        self.door.acquire()


OUTSIDE = gevent.event.Event()  # this one


def of_a_function() -> None:
    def waits() -> None:
        gate.acquire()

    gate = gevent.lock.Semaphore(1)
    gate.acquire()
    gate = gevent.lock.Semaphore(0)  # this one
    gevent.spawn(waits).join()


def of_another_function_of_that_name() -> None:
    gate = gevent.lock.Semaphore(0)  # this one
    gate.acquire()


def of_an_attribute() -> None:
    made = Door()
    gevent.spawn(made.passes).join()


def of_the_module() -> None:
    OUTSIDE.wait()


def of_an_argument(gate: gevent.lock.Semaphore | None = None) -> None:
    gates = {"gate": gevent.lock.Semaphore(0)}
    if gate is None:
        gevent.spawn(of_an_argument, gates["gate"]).join()
    else:
        gate.acquire()


@pytest.mark.parametrize(
    "scenario", [of_a_function, of_another_function_of_that_name, of_an_attribute, of_the_module, of_an_argument]
)
def test_a_thing_is_made_where_its_own_name_is_assigned(scenario: Callable[[], None]) -> None:
    verdict = explore(scenario)
    source = Path(__file__).read_text().splitlines()
    made = [int(each) for each in re.findall(r"made at \S+:(\d+)", told(verdict))]
    assert [source[each - 1].endswith("# this one") for each in made] == ([] if scenario is of_an_argument else [True])
    if scenario is of_another_function_of_that_name:
        assert source[made[0] - 2].startswith("def of_another")


@pytest.mark.parametrize("order", ["strict", "documented"])
def test_a_lock_across_the_switch_is_right(order: str) -> None:
    verdict = explore(locked_update, order=order)
    assert (verdict.grade, outcomes(verdict)) == ("proved", {"101"})


@pytest.mark.slow
def test_a_lock_across_the_switch_is_right_in_any_order() -> None:
    verdict = explore(locked_update, order="any", seconds=60, schedules=100_000)
    assert (verdict.grade, outcomes(verdict)) == ("proved", {"101"})


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["random", "pct", "pos", "surw", "dfs", "dpor", "auto"])
def test_a_bug_that_only_another_order_shows_is_found_and_replayed(strategy: str) -> None:
    def overtaken() -> str:
        seen: list[str] = []

        def first() -> None:
            gevent.sleep(0)
            seen.append("first")

        def second() -> None:
            gevent.sleep(0)
            gevent.sleep(0)
            seen.append("second")

        gevent.joinall([gevent.spawn(first), gevent.spawn(second)])
        assert seen[0] == "first", seen
        return seen[0]

    verdict = explore(overtaken, strategy=strategy, order="any", seconds=30)
    assert verdict.grade == "failed"
    assert "AssertionError: ['second', 'first']" in told(verdict)
    again = explore(overtaken, order="any", replay=verdict.replay)
    assert str(again) == str(verdict)
    assert explore(overtaken).grade == "proved"


def opposite_orders() -> None:
    first = gevent.lock.Semaphore()
    second = gevent.lock.BoundedSemaphore()

    def worker(one: gevent.lock.Semaphore, other: gevent.lock.Semaphore) -> None:
        with one:
            gevent.sleep(0)
            with other:
                pass

    workers = [gevent.spawn(worker, first, second), gevent.spawn(worker, second, first)]
    gevent.joinall(workers)


def test_a_circle_of_locks_is_told_like_one_of_threads() -> None:
    verdict = explore(opposite_orders)
    text = told(verdict)
    assert verdict.grade == "failed"
    assert "deadlock: main, worker, worker #2 wait for ever" in text
    assert "main waits in gevent.joinall on greenlets worker, worker #2" in text
    assert "worker waits in BoundedSemaphore.acquire on BoundedSemaphore `second`" in text
    assert "made at tests/runtimes/greenlets/test_greenlets.py:" in text
    assert "second = gevent.lock.BoundedSemaphore()" not in text  # one line each
    assert "held by worker #2" in text
    assert "worker #2 waits in Semaphore.acquire on Semaphore `first`" in text
    assert "take these in the same order everywhere" in text
    again = explore(opposite_orders, replay=verdict.replay)
    assert str(again) == str(verdict)


def test_a_wait_for_an_event_that_nobody_sets_is_a_deadlock() -> None:
    def waits() -> None:
        door = gevent.event.Event()
        door.wait()

    text = told(explore(waits))
    assert "deadlock: main waits for ever" in text
    assert "main waits in Event.wait on Event `door`" in text
    assert "nobody is left who would set the event" in text
    assert "LoopExit" not in text


def test_a_consumer_without_an_end_marker_is_a_deadlock() -> None:
    def consumers() -> None:
        jobs = gevent.queue.Queue()

        def consume() -> None:
            while jobs.get() is not None:
                pass

        workers = [gevent.spawn(consume), gevent.spawn(consume)]
        for each in (1, 2, None):
            jobs.put(each)
        gevent.joinall(workers)

    text = told(explore(consumers))
    assert "wait for ever" in text
    assert "waits in Queue.get on Queue `jobs`" in text
    assert "one end marker for each consumer is missing" in text


def test_a_loop_exit_that_the_scenario_expects_is_its_own() -> None:
    def expects() -> str:
        try:
            gevent.event.Event().wait()
        except gevent.hub.LoopExit as error:
            return type(error).__name__
        return "nothing"

    verdict = explore(expects)
    assert (verdict.grade, outcomes(verdict)) == ("proved", {"'LoopExit'"})


@pytest.mark.slow
def test_who_asks_for_ever_changes_nothing() -> None:
    def spins() -> None:
        def asks() -> None:
            while not flag:
                gevent.sleep(0)

        flag: list[int] = []
        gevent.spawn(asks).join()

    verdict = explore(spins)
    assert verdict.grade == "failed"
    assert "no progress: tasks run for ever and change nothing" in told(verdict)


@pytest.mark.slow
def test_who_asks_until_a_timer_comes_is_right() -> None:
    def polls() -> bool:
        flag: list[int] = []

        def asks() -> None:
            while not flag:
                gevent.sleep(0)

        gevent.spawn_later(5, flag.append, 1)
        gevent.spawn(asks).join()
        return bool(flag)

    verdict = explore(polls, schedules=20)
    assert verdict.grade != "failed", str(verdict)
    assert outcomes(verdict) == {"True"}


@pytest.mark.slow
@pytest.mark.parametrize("counts", [False, True])
def test_an_endless_loop_in_a_greenlet_is_told_with_its_line(counts: bool) -> None:  # noqa: FBT001
    def spins() -> None:
        def turns() -> None:
            number = 0
            while True:
                number += counts

        gevent.spawn(turns).join()

    verdict = explore(spins, seconds=2)
    assert "turns runs for ever at tests/runtimes/greenlets/test_greenlets.py:" in told(verdict)
    assert "call join" in told(verdict)


# -- time


def test_an_hour_takes_no_time() -> None:
    def sleeps() -> float:
        began = time.monotonic()
        gevent.sleep(3600)
        return time.monotonic() - began

    began = time.monotonic()
    verdict = explore(sleeps)
    assert (verdict.grade, outcomes(verdict)) == ("proved", {"3600.0"})
    assert time.monotonic() - began < 60


def test_the_shorter_limit_comes_first() -> None:
    def limits() -> list[object]:
        seen: list[object] = []
        try:
            with gevent.Timeout(5), gevent.Timeout(2, exception=False):
                gevent.sleep(3)
                seen.append("slept")
            seen.append(time.monotonic())
            gevent.sleep(1)
            with gevent.Timeout(1):
                gevent.sleep(2)
        except gevent.Timeout as error:
            seen += [error.seconds, time.monotonic()]
        return [seen[0] == 1002.0, *seen[1:]]

    verdict = explore(limits)
    assert (verdict.grade, outcomes(verdict)) == ("proved", {"[True, 1, 1004.0]"})


@pytest.mark.slow
@pytest.mark.parametrize(("order", "count"), [("strict", 1), ("documented", 6), ("any", 6)])
def test_equal_timers_vary_unless_the_order_is_strict(order: str, count: int) -> None:
    def sleepers() -> str:
        seen: list[str] = []

        def sleeper(name: str) -> None:
            gevent.sleep(1)
            seen.append(name)

        gevent.joinall([gevent.spawn(sleeper, each) for each in "abc"])
        return "".join(seen)

    if order == "any":
        verdict = explore(sleepers, order=order, schedules=300, strategy="random")
        assert len(verdict.outcomes) == count
    else:
        verdict = explore(sleepers, order=order)
        assert (verdict.grade, len(verdict.outcomes)) == ("proved", count)


def test_a_tie_that_a_failure_needs_is_named() -> None:
    def sleepers() -> None:
        seen: list[str] = []

        def sleeper(name: str) -> None:
            gevent.sleep(1)
            seen.append(name)

        gevent.joinall([gevent.spawn(sleeper, each) for each in "ab"])
        assert seen == ["a", "b"]

    text = told(explore(sleepers))
    assert "the timer of sleeper #2 at tests/runtimes/greenlets/test_greenlets.py:" in text
    assert "started earlier for the same time: gevent does not say in which order equal timers come" in text


# -- how many


def counted(greenlets: int, steps: int) -> Callable[[], str]:
    def scenario() -> str:
        seen: list[str] = []

        def worker(name: str) -> None:
            for step in range(steps):
                if step:
                    gevent.sleep(0)
                seen.append(name)

        gevent.joinall([gevent.spawn(worker, each) for each in "abcd"[:greenlets]])
        return "".join(seen)

    return scenario


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["dpor", "dfs"])
def test_two_greenlets_of_four_steps_have_as_many_outcomes_as_interleavings(strategy: str) -> None:
    verdict = explore(counted(2, 4), order="any", strategy=strategy, schedules=100_000, seconds=60)
    assert (verdict.grade, len(verdict.outcomes)) == ("proved", 70)


@pytest.mark.parametrize("order", ["strict", "documented"])
def test_gevents_own_order_has_one(order: str) -> None:
    verdict = explore(counted(2, 4), order=order)
    assert (verdict.grade, outcomes(verdict)) == ("proved", {"'abababab'"})


def test_a_wrong_order_is_refused_in_one_line() -> None:
    with pytest.raises(ValueError, match=r"^order must be one of strict, documented, any, got 'fifo'$"):
        explore(lost_update, order="fifo")


# -- gevent's own objects


def test_queues_events_results_locks_pools_and_groups_do_what_they_do() -> None:
    def everything() -> list[object]:
        jobs, done, answer = gevent.queue.JoinableQueue(2), gevent.event.Event(), gevent.event.AsyncResult()
        lock, gate = gevent.lock.RLock(), gevent.lock.Semaphore(2)
        seen: list[object] = []

        def consume() -> None:
            for job in jobs:
                with lock, lock, gate:
                    seen.append(job)
                jobs.task_done()

        consumer = gevent.spawn(consume)
        for number in range(4):
            jobs.put(number)
        jobs.join()
        jobs.put(StopIteration)
        gevent.spawn_later(1, done.set)
        gevent.spawn_later(2, answer.set, "forty-two")
        pool = gevent.pool.Pool(2)
        seen.append(pool.map(lambda x: x * x, range(4)))
        group = gevent.pool.Group()
        group.spawn(seen.append, "of the group")
        group.join()
        seen += [done.wait(), done.wait(1), answer.get(), consumer.join()]
        return seen

    expected = [0, 1, 2, 3, [0, 1, 4, 9], "of the group", True, True, "forty-two", None]
    verdict = explore(everything, schedules=50)
    assert outcomes(verdict) == {repr(expected)}
    verdict = explore(everything, order="any", strategy="random", schedules=50)
    assert outcomes(verdict) == {repr(expected)}


@pytest.mark.slow
def test_no_step_of_compiled_code_is_told_as_the_users(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import gevent
        import gevent.lock

        def test_fails(race):
            def scenario():
                gate = gevent.lock.Semaphore()
                crew = [gevent.spawn(gate.acquire), gevent.spawn(gevent.sleep, 1)]
                gevent.joinall(crew)
                raise ValueError("on purpose")

            race.explore(scenario)
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:asyncio")
    result.assert_outcomes(failed=1)
    lanes = result.stdout.str().partition("interleaving")[2].partition("replay")[0]
    assert "begins" in lanes
    assert "callback" not in lanes
    assert "_semaphore.py" not in lanes


def test_who_waits_for_greenlets_that_start_later_gives_nothing_up() -> None:
    def scenario() -> None:
        gevent.joinall([gevent.spawn_later(1, list), gevent.spawn_later(2, list)])
        raise AssertionError

    text = told(explore(scenario))
    assert "call joinall" in text
    assert "gave up" not in text


def test_a_lock_of_threads_across_a_switch_is_told_with_who_has_it() -> None:
    """An RLock would let both in: they are one thread."""
    lock = threading.Lock()

    def work() -> None:
        with lock:
            gevent.sleep(1)

    def two() -> None:
        gevent.joinall([gevent.spawn(work), gevent.spawn(work)])

    def one_and_main() -> None:
        with lock:
            gevent.spawn(work).join()

    text = told(explore(two))
    assert "main waits in Lock.acquire on Lock `lock` held by work taken at" in text
    assert "work #2 lets its whole loop wait for what work holds" in text
    assert "RLock" not in text
    assert "work lets its whole loop wait for what main holds" in told(explore(one_and_main))

    def twice() -> None:
        with lock, lock:
            pass

    assert "twice waits for what it holds itself: use an RLock" in told(explore(lambda: gevent.spawn(twice).join()))


def test_a_server_of_the_standard_library_lets_its_whole_loop_wait() -> None:
    def scenario() -> None:
        with gevent.socket.create_server(("127.0.0.1", 0)) as server:  # which gevent hands on as it is
            serving = gevent.spawn(lambda: server.accept())
            gevent.joinall([serving, gevent.spawn(gevent.socket.create_connection, server.getsockname())])

    text = told(explore(scenario))
    assert "main waits in socket.accept on listening socket `server`" in text
    assert "lets its whole loop wait, so that nobody else in it goes on" in text


def test_a_thread_that_its_loop_would_feed_lets_the_whole_loop_wait_for_its_end() -> None:
    def scenario() -> None:
        items: queue.Queue[int] = queue.Queue()
        thread = threading.Thread(target=items.get)
        thread.start()
        gevent.joinall([gevent.spawn(thread.join), gevent.spawn_later(1, items.put, 1)])

    assert "lets its whole loop wait, so that nobody else in it goes on" in told(explore(scenario))


def test_who_polls_is_told_for_what_a_descriptor_is_ready() -> None:
    def scenario() -> list[int]:
        here, there = gevent.socket.socketpair()
        with here, there:
            poll = gevent.select.poll()
            poll.register(here)
            seen = [event for _, event in poll.poll(10)]
            there.send(b"x")
            return [*seen, *(event for _, event in poll.poll(10))]

    assert outcomes(explore(scenario)) == {str([select.POLLOUT, select.POLLIN | select.POLLOUT])} == {str(scenario())}


@pytest.mark.parametrize(("most", "grade"), [(5, Grade.SAMPLED), (1, Grade.PROVED)])
def test_what_may_come_in_parts_is_proved_only_byte_by_byte(most: int, grade: Grade) -> None:
    def scenario() -> list[bytes]:
        here, there = gevent.socket.socketpair()
        got: list[bytes] = []
        gevent.joinall([gevent.spawn(lambda: got.append(here.recv(most))), gevent.spawn(lambda: there.send(b"hello"))])
        here.close()
        there.close()
        return got

    verdict = explore(scenario, strategy="dpor", schedules=500)
    assert (verdict.grade, set(verdict.outcomes)) == (grade, {str([b"hello"[:most]])})


def by_address(here: gevent.socket.socket) -> bytes:
    return bytes(here.recvfrom(9)[0])


def into_a_buffer(here: gevent.socket.socket) -> bytes:
    buffer = bytearray(9)
    return bytes(buffer[: here.recv_into(buffer)])


def into_items(here: gevent.socket.socket) -> bytes:
    items = array.array("I", [0, 0])
    amount = here.recv_into(items)
    return items.tobytes()[:amount]


def into_a_part(here: gevent.socket.socket) -> bytes:
    buffer = bytearray(9)
    return bytes(buffer[: here.recv_into(buffer, 5)])


def into_a_buffer_by_address(here: gevent.socket.socket) -> bytes:
    buffer = bytearray(9)
    return bytes(buffer[: here.recvfrom_into(buffer)[0]])


@pytest.mark.parametrize("order", ["documented", "any"])
@pytest.mark.parametrize(
    "received",
    [lambda here: here.recv(9), by_address, into_a_buffer, into_items, into_a_part, into_a_buffer_by_address],
)
def test_of_a_tcp_stream_the_first_byte_may_come_alone(
    order: str, received: Callable[[gevent.socket.socket], bytes]
) -> None:
    def scenario() -> bytes:
        with gevent.socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            there = gevent.socket.create_connection(server.getsockname())
            here, _ = server.accept()
        with here, there:
            there.sendall(b"hello")
            first = received(here)
            rest = received(here) if len(first) < 5 else b""
            assert first + rest == b"hello", "the second piece is whole"
            return first

    verdict = explore(scenario, strategy="dpor", order=order, schedules=500)
    assert set(verdict.outcomes) == {"b'hello'", "b'h'"}, verdict

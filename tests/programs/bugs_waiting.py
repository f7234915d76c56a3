"""Small wrong programs whose tasks wait for what never comes, or do not wait long enough."""

import queue
import threading
from concurrent.futures import ThreadPoolExecutor

from .program import Box, Finding, Kind, Program, Scenario, together


def ab_ba() -> None:
    """Two locks, taken in opposite orders."""
    a, b = threading.Lock(), threading.Lock()

    def forth() -> None:
        with a, b:
            pass

    def back() -> None:
        with b, a:
            pass

    together(forth, back)


def transfer_both_ways() -> None:
    """The lock order depends on the arguments."""

    class Account:
        def __init__(self) -> None:
            self.lock = threading.Lock()
            self.balance = 10

    def transfer(source: Account, target: Account) -> None:
        with source.lock, target.lock:
            source.balance -= 1
            target.balance += 1

    ann, bob = Account(), Account()
    together(lambda: transfer(ann, bob), lambda: transfer(bob, ann))
    assert ann.balance + bob.balance == 20


def three_lock_cycle() -> None:
    """A cycle that no two of the three tasks close."""
    a, b, c = threading.Lock(), threading.Lock(), threading.Lock()

    def first() -> None:
        with a, b:
            pass

    def second() -> None:
        with b, c:
            pass

    def third() -> None:
        with c, a:
            pass

    together(first, second, third)


def join_holding_lock() -> None:
    """Waits for a worker while holding the lock that the worker needs to end."""
    lock, shared = threading.Lock(), Box()

    def work() -> None:
        with lock:
            shared.x = 1

    worker = threading.Thread(target=work)
    worker.start()
    with lock:
        worker.join()
    assert shared.x == 1


def nested_monitor() -> None:
    """`wait` gives back the condition's lock, but not the outer one that the notifier needs."""
    outer, condition, shared = threading.Lock(), threading.Condition(), Box()

    def take() -> None:
        with outer, condition:
            while not shared.x:
                condition.wait()

    def put() -> None:
        with outer, condition:
            shared.x = 1
            condition.notify()

    together(take, put)


def lock_taken_twice() -> None:
    """A method that holds the lock calls another that takes it."""
    lock, shared = threading.Lock(), Box()

    def add() -> None:
        with lock:
            shared.x += 1

    def add_two() -> None:
        with lock:
            shared.x += 1
            add()

    together(add_two)


def notify_before_wait() -> None:
    """A wake-up is lost: notify comes before wait, and nothing remembers it."""
    condition = threading.Condition()

    def waiter() -> None:
        with condition:
            condition.wait()

    def notifier() -> None:
        with condition:
            condition.notify()

    together(waiter, notifier)


def predicate_outside_lock() -> None:
    """A wake-up is lost between the check, which is made without the lock, and the wait."""
    condition, shared = threading.Condition(), Box()

    def waiter() -> None:
        if not shared.x:
            with condition:
                condition.wait()

    def notifier() -> None:
        with condition:
            shared.x = 1
            condition.notify()

    together(waiter, notifier)


def event_cleared_too_early() -> None:
    """The starting signal is over before everybody waits for it."""
    door = threading.Event()

    def runner() -> None:
        door.wait()

    def starter() -> None:
        door.set()
        door.clear()

    together(runner, runner, starter)


def notify_one_of_two() -> None:
    """Two wait for the same news and one is told."""
    condition, shared = threading.Condition(), Box()

    def waiter() -> None:
        with condition:
            while not shared.x:
                condition.wait()

    def notifier() -> None:
        with condition:
            shared.x = 1
            condition.notify()

    together(waiter, waiter, notifier)


def missing_task_done() -> None:
    """`Queue.join` waits for a `task_done` that the worker forgets for the odd jobs."""
    jobs: queue.Queue[int] = queue.Queue()

    def work() -> None:
        for _ in range(3):
            if jobs.get() % 2 == 0:
                jobs.task_done()

    worker = threading.Thread(target=work)
    worker.start()
    for job in range(3):
        jobs.put(job)
    jobs.join()
    worker.join()


def executor_waits_on_itself() -> None:
    """A job waits for another job, and there is one worker for both."""
    with ThreadPoolExecutor(1) as pool:

        def outer() -> int:
            return pool.submit(int).result() + 1

        assert pool.submit(outer).result() == 1


def one_sentinel_for_two() -> None:
    """Two consumers, and one of them gets the end mark."""
    jobs: queue.Queue[int | None] = queue.Queue()

    def consume() -> None:
        while jobs.get() is not None:
            pass

    def produce() -> None:
        jobs.put(1)
        jobs.put(None)

    together(consume, consume, produce)


def queue_check_then_get() -> None:
    """Both see the one job, both wait for it."""
    jobs: queue.Queue[str] = queue.Queue()
    jobs.put("job")

    def take() -> None:
        if not jobs.empty():
            jobs.get()

    together(take, take)


def queue_full_nobody_reads() -> None:
    """The consumer leaves before the producer is through, and the queue is short."""
    jobs: queue.Queue[int] = queue.Queue(maxsize=1)

    def produce() -> None:
        for job in range(4):
            jobs.put(job)

    def consume() -> None:
        jobs.get()
        jobs.get()

    together(produce, consume)


def barrier_with_too_many_parties() -> None:
    """Three are expected and two come."""
    barrier = threading.Barrier(3)
    together(barrier.wait, barrier.wait)


def permit_lost_on_exception() -> None:
    """The job fails between acquire and release."""
    permits = threading.Semaphore(1)

    def job(divisor: int) -> None:
        try:
            permits.acquire()
            assert 1 // divisor
            permits.release()
        except ZeroDivisionError:
            pass  # the job is given up, and its permit with it

    together(lambda: job(1), lambda: job(0))
    together(lambda: job(1))


def permits_taken_one_by_one() -> None:
    """Each needs two of two permits and takes the first."""
    permits = threading.Semaphore(2)

    def work() -> None:
        with permits, permits:
            pass

    together(work, work)


def if_instead_of_while() -> None:
    """What was notified is no longer true when the waiter has its lock back: IndexError."""
    condition = threading.Condition()
    items: list[int] = []

    def take() -> None:
        with condition:
            if not items:
                condition.wait()
            items.pop()

    def put() -> None:
        for item in range(2):
            with condition:
                items.append(item)
                condition.notify()

    together(take, take, put)


def read_before_join() -> None:
    """The result is read before the worker has ended."""
    shared = Box()

    def work() -> None:
        shared.x = 42

    worker = threading.Thread(target=work)
    worker.start()
    result = shared.x
    worker.join()
    assert result == 42


def permit_too_many() -> None:
    """A permit given back twice lets two in where one may be: the semaphore is not bounded."""
    permits, inside, most = threading.Semaphore(1), Box(), Box()
    lock = threading.Lock()

    def careless() -> None:
        permits.acquire()
        permits.release()
        permits.release()

    def enter() -> None:
        with permits:
            with lock:
                inside.x += 1
                most.x = max(most.x, inside.x)
            with lock:
                inside.x -= 1

    together(careless, enter, enter)
    assert most.x == 1


def _hangs(scenario: Scenario, threads: int, kind: Kind = "deadlock", note: str = "") -> Program:
    finding: Finding = "deadlock"
    return Program(scenario.__name__, scenario, threads, kind, finding, note=note, plain=False)


ALWAYS = "in every schedule"

PROGRAMS = (
    _hangs(ab_ba, 2),
    _hangs(transfer_both_ways, 2),
    _hangs(three_lock_cycle, 3),
    _hangs(join_holding_lock, 1),
    _hangs(nested_monitor, 2, note="unless `put` comes first"),
    _hangs(lock_taken_twice, 1, note=ALWAYS),
    _hangs(notify_before_wait, 2, "lost signal"),
    _hangs(predicate_outside_lock, 2, "lost signal"),
    _hangs(event_cleared_too_early, 3, "lost signal"),
    _hangs(notify_one_of_two, 3, "lost signal"),
    _hangs(missing_task_done, 1, "lost signal", note=ALWAYS),
    _hangs(executor_waits_on_itself, 1, note=ALWAYS),
    _hangs(one_sentinel_for_two, 3, "lost signal", note=ALWAYS),
    _hangs(queue_check_then_get, 2, "check then act"),
    _hangs(queue_full_nobody_reads, 2, "lost signal", note=ALWAYS),
    _hangs(barrier_with_too_many_parties, 2, "lost signal", note=ALWAYS),
    _hangs(permit_lost_on_exception, 3, "leak", note=ALWAYS),
    _hangs(permits_taken_one_by_one, 2),
    Program(
        "if_instead_of_while",
        if_instead_of_while,
        3,
        "check then act",
        "exception",
        note="IndexError",
    ),
    Program("read_before_join", read_before_join, 1, "order", "assertion"),
    Program("permit_too_many", permit_too_many, 3, "leak", "assertion"),
)

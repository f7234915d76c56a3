"""Right programs around queues, executors and pools."""

import queue
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from functools import lru_cache
from itertools import count
from multiprocessing.pool import ThreadPool

from .program import Box, Program, Scenario, together


def queue_pipeline() -> None:
    """Two stages and an end mark that is handed on."""
    first: queue.Queue[int | None] = queue.Queue()
    second: queue.Queue[int | None] = queue.Queue(maxsize=1)
    results: list[int] = []

    def double() -> None:
        while (item := first.get()) is not None:
            second.put(item * 2)
        second.put(None)

    def collect() -> None:
        while (item := second.get()) is not None:
            results.append(item)

    threads = [threading.Thread(target=double), threading.Thread(target=collect)]
    for thread in threads:
        thread.start()
    for item in (1, 2, 3, None):
        first.put(item)
    for thread in threads:
        thread.join()
    assert results == [2, 4, 6]


def one_sentinel_each() -> None:
    """As many end marks as consumers."""
    jobs: queue.Queue[int | None] = queue.Queue()
    done: list[int] = []

    def consume() -> None:
        while (job := jobs.get()) is not None:
            done.append(job)

    def produce() -> None:
        for job in (1, 2, None, None):
            jobs.put(job)

    together(consume, consume, produce)
    assert sorted(done) == [1, 2]


def sentinel_put_back() -> None:
    """One end mark, and whoever gets it puts it back for the others."""
    jobs: queue.Queue[int | None] = queue.Queue()
    done: list[int] = []

    def consume() -> None:
        while (job := jobs.get()) is not None:
            done.append(job)
        jobs.put(None)

    for job in (1, 2, None):
        jobs.put(job)
    together(consume, consume)
    assert sorted(done) == [1, 2]


def task_done_in_spite_of_errors() -> None:
    """A job that fails is done too; daemon workers that wait for ever are left behind."""
    jobs: queue.Queue[int | None] = queue.Queue()
    failed: list[int] = []

    def work() -> None:
        while (job := jobs.get()) is not None:
            try:
                assert 6 // job
            except ZeroDivisionError:
                failed.append(job)
            finally:
                jobs.task_done()
        jobs.task_done()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    for job in (1, 0, 2):
        jobs.put(job)
    jobs.join()
    assert failed == [0]
    jobs.put(None)
    worker.join()


def daemon_left_waiting() -> None:
    """A daemon that waits for a next job for ever ends with the program."""
    jobs: queue.Queue[int] = queue.Queue()

    def work() -> None:
        while True:
            jobs.get()
            jobs.task_done()

    threading.Thread(target=work, daemon=True).start()
    jobs.put(1)
    jobs.join()


def get_nowait_until_empty() -> None:
    """Emptying a queue that nobody fills any more."""
    jobs: queue.Queue[int] = queue.Queue()
    for job in range(3):
        jobs.put(job)
    done: list[int] = []

    def work() -> None:
        while True:
            try:
                job = jobs.get_nowait()
            except queue.Empty:
                return
            done.append(job)

    together(work, work)
    assert sorted(done) == [0, 1, 2]


def simple_queue() -> None:
    """One task puts, another gets."""
    channel: queue.SimpleQueue[int] = queue.SimpleQueue()
    got: list[int] = []

    def put() -> None:
        for item in range(3):
            channel.put(item)

    def get() -> None:
        got.extend(channel.get() for _ in range(3))

    together(put, get)
    assert got == [0, 1, 2]


def lifo_queue() -> None:
    """Whatever the order, everything comes out."""
    jobs: queue.LifoQueue[int] = queue.LifoQueue()
    together(lambda: jobs.put(1), lambda: jobs.put(2))
    assert sorted([jobs.get(), jobs.get()]) == [1, 2]


def priority_queue() -> None:
    """Whatever the order of putting, they come out sorted."""
    jobs: queue.PriorityQueue[int] = queue.PriorityQueue()
    together(lambda: jobs.put(2), lambda: jobs.put(1), lambda: jobs.put(3))
    assert [jobs.get(), jobs.get(), jobs.get()] == [1, 2, 3]


def deque_as_queue() -> None:
    """`append` and `popleft` are atomic, and an empty deque says so."""
    jobs, done = deque([1, 2, 3]), list[int]()

    def work() -> None:
        while True:
            try:
                job = jobs.popleft()
            except IndexError:
                return
            done.append(job)

    together(work, work, lambda: jobs.append(4))
    rest = list(jobs)
    assert sorted([*done, *rest]) == [1, 2, 3, 4]


def atomic_count() -> None:
    """`next` on itertools.count is one step: no number comes twice."""
    numbers, got = count(), Box()

    def one() -> None:
        got.first = next(numbers)

    def other() -> None:
        got.second = next(numbers)

    together(one, other)
    assert {got.first, got.second} == {0, 1}


def generator_under_lock() -> None:
    """A shared generator, entered by one at a time."""
    lock, got = threading.Lock(), list[int]()

    def squares() -> Iterator[int]:
        for i in range(4):
            yield i * i

    generator = squares()

    def work() -> None:
        for _ in range(2):
            with lock:
                got.append(next(generator))

    together(work, work)
    assert got == [0, 1, 4, 9]


def cached_function() -> None:
    """`lru_cache` may compute twice what is asked for at once, but never wrongly."""
    calls: list[int] = []

    @lru_cache
    def square(n: int) -> int:
        calls.append(n)
        return n * n

    def work() -> None:
        assert [square(2), square(3), square(2)] == [4, 9, 4]

    together(work, work)
    assert set(calls) == {2, 3}


def executor_map() -> None:
    """Results in the order of the arguments."""
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda n: n * n, range(4))) == [0, 1, 4, 9]


def executor_as_completed() -> None:
    """Results in the order of completion, all of them."""
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(pow, n, 2) for n in range(3)]
        assert sorted(future.result() for future in as_completed(futures)) == [0, 1, 4]


def executor_error() -> None:
    """A job's exception arrives where its result is asked for."""
    with ThreadPoolExecutor(2) as pool:
        bad, good = pool.submit(int, "x"), pool.submit(int, "7")
        assert isinstance(bad.exception(), ValueError)
        assert good.result() == 7


def executor_wait() -> None:
    """`wait` tells apart what is done; cancelling comes too late or in time."""
    with ThreadPoolExecutor(1) as pool:
        futures = [pool.submit(int), pool.submit(int)]
        cancelled = futures[1].cancel()
        done, pending = wait(futures)
        assert (len(done), len(pending)) == (2, 0)
        assert futures[1].cancelled() == cancelled


def nested_executors() -> None:
    """A job that waits for jobs of another executor."""
    with ThreadPoolExecutor(1) as inner, ThreadPoolExecutor(1) as outer:
        assert outer.submit(lambda: inner.submit(int, "1").result() + 1).result() == 2


def future_callbacks() -> None:
    """A callback runs once, whether it is added before or after the result."""
    future: Future[int] = Future()
    lock, shared = threading.Lock(), Box()

    def called(done: Future[int]) -> None:
        with lock:
            shared.x += done.result()

    together(lambda: future.add_done_callback(called), lambda: future.set_result(7))
    future.add_done_callback(called)
    assert shared.x == 14


def lazily_made_executor() -> None:
    """The executor is made, under a lock, by whoever needs it first."""

    class Client:
        def __init__(self) -> None:
            self.lock = threading.Lock()
            self.pool: ThreadPoolExecutor | None = None

        def submit(self, n: int) -> Future[int]:
            with self.lock:
                if self.pool is None:
                    self.pool = ThreadPoolExecutor(1)
                return self.pool.submit(pow, n, 2)

    client, got = Client(), Box()

    def one() -> None:
        got.first = client.submit(2).result()

    def other() -> None:
        got.second = client.submit(3).result()

    together(one, other)
    assert (got.first, got.second) == (4, 9)
    assert client.pool
    client.pool.shutdown()


def executor_left_open() -> None:
    """Nobody shuts the executor down: the interpreter does, at its end."""
    pool = ThreadPoolExecutor(1)
    assert pool.submit(int, "7").result() == 7


def thread_pool() -> None:
    """The pool of multiprocessing, on threads."""
    with ThreadPool(2) as pool:
        assert pool.map(abs, [-1, 2, -3]) == [1, 2, 3]
        pool.close()
        pool.join()


def _right(scenario: Scenario, threads: int, note: str = "", *, plain: bool = True) -> Program:
    return Program(scenario.__name__, scenario, threads, "right", note=note, plain=plain)


PROGRAMS = (
    _right(queue_pipeline, 2),
    _right(one_sentinel_each, 3),
    _right(sentinel_put_back, 2),
    _right(task_done_in_spite_of_errors, 1),
    _right(daemon_left_waiting, 1, note="leaves a daemon behind", plain=False),
    _right(get_nowait_until_empty, 2),
    _right(simple_queue, 2),
    _right(lifo_queue, 2),
    _right(priority_queue, 3),
    _right(deque_as_queue, 3),
    _right(atomic_count, 2),
    _right(generator_under_lock, 2),
    _right(cached_function, 2),
    _right(executor_map, 2),
    _right(executor_as_completed, 2),
    _right(executor_error, 2),
    _right(executor_wait, 1),
    _right(nested_executors, 2),
    _right(future_callbacks, 2),
    _right(lazily_made_executor, 3),
    _right(executor_left_open, 1, note="leaves a thread behind", plain=False),
    _right(thread_pool, 5, note="two workers and three threads of the pool's own"),
)

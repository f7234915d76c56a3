"""The standard library: queues, futures, the cache of `functools`, handlers of `logging`."""

from __future__ import annotations

import concurrent.futures.thread
import functools
import io
import logging
import logging.handlers
import queue
import threading
from typing import Any

from programs.program import together
from programs.real import case

FUTURES = ("concurrent.futures.thread", "concurrent.futures._base")


@case("queue")
def two_producers_and_two_consumers() -> list[int]:
    jobs: queue.Queue[int | None] = queue.Queue(maxsize=1)
    got: queue.SimpleQueue[int] = queue.SimpleQueue()

    def consume() -> None:
        while (item := jobs.get()) is not None:
            got.put(item)

    consumers = [threading.Thread(target=consume) for _ in range(2)]
    for consumer in consumers:
        consumer.start()
    together(lambda: jobs.put(1), lambda: jobs.put(2))
    for _ in consumers:
        jobs.put(None)
    for consumer in consumers:
        consumer.join()
    return sorted(got.get() for _ in range(2))


@case("queue")
def join_waits_for_every_task_done() -> None:
    jobs: queue.Queue[int] = queue.Queue()
    done: list[int] = []

    def work() -> None:
        for _ in range(2):
            done.append(jobs.get())
            jobs.task_done()

    worker = threading.Thread(target=work)
    worker.start()
    jobs.put(1)
    jobs.put(2)
    jobs.join()
    assert done == [1, 2]
    worker.join()


@case("queue")
def smallest_first_with_a_timeout() -> int:
    jobs: queue.PriorityQueue[int] = queue.PriorityQueue()
    got: list[int] = []

    def take() -> None:
        try:
            got.append(jobs.get(timeout=1))
        except queue.Empty:
            got.append(-1)

    together(take, lambda: jobs.put(3), lambda: jobs.put(2))
    assert got[0] in (2, 3)
    return got[0]


@case(*FUTURES)
def results_of_a_pool() -> list[int]:
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return [future.result() for future in [pool.submit(abs, -each) for each in range(3)]]


@case(*FUTURES)
def first_completed_of_two() -> int:
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(abs, -1), pool.submit(abs, -2)]
        done, _ = concurrent.futures.wait(futures, return_when=concurrent.futures.FIRST_COMPLETED)
        assert done
        return sum(future.result() for future in futures)


@case(*FUTURES)
def cancelled_or_run_but_never_both() -> None:
    ran: list[int] = []
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        future = pool.submit(ran.append, 1)
        cancelled = future.cancel()
    assert cancelled == (not ran)


@case(*FUTURES)
def a_callback_is_called_once() -> None:
    calls: list[bool] = []
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(int).add_done_callback(lambda future: calls.append(future.done()))
    assert calls == [True]


@case(*FUTURES)
def an_error_in_the_initializer_breaks_the_pool() -> None:
    def fails() -> None:
        raise ValueError("no")

    with concurrent.futures.ThreadPoolExecutor(1, initializer=fails) as pool:
        logging.getLogger("concurrent.futures").disabled = True
        try:
            pool.submit(int).result()
        except concurrent.futures.BrokenExecutor:
            return
    raise AssertionError("the pool is not broken")


@case("functools")
def a_cached_function_gives_one_value() -> int:
    @functools.lru_cache(maxsize=1)
    def square(number: int) -> int:
        return number * number

    def ask(number: int) -> None:
        assert square(number) == number * number

    together(lambda: ask(2), lambda: ask(3), lambda: ask(2))
    assert square.cache_info().currsize == 1
    return square(2)


@case("logging")
def two_threads_log_through_one_handler() -> list[str]:
    stream = io.StringIO()
    logger = logging.Logger("spiders")
    logger.addHandler(logging.StreamHandler(stream))
    together(lambda: logger.warning("one"), lambda: logger.warning("two"))
    return sorted(stream.getvalue().split())


@case("logging.handlers", "logging")
def a_queue_listener_hands_on_every_record() -> list[str]:
    seen: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record.getMessage())

    records: queue.Queue[Any] = queue.Queue()
    listener = logging.handlers.QueueListener(records, Keep())
    listener.start()
    logger = logging.Logger("spiders")
    logger.addHandler(logging.handlers.QueueHandler(records))
    together(lambda: logger.warning("one"), lambda: logger.warning("two"))
    listener.stop()
    return sorted(seen)


@case("logging.handlers", "logging")
def a_memory_handler_loses_no_record() -> list[str]:
    stream = io.StringIO()
    handler = logging.handlers.MemoryHandler(2, target=logging.StreamHandler(stream))
    logger = logging.Logger("spiders")
    logger.addHandler(handler)
    together(lambda: logger.warning("one"), lambda: logger.warning("two"), lambda: logger.warning("three"))
    handler.close()
    return sorted(stream.getvalue().split())


@case("threading")
def a_barrier_is_passed_by_all_or_none() -> list[int]:
    barrier = threading.Barrier(2)
    order: list[int] = []
    together(lambda: order.append(barrier.wait()), lambda: order.append(barrier.wait()))
    return sorted(order)


@case("threading")
def a_timer_that_is_cancelled_in_time_does_nothing() -> None:
    fired: list[int] = []
    timer = threading.Timer(5, fired.append, (1,))
    timer.start()
    timer.cancel()
    timer.join()
    assert not fired


@case("threading")
def no_more_than_its_permits_are_inside() -> None:
    room = threading.BoundedSemaphore(2)
    inside: list[int] = []

    def visit() -> None:
        with room:
            inside.append(1)
            assert len(inside) <= 2
            inside.pop()

    together(visit, visit, visit)

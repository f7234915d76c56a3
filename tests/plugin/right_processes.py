"""Right programs in plain tests, whose processes and threads wait for each other in every way, for seconds."""

import concurrent.futures
import multiprocessing
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

SECONDS = 4.0
METHOD = os.environ.get("START_METHOD", "fork")
context: Any = multiprocessing.get_context(METHOD)


def rounds() -> Iterator[None]:
    ends_at = time.monotonic() + SECONDS
    while time.monotonic() < ends_at:
        yield


def work(number: Any) -> Any:
    """Sleep, compute, or do neither."""
    luck = random.random()
    if luck < 0.3:
        time.sleep(luck * 0.05)
    elif luck < 0.6:
        sum(range(int(luck * 200_000)))
    return number


def started(*processes: Any) -> tuple[Any, ...]:
    for process in processes:
        process.start()
    return processes


def joined(*processes: Any) -> None:
    for process in processes:
        process.join()
        assert process.exitcode == 0


def answers(end: Any) -> None:
    while (asked := end.recv()) is not None:
        end.send(work(asked))


def test_pipe() -> None:
    mine, theirs = context.Pipe()
    children = started(context.Process(target=answers, args=(theirs,)))
    for _ in rounds():
        mine.send(1)
        assert mine.recv() == 1
    mine.send(None)
    joined(*children)


def test_pool() -> None:
    with context.Pool(3) as pool:
        for _ in rounds():
            assert pool.map(work, range(7), 1) == list(range(7))
            assert pool.apply(work, (1,)) == 1
            assert set(pool.imap_unordered(work, range(4))) == set(range(4))


def test_executor() -> None:
    with concurrent.futures.ProcessPoolExecutor(2, context) as pool:
        for _ in rounds():
            assert list(pool.map(work, range(5))) == list(range(5))


def consumes(jobs: Any, results: Any) -> None:
    while (job := jobs.get()) is not None:
        results.put(work(job))
        jobs.task_done()


def test_queues() -> None:
    jobs, results = context.JoinableQueue(2), context.Queue()
    consumers = started(*(context.Process(target=consumes, args=(jobs, results)) for _ in range(2)))
    for _ in rounds():
        for number in range(3):
            jobs.put(number)
        jobs.join()
        assert {results.get() for _ in range(3)} == {0, 1, 2}
    for _ in consumers:
        jobs.put(None)
    joined(*consumers)


def counts(lock: Any, counter: Any) -> None:
    for _ in range(10):
        with lock:
            counter.value += 1
            work(1)


def test_lock() -> None:
    lock, counter = context.Lock(), context.Value("i", 0, lock=False)
    expected = 0
    for _ in rounds():
        children = started(*(context.Process(target=counts, args=(lock, counter)) for _ in range(3)))
        counts(lock, counter)
        joined(*children)
        expected += 40
        assert counter.value == expected


def with_threads(begin: Any, done: Any) -> None:
    def wait() -> None:
        begin.wait()
        work(1)
        done.release()

    threads = [threading.Thread(target=wait) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_threads_of_a_child() -> None:
    for _ in rounds():
        begin, done = context.Event(), context.Semaphore(0)
        children = started(context.Process(target=with_threads, args=(begin, done)))
        work(1)
        begin.set()
        done.acquire()
        done.acquire()
        joined(*children)


def arrives(barrier: Any) -> None:
    work(1)
    barrier.wait()
    work(2)
    barrier.wait()


def test_barrier() -> None:
    for _ in rounds():
        barrier = context.Barrier(3)
        children = started(*(context.Process(target=arrives, args=(barrier,)) for _ in range(2)))
        arrives(barrier)
        joined(*children)


def test_manager() -> None:
    with context.Manager() as manager:
        board, lock = manager.dict(), manager.Lock()
        for _ in rounds():
            with lock:
                board["x"] = work(1)
                assert board.get("x") == 1


def test_commands() -> None:
    echo = "import sys, time; told = sys.stdin.read(); time.sleep(0.05); print(len(told))"
    for _ in rounds():
        ran = subprocess.run([sys.executable, "-S", "-c", echo], input=b"x" * 100_000, capture_output=True, check=True)
        assert ran.stdout.strip() == b"100000"
        assert subprocess.Popen(["sh", "-c", "sleep 0.05 | cat"]).wait() == 0


def echoes(connection: Any) -> None:
    with connection:
        while told := connection.recv(100):
            connection.sendall(work(told))


def serves(listener: Any) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=echoes, args=(connection,)).start()


def test_sockets() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serves, args=(listener,), daemon=True).start()
        for _ in rounds():
            with socket.create_connection(listener.getsockname()) as client:
                for _ in range(5):
                    client.sendall(b"x")
                    assert client.recv(1) == b"x"
        listener.shutdown(socket.SHUT_RDWR)

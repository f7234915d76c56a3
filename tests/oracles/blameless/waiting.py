"""Threads that wait for each other rightly."""

import queue
import threading
import time

from .corpus import Box, together


def an_event_that_publishes() -> None:
    ready, box = threading.Event(), Box()

    def write() -> None:
        box.n = 5
        ready.set()

    def read() -> None:
        ready.wait()
        assert box.n == 5

    together(write, read)


def a_condition_with_a_predicate() -> None:
    changed, items, taken = threading.Condition(), [], []

    def put() -> None:
        with changed:
            items.append(1)
            changed.notify()

    def get() -> None:
        with changed:
            changed.wait_for(lambda: items)
            taken.append(items.pop())

    together(get, put)
    assert taken == [1]


def all_are_told() -> None:
    changed, box, seen = threading.Condition(), Box(open=False), []

    def wait() -> None:
        with changed:
            while not box.open:
                changed.wait()
            seen.append(1)

    def let_go() -> None:
        with changed:
            box.open = True
            changed.notify_all()

    together(wait, wait, let_go)
    assert seen == [1, 1]


def a_semaphore_with_two_permits() -> None:
    gate, lock, box = threading.BoundedSemaphore(2), threading.Lock(), Box(most=0)

    def work() -> None:
        with gate:
            with lock:
                box.n += 1
                box.most = max(box.most, box.n)
            with lock:
                box.n -= 1

    together(work, work, work)
    assert box.most <= 2


def a_barrier_between_two_phases() -> None:
    gate, written, seen = threading.Barrier(2), [0, 0], [0, 0]

    def work(at: int) -> None:
        written[at] = at + 1
        gate.wait()
        seen[at] = sum(written)

    together(lambda: work(0), lambda: work(1))
    assert seen == [3, 3]


def a_latch_that_counts_down() -> None:
    class Latch:
        def __init__(self, count: int) -> None:
            self._count, self._changed = count, threading.Condition()

        def count_down(self) -> None:
            with self._changed:
                self._count -= 1
                if not self._count:
                    self._changed.notify_all()

        def wait(self) -> None:
            with self._changed:
                while self._count:
                    self._changed.wait()

    latch, box = Latch(2), Box()

    def work() -> None:
        latch.count_down()

    def gather() -> None:
        latch.wait()
        box.n = 1

    together(work, work, gather)
    assert box.n == 1


def many_readers_one_writer() -> None:
    class Gate:
        def __init__(self) -> None:
            self._readers, self._changed = 0, threading.Condition()

        def read(self, box: Box) -> int:
            with self._changed:
                self._readers += 1
            try:
                return int(box.n)
            finally:
                with self._changed:
                    self._readers -= 1
                    self._changed.notify_all()

        def write(self, box: Box, value: int) -> None:
            with self._changed:
                self._changed.wait_for(lambda: not self._readers)
                box.n = value

    gate, box, seen = Gate(), Box(), []
    together(lambda: seen.append(gate.read(box)), lambda: gate.write(box, 1))
    assert seen[0] in (0, 1)


def locks_in_the_order_of_id() -> None:
    one, two, box = threading.Lock(), threading.Lock(), Box()

    def both(*locks: threading.Lock) -> None:
        first, second = sorted(locks, key=id)
        with first, second:
            box.n += 1

    together(lambda: both(one, two), lambda: both(two, one))
    assert box.n == 2


def who_does_not_get_it_goes_on() -> None:
    lock, box, skipped = threading.Lock(), Box(), []

    def work() -> None:
        if lock.acquire(blocking=False):
            box.n += 1
            lock.release()
        else:
            skipped.append(1)

    together(work, work)
    assert box.n + len(skipped) == 2


def a_lock_with_a_long_limit() -> None:
    lock, box = threading.Lock(), Box()

    def work() -> None:
        assert lock.acquire(timeout=30)
        try:
            box.n += 1
        finally:
            lock.release()

    together(work, work)
    assert box.n == 2


def a_join_with_a_long_limit() -> None:
    box = Box()

    def work() -> None:
        time.sleep(1)
        box.n = 1

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    assert box.n == 1


def an_item_with_a_long_limit() -> None:
    line: queue.Queue[int] = queue.Queue()
    taken: list[int] = []
    together(lambda: taken.append(line.get(timeout=30)), lambda: line.put(1))
    assert taken == [1]


def an_end_marker() -> None:
    line: queue.Queue[int | None] = queue.Queue()
    taken: list[int] = []

    def work() -> None:
        while (item := line.get()) is not None:
            taken.append(item)

    def feed() -> None:
        line.put(1)
        line.put(2)
        line.put(None)

    together(work, feed)
    assert taken == [1, 2]


def tasks_that_are_done() -> None:
    line: queue.Queue[Box] = queue.Queue()
    box = Box()

    def work() -> None:
        line.get().n = 7
        line.task_done()

    worker = threading.Thread(target=work)
    worker.start()
    line.put(box)
    line.join()
    assert box.n == 7
    worker.join()


def an_object_handed_over() -> None:
    line: queue.SimpleQueue[list[int]] = queue.SimpleQueue()
    seen = []

    def make() -> None:
        mine = [1]
        mine.append(2)
        line.put(mine)

    def use() -> None:
        theirs = line.get()
        theirs.append(3)
        seen.append(theirs)

    together(make, use)
    assert seen == [[1, 2, 3]]


def the_most_urgent_first() -> None:
    line: queue.PriorityQueue[int] = queue.PriorityQueue()
    together(lambda: line.put(2), lambda: line.put(1))
    assert [line.get(), line.get()] == [1, 2]


def the_last_first() -> None:
    line: queue.LifoQueue[int] = queue.LifoQueue()
    together(lambda: line.put(1), lambda: line.put(2))
    assert sorted([line.get(), line.get()]) == [1, 2]


def a_bounded_buffer() -> None:
    line: queue.Queue[int] = queue.Queue(1)
    taken: list[int] = []

    def put() -> None:
        for each in (1, 2):
            line.put(each)

    def get() -> None:
        taken.append(line.get())
        taken.append(line.get())

    together(put, get)
    assert taken == [1, 2]


def a_flag_that_is_asked() -> None:
    stop, box = threading.Event(), Box()

    def work() -> None:
        while not stop.wait(0.1):
            box.n += 1

    worker = threading.Thread(target=work)
    worker.start()
    time.sleep(0.35)
    stop.set()
    worker.join()
    assert box.n >= 0


def a_timer_that_rings() -> None:
    rung = threading.Event()
    timer = threading.Timer(5, rung.set)
    timer.start()
    assert rung.wait(30)
    timer.join()


def a_timer_that_is_cancelled() -> None:
    rung = threading.Event()
    timer = threading.Timer(5, rung.set)
    timer.start()
    timer.cancel()
    timer.join()
    assert not rung.is_set()


def ping_and_pong() -> None:
    ping, pong, told = threading.Semaphore(1), threading.Semaphore(0), []

    def lead() -> None:
        for _ in "ab":
            ping.acquire()
            told.append("ping")
            pong.release()

    def follow() -> None:
        for _ in "ab":
            pong.acquire()
            told.append("pong")
            ping.release()

    together(lead, follow)
    assert told == ["ping", "pong"] * 2


def only_once() -> None:
    class Once:
        def __init__(self) -> None:
            self._lock, self._done = threading.Lock(), False

        def do(self, told: list[int]) -> None:
            with self._lock:
                if not self._done:
                    told.append(1)
                    self._done = True

    once, told = Once(), []  # type: ignore[var-annotated]
    together(lambda: once.do(told), lambda: once.do(told))
    assert told == [1]


def two_steps_of_one_handshake() -> None:
    asked, answered, box = threading.Event(), threading.Event(), Box()

    def ask() -> None:
        box.question = 2
        asked.set()
        answered.wait()
        assert box.answer == 4

    def answer() -> None:
        asked.wait()
        box.answer = box.question * 2
        answered.set()

    together(ask, answer)


def an_error_gathered_by_main() -> None:
    errors: queue.Queue[Exception] = queue.Queue()

    def work() -> None:
        try:
            raise LookupError("nothing there")
        except LookupError as error:
            errors.put(error)

    together(work, lambda: None)
    assert type(errors.get_nowait()) is LookupError

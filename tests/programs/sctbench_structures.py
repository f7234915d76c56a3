"""Own Python versions of the published SCTBench programs that are built around an object."""

import threading

from .program import Program, together

ERROR = -1


class Log:
    """A ring of numbers, one index to read and one to write."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.buffer = [0] * size
        self.first = 0
        self.next = 0
        self.send = True
        self.receive = False

    def insert(self, item: int) -> int:
        if not (self.next < self.size and self.size > 0):
            return ERROR
        self.buffer[self.next] = item
        self.next = (self.next + 1) % self.size
        assert self.next < self.size
        return item

    def remove(self) -> int:
        if not (self.next > 0 and self.first < self.size):
            return ERROR
        self.first += 1
        return self.buffer[self.first - 1]


def circular_buffer() -> None:
    """SCTBench CS.circular_buffer_bad: whoever finds it is not its turn skips a number; 2 threads.

    Each side counts its own rounds, so after a skipped round they no longer mean the same number.
    """
    log, lock, rounds = Log(10), threading.Lock(), 7

    def sender() -> None:
        for i in range(rounds):
            with lock:
                if log.send:
                    log.insert(i)
                    log.send = False
                    log.receive = True

    def receiver() -> None:
        for i in range(rounds):
            with lock:
                if log.receive:
                    assert log.remove() == i
                    log.receive = False
                    log.send = True

    together(sender, receiver)


class Stack:
    """A stack of fixed size."""

    def __init__(self, size: int) -> None:
        self.array = [0] * size
        self.top = 0
        self.filled = False

    def push(self, item: int) -> bool:
        if self.top == len(self.array):
            return False
        self.array[self.top] = item
        self.top += 1
        return True

    def pop(self) -> int | None:
        if self.top == 0:
            return None
        self.top -= 1
        return self.array[self.top]


def stack() -> None:
    """SCTBench CS.stack_bad: "filled once" is taken for "not empty"; 2 threads."""
    shared, lock, size = Stack(10), threading.Lock(), 10

    def pusher() -> None:
        for i in range(size):
            with lock:
                assert shared.push(i)
                shared.filled = True

    def popper() -> None:
        for _ in range(size):
            with lock:
                if shared.filled:
                    assert shared.pop() is not None

    together(pusher, popper)


class Driver:
    """A driver that may be stopped when no request is pending."""

    def __init__(self) -> None:
        self.atomic = threading.Lock()  # stands for the interlocked instructions
        self.pending = 1
        self.stopping = False
        self.may_stop = threading.Event()
        self.stopped = False

    def enter(self) -> bool:
        if self.stopping:
            return False
        with self.atomic:
            self.pending += 1
        return True

    def leave(self) -> None:
        with self.atomic:
            self.pending -= 1
            pending = self.pending
        if pending == 0:
            self.may_stop.set()

    def request(self) -> None:
        if self.enter():
            assert not self.stopped, "a request is served by a stopped driver"
        self.leave()

    def stop(self) -> None:
        self.stopping = True
        self.leave()
        self.may_stop.wait()
        self.stopped = True


def bluetooth_driver() -> None:
    """SCTBench CS.bluetooth_driver_bad (KISS, Qadeer and Wu, PLDI 2004); 1 thread beside the main.

    The stop flag is checked before the pending count is raised: a stop in between is complete.
    """
    driver = Driver()
    stopper = threading.Thread(target=driver.stop)
    stopper.start()
    try:
        driver.request()
    finally:
        stopper.join()


class Job:
    """Work that has to be done once."""

    def __init__(self) -> None:
        self.done = 0


class WorkStealingQueue:
    """The owner pushes and pops at the tail, thieves steal at the head (Cilk's THE protocol)."""

    def __init__(self, size: int) -> None:
        self.lock = threading.Lock()  # taken by thieves, and by the owner when it is a close thing
        self.head = 0
        self.tail = 0
        self.slots: list[Job | None] = [None] * size  # a power of two

    def push(self, job: Job) -> None:
        tail = self.tail
        size = len(self.slots)
        # The bug: a thief has raised `head` before it reads its slot, so that one slot must
        # always be left free (`size - 1`).
        if tail < self.head + size:
            self.slots[tail % size] = job
            self.tail = tail + 1
        else:
            self._push_and_grow(job)

    def _push_and_grow(self, job: Job) -> None:
        with self.lock:
            head, size = self.head, len(self.slots)
            jobs = [self.slots[i % size] for i in range(head, self.tail)]
            self.slots = [*jobs, job] + [None] * (2 * size - len(jobs) - 1)
            self.head = 0
            self.tail = len(jobs) + 1

    def pop(self) -> Job | None:
        tail = self.tail - 1
        self.tail = tail
        if self.head <= tail:
            return self.slots[tail % len(self.slots)]
        self.tail = tail + 1
        with self.lock:
            tail = self.tail - 1
            self.tail = tail
            if self.head <= tail:
                return self.slots[tail % len(self.slots)]
            self.head = 0
            self.tail = 0
            return None

    def steal(self) -> Job | None:
        with self.lock:
            head = self.head
            self.head = head + 1
            if head < self.tail:
                return self.slots[head % len(self.slots)]
            self.head = head
            return None


def work_stealing_queue() -> None:
    """SCTBench chess.WSQ: push may overwrite the slot that a thief is about to read.

    The owner is the main thread and there is one thief: 1 thread beside the main one, as published
    (4 jobs, 2 attempts to steal, 2 slots to begin with).
    """
    queue, jobs = WorkStealingQueue(2), [Job() for _ in range(4)]

    def thief() -> None:
        for _ in range(2):
            work(queue.steal())

    def work(job: Job | None) -> None:
        if job is not None:
            job.done += 1

    thread = threading.Thread(target=thief)
    thread.start()
    for i in (0, 2):
        queue.push(jobs[i])
        queue.push(jobs[i + 1])
        work(queue.pop())
    for _ in range(2):
        work(queue.pop())
    thread.join()
    assert [job.done for job in jobs] == [1, 1, 1, 1]


class StringBuffer:
    """Characters behind a lock, as in JDK 1.4: each method by itself is atomic."""

    def __init__(self, text: str = "") -> None:
        self.lock = threading.RLock()
        self.characters = list(text)

    def length(self) -> int:
        with self.lock:
            return len(self.characters)

    def copy(self, begin: int, end: int) -> list[str]:
        with self.lock:
            if end > len(self.characters):
                raise IndexError(f"string index out of range: {end}")
            return self.characters[begin:end]

    def erase(self, begin: int, end: int) -> None:
        with self.lock:
            del self.characters[begin:end]

    def append(self, text: str) -> None:
        with self.lock:
            self.characters.extend(text)

    def append_buffer(self, other: "StringBuffer") -> None:
        with self.lock:
            length = other.length()  # the bug: `other` is not locked from here ...
            self.characters.extend(other.copy(0, length))  # ... to here


def stringbuffer() -> None:
    """SCTBench stringbuffer-jdk1.4: two atomic calls are not one; 1 thread beside the main."""
    buffer = StringBuffer("abc")

    def change() -> None:
        buffer.erase(0, 3)
        buffer.append("abc")

    thread = threading.Thread(target=change)
    thread.start()
    try:
        StringBuffer().append_buffer(buffer)
    finally:
        thread.join()


def _philosophers(seats: int) -> None:
    forks = [threading.Lock() for _ in range(seats)]
    meals = [0] * seats

    def philosopher(seat: int) -> None:
        with forks[seat], forks[(seat + 1) % seats]:
            meals[seat] += 1

    threads = [threading.Thread(target=philosopher, args=(seat,)) for seat in range(seats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert meals == [1] * seats


def philosophers_3() -> None:
    """Dijkstra's dining philosophers: all take the left fork first; 3 threads."""
    _philosophers(3)


def philosophers_5() -> None:
    """Dijkstra's dining philosophers: all take the left fork first; 5 threads."""
    _philosophers(5)


PROGRAMS = (
    Program("circular_buffer", circular_buffer, 2, "order", "assertion"),
    Program("stack", stack, 2, "check then act", "assertion"),
    Program("bluetooth_driver", bluetooth_driver, 1, "check then act", "assertion"),
    Program("work_stealing_queue", work_stealing_queue, 1, "order", "assertion"),
    Program("stringbuffer", stringbuffer, 1, "check then act", "exception"),
    Program("philosophers_3", philosophers_3, 3, "deadlock", "deadlock", plain=False),
    Program("philosophers_5", philosophers_5, 5, "deadlock", "deadlock", plain=False),
)

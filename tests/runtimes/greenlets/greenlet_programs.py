"""Small programs whose order a loop of gevent decides; run as a script, they say what `GEVENT_LOOP` does."""

import sys
from collections.abc import Callable

import gevent  # type: ignore[import-untyped]
import gevent.event  # type: ignore[import-untyped]
import gevent.lock  # type: ignore[import-untyped]
import gevent.pool  # type: ignore[import-untyped]
import gevent.queue  # type: ignore[import-untyped]


def turns() -> list[str]:
    seen: list[str] = []

    def worker(name: str) -> None:
        for _ in range(3):
            seen.append(name)
            gevent.sleep(0)

    gevent.joinall([gevent.spawn(worker, each) for each in "abc"])
    return seen


def sleepers() -> list[str]:
    seen: list[str] = []

    def worker(name: str, seconds: float) -> None:
        gevent.sleep(seconds)
        seen.append(name)

    gevent.joinall([gevent.spawn(worker, name, ms / 1000) for name, ms in zip("abcd", (40, 10, 30, 20), strict=True)])
    return seen


def semaphore() -> list[str]:
    gate, seen = gevent.lock.Semaphore(0), list[str]()

    def worker(name: str) -> None:
        gate.acquire()
        seen.append(name)

    workers = [gevent.spawn(worker, each) for each in "abcde"]
    gevent.sleep(0)
    for each in workers:
        gate.release()
        seen.append(f"gave {len(workers)}" if each.dead else "gave")
    gevent.joinall(workers)
    return seen


def event() -> list[str]:
    door, seen = gevent.event.Event(), list[str]()

    def worker(name: str) -> None:
        door.wait()
        seen.append(name)

    workers = [gevent.spawn(worker, each) for each in "abc"]
    gevent.sleep(0)
    late = gevent.spawn(seen.append, "late")
    door.set()
    gevent.joinall([*workers, late])
    return seen


def barging() -> list[str]:
    gate, seen = gevent.lock.Semaphore(1), list[str]()

    def worker(name: str) -> None:
        for _ in range(3):
            with gate:
                seen.append(name)
                gevent.sleep(0)

    gevent.joinall([gevent.spawn(worker, each) for each in "ab"])
    return seen


def timer_and_callbacks() -> list[str]:
    seen: list[str] = []

    def sleeps() -> None:
        gevent.sleep(0.05)
        seen.append("timer")

    def turns() -> None:
        for _ in range(20):
            gevent.sleep(0)
        seen.append("callbacks")

    gevent.joinall([gevent.spawn(sleeps), gevent.spawn(turns)])
    return seen


def queue() -> list[object]:
    jobs, seen = gevent.queue.Queue(1), list[object]()

    def produce() -> None:
        for number in range(4):
            jobs.put(number)
            seen.append(f"put {number}")
        jobs.put(StopIteration)

    def consume(name: str) -> None:
        for job in jobs:
            seen.append(f"{name} {job}")
            gevent.sleep(0)
        jobs.put(StopIteration)

    gevent.joinall([gevent.spawn(produce), gevent.spawn(consume, "a"), gevent.spawn(consume, "b")], timeout=1)
    return seen


def links() -> list[str]:
    seen: list[str] = []
    first = gevent.spawn(seen.append, "first")
    first.link(lambda _: seen.append("link"))
    second = gevent.spawn(seen.append, "second")
    second.link(lambda _: seen.append("other link"))
    gevent.spawn(first.join).link(lambda _: seen.append("joined"))
    gevent.sleep(0.001)
    return seen


def kills() -> list[str]:
    seen: list[str] = []

    def worker(name: str) -> None:
        try:
            gevent.sleep(1)
        finally:
            seen.append(name)

    workers = [gevent.spawn(worker, each) for each in "abc"]
    gevent.sleep(0)
    workers[1].kill(block=False)
    seen.append("asked")
    workers[0].kill()
    never = gevent.spawn(seen.append, "never")
    never.kill()
    gevent.killall(workers)
    return seen


def pool() -> list[object]:
    seen: list[object] = []
    crew = gevent.pool.Pool(2)

    def job(number: int) -> int:
        seen.append(f"begins {number}")
        gevent.sleep(0)
        return number * number

    seen += crew.map(job, range(4))
    seen += crew.imap_unordered(job, range(3))
    return seen


def limits() -> list[str]:
    seen: list[str] = []
    for seconds in (0.001, 0.05):
        with gevent.Timeout(0.02, exception=False):
            gevent.sleep(seconds)
            seen.append(f"slept {seconds}")
    result = gevent.event.AsyncResult()
    gevent.spawn_later(0.01, result.set, "answer")
    seen.append(result.get(timeout=1))
    return seen


def raw() -> list[str]:
    seen: list[str] = []
    hub = gevent.get_hub()

    def worker(name: str) -> None:
        seen.append(name)

    gevent.spawn_raw(worker, "raw")
    hub.loop.run_callback(worker, "callback")
    gevent.spawn(worker, "greenlet")
    gevent.idle()
    seen.append("idle")
    return seen


PROGRAMS: tuple[Callable[[], object], ...] = (
    turns, sleepers, semaphore, event, barging, timer_and_callbacks, queue, links, kills, pool, limits, raw,
)  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(repr([repr(program()) for program in PROGRAMS]))

"""What was made before an exploration keeps its semaphore's methods, and they obey the run."""

import gc
import multiprocessing
import threading
from collections.abc import Callable
from typing import Any

import pytest
from controlled import start_beside

from pytest_concurrency import Grade, explore

FORK = multiprocessing.get_context("fork")


def add(keeper: Any, total: Any) -> None:
    keeper.acquire()
    total.value += 1
    keeper.release()


def schedules(keeper: Any, total: Any) -> int:
    def scenario() -> None:
        total.value = 0
        processes = [FORK.Process(target=add, args=(keeper, total)) for _ in range(2)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        assert total.value == 2

    return explore(scenario, schedules=100, races="ignore").schedules


BOTH = 16  # schedules in which both orders are seen; of one who does not obey the run there would be the first alone


@pytest.mark.parametrize(
    "made",
    [lambda: FORK.Value("i", 0), lambda: FORK.Condition(), lambda: FORK.Lock()],
    ids=["value", "condition", "lock"],
)
def test_its_acquire_obeys_the_run(made: Callable[[], Any]) -> None:
    keeper, total = made(), FORK.Value("i", 0, lock=False)
    assert schedules(keeper, total) == BOTH


def test_what_is_made_later_for_the_same_lock_does_too() -> None:
    first, total = FORK.Value("i", 0), FORK.Value("i", 0, lock=False)
    assert schedules(first, total) == BOTH
    assert schedules(FORK.Value("i", 0, lock=first.get_lock()), total) == BOTH


@pytest.mark.parametrize("size", [0, 3])
def test_a_queue_is_fed_anew_in_each_run_and_afterwards(size: int) -> None:
    queue = FORK.Queue(size)

    def scenario() -> list[int]:
        for number in range(3):
            queue.put(number)
        return [queue.get(timeout=20) for _ in range(3)]

    for _ in range(2):
        verdict = explore(scenario, schedules=5)
        assert set(verdict.outcomes) == {"[0, 1, 2]"}, str(verdict)
    queue.put(3)
    assert queue.get(timeout=20) == 3
    queue.close()
    queue.join_thread()


def test_a_queue_that_the_scenario_has_closed_stays_so() -> None:
    queue = FORK.Queue()

    def scenario() -> None:
        if not queue._closed:  # type: ignore[attr-defined]
            queue.put(1)
            assert queue.get(timeout=20) == 1
            queue.close()
            queue.join_thread()

    explore(scenario, schedules=2)
    with pytest.raises(ValueError, match="is closed"):
        queue.put(2)


def take_when_told(lock: Any, told: Any) -> None:
    told.recv()
    with lock:
        pass


def take_its_own() -> None:
    with FORK.Lock():
        pass


def test_nothing_is_proved_of_what_a_process_from_before_has_inherited_as_long_as_it_lives() -> None:
    lock = FORK.Lock()
    told, tell = FORK.Pipe(duplex=False)
    child = FORK.Process(target=take_when_told, args=(lock, told))

    def scenario() -> bool:
        taken: bool = lock.acquire(block=False)
        if taken:
            lock.release()
        return taken

    gc.disable()
    in_a_circle: list[Any] = [FORK.Value("i", lock=False)]
    in_a_circle.append(in_a_circle)
    del in_a_circle  # nobody has this memory any more
    start_beside(child)
    try:
        beside, own = explore(scenario).grade, explore(take_its_own).grade
    finally:
        gc.enable()
        tell.send(None)
        child.join()
        told.close()
        tell.close()
    assert (beside, own) == (Grade.SAMPLED, Grade.PROVED)
    assert explore(scenario).grade is Grade.PROVED


def opens_when_asked(asked: Any, opened: Any) -> None:
    asked.wait()
    opened.set()


def test_what_a_process_from_before_has_done_stays_when_it_has_ended() -> None:
    asked, opened = FORK.Event(), FORK.Event()
    child = FORK.Process(target=opens_when_asked, args=(asked, opened))

    def scenario() -> None:
        asked.set()
        opened.wait()

    start_beside(child)
    try:
        verdict = explore(scenario, schedules=5, seconds=30)
        child.join(30)
        assert explore(scenario, schedules=5, seconds=30).error is None
    finally:
        child.kill()
        child.join()
    assert (verdict.error, child.exitcode, opened.is_set()) == (None, 0, True), str(verdict)


def test_a_lock_that_is_given_back_as_the_run_ends_is_free_beside_a_process_from_before() -> None:
    lock = FORK.Lock()
    told, tell = FORK.Pipe(duplex=False)
    child = FORK.Process(target=take_when_told, args=(lock, told))

    def scenario() -> None:
        held = threading.Event()

        def hold() -> None:
            lock.acquire()
            held.set()
            lock.release()

        threading.Thread(target=hold, daemon=True).start()
        held.wait()

    start_beside(child)
    is_free = False
    try:
        explore(scenario, schedules=20)
        is_free = lock.acquire(block=False)
        if is_free:
            lock.release()
    finally:
        tell.send(None)
        child.join(30 if is_free else 0)
        child.kill()
        child.join()
        told.close()
        tell.close()
    assert is_free

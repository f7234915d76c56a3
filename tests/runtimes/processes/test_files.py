"""Files that processes of a run share: each access of the system is a step, on the file that it really is."""

import contextlib
import fcntl
import multiprocessing
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_concurrency import DeadlockFound, Grade, RaceFound, Verdict, explore

FORK = multiprocessing.get_context("fork")
SPAWN = multiprocessing.get_context("spawn")
WATCH = [__name__]
pytestmark = pytest.mark.slow


def tried(scenario: Callable[[], Any], **settings: Any) -> Verdict:
    return explore(scenario, **{"watch": WATCH, "seconds": 60.0, **settings})


def two(target: Callable[..., object], *arguments: Any, context: Any = FORK) -> None:
    """Run a function in two processes, to their ends."""
    processes = [context.Process(target=target, args=arguments) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def by_open(path: str) -> None:
    with open(path, encoding="ascii") as file:
        seen = int(file.read())
    with open(path, "w", encoding="ascii") as file:
        file.write(str(seen + 1))


def in_place(path: str) -> None:
    with open(path, "r+b", buffering=0) as file:
        seen = int(file.read())
        file.seek(0)
        file.write(b"%d" % (seen + 1))


def by_path(path: str) -> None:
    file = Path(path)
    file.write_text(str(int(file.read_text(encoding="ascii")) + 1), encoding="ascii")


def by_descriptor(path: str) -> None:
    handle = os.open(path, os.O_RDWR)
    os.pwrite(handle, b"%d" % (int(os.read(handle, 8)) + 1), 0)
    os.close(handle)


def replacing(path: str) -> None:
    seen = int(Path(path).read_bytes())
    other = f"{path}.{multiprocessing.current_process().name}"
    Path(other).write_bytes(b"%d" % (seen + 1))
    os.replace(other, path)


WAYS = (by_open, in_place, by_path, by_descriptor, replacing)


def counted(path: Path, target: Callable[..., object], *arguments: Any, context: Any = FORK) -> Callable[[], None]:
    def scenario() -> None:
        path.write_text("0", encoding="ascii")
        Path(f"{path}.lock").touch()
        two(target, str(path), *arguments, context=context)
        seen = int(path.read_text(encoding="ascii"))
        assert seen == 2, f"{seen} of 2"

    return scenario


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_an_update_lost_in_a_file_is_found_and_replayed(way: Callable[[str], None], tmp_path: Path) -> None:
    verdict = tried(counted(tmp_path / "counter.txt", way))
    assert type(verdict.error) is RaceFound
    told = str(verdict.error)
    assert verdict.replay is not None
    again = tried(counted(tmp_path / "counter.txt", way), replay=verdict.replay)
    assert str(again.error) == told


def locked(path: str, way: Callable[[str], None], lock: Any) -> None:
    with lock:
        way(path)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_one_critical_section_over_a_file_is_proved(way: Callable[[str], None], tmp_path: Path) -> None:
    path = tmp_path / "counter.txt"

    def scenario() -> int:
        lock = FORK.Lock()
        path.write_text("0", encoding="ascii")
        two(locked, str(path), way, lock)
        return int(path.read_text(encoding="ascii"))

    verdict = tried(scenario, strategy="dpor")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, {"2"})


def append(path: str) -> None:
    with open(path, "a", encoding="ascii") as file:
        file.write(multiprocessing.current_process().name[-1])


def make_first(path: str) -> None:
    with contextlib.suppress(FileExistsError), open(f"{path}.lock", "x", encoding="ascii"):
        append(path)


def look_first(path: str) -> None:
    if not os.path.exists(f"{path}.lock"):
        Path(f"{path}.lock").touch()
        append(path)


def grow(path: str) -> None:
    if os.stat(path).st_size < 2:
        with open(path, "ab", buffering=0) as file:
            file.write(b"!")


@pytest.mark.parametrize(
    ("way", "ends"),
    [
        (in_place, {"1", "2"}),
        (by_descriptor, {"1", "2"}),
        (append, {"012", "021"}),
        (make_first, {"01", "02"}),
        (look_first, {"01", "02", "012", "021"}),
        (grow, {"0!", "0!!"}),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_every_outcome_that_a_file_can_have_is_found(
    way: Callable[[str], None], ends: set[str], tmp_path: Path
) -> None:
    path = tmp_path / "file.txt"

    def scenario() -> str:
        path.write_text("0", encoding="ascii")
        Path(f"{path}.lock").unlink(missing_ok=True)
        two(way, str(path))
        return path.read_text(encoding="ascii")

    verdict = tried(scenario, strategy="dpor")
    assert (verdict.grade, {each.strip("'") for each in verdict.outcomes}) == (Grade.PROVED, ends)


def read_next(file: Any, seen: Any) -> None:
    seen.value = os.read(file.fileno(), 1)


def test_a_position_that_processes_have_inherited_is_shared(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes(b"ab")

    def scenario() -> bytes:
        seen = [FORK.Value("c", lock=False) for _ in range(2)]
        with open(path, "rb") as file:
            processes = [FORK.Process(target=read_next, args=(file, each)) for each in seen]
            for process in processes:
                process.start()
            for process in processes:
                process.join()
        return b"".join(each.value for each in seen)

    verdict = tried(scenario, strategy="dpor")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, {"b'ab'", "b'ba'"})


# -- locks of files


def flocked(path: str, way: Callable[[str], None]) -> None:
    with open(f"{path}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        way(path)


def unlocked(path: str, way: Callable[[str], None]) -> None:
    with open(f"{path}.lock", "w", encoding="ascii") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        way(path)
        fcntl.lockf(lock, fcntl.LOCK_UN)


def os_locked(path: str, way: Callable[[str], None]) -> None:
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT)
    os.lockf(lock, os.F_LOCK, 0)
    way(path)
    os.close(lock)


@pytest.mark.parametrize("lock", [flocked, unlocked, os_locked], ids=lambda lock: lock.__name__)
def test_a_lock_of_a_file_excludes(lock: Callable[..., None], tmp_path: Path) -> None:
    path = tmp_path / "counter.txt"

    def scenario() -> int:
        path.write_text("0", encoding="ascii")
        Path(f"{path}.lock").touch()
        two(lock, str(path), in_place)
        return int(path.read_text(encoding="ascii"))

    verdict = tried(scenario, strategy="dpor")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, {"2"})


def shared(path: str, way: Callable[[str], None]) -> None:
    with open(f"{path}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        way(path)


def test_a_shared_lock_of_a_file_excludes_nobody(tmp_path: Path) -> None:
    assert type(tried(counted(tmp_path / "counter.txt", shared, in_place)).error) is RaceFound


def lock_both(first: str, second: str) -> None:
    with open(first, "w", encoding="ascii") as outer, open(second, "w", encoding="ascii") as inner:
        fcntl.flock(outer, fcntl.LOCK_EX)
        fcntl.flock(inner, fcntl.LOCK_EX)


def test_two_locks_of_files_in_two_orders_are_a_deadlock_that_is_told(tmp_path: Path) -> None:
    first, second = str(tmp_path / "first.txt"), str(tmp_path / "second.txt")

    def scenario() -> None:
        processes = [FORK.Process(target=lock_both, args=each) for each in ((first, second), (second, first))]
        for process in processes:
            process.start()
        for process in processes:
            process.join()

    verdict = tried(scenario)
    told = str(verdict.error)
    assert type(verdict.error) is DeadlockFound
    assert re.search(r"waits in FileLock.flock on the lock of second.txt\s+held by ForkProcess-2", told, re.DOTALL)


def lock_and_die(path: str, event: Any) -> None:
    with open(path, "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        event.set()
        os.kill(os.getpid(), 9)


def test_who_is_killed_gives_his_lock_of_a_file_back(tmp_path: Path) -> None:
    path = str(tmp_path / "lock.txt")

    def scenario() -> str:
        event = FORK.Event()
        process = FORK.Process(target=lock_and_die, args=(path, event))
        process.start()
        event.wait()
        with open(path, "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
        process.join()
        return str(process.exitcode)

    verdict = tried(scenario, schedules=30)
    assert set(verdict.outcomes) == {"'-9'"}


def test_who_does_not_want_to_wait_is_told_so(tmp_path: Path) -> None:
    path = str(tmp_path / "lock.txt")

    Path(path).touch()

    def scenario() -> tuple[str, ...]:
        seen = FORK.SimpleQueue()
        two(try_to_lock, path, seen)
        return tuple(sorted(seen.get() for _ in range(2)))

    verdict = tried(scenario, strategy="dpor", schedules=300)
    assert set(verdict.outcomes) == {"('had', 'had')", "('had', 'no')"}


def try_to_lock(path: str, seen: Any) -> None:
    with open(path, "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            seen.put("no")
        else:
            seen.put("had")


def write_one(path: str, _seen: Any) -> None:
    handle = os.open(path, os.O_WRONLY)
    os.pwrite(handle, b"1", 0)


def read_one(path: str, seen: Any) -> None:
    with open(path, "rb", buffering=0) as file:
        seen.value = file.read(1)


def test_a_new_interpreter_touches_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "counter.txt"

    def scenario() -> bytes:
        path.write_text("0", encoding="ascii")
        seen = SPAWN.Value("c", lock=False)
        processes = [SPAWN.Process(target=each, args=(str(path), seen)) for each in (write_one, read_one)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        return bytes(seen.value)

    verdict = tried(scenario, strategy="dpor")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, {"b'0'", "b'1'"})


def replacing_by_a_new_name(path: str) -> None:
    seen = int(Path(path).read_bytes())
    handle, other = tempfile.mkstemp(dir=os.path.dirname(path), suffix=f".{os.getpid()}")
    os.write(handle, b"%d" % (seen + 1))
    os.close(handle)
    os.replace(other, path)


def test_names_that_each_run_makes_up_are_no_difference() -> None:
    def scenario() -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "counter.txt")
            path.write_bytes(b"0")
            two(replacing_by_a_new_name, str(path))
            return path.read_text(encoding="ascii")

    verdict = tried(scenario, strategy="dpor")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, {"'1'", "'2'"}), verdict.reason

    def lost() -> None:
        assert scenario() == "2"

    found = tried(lost)
    assert type(tried(lost, replay=found.replay).error) is RaceFound


REAL = {"open": os.open}


def made_anew(path: str, keep: bool) -> None:  # noqa: FBT001
    for _ in range(2):
        with open(path, "a", encoding="ascii") as file:
            file.write("x")
        if keep:
            REAL["open"](path, os.O_RDONLY)
        os.remove(path)


def test_a_file_that_is_made_anew_is_another_one_whatever_its_number(tmp_path: Path) -> None:
    """Whether the system gives the number of a removed file again is up to it: it does not while that is open."""
    runs: list[bool] = []

    def scenario() -> None:
        runs.append(len(runs) % 2 > 0)
        processes = [FORK.Process(target=made_anew, args=(str(tmp_path / name), runs[-1])) for name in "ab"]
        for process in processes:
            process.start()
        for process in processes:
            process.join()

    verdict = tried(scenario, strategy="dpor", schedules=12)
    assert verdict.grade is Grade.SAMPLED, verdict.reason

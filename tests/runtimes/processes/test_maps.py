"""Maps that processes of a run share: each access is a step, whether it goes to memory or to a file."""

import ctypes
import mmap
import multiprocessing
import re
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.shared_memory import ShareableList, SharedMemory
from pathlib import Path
from typing import Any

import pytest

from pytest_concurrency import Grade, RaceFound, Verdict, explore

FORK = multiprocessing.get_context("fork")
SPAWN = multiprocessing.get_context("spawn")
SEES_VIEWS = sys.version_info >= (3, 12)
pytestmark = pytest.mark.slow


def tried(scenario: Callable[[], Any], **settings: Any) -> Verdict:
    return explore(scenario, **{"watch": [__name__], "seconds": 60.0, **settings})


def two(target: Callable[..., object], *arguments: Any, context: Any = FORK) -> None:
    processes = [context.Process(target=target, args=arguments) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


@contextmanager
def anonymous(_folder: Path) -> Iterator[Any]:
    with mmap.mmap(-1, 16) as memory:
        yield memory


@contextmanager
def of_a_file(folder: Path) -> Iterator[Any]:
    (folder / "counter.bin").write_bytes(bytes(16))
    with open(folder / "counter.bin", "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        yield memory


@contextmanager
def named(_folder: Path) -> Iterator[Any]:
    memory = SharedMemory(create=True, size=16)
    try:
        yield memory.buf
    finally:
        memory.close()
        memory.unlink()


def by_item(memory: Any) -> None:
    memory[0] += 1


def by_slice(memory: Any) -> None:
    seen = int.from_bytes(memory[:4], "little")
    memory[:4] = (seen + 1).to_bytes(4, "little")


def by_struct(memory: Any) -> None:
    (seen,) = struct.unpack_from("<i", memory, 0)
    struct.pack_into("<i", memory, 0, seen + 1)


def locked(memory: Any, way: Callable[[Any], None], lock: Any) -> None:
    with lock:
        way(memory)


MAPS = (anonymous, of_a_file, named)
WAYS = (by_item, by_slice, by_struct)
each_map = pytest.mark.parametrize("make", MAPS, ids=lambda make: make.__name__)
each_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)


@each_map
@each_way
def test_an_update_lost_in_a_map_is_found(make: Any, way: Callable[[Any], None], tmp_path: Path) -> None:
    def scenario() -> int:
        with make(tmp_path) as memory:
            two(way, memory)
            return int(memory[0])

    verdict = tried(scenario, strategy="dpor", schedules=60)
    if SEES_VIEWS or (way is not by_struct and make is not named):
        assert set(verdict.outcomes) == {"1", "2"}
    assert (verdict.grade is Grade.PROVED) == SEES_VIEWS


@each_map
@each_way
def test_one_critical_section_over_a_map_is_proved(make: Any, way: Callable[[Any], None], tmp_path: Path) -> None:
    def scenario() -> int:
        lock = FORK.Lock()
        with make(tmp_path) as memory:
            two(locked, memory, way, lock)
            return int(memory[0])

    verdict = tried(scenario, strategy="dpor", schedules=60)
    assert set(verdict.outcomes) == {"2"}
    assert (verdict.grade is Grade.PROVED) == SEES_VIEWS


def mapped_by_with(path: str, lock: Any) -> None:
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as memory, lock:
        memory[0] += 1


@pytest.mark.skipif(not SEES_VIEWS, reason="3.11 does not show who asks for a view")
def test_a_map_that_each_process_makes_by_with_is_proved(tmp_path: Path) -> None:
    """The line alone is no Python, which the interpreter would show if there were such a file."""
    path = tmp_path / "counter.bin"

    def scenario() -> int:
        path.write_bytes(bytes(2))
        two(mapped_by_with, str(path), FORK.Lock())
        return path.read_bytes()[0]

    verdict = tried(scenario, strategy="dpor")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, {"2"}), verdict.reason


@pytest.mark.skipif(not SEES_VIEWS, reason="3.11 does not show who asks for a view")
@pytest.mark.parametrize("make", MAPS[:2], ids=lambda make: make.__name__)
def test_bytes_of_a_map_are_no_matter_to_each_other(make: Any, tmp_path: Path) -> None:
    def scenario() -> bytes:
        with make(tmp_path) as memory:
            processes = [FORK.Process(target=write_at, args=(memory, index)) for index in range(2)]
            for process in processes:
                process.start()
            for process in processes:
                process.join()
            return bytes(memory[:2])

    verdict = tried(scenario, strategy="dpor")
    assert (verdict.grade, verdict.schedules, set(verdict.outcomes)) == (Grade.PROVED, 1, {r"b'\x01\x02'"})


def write_at(memory: Any, index: int) -> None:
    memory[index] = index + 1


def keeps_a_view(memory: Any) -> None:
    view = memoryview(memory)
    seen = view[0]
    view[0] = seen + 1


def for_one_access(memory: Any) -> None:
    memoryview(memory)[0] = 1


def through_ctypes(memory: Any) -> None:
    ctypes.c_uint8.from_buffer(memory).value += 1


@each_map
@pytest.mark.parametrize("way", [keeps_a_view, for_one_access, through_ctypes], ids=lambda way: way.__name__)
def test_what_is_done_through_a_view_that_is_kept_proves_nothing(
    make: Any, way: Callable[[Any], None], tmp_path: Path
) -> None:
    def scenario() -> None:
        with make(tmp_path) as memory:
            two(way, memory)

    verdict = tried(scenario, strategy="dpor", schedules=60)
    assert verdict.grade is Grade.SAMPLED
    assert "no proof" in verdict.reason


def write_to_the_file(path: str, _memory: Any) -> None:
    with open(path, "r+b", buffering=0) as file:
        file.write(b"\1")


def copy_first(_path: str, memory: Any) -> None:
    memory[1] = memory[0]


def test_a_map_and_the_file_that_it_shows_are_one(tmp_path: Path) -> None:
    def scenario() -> int:
        with of_a_file(tmp_path) as memory:
            given = (str(tmp_path / "counter.bin"), memory)
            processes = [FORK.Process(target=each, args=given) for each in (write_to_the_file, copy_first)]
            for process in processes:
                process.start()
            for process in processes:
                process.join()
            return int(memory[1])

    assert set(tried(scenario, strategy="dpor", schedules=60).outcomes) == {"0", "1"}


def add_to_list(name: str) -> None:
    numbers: Any = ShareableList(name=name)
    numbers[0] += 1
    numbers.shm.close()


@pytest.mark.parametrize("context", [FORK, SPAWN], ids=["fork", "spawn"])
def test_a_list_that_processes_find_by_its_name_is_shared(context: Any) -> None:
    def scenario() -> int:
        numbers = ShareableList([0])
        try:
            two(add_to_list, numbers.shm.name, context=context)
            return int(numbers[0] or 0)
        finally:
            numbers.shm.close()
            numbers.shm.unlink()

    verdict = tried(scenario, schedules=60 if context is FORK else 12, stop_on_failure=False)
    assert verdict.error is None
    assert set(verdict.outcomes) == {"1", "2"}


def test_the_words_of_a_report_name_the_map_and_the_part(tmp_path: Path) -> None:
    def scenario() -> None:
        memory = mmap.mmap(-1, 16)
        two(by_item, memory)
        assert memory[0] == 2

    def with_a_file() -> None:
        with of_a_file(tmp_path) as memory:
            two(by_item, memory)
            assert memory[0] == 2

    for each, name in ((scenario, "memory"), (with_a_file, "counter.bin")):
        verdict = tried(each)
        assert type(verdict.error) is RaceFound
        assert f"read {name}[0] = 0" in str(verdict.error)
        assert re.search(rf"ForkProcess-\d read {name}\[0\] at ", str(verdict.error))


@each_map
def test_threads_of_one_process_meet_at_a_map_as_before(make: Any, tmp_path: Path) -> None:
    def scenario() -> int:
        with make(tmp_path) as memory:
            threads = [threading.Thread(target=by_item, args=(memory,)) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return int(memory[0])

    verdict = tried(scenario, strategy="dpor")
    assert set(verdict.outcomes) == {"1", "2"}
    assert (verdict.grade is Grade.PROVED) == (make is not named or not SEES_VIEWS)


def test_what_stands_in_passes_for_what_it_stands_for() -> None:
    def scenario() -> None:
        with named(Path()) as view, anonymous(Path()) as memory:
            passes = isinstance(view, memoryview)
            assert passes
            assert isinstance(memory, mmap.mmap)
            view[:4] = b"\1\0\0\2"
            assert (bytes(view[:2]), view[3], len(view), view.nbytes) == (b"\1\0", 2, 16, 16)
            assert view[:4].cast("i")[0] == int.from_bytes(b"\1\0\0\2", sys.byteorder)
            assert view[:2] == b"\1\0"
            assert 2 in view
            assert [*view[:4]] == view[:4].tolist() == [1, 0, 0, 2]
            memory.write(b"abc")
            memory.seek(0)
            assert (memory.read(3), memory.find(b"c", 0), memory[-16], memory[:2]) == (b"abc", 2, 97, b"ab")

    verdict = tried(scenario, schedules=2)
    assert verdict.error is None


def test_the_memory_of_multiprocessing_itself_is_seen_as_before() -> None:
    def scenario() -> int:
        large = FORK.Array("i", 1 << 20, lock=False)  # more than there is: another map is made
        lock = FORK.Lock()
        two(locked, large, by_item, lock)
        return int(large[0])

    verdict = tried(scenario, strategy="dpor")
    assert set(verdict.outcomes) == {"2"}
    assert (verdict.grade is Grade.PROVED) == SEES_VIEWS

"""What the system says of a thread and its CPU, and a block that stays on one CPU."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._machine.patches import Patches

HAS_SCHEDSTAT: Final = os.path.exists("/proc/self/task")


def thread_clock(native: int) -> tuple[int, ...] | None:
    """Return what grows while a thread runs or waits for a CPU; None where that is not known."""
    try:
        with open(f"/proc/self/task/{native}/schedstat", encoding="ascii") as file:
            return tuple(int(part) for part in file.read().split())
    except (OSError, ValueError):
        return None


def process_clock(pid: int) -> tuple[int, ...] | None:
    """Return what grows while a thread of a process runs or waits for a CPU; None where that is not known."""
    counts: list[tuple[int, ...]] = []
    for thread in _threads(pid):
        with contextlib.suppress(OSError, ValueError), open(f"{thread}/schedstat", encoding="ascii") as file:
            counts.append(tuple(int(part) for part in file.read().split()))
    return tuple(map(sum, zip(*counts, strict=True))) if counts else None


def process_is_ready(pid: int) -> bool:
    """Tell whether a thread of a process runs, or waits for a CPU or a device (Linux; False elsewhere)."""
    return any(stat(thread.removeprefix("/proc/"))[:1] in (["R"], ["D"]) for thread in _threads(pid))


def _threads(pid: int) -> list[str]:
    """Return the folders of the threads of a process; none where there is no such process, or no such folder."""
    folder = f"/proc/{pid}/task"
    try:
        return [f"{folder}/{each}" for each in os.listdir(folder)]
    except OSError:
        return []


def thread_is_ready(native: int) -> bool:
    """Tell whether a thread runs, or waits for a CPU or a device: for a page of memory (Linux; False elsewhere)."""
    return stat(f"self/task/{native}")[:1] in (["R"], ["D"])


def thread_cpu(native: int) -> int | None:
    """Return the number of the CPU that a thread runs on, or ran on last (Linux; None elsewhere)."""
    fields = stat(f"self/task/{native}")
    return int(fields[36]) if len(fields) > 36 else None


def stat(which: str) -> list[str]:
    """Return what `/proc/WHICH/stat` tells after the name: the letter of its state, its parent, ...; else []."""
    try:
        with open(f"/proc/{which}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


@contextlib.contextmanager
def one_cpu(patches: Patches) -> Iterator[None]:
    """Pin the calling thread, and so its tasks, to one CPU: the baton passes four times faster.

    It is the one where the thread is: where several processes do so, and had a CPU each, nobody
    has to share one while others are idle. Workers of xdist take theirs by number.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    if len(allowed) < 2:
        yield
        return
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    number = int(worker) if worker.isdigit() else None
    cpu = thread_cpu(threading.get_native_id()) if number is None else None
    if cpu not in allowed:
        cpu = sorted(allowed)[(number or 0) % len(allowed)]
    original = os.sched_getaffinity
    try:
        os.sched_setaffinity(0, {cpu})
    except OSError:
        yield
        return
    patches.set(os, "sched_getaffinity", lambda pid: set(allowed) if pid == 0 else original(pid))
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


@contextlib.contextmanager
def no_rush(patches: Patches) -> Iterator[None]:
    """Let a thread that is woken wait until its waker blocks, in the calling thread and those that it starts.

    Whoever hands over still holds the interpreter's lock. A system that lets the woken thread in at
    once makes it wait for that lock, and be woken a second time.
    """
    batch, usual = getattr(os, "SCHED_BATCH", None), getattr(os, "SCHED_OTHER", None)
    try:
        if batch is None or usual is None or os.sched_getscheduler(0) != usual:
            raise OSError
        original = os.sched_getscheduler
        os.sched_setscheduler(0, batch, os.sched_param(0))
    except OSError:  # not Linux, forbidden, or a policy that somebody has chosen
        yield
        return
    patches.set(os, "sched_getscheduler", lambda pid: usual if pid == 0 else original(pid))
    try:
        yield
    finally:
        os.sched_setscheduler(0, usual, os.sched_param(0))

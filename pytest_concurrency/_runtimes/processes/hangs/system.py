"""What Linux tells of other processes: who is below this one, and in which call each thread is."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import re
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pytest_concurrency._machine import cpu

if TYPE_CHECKING:
    from collections.abc import Callable

_X86: Final = {
    0: "read", 1: "write", 7: "poll", 44: "sendto", 45: "recvfrom", 47: "recvmsg", 61: "wait4",
    202: "futex", 232: "epoll_wait", 247: "waitid", 23: "select", 270: "pselect6", 271: "ppoll", 281: "epoll_wait",
}  # fmt: skip
_ARM: Final = {
    63: "read", 64: "write", 73: "ppoll", 206: "sendto", 207: "recvfrom", 212: "recvmsg", 260: "wait4",
    98: "futex", 22: "epoll_wait", 95: "waitid", 72: "pselect6",
}  # fmt: skip
_CALLS: Final = {"x86_64": _X86, "aarch64": _ARM}.get(platform.machine(), {})
_PRIVATE: Final = 128  # of a futex: for the threads of one process
_POLLED: Final = 64  # so many handles are looked at
READS, WRITES = "r", "w"


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a thread of another process is; equal as long as it has not moved.

    Attributes:
        pid: Its process.
        tid: Its own number.
        call: The call of the system, "" where it is in none or in one that is not known.
        arguments: Those of the call.
        ran: How often, and how long, it had a processor.
        goes_on: Whether it runs, or is to run as soon as it has a processor or its memory.
    """

    pid: int
    tid: int
    call: str
    arguments: tuple[int, ...]
    ran: str
    goes_on: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Awaited:
    """What a thread waits for without a limit.

    Attributes:
        text: In words.
        ends: Pipes and sockets, each with what somebody must be able to do at the other end.
        semaphore: The file in memory of a semaphore that processes share.
    """

    text: str
    ends: tuple[tuple[str, str], ...] = field(default=())
    semaphore: str = ""


def below(root: int) -> list[int]:
    """Return the processes that descend from one, parents first."""
    found, ask = [], [root]
    while ask:
        children = sorted(_children(ask.pop(0)))
        found += children
        ask += children
    return found


def _children(pid: int) -> set[int]:
    found = set()
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            found |= {int(child) for child in _text(f"/proc/{pid}/task/{task}/children").split()}
    return found


def stands(pid: int) -> list[Stand] | None:
    """Return where the threads of a process are; None where one cannot be looked at, [] if it has ended."""
    state = cpu.stat(str(pid))[:1]
    if state in ([], ["Z"], ["X"]):
        return []
    if state in (["T"], ["t"]):  # it is stopped: whoever did that may let it go on
        return None
    try:
        return [_stand(pid, int(task)) for task in sorted(os.listdir(f"/proc/{pid}/task"))]
    except (OSError, ValueError):
        return None


def _stand(pid: int, tid: int) -> Stand:
    folder = f"/proc/{pid}/task/{tid}"
    with open(f"{folder}/syscall", encoding="ascii") as file:
        number, *arguments = file.read().split()
    call = _CALLS.get(int(number), "") if number.lstrip("-").isdigit() else ""
    with open(f"{folder}/schedstat", encoding="ascii") as file:
        inside = tuple(int(each, 16) for each in arguments[:6])
        return Stand(pid, tid, call, inside, file.read(), goes_on=number in ("running", "-1"))


def serves_multiprocessing(pid: int) -> bool:
    """Tell whether a process is a forkserver or a resource tracker, whoever has started it, not what such a one forked.

    What is forked has the command line of who forked it, at the same place in its memory.
    """
    words = _text(f"/proc/{pid}/cmdline")
    if not any(f"from multiprocessing.{name} import main" in words for name in ("forkserver", "resource_tracker")):
        return False
    found = cpu.stat(str(pid))
    return len(found) > _ARGUMENTS and found[_ARGUMENTS] != "0" and found[_ARGUMENTS] != _arguments_of(found[_PARENT])


def _arguments_of(pid: str) -> str:
    return (cpu.stat(pid)[_ARGUMENTS:] or [""])[0]


_PARENT, _ARGUMENTS = 1, 45
"""Where `/proc/PID/stat` has, after the name, the parent, and where in memory the command line lies."""


def hears_signals(pid: int) -> bool:
    """Tell whether a process has handlers of signals that this one has not: anybody may send one at any moment."""
    return bool(_caught(pid) & ~_caught(os.getpid()) & ~_HARMLESS)


def _caught(pid: int) -> int:
    found = re.search(r"^SigCgt:\s*(\w+)", _text(f"/proc/{pid}/status"), re.MULTILINE)
    return int(found[1], 16) if found else 0


_HARMLESS: Final = sum(1 << number - 1 for number in (2, 4, 6, 7, 8, 11, 17, 32, 33, 34))
"""Ctrl-C, a child's end, errors of the process itself, and what the C library needs."""


def awaited(stand: Stand) -> Awaited | None:
    """Return what a thread waits for; None where it may act itself, or that is not known."""
    look = _LOOKS.get(stand.call)
    return None if look is None else look(stand)


def _futex(stand: Stand) -> Awaited | None:
    if stand.arguments[3]:
        return None
    if stand.arguments[1] & _PRIVATE:
        return Awaited("a wait for another thread of its process")
    file = mapped(stand.pid, stand.arguments[0])
    return Awaited("a wait for a semaphore", semaphore=file) if "/sem." in file else None


def mapped(pid: int, address: int) -> str:
    """Return the file that lies at an address of a process, with its number, which stays when it is gone."""
    for line in _text(f"/proc/{pid}/maps").splitlines():
        span, _, _, device, node, *path = line.split(maxsplit=5)
        low, high = (int(each, 16) for each in span.split("-"))
        if low <= address < high:
            return f"{path[0] if path else ''} {device} {node}"
    return ""


def _child(stand: Stand) -> Awaited:
    pid = ctypes.c_int(stand.arguments[stand.call == "waitid"]).value
    return Awaited(f"a wait for the end of {f'process {pid}' if pid > 0 else 'a child'}")


def _reading(stand: Stand) -> Awaited | None:
    return _at(stand.pid, {stand.arguments[0]: WRITES}, "a read from")


def _writing(stand: Stand) -> Awaited | None:
    return _at(stand.pid, {stand.arguments[0]: READS}, "a write to")


def _at(pid: int, handles: dict[int, str], text: str) -> Awaited | None:
    """Return that a process waits at handles; None where somebody may come from nobody knows where."""
    ends = []
    for handle, other in handles.items():
        link = link_of(pid, handle)
        if link.startswith(("pipe:", "socket:")):
            ends.append((link, other))
        elif link != "anon_inode:[pidfd]":
            return None
    names = [*dict.fromkeys(_word(link, next(iter(handles))) for link, _ in ends)]
    return Awaited(f"{text} {' or '.join(names)}" if names else "a wait for the end of a child", tuple(ends))


def _word(link: str, handle: int) -> str:
    if handle < len(_STREAMS):
        return _STREAMS[handle]
    return "a pipe" if link.startswith("pipe:") else "a socket"


_STREAMS: Final = ("its standard input", "its standard output", "its standard error")


def link_of(pid: int, handle: int) -> str:
    """Return what a handle of a process leads to."""
    try:
        return os.readlink(f"/proc/{pid}/fd/{handle}")
    except OSError:
        return ""


def _polling(stand: Stand) -> Awaited | None:
    address, count, limit = stand.arguments[:3]
    is_endless = limit == 0 if stand.call == "ppoll" else ctypes.c_int(limit).value < 0
    if not is_endless or count > _POLLED:
        return None
    memory = _memory(stand.pid, address, 8 * count)
    if memory is None:
        return None
    asked = (struct.unpack_from("<ih", memory, 8 * each) for each in range(count))
    return _at(stand.pid, {handle: READS if events & 4 else WRITES for handle, events in asked}, "a wait for")


def _selecting(stand: Stand) -> Awaited | None:
    count, *sets, limit = stand.arguments[:5]
    if limit or count > 1024:
        return None
    handles: dict[int, str] = {}
    for address, other in zip(sets[:2], (WRITES, READS), strict=True):
        memory = _memory(stand.pid, address, (count + 63) // 64 * 8) if address else b""
        if memory is None:
            return None
        handles |= {each: other for each in range(min(count, 8 * len(memory))) if memory[each // 8] >> each % 8 & 1}
    return _at(stand.pid, handles, "a wait for")


def _epoll(stand: Stand) -> Awaited | None:
    if ctypes.c_int(stand.arguments[3]).value >= 0:
        return None
    told = _text(f"/proc/{stand.pid}/fdinfo/{stand.arguments[0]}")
    return _at(stand.pid, {int(each): WRITES for each in re.findall(r"^tfd: *(\d+)", told, re.MULTILINE)}, "a wait for")


def _memory(pid: int, address: int, size: int) -> bytes | None:
    """Return what lies in a process' memory, as a debugger sees it."""
    try:
        with open(f"/proc/{pid}/mem", "rb", 0) as file:
            file.seek(address)
            return file.read(size)
    except (OSError, ValueError, OverflowError):
        return None


_LOOKS: Final[dict[str, Callable[[Stand], Awaited | None]]] = {
    "futex": _futex, "wait4": _child, "waitid": _child, "read": _reading, "recvfrom": _reading, "recvmsg": _reading,
    "write": _writing, "sendto": _writing, "poll": _polling, "ppoll": _polling, "select": _selecting,
    "pselect6": _selecting, "epoll_wait": _epoll,
}  # fmt: skip


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""

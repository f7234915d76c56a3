"""Whether a process that is not of ours could end a wait: it holds the other end, or the semaphore, too."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import struct
from typing import TYPE_CHECKING, Final

from pytest_concurrency._runtimes.processes.hangs.system import WRITES, link_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DIAG: Final = 4  # NETLINK_SOCK_DIAG
_BY_FAMILY: Final = 20
_DUMP: Final = 0x301
_SHOW: Final = 4 | 8  # peers, and who waits to be let in
_PEER: Final = 2
_WAITING: Final = 3
_LISTENS: Final = "0A"
_ENDS: Final = (2, 3)  # of a dump: an error, all said


def could_act(ours: Iterable[int], ends: Iterable[tuple[str, str]], semaphores: Iterable[str]) -> bool:
    """Tell whether anybody else has a pipe's other end or a semaphore, or whether that cannot be known.

    Args:
        ours: The processes that are looked at anyway.
        ends: As `Awaited` has them.
        semaphores: Their files, as `Awaited` has them.
    """
    wanted: set[tuple[str, str]] = set()
    peers: dict[str, str] | None = None
    for link, other in ends:
        if link.startswith("socket:"):
            peers = _peers() if peers is None else peers
            if link not in peers:
                return True
            wanted.add((peers[link], ""))
        else:
            wanted.add((link, other))
    mine = set(ours)
    if not all(any(_holds(pid, {end}) for pid in mine) for end in wanted):
        return True
    files = {each.rpartition(" ")[2] for each in semaphores}
    others = [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) not in mine]
    return any((wanted and _holds(pid, wanted)) or (files and _maps(pid, files)) for pid in others)


def _holds(pid: int, wanted: set[tuple[str, str]]) -> bool:
    for handle, link in _handles(pid):
        others = {other for each, other in wanted if each == link}
        if "" in others or (others and others & _may(pid, handle)):
            return True
    return False


def _handles(pid: int) -> Iterator[tuple[int, str]]:
    with contextlib.suppress(OSError):  # of somebody else, or ended
        for name in os.listdir(f"/proc/{pid}/fd"):
            yield int(name), link_of(pid, int(name))


def _may(pid: int, handle: int) -> set[str]:
    """Return what a process may do at a handle."""
    try:
        with open(f"/proc/{pid}/fdinfo/{handle}", encoding="ascii") as file:
            found = re.search(r"^flags:\s*(\d+)", file.read(), re.MULTILINE)
    except OSError:
        return set()
    mode = int(found[1], 8) & os.O_ACCMODE if found else os.O_RDWR
    return {os.O_RDONLY: {"r"}, os.O_WRONLY: {WRITES}}.get(mode, {"r", WRITES})


def _maps(pid: int, nodes: set[str]) -> bool:
    try:
        with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as file:
            return any("/sem." in line and line.split(maxsplit=5)[4] in nodes for line in file)
    except OSError:
        return False


def _peers() -> dict[str, str]:
    """Return the other end of every connected socket of this machine; of one that waits to be let in, the listener."""
    found = _over_the_network()
    with contextlib.suppress(OSError), socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _DIAG) as asked:
        asked.settimeout(1.0)
        request = struct.pack("<BBHIIIII", socket.AF_UNIX, 0, 0, 0xFFFFFFFF, 0, _SHOW, 0, 0)
        asked.sendto(struct.pack("<IHHII", 16 + len(request), _BY_FAMILY, _DUMP, 1, 0) + request, (0, 0))
        for own, peer in _dumped(asked):
            found[f"socket:[{own}]"] = f"socket:[{peer}]"
    return found


def _over_the_network() -> dict[str, str]:
    nodes: dict[tuple[str, str], str] = {}
    listeners: dict[str, str] = {}
    for line in [*_lines("/proc/net/tcp"), *_lines("/proc/net/tcp6")]:
        _, own, other, state, *_ = words = line.split()
        if state == _LISTENS:
            listeners[own.rpartition(":")[2]] = words[9]
        else:
            nodes[_plain(own), _plain(other)] = words[9]
    found = {}
    for (own, other), node in nodes.items():
        peer = nodes.get((other, own), "0")
        if peer == "0":
            peer = listeners.get(other.rpartition(":")[2], "0")
        if node != "0" and peer != "0":
            found[f"socket:[{node}]"] = f"socket:[{peer}]"
    return found


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="ascii") as file:
            return file.read().splitlines()[1:]
    except OSError:
        return []


def _plain(address: str) -> str:
    """Return an address of the fourth version as such, also where a socket of the sixth has it."""
    return address.removeprefix("0000000000000000FFFF0000")


def _dumped(asked: socket.socket) -> Iterator[tuple[int, int]]:
    while True:
        data = asked.recv(1 << 16)
        while data:
            length, kind = struct.unpack_from("<IH", data)
            if kind in _ENDS:
                return
            message, data = data[:length], data[(length + 3) & ~3 :]
            own, at = struct.unpack_from("<I", message, 20)[0], 32
            while at + 4 <= len(message):
                size, attribute = struct.unpack_from("<HH", message, at)
                nodes = [each for (each,) in struct.iter_unpack("<I", message[at + 4 : at + (size & ~3)])]
                if attribute == _PEER and any(nodes):  # it has none before it is let in
                    yield own, nodes[0]
                elif attribute == _WAITING:
                    yield from ((each, own) for each in nodes)
                at += max((size + 3) & ~3, 4)

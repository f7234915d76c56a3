"""The functions of `os` that read and write files, or make and take away their names: each call is a step."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here
from pytest_concurrency._runtimes.processes.files.opening import plan
from pytest_concurrency._runtimes.processes.files.seen import NAMES, called, content_of, is_data
from pytest_concurrency._runtimes.processes.files.stand import put
from pytest_concurrency._runtimes.processes.free import uncontrolled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.processes.files.seen import Files, Things

_CONTENT: Final = {
    # name: (what a report says, writes, uses the position)
    "read": ("read", False, True), "readv": ("read", False, True),
    "pread": ("read", False, False), "preadv": ("read", False, False),
    "write": ("write", True, True), "writev": ("write", True, True),
    "pwrite": ("write", True, False), "pwritev": ("write", True, False),
    "ftruncate": ("truncate", True, False), "posix_fallocate": ("write", True, False),
    "lseek": ("seek in", False, True),
}  # fmt: skip
_COPIES: Final = {"sendfile": (0, 1), "copy_file_range": (1, 0)}
"""Where such functions have what is written, and what is read."""
_NAMES: Final = {
    # name: (what a report says, makes or takes names, how many paths, what is in the file: 0 no, 1 read, 2 written)
    "stat": ("stat", False, 1, 1), "lstat": ("stat", False, 1, 1), "access": ("stat", False, 1, 0),
    "fstat": ("stat", False, 1, 1), "getxattr": ("stat", False, 1, 1), "listxattr": ("stat", False, 1, 1),
    "listdir": ("list", False, 1, 0), "readlink": ("stat", False, 1, 0), "statvfs": ("stat", False, 1, 0),
    "remove": ("remove", True, 1, 0), "unlink": ("remove", True, 1, 0), "rmdir": ("remove", True, 1, 0),
    "mkdir": ("make", True, 1, 0), "mkfifo": ("make", True, 1, 0), "mknod": ("make", True, 1, 0),
    "symlink": ("link", True, 2, 0),
    "rename": ("rename", True, 2, 0), "replace": ("rename", True, 2, 0), "link": ("link", True, 2, 0),
    "truncate": ("truncate", False, 1, 2), "utime": ("write", True, 1, 2), "chmod": ("write", True, 1, 2),
    "chown": ("write", True, 1, 2), "lchown": ("write", True, 1, 2), "setxattr": ("write", True, 1, 2),
    "removexattr": ("write", True, 1, 2), "fchmod": ("write", True, 1, 2), "fchown": ("write", True, 1, 2),
}  # fmt: skip


class Descriptors:
    """What stands in for functions of `os`."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._real: dict[str, Any] = {}

    def install(self, patches: Patches, bound: Iterable[ModuleType]) -> None:
        """Put them in place."""
        modules = list(bound)
        own: dict[str, Callable[..., Any]] = {
            "open": self.open, "close": self.close, "dup": self.dup, "dup2": self.dup2, "closerange": self.closerange
        }  # fmt: skip
        own |= {name: self._content(name) for name in _CONTENT}
        own |= {name: self._copies(name) for name in _COPIES}
        own |= {name: self._names(name) for name in _NAMES}
        for name, does in own.items():
            if hasattr(os, name):
                self._real[name] = put(patches, os, name, does, modules)

    # -- descriptors

    def open(self, path: Any, flags: int, *rest: Any, **named: Any) -> int:
        """Stand in for `os.open`."""
        real = self._real["open"]
        if here.task is None or not is_data(path):
            return int(real(path, flags, *rest, **named))
        task = self._files.asks()
        if task is not None:
            letters = _letters(flags)
            self._files.settles(
                task, "open", (called(path),), lambda: plan(path, letters) if named.get("dir_fd") is None else None
            )
        makes = flags & os.O_CREAT and (named.get("dir_fd") is not None or content_of(path) is None)
        with uncontrolled():
            handle = int(real(path, flags, *rest, **named))
        if task is not None and makes:
            self._files.has_made(task, handle)
        self._files.has_opened(handle)
        return handle

    def close(self, fd: int) -> None:
        """Stand in for `os.close`."""
        locks = self._files.lets_go(fd)
        self._real["close"](fd)
        self._files.let_go(locks)
        self._files.forgets(fd)

    def closerange(self, fd_low: int, fd_high: int, /) -> None:
        """Stand in for `os.closerange`."""
        for each in [each for each in self._files.board.opened if fd_low <= each < fd_high]:
            self.close(each)
        self._real["closerange"](fd_low, fd_high)

    def dup(self, fd: int, /) -> int:
        """Stand in for `os.dup`."""
        handle = int(self._real["dup"](fd))
        self._files.is_copied(fd, handle)
        return handle

    def dup2(self, fd: int, fd2: int, inheritable: bool = True) -> int:  # noqa: FBT001,FBT002
        """Stand in for `os.dup2`."""
        self._files.forgets(fd2)
        handle = int(self._real["dup2"](fd, fd2, inheritable))
        self._files.is_copied(fd, handle)
        return handle

    # -- what is in files

    def _content(self, name: str) -> Callable[..., Any]:
        verb, writes, moves = _CONTENT[name]

        def call(fd: Any, *rest: Any, **named: Any) -> Any:
            files = self._files
            task = files.asks() if type(fd) is int else None
            if task is None or not files.content(task, verb, fd, "", writes=writes, moves=moves):
                return self._real[name](fd, *rest, **named)
            value = self._real[name](fd, *rest, **named)
            files.showed(task, bytes(rest[0]) if writes and rest and type(rest[0]) is bytes else value)
            return value

        return call

    def _copies(self, name: str) -> Callable[..., Any]:
        into, out = _COPIES[name]

        def call(*given: Any, **named: Any) -> Any:
            files = self._files
            task = files.asks() if len(given) > 1 else None
            if task is not None:
                files.content(task, "read", given[out], "", writes=False, moves=True)
                files.content(task, "write", given[into], "", writes=True, moves=True)
                self._files.board.desk.blind(task)  # it reads in the step in which it writes
            return self._real[name](*given, **named)

        return call

    # -- names

    def _names(self, name: str) -> Callable[..., Any]:
        verb, changes, paths, inside = _NAMES[name]

        def call(*given: Any, **named: Any) -> Any:
            task = self._files.asks() if given else None
            if task is None or not (type(given[0]) is int or is_data(given[0])):
                return self._real[name](*given, **named)
            if name == "fstat" and content_of(given[0]) is None:
                return self._real[name](*given, **named)

            def things() -> Things | None:
                if any(named.get(each) is not None for each in ("dir_fd", "src_dir_fd", "dst_dir_fd")):
                    return None
                content = content_of(given[0]) if inside else None
                return ((NAMES, changes), *(((content, inside > 1),) if content is not None else ()))

            self._files.settles(task, verb, tuple(called(each) or str(each) for each in given[:paths]), things)
            with uncontrolled():
                return self._real[name](*given, **named)

        return call


def _letters(flags: int) -> str:
    """Return the mode that `open` would have for what is touched by opening with these flags."""
    if flags & os.O_TRUNC:
        return "w" if flags & os.O_CREAT else "rw"
    if flags & os.O_APPEND:
        return "a" if flags & os.O_CREAT else "ra"
    return "x" if flags & os.O_CREAT else "r"

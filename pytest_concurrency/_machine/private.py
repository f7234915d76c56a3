"""Names of the standard library that are no promise of it: each one that we use, and which Pythons have it.

A Python without one of them would have us wait for ever somewhere: they are looked for before anything is put in place.
"""

from __future__ import annotations

import functools
import sys
from importlib import import_module
from typing import Any, Final, NamedTuple

HANDLE: Final = "_os_thread_handle" if sys.version_info >= (3, 14) else "_handle"
"""What a `Thread` calls the handle of its thread, from Python 3.13 on."""
HAS_CONTEXT: Final[bool] = hasattr(sys.flags, "thread_inherit_context")
"""Whether a `Thread` has a context of its own, from Python 3.14 on."""


class Private(NamedTuple):
    """A name that is no promise.

    Attributes:
        module: Where it is.
        name: Dotted; of an instance's attribute, the class and then the attribute after a colon.
        since: The first Python that has it.
        until: The first one that has it no more.
    """

    module: str
    name: str
    since: tuple[int, int] = (3, 11)
    until: tuple[int, int] = (4, 0)


NAMES: Final = (
    Private("threading", "_active"),
    Private("threading", "_counter"),
    Private("threading", "_limbo"),
    Private("threading", "_shutdown"),
    Private("threading", "_time"),
    Private("threading", "_allocate_lock"),
    Private("threading", "_make_invoke_excepthook"),
    Private("threading", "_shutdown_locks", until=(3, 13)),
    Private("threading", "_shutdown_locks_lock", until=(3, 13)),
    Private("threading", "_thread_shutdown", since=(3, 13)),
    Private("threading", "Thread:_started"),
    Private("threading", "Thread:_ident"),
    Private("threading", "Thread:_native_id"),
    Private("threading", "Thread:_initialized"),
    Private("threading", "Thread:_invoke_excepthook"),
    Private("threading", "Thread:_is_stopped", until=(3, 13)),
    Private("threading", "Thread:_tstate_lock", until=(3, 13)),
    Private("threading", "Thread:_handle", since=(3, 13), until=(3, 14)),
    Private("threading", "Thread:_os_thread_handle", since=(3, 14)),
    Private("threading", "Thread:_context", since=(3, 14)),
    Private("threading", "Condition:_acquire_restore"),
    Private("threading", "Condition:_lock"),
    Private("threading", "Condition:_waiters"),
    Private("threading", "Event:_cond"),
    Private("threading", "Event:_flag"),
    Private("threading", "Semaphore:_value"),
    Private("_thread", "start_joinable_thread", since=(3, 13)),
    Private("_thread", "_make_thread_handle", since=(3, 13)),
    Private("asyncio.selector_events", "_SelectorSocketTransport:_read_ready__data_received"),
    Private("asyncio.selector_events", "_SelectorSocketTransport:_read_ready__get_buffer"),
    Private("asyncio.events", "_get_running_loop"),
    Private("importlib._bootstrap", "_find_and_load"),
    Private("queue", "time"),
    Private("sys", "_current_frames"),
    Private("sys", "_getframe"),
)


@functools.cache
def missing() -> tuple[str, ...]:
    """Return those of the names that this Python should have and has not, as `module.name`."""
    wanted = [each for each in NAMES if each.since <= sys.version_info[:2] < each.until]
    return tuple(f"{each.module}.{each.name.replace(':', '().')}" for each in wanted if not _is_there(each))


def require() -> None:
    """Refuse a Python that lacks one of the names.

    Raises:
        RuntimeError: It does; the line says which.
    """
    if missing():
        version = ".".join(map(str, sys.version_info[:3]))
        raise RuntimeError(
            f"this Python must have {', '.join(missing())}, got {version} without: it is newer than this "
            "pytest-concurrency, whose doubles would not work"
        )


def _is_there(each: Private) -> bool:
    owner: Any = import_module(each.module)
    name, _, attribute = each.name.partition(":")
    found = getattr(owner, name, None)
    if not attribute:
        return found is not None
    # Of instances: the names that the class's own code stores, or the class has, so that none must be made.
    return hasattr(found, attribute) or any(
        attribute in code.co_names for code in _codes(found) if code.co_name == "__init__"
    )


def _codes(kind: Any) -> list[Any]:
    return [value.__code__ for value in vars(kind).values() if hasattr(value, "__code__")]

"""Put the doubles in place and take them away again: all or nothing."""

from __future__ import annotations

import _thread
import functools
import importlib._bootstrap
import logging
import os
import queue
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here, quietly
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads import bound_clocks, clocks, conditions, locks, simple_queue, starting
from pytest_concurrency._runtimes.threads.captured import cells_around
from pytest_concurrency._sight.watching import policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._sight.watching import Watch


def install_doubles(patches: Patches, watch: Watch) -> None:
    """Let locks and simple queues made in watched code be doubles from now on."""
    patches.set(policy, "watch", watch)
    patches.replace(threading, "Lock", _LOCK, locks.LockDouble)
    patches.replace(threading, "RLock", real.make_rlock, locks.RLockDouble)
    patches.replace(functools, "RLock", real.RLockType, locks.RLockDouble)  # cached_property, until 3.11 is dropped
    patches.replace(queue, "SimpleQueue", real.SimpleQueue, simple_queue.SimpleQueueDouble)
    patches.replace(threading, "_allocate_lock", real.allocate_lock, locks.make_waiter)
    patches.replace(threading.Thread, "start", real.thread_start, starting.start)
    patches.replace(threading.Thread, "join", real.thread_join, starting.join)


_LOCK: Final = threading.Lock

_TIMES: Final = (
    ("sleep", real.sleep, clocks.sleep),
    ("monotonic", real.monotonic, clocks.monotonic),
    ("monotonic_ns", real.monotonic_ns, clocks.monotonic_ns),
    ("perf_counter", real.perf_counter, clocks.perf_counter),
    ("perf_counter_ns", real.perf_counter_ns, clocks.perf_counter_ns),
    ("thread_time", real.thread_time, clocks.thread_time),
    ("thread_time_ns", real.thread_time_ns, clocks.thread_time_ns),
    *((("clock_gettime", real.clock_gettime, clocks.clock_gettime),) if real.clock_gettime else ()),
    *((("clock_gettime_ns", real.clock_gettime_ns, clocks.clock_gettime_ns),) if real.clock_gettime_ns else ()),
    ("time", real.wall, clocks.wall),
    ("time_ns", real.wall_ns, clocks.wall_ns),
)
_CLOCKS: Final[dict[int, Any]] = {id(original): new for _, original, new in _TIMES}


def install_run(patches: Patches) -> None:
    """Let threads, time and fork obey the run; outside tasks they stay real."""
    patches.replace(threading, "_allocate_lock", real.allocate_lock, locks.make_waiter)
    patches.replace(threading.Thread, "start", real.thread_start, starting.start)
    patches.replace(threading.Thread, "join", real.thread_join, starting.join)
    patches.replace(threading.Thread, "is_alive", real.thread_is_alive, starting.is_alive)
    patches.replace(threading.Thread, "native_id", real.native_id, property(starting.native_id))
    patches.replace(threading.Event, "is_set", real.is_set, conditions.is_set)
    patches.replace(threading.Event, "set", real.event_set, conditions.set_event)
    patches.replace(threading.Event, "clear", real.event_clear, conditions.clear)
    patches.replace(threading.Event, "wait", real.event_wait, conditions.wait)
    patches.replace(threading.Condition, "_acquire_restore", real.acquire_restore, conditions.acquire_restore)
    patches.replace(threading.Condition, "notify", real.notify, conditions.notify)
    patches.replace(_thread, "start_new_thread", real.start_new_thread, starting.start_new_thread)
    if real.fork is not None:
        patches.replace(os, "fork", real.fork, starting.fork)
    install_world(patches)


def install_world(patches: Patches) -> None:
    """Let time obey the run, also by clocks that modules hold, and choose no switch where an unseen lock is held."""
    for name, original, new in _TIMES:
        patches.replace(time, name, original, new)
    patches.replace(threading, "_time", real.monotonic, clocks.monotonic)
    patches.replace(queue, "time", real.monotonic, clocks.monotonic)
    bound_clocks.rebind(patches, _CLOCKS)
    # No switch inside an import: a native lock may be held there.
    bootstrap: Any = importlib._bootstrap
    patches.set(bootstrap, "_find_and_load", quietly(bootstrap._find_and_load))
    patches.set(logging.Handler, "handle", _quiet_handler(logging.Handler.handle))
    steady_order(patches)


def _quiet_handler(original: Callable[..., Any]) -> Callable[..., Any]:
    """Choose no switch inside a log handler, and log nothing about tasks that are unwound."""
    quiet = quietly(original)

    def handle(self: Any, record: Any) -> Any:
        task = here.task
        return False if task is not None and task.run.stopping else quiet(self, record)

    return handle


def steady_order(patches: Patches) -> None:
    """Let sets of threads and futures iterate in the same order in every run.

    Their hash is their address, and executors join the threads of a set and lock futures sorted
    by `id`: equal choices would lead to different operations.
    """
    owners: list[Any] = [real.Thread]  # which in a patched process is the base of gevent's, and of its Timer's
    base: Any = sys.modules.get("concurrent.futures._base")
    if base is not None:
        owners.append(base.Future)
        patches.set(vars(base), "id", lambda thing: vars(thing).get("_concurrency_number", id(thing)))
    for owner in owners:
        patches.set(owner, "__init__", _numbered(owner.__init__))
        patches.set(owner, "__hash__", _hash)


def _numbered(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        task = here.task
        if task is not None:
            self._concurrency_number = task.run.numbering.fresh()
        original(self, *args, **kwargs)

    return init


def _hash(self: Any) -> int:
    number: int | None = self.__dict__.get("_concurrency_number")
    return object.__hash__(self) if number is None else number


def rebind_imported(patches: Patches, watch: Watch) -> None:
    """Replace originals that watched modules hold under names of their own.

    Covers `from threading import Lock`, and module-level locks that were made before the doubles were in place.
    """
    swap = dict(_CLOCKS)
    swap[id(_LOCK)] = locks.LockDouble
    swap[id(real.make_rlock)] = locks.RLockDouble
    swap[id(real.SimpleQueue)] = simple_queue.SimpleQueueDouble
    swap[id(real.start_new_thread)] = starting.start_new_thread
    if real.fork is not None:
        swap[id(real.fork)] = starting.fork
    wrapped: dict[int, Any] = {}
    for module in watch.modules():
        space = vars(module)
        if swap.keys().isdisjoint(map(id, space.values())) and _LOCK_TYPES.isdisjoint(map(type, space.values())):
            continue  # most of them, and in a tenth of the time
        for name, value in list(space.items()):
            new = swap.get(id(value))
            if new is None and type(value) in _LOCK_TYPES:
                new = wrapped.get(id(value))
                if new is None:
                    new = wrapped[id(value)] = _wrap(value)
            if new is not None:
                patches.set(space, name, new)


_LOCK_TYPES: Final = frozenset({real.LockType, real.RLockType})


def double_captured(patches: Patches, watch: Watch) -> None:
    """Replace locks made before the doubles were in place that the functions around us have captured."""
    wrapped: dict[int, Any] = {}
    for cell in cells_around(watch):
        lock = cell.cell_contents
        if type(lock) in _LOCK_TYPES:
            wrapped[id(lock)] = double = wrapped.get(id(lock)) or _wrap(lock)
            patches.set(cell, "cell_contents", double)


def _wrap(lock: Any) -> Any:
    make: Any = locks.LockDouble if type(lock) is real.LockType else locks.RLockDouble
    return make.around(lock, sys._getframe())


def double_library_locks(patches: Patches) -> None:
    """Resource the locks that the standard library made for itself, as far as tasks meet them."""
    thread_pool = sys.modules.get("concurrent.futures.thread")
    if thread_pool is not None:
        lock = getattr(thread_pool, "_global_shutdown_lock", None)
        if type(lock) in _LOCK_TYPES:
            patches.set(thread_pool, "_global_shutdown_lock", _wrap(lock))

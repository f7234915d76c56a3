"""The unpatched originals: our own code uses only these, so that it never schedules itself."""

from __future__ import annotations

import _queue
import _thread
import os
import select
import sys
import threading
import time
from typing import Any, Final

allocate_lock: Final = _thread.allocate_lock
make_rlock: Final[Any] = threading.RLock
start_new_thread: Final = _thread.start_new_thread
get_ident: Final = _thread.get_ident
SimpleQueue: Final = _queue.SimpleQueue
start_joinable_thread: Final[Any] = getattr(_thread, "start_joinable_thread", None)
make_thread_handle: Final[Any] = getattr(_thread, "_make_thread_handle", None)

sleep: Final = time.sleep
monotonic: Final = time.monotonic
monotonic_ns: Final = time.monotonic_ns
process_time: Final = time.process_time
thread_time: Final = time.thread_time
thread_time_ns: Final = time.thread_time_ns
clock_gettime: Final[Any] = getattr(time, "clock_gettime", None)
clock_gettime_ns: Final[Any] = getattr(time, "clock_gettime_ns", None)
perf_counter: Final = time.perf_counter
perf_counter_ns: Final = time.perf_counter_ns
wall: Final = time.time
wall_ns: Final = time.time_ns

Thread: Final = threading.Thread
thread_start: Final = threading.Thread.start
thread_join: Final = threading.Thread.join
thread_is_alive: Final = threading.Thread.is_alive
native_id: Final[Any] = threading.Thread.native_id
notify: Final = threading.Condition.notify
acquire_restore: Final[Any] = threading.Condition._acquire_restore  # type: ignore[attr-defined] # of every Python
is_set: Final = threading.Event.is_set
event_set: Final = threading.Event.set
event_clear: Final = threading.Event.clear
event_wait: Final = threading.Event.wait

current_frames: Final = sys._current_frames
getpid: Final = os.getpid
waitpid: Final = os.waitpid
poll: Final[Any] = getattr(select, "poll", None)
close: Final = os.close  # gevent's puts it off until its loop comes round
fork: Final = getattr(os, "fork", None)
kill: Final = os.kill
end_process: Final = os._exit

LockType: Final = type(allocate_lock())
RLockType: Final = type(make_rlock())
TIMEOUT_MAX: Final = 9223372036.0  # seconds, as threading has it

"""What a test may leave behind: threads, child processes, and settings of the whole process."""

import gc
import os
import sys
import threading
from pathlib import Path
from time import monotonic, sleep  # the test may have left a patch on the module

# (dotted name, module) of what the package, or a test, may replace and has to put back.
REPLACEABLE = [
    *((name, "time") for name in ("time", "sleep", "monotonic", "perf_counter")),
    *((name, "time") for name in ("time_ns", "monotonic_ns", "perf_counter_ns")),
    *((name, "threading") for name in ("Lock", "RLock", "_allocate_lock", "_CRLock", "_time")),
    *((name, "threading") for name in ("Thread.start", "Thread.join", "Thread.run")),
    *((name, "threading") for name in ("excepthook", "_start_new_thread", "_shutdown")),
    *((name, "threading") for name in ("_start_joinable_thread", "settrace", "gettrace")),
    *((name, "threading") for name in ("Condition.notify", "Condition.wait", "Event.wait")),
    *((name, "_thread") for name in ("start_new_thread", "allocate_lock", "RLock")),
    *((name, "queue") for name in ("SimpleQueue", "time", "Queue.get", "Queue.put")),
    *((name, "concurrent.futures.thread") for name in ("_global_shutdown_lock", "_python_exit")),
    *((name, "os") for name in ("fork", "cpu_count", "_exit")),
    *((name, "sys") for name in ("excepthook", "unraisablehook", "settrace", "setprofile")),
]


def left(before: dict[int, str]) -> list[str]:
    """The new threads that are still there after a second of grace."""
    deadline = monotonic() + 1
    while new := live_threads().keys() - before.keys():
        if monotonic() > deadline:
            return [live_threads().get(native_id, "that just ended") for native_id in sorted(new)]
        sleep(0.001)  # a thread's last instructions run after its `join` has returned
    return []


def live_threads() -> dict[int, str]:
    """The threads of the process by native id, also those that `threading` knows nothing of."""
    named = {t.native_id: t.name for t in threading.enumerate() if t.native_id is not None}
    try:
        native = [int(name) for name in os.listdir("/proc/self/task")]
    except OSError:  # no such folder outside Linux
        return named
    return {i: named.get(i, f"<unknown to threading, native id {i}>") for i in native}


def child_processes() -> set[int]:
    """The ids of children, ended ones included, without the one that multiprocessing keeps."""
    tracker = sys.modules.get("multiprocessing.resource_tracker")
    keeper = getattr(getattr(tracker, "_resource_tracker", None), "_pid", None)
    return {pid for pid in _all_children() if pid != keeper}


def _all_children() -> set[int]:
    if not hasattr(os, "waitid"):
        return set()
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:  # the usual case, and a cheap one
        return set()
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
        except OSError:
            continue
        if int(parent) == os.getpid():
            found.add(int(stat.parent.name))
    return found


def process_wide_settings() -> dict[str, object]:
    """What a controlled run changes for a while, by a name to show."""
    settings: dict[str, object] = {
        "gc.isenabled()": gc.isenabled(),
        "sys.gettrace()": sys.gettrace(),
        "sys.getprofile()": sys.getprofile(),
        "threading.gettrace()": threading.gettrace(),
        "sys.getswitchinterval()": sys.getswitchinterval(),
        "os.getcwd()": os.getcwd(),
    }
    if hasattr(os, "sched_getaffinity"):
        settings["os.sched_getaffinity(0)"] = os.sched_getaffinity(0)
    if sys.version_info >= (3, 12):
        for tool in range(6):
            settings[f"sys.monitoring.get_tool({tool})"] = sys.monitoring.get_tool(tool)
    if asyncio := sys.modules.get("asyncio"):
        settings["running event loop"] = asyncio._get_running_loop()
    for dotted, module in REPLACEABLE:
        value: object = sys.modules.get(module)
        for name in dotted.split("."):
            value = getattr(value, name, None)
        if value is not None:
            settings[f"{module}.{dotted}"] = value
    return settings

"""The tests of CPython that are left out, each with its reason; patterns as of `fnmatch`."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

DELEGATING = {
    "test.test_threading.ThreadTests.test_lazy_import": "starts an interpreter without our package",
    "test.test_threading.ThreadTests.test_finalize_daemon_thread_hang": (
        "does its work in the last flush of stderr, and takes that of logging for it, which the doubles import"
    ),
    "test.test_threading.ThreadTests.test_disallow_instantiation": (
        "calls the type of a lock; that of a double is what stands for threading.Lock, a function until 3.13"
    ),
    "test.test_threading.ThreadTests.test_import_from_another_thread": (
        "needs an interpreter that has not imported threading, which the doubles do"
    ),
    "test.test_threading.CRLockTests.test_signature": (
        "makes a subclass of threading._CRLock, which is not replaced; threading.RLock is a function without subclasses"
    ),
    "test.test_concurrent_futures.test_init.FailingInitializerResourcesTest.*": (
        "wants semaphores freed by reference counting; a look at who waits keeps what threads hold until a collection"
    ),
}

KEPT = "a run keeps the locks that it has met until it ends: reports and oracles name them"
CONTROLLED = {
    "Lock.test_weakref_deleted": KEPT,
    "RLock.test_weakref_deleted": KEPT,
    "Condition as RLock.test_recursion_count": "Condition has no _recursion_count; test_threading leaves it out too",
}


def reason(test: str, table: Mapping[str, str]) -> str:
    """Return why a test is left out; empty if it is not."""
    return next((why for pattern, why in table.items() if fnmatchcase(test, pattern)), "")

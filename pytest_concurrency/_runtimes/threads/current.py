"""Which controlled task the running thread is, if it is one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_concurrency._runtimes.threads.task import Task


class _Here(threading.local):
    task: Task | None = None


here = _Here()

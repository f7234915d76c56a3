"""The last night train with exit codes as answers, and a temporary file that somebody else names."""

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Callable
from multiprocessing.context import BaseContext
from multiprocessing.synchronize import Lock
from pathlib import Path
from typing import Any


def look(path: Path) -> dict[str, Any]:
    """Keep it open no longer than needed."""
    with path.open(encoding="utf-8") as file:
        return json.load(file)


def buy(path: Path, lock: Lock, name: str, pay: Callable[[str], object]) -> bool:
    """Give the lock back with the stack."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(lock)
        tickets = look(path)
        if tickets["left"] > 0:
            pay(name)
            tickets.update(left=tickets["left"] - 1, sold=[*tickets["sold"], name])
            with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as new:
                json.dump(tickets, new)
            os.replace(new.name, path)
            return True
        return False


def sell(
    context: BaseContext,
    path: Path,
    names: list[str],
    come: Callable[[str], object],
    pay: Callable[[str], object],
) -> list[bool]:
    """Ask each process how it has ended."""
    lock, running = context.Lock(), []
    for name in names:
        process = context.Process(target=_come_and_buy, args=(path, lock, name, come, pay))
        process.start()
        running.append(process)
    for process in running:
        process.join()
    return [process.exitcode == 77 for process in running]


def _come_and_buy(path: Path, lock: Lock, name: str, come: Any, pay: Any) -> None:
    come(name)
    if buy(path, lock, name, pay):
        sys.exit(77)

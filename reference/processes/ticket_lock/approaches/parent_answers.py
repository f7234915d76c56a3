"""The last night train with answers that come through a queue, each with the number of who asked."""

import json
from collections.abc import Callable
from multiprocessing.context import BaseContext
from multiprocessing.synchronize import Lock
from pathlib import Path
from typing import Any


def look(path: Path) -> dict[str, Any]:
    """Read it as bytes."""
    return json.loads(path.read_bytes())


def buy(path: Path, lock: Lock, name: str, pay: Callable[[str], object]) -> bool:
    """Acquire and release by hand, on every way out."""
    lock.acquire()
    try:
        return _buy_alone(path, name, pay)
    finally:
        lock.release()


def _buy_alone(path: Path, name: str, pay: Callable[[str], object]) -> bool:
    tickets = look(path)
    is_left = tickets["left"] >= 1
    if is_left:
        pay(name)
        new = path.parent / ".tickets"
        new.write_bytes(json.dumps(tickets | {"left": tickets["left"] - 1, "sold": tickets["sold"] + [name]}).encode())
        new.rename(path)
    return is_left


def sell(
    context: BaseContext,
    path: Path,
    names: list[str],
    come: Callable[[str], object],
    pay: Callable[[str], object],
) -> list[bool]:
    """Read as many answers as there are buyers, and join then."""
    lock, answers = context.RLock(), context.SimpleQueue()
    processes = [
        context.Process(target=_Counter(path, lock, come, pay, answers), args=pair) for pair in enumerate(names)
    ]
    for process in processes:
        process.start()
    got = dict(answers.get() for _ in names)
    for process in processes:
        process.join()
    return [got[index] for index in range(len(names))]


class _Counter:
    def __init__(self, path: Path, lock: Any, come: Any, pay: Any, answers: Any) -> None:
        self.path, self.lock, self.come, self.pay, self.answers = path, lock, come, pay, answers

    def __call__(self, index: int, name: str) -> None:
        self.come(name)
        self.answers.put((index, buy(self.path, self.lock, name, self.pay)))

"""The last night train: a worked solution."""

import json
from collections.abc import Callable
from multiprocessing.context import BaseContext
from multiprocessing.synchronize import Lock
from pathlib import Path
from typing import Any


def look(path: Path) -> dict[str, Any]:
    """Read whatever file is in this place now."""
    return json.loads(path.read_text(encoding="utf-8"))


def buy(path: Path, lock: Lock, name: str, pay: Callable[[str], object]) -> bool:
    """Keep the lock from the look to the end of the writing."""
    with lock:
        tickets = look(path)
        if not tickets["left"]:
            return False
        pay(name)
        tickets["left"] -= 1
        tickets["sold"].append(name)
        _replace(path, tickets)
    return True


def _replace(path: Path, tickets: dict[str, Any]) -> None:
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(tickets), encoding="utf-8")
    new.replace(path)


def sell(
    context: BaseContext,
    path: Path,
    names: list[str],
    come: Callable[[str], object],
    pay: Callable[[str], object],
) -> list[bool]:
    """One lock for all, made here; one place in an array for each."""
    lock, got = context.Lock(), context.Array("b", len(names), lock=False)
    processes = [
        context.Process(target=_come_and_buy, args=(path, lock, name, come, pay, got, index))
        for index, name in enumerate(names)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return list(map(bool, got))


def _come_and_buy(path: Path, lock: Lock, name: str, come: Any, pay: Any, got: Any, index: int) -> None:
    come(name)
    got[index] = buy(path, lock, name, pay)

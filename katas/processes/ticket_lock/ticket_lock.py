"""The last night train: a file that several processes change. The contract is in README.md."""

from collections.abc import Callable
from multiprocessing.context import BaseContext
from multiprocessing.synchronize import Lock
from pathlib import Path
from typing import Any


def look(path: Path) -> dict[str, Any]:
    """Return what stands in the file."""
    raise NotImplementedError


def buy(path: Path, lock: Lock, name: str, pay: Callable[[str], object]) -> bool:
    """Pay for a ticket and get it, if one is left."""
    raise NotImplementedError


def sell(
    context: BaseContext,
    path: Path,
    names: list[str],
    come: Callable[[str], object],
    pay: Callable[[str], object],
) -> list[bool]:
    """Let each come and buy in a process of its own; return who has got a ticket."""
    raise NotImplementedError

"""What can be told of a function before it is called."""

from __future__ import annotations

import inspect
from typing import Any


def kind_of(function: Any) -> str:
    """Return what else than a plain function it is, as its call answers nothing yet; "" for a plain one."""
    if inspect.isasyncgenfunction(function):
        return "async generator"
    if inspect.isgeneratorfunction(function):
        return "generator"
    return "async function" if inspect.iscoroutinefunction(function) else ""


def takes(function: Any, count: int) -> bool:
    """Tell whether it can be called with so many arguments by position, as far as it shows; the call itself will tell.

    What a decorator takes counts, not what it wraps: `mock.patch` gives arguments of its own.
    """
    try:
        inspect.signature(function, follow_wrapped=False).bind(*[None] * count)
    except TypeError:
        return False
    except ValueError:  # a built-in without a signature
        return True
    return True


def shown(function: Any) -> str:
    """Return a function as a user would write it: its name and its arguments."""
    name: str = getattr(function, "__qualname__", type(function).__name__)
    return f"{name.rpartition('<locals>.')[2]}{inspect.signature(function, follow_wrapped=False)}"

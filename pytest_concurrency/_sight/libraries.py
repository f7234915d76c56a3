"""What calls of a few libraries touch that are known: logs, what dataclasses call, types known by attributes."""

from __future__ import annotations

import dataclasses
import logging
import queue
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import READ, WRITE
from pytest_concurrency._sight import effects, within
from pytest_concurrency._sight.effects import CONTENT
from pytest_concurrency._sight.resolve import plain_attribute
from pytest_concurrency._sight.site import OPAQUE, Doubtful

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._sight.site import Touched

_OF_A_HEAP: Final = frozenset({"put", "get", "put_nowait", "get_nowait"})
_OF_A_LOGGER: Final = ("level", "disabled", "propagate", "parent")


def factories(kind: Any) -> list[Any]:
    """Return what making an object of a dataclass calls."""
    fields = plain_attribute(kind, "__dataclass_fields__")
    found = [] if type(fields) is not dict else [each.default_factory for each in fields.values()]
    return [each for each in found if each is not dataclasses.MISSING]


def synchronised(thing: Any, name: str, arguments: list[Any]) -> Touched:
    """What a method of a queue or lock touches beside what its own yield points tell: items that are compared."""
    if isinstance(thing, queue.PriorityQueue) and name in _OF_A_HEAP:
        compared = within.each_compared([*arguments, *thing.queue])
        return compared and within.doubtful(compared)
    target = plain_attribute(thing, "_target") if name == "run" and isinstance(thing, threading.Thread) else None
    if target is not None and not effects.is_python(target):
        return OPAQUE
    return ()


def is_protocol(kind: Any) -> bool:
    """Tell whether a type, or one of several, is known by the attributes of an object."""
    if type(kind) is tuple:
        return any(map(is_protocol, kind))
    return isinstance(kind, type) and plain_attribute(kind, "_is_runtime_protocol") is True


def logged(name: str, of: tuple[Any, ...], arguments: list[Any]) -> Touched:
    """What a call of a logger's method touches, or of a function of `logging`; pytest's own handlers are nobody's."""
    if name in ("getLogger", "getChild"):
        return ((logging.Logger.manager.loggerDict, CONTENT, WRITE),)
    logger = of[0] if of else logging.root
    if not issubclass(type(logger), logging.Logger):
        return Doubtful((logger, name, READ) for name in _OF_A_LOGGER)
    loggers = list(_asked(logger))
    asked = tuple([(each, part, READ) for each in loggers for part in _OF_A_LOGGER])
    lists = tuple([(part, CONTENT, READ) for each in loggers for part in (each.handlers, each.filters)])
    found = within.together([asked, lists, *map(within.told, arguments)])
    told_to_others = any(not _is_usual(handler) for each in loggers for handler in each.handlers)
    return within.doubtful(found) if told_to_others else found


def _asked(logger: logging.Logger) -> Iterator[logging.Logger]:
    each: logging.Logger | None = logger
    while each is not None:
        yield each
        each = each.parent if each.propagate else None


def _is_usual(handler: logging.Handler) -> bool:
    """Tell whether nobody in a test looks at what a handler writes but by means that tell."""
    kind = type(handler)
    if kind.__module__.startswith("_pytest.") or kind is logging.NullHandler:
        return True
    return type(handler) is logging.StreamHandler and handler.stream in (sys.stderr, sys.stdout)

"""What calls of a few libraries touch that are known: logs, what dataclasses call, types known by attributes."""

from __future__ import annotations

import dataclasses
import logging
import queue
import sys
import threading
import types
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import READ, WRITE
from pytest_concurrency._sight import effects, nested, within
from pytest_concurrency._sight.effects import CONTENT
from pytest_concurrency._sight.known import fields_of, is_foreign, is_generated
from pytest_concurrency._sight.resolve import UNKNOWN, class_attribute, plain_attribute
from pytest_concurrency._sight.site import OPAQUE, Doubtful, Lasting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._sight.site import Touched

_OF_A_HEAP: Final = frozenset({"put", "get", "put_nowait", "get_nowait"})
_PROCESS_MODULES: Final = frozenset(
    f"multiprocessing.{each}" for each in ("synchronize", "connection", "queues", "process", "context", "sharedctypes")
)
_STAND_INS: Final = "pytest_concurrency._runtimes.processes.starting"
BY_NAME: Final = {getattr: READ, hasattr: READ, setattr: WRITE, delattr: WRITE}
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


def copied(name: str, arguments: list[Any]) -> Touched:
    """What copying touches, attribute by attribute: plain containers, dataclasses with `asdict` and `replace`."""
    thing = arguments[0] if arguments else None
    fields, looked = fields_of(type(thing)), within.Within(thing)
    if name == "replace" and fields and _is_made_plainly(type(thing)):
        return Lasting((thing, each, READ) for each in fields)
    if len(arguments) != 1 or looked.others or not looked.is_whole:
        return None
    is_plain = bool(fields) if name in ("asdict", "astuple") else name in ("copy", "deepcopy") and looked.is_plain
    return Lasting(looked.reads()) if is_plain else None


def _is_made_plainly(kind: type) -> bool:
    """Tell whether making an object of a dataclass runs no code of which nobody sees what it touches."""
    after = class_attribute(kind, "__post_init__")[1]
    is_seen = after is UNKNOWN or effects.is_python(after)
    return is_seen and is_generated(vars(kind).get("__init__")) and not factories(kind)


def found_by_value(kind: Any, arguments: list[Any]) -> Touched:
    """What finding a member of an enumeration by its value touches, where that can change."""
    members = plain_attribute(kind, "_member_map_")
    values = [] if type(members) is not dict else [plain_attribute(each, "_value_") for each in members.values()]
    return within.each_compared([*arguments, *values])


def is_of_a_package(thing: Any) -> bool:
    """Tell whether an object is one whose operators nobody watches."""
    return is_foreign(type(thing))


def looked_at(thing: Any) -> Touched:
    """What an operator with a constant touches: of all but objects of packages, that is asked of who changes them."""
    return OPAQUE if is_foreign(type(thing)) else ()


def unless_of_packages(arguments: list[Any], touched: Touched) -> Touched:
    """What is touched if none of these has operators that nobody watches; else it is not known."""
    return OPAQUE if any(map(is_of_a_package, arguments)) else touched


def is_protocol(kind: Any) -> bool:
    """Tell whether a type, or one of several, is known by the attributes of an object."""
    if type(kind) is tuple:
        return any(map(is_protocol, kind))
    return isinstance(kind, type) and plain_attribute(kind, "_is_runtime_protocol") is True


def is_of_processes(module: str) -> bool:
    """Tell whether a module is one of multiprocessing whose objects obey the run, and so have yield points."""
    if module not in _PROCESS_MODULES:
        return False
    start = vars(sys.modules["multiprocessing.process"].BaseProcess)["start"]
    return bool(start.__module__ == _STAND_INS)


def handed_over(arguments: list[Any]) -> Touched:
    """What is touched by whoever hands these to another process: what can change is looked at later, and elsewhere."""
    if not any(within.Within(each).can_change for each in arguments):
        return ()
    return within.doubtful(nested.each_of(arguments, READ))


def by_name(callee: Any, arguments: list[Any]) -> Touched:
    """What `getattr`, `setattr` and their like touch."""
    if len(arguments) < 2 or type(arguments[1]) is not str:
        return None
    mode = BY_NAME[callee]
    if mode == WRITE and issubclass(type(arguments[0]), types.ModuleType):
        return OPAQUE  # its own code may read that as a global, which does not show
    return effects.attribute(arguments[0], arguments[1], mode)


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

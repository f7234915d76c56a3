"""What calling something touches: what is known to be quiet is listed, everything else is unknown."""

from __future__ import annotations

import _thread
import contextlib
import contextvars
import functools
import operator
import sys
import threading
import types
import weakref
from array import array
from typing import Any, Final

from pytest_concurrency._core.operations import READ, WRITE, Controlled
from pytest_concurrency._sight import effects, libraries, nested, within
from pytest_concurrency._sight.effects import CONTAINERS, CONTENT, IMMUTABLE, ONE_SHOT, SYNC_MODULES, holds, is_python
from pytest_concurrency._sight.known import (
    ASKED_UNSEEN,
    CHANGERS,
    CLOSING,
    COMPARES,
    HAND_ON,
    LOOKS,
    LOOKS_INSIDE,
    NUMBERS,
    OF_LISTS,
    OF_SETS,
    ORDERS,
    QUIET,
    TEXTS,
    WALK,
    WORDS,
    is_file,
    is_foreign,
    is_generated,
    is_known_quiet,
    is_of_what_is_given,
    is_quiet_manager,
)
from pytest_concurrency._sight.resolve import UNKNOWN, aliased, class_attribute, instance_dict
from pytest_concurrency._sight.site import OPAQUE, Doubtful, Lasting, Touched
from pytest_concurrency._sight.watching import OWN, policy

_CALLED: Final = (types.BuiltinFunctionType, types.MethodType, types.MethodWrapperType, functools.partial)
_TESTS: Final = frozenset({any, all})
_ASKS_TYPES: Final = frozenset({isinstance, issubclass})
_MAKES: Final = type.__dict__["__call__"]
_SETS: Final = (set, frozenset)
_OF_ATTRIBUTES: Final = {"__getattribute__": READ, "__setattr__": WRITE, "__delattr__": WRITE}
_OF_DESCRIPTORS: Final = {"__get__": READ, "__set__": WRITE, "__delete__": WRITE}
_DESCRIPTORS: Final = frozenset({types.MemberDescriptorType, types.GetSetDescriptorType})
_OF_C: Final = frozenset({types.MethodDescriptorType, types.WrapperDescriptorType})
_BOUND: Final = frozenset({types.BuiltinFunctionType, types.MethodType})
_NATIVE_LOCKS: Final = frozenset({type(_thread.allocate_lock()), type(_thread.RLock())})
_COUNT_THREADS: Final = frozenset({"active_count", "activeCount", "enumerate"})
_OWN_MODULES: Final = "pytest_concurrency."


def call(callee: Any, arguments: list[Any]) -> Touched:
    """What calling a function or class with these arguments touches."""
    if callee is UNKNOWN:
        return None
    if is_python(callee):
        return ()  # its own accesses show, because its code is watched
    kind = type(callee)
    if issubclass(kind, type):
        return _construction(callee, arguments) if kind is type else _made_by(kind, callee, arguments)
    if kind is types.FunctionType:
        return _unwatched(callee, arguments)
    bound = getattr(callee, "__self__", None) if kind in _BOUND else None
    if bound is not None and not issubclass(type(bound), (type, types.ModuleType)):
        return method_call(bound, callee.__name__, arguments)
    if kind is types.BuiltinFunctionType:
        return _builtin(callee, arguments)
    if kind is functools.partial:
        inner = call(callee.func, [*callee.args, *arguments, *callee.keywords.values()])
        return within.together([((callee, CONTENT, READ),), inner])
    return () if is_python(class_attribute(kind, "__call__")[1]) else OPAQUE


def _builtin(callee: Any, arguments: list[Any]) -> Touched:
    if callee in libraries.BY_NAME:
        return libraries.by_name(callee, arguments)
    if callee in QUIET:
        is_unseen = libraries.is_protocol if callee in _ASKS_TYPES else libraries.is_of_a_package
        return OPAQUE if any(map(is_unseen, arguments[callee in _ASKS_TYPES :])) else ()
    if callee in LOOKS:
        looked_at = nested.looked_at(arguments, inside=callee in LOOKS_INSIDE)
        return within.together([looked_at, within.each_tested(arguments)]) if callee in _TESTS else looked_at
    if callee in TEXTS:
        return _told(callee, arguments)
    if callee in OF_LISTS and arguments and type(arguments[0]) is list:
        if any(map(nested.may_run_python, (*arguments[0], *arguments[1:]))):
            return OPAQUE
        return within.together([nested.each_of(arguments[:1], WRITE), within.each_compared(arguments)])
    if callee is operator.mod:
        return OPAQUE
    if is_known_quiet(getattr(callee, "__module__", None) or "", callee.__name__):
        return within.together([nested.each_of(arguments, WRITE), within.each_compared(arguments)])
    return OPAQUE


def _made_by(kind: type, callee: Any, arguments: list[Any]) -> Touched:
    """What calling a class of a class of its own touches: that one may call something else instead."""
    makes = class_attribute(kind, "__call__")[1]
    if is_python(makes):
        return ()
    if makes is _MAKES:
        return _construction(callee, arguments)
    if type(makes) is not types.FunctionType:
        return OPAQUE
    if makes.__module__ != "enum":
        return _unwatched(makes, arguments)
    return within.together([_construction(callee, arguments), libraries.found_by_value(callee, arguments)])


def _construction(kind: Any, arguments: list[Any]) -> Touched:
    """What making an object touches: the new one belongs to nobody else yet."""
    if kind is bool and arguments and nested.has_a_size(arguments[0]):
        return nested.looked_at(arguments)
    if kind.__module__ in SYNC_MODULES:  # what a thread's target does is said of its first step
        begins = issubclass(kind, threading.Thread) and not issubclass(kind, threading.Timer)
        return () if begins else _called_later(arguments)
    if kind is type and len(arguments) == 3:
        return nested.looked_at(arguments[2:])
    if kind in QUIET:
        return libraries.unless_of_packages(arguments, nested.each_of(arguments, READ) if kind in NUMBERS else ())
    if libraries.is_of_processes(kind.__module__):
        return ()
    if kind in LOOKS or kind in ONE_SHOT or not CONTAINERS.isdisjoint(kind.__mro__):
        is_filter_of_none = kind is filter and bool(arguments) and arguments[0] is None
        inside = is_filter_of_none or not LOOKS_INSIDE.isdisjoint(kind.__mro__)
        looked_at = nested.looked_at(arguments, inside=inside)
        return within.together([looked_at, nested.put_in(arguments)]) if issubclass(kind, _SETS) else looked_at
    if kind in TEXTS:
        return _told(kind, arguments)
    if kind is memoryview:  # as long as it lives, what it shows cannot be made longer or shorter
        shown = [aliased(each) for each in arguments]
        found = nested.each_of(shown, READ)
        return Lasting(found) if found and any(issubclass(type(each), (bytearray, array)) for each in shown) else found
    if issubclass(kind, weakref.ReferenceType):
        return _called_later(arguments)
    if kind is contextlib.closing:
        return within.doubtful(within.together([method_call(each, "close", []) for each in arguments])) or ()
    if not CLOSING.isdisjoint(kind.__mro__):
        return within.doubtful(nested.each_of(arguments, WRITE))
    made = class_attribute(kind, "__init__")[1]
    if is_python(made) or issubclass(kind, BaseException):
        return ()
    if type(made) is types.FunctionType and made.__code__.co_filename != "<string>":  # a dataclass's is generated
        return _unwatched(made, arguments)
    return within.together([nested.each_of(arguments, WRITE), *[call(each, []) for each in libraries.factories(kind)]])


def _unwatched(function: Any, arguments: list[Any], *of: Any) -> Touched:
    """What Python code touches that is not watched, perhaps a method of some object: nobody sees it."""
    watch = policy.watch
    if watch is not None and watch.kind(function.__code__.co_filename) == OWN:
        return ()
    module = function.__globals__.get("__name__") or ""  # what it wraps may have given it another `__module__`
    if module == "threading" and function.__name__ in _COUNT_THREADS:
        return OPAQUE  # the end of a thread is no access
    if module in SYNC_MODULES:
        return _called_later(arguments)
    if function.__name__ in WORDS | ORDERS and is_generated(function):
        asks = within.told if function.__name__ in WORDS else within.compared
        return within.together([asks(each) for each in (*of, *arguments)])
    if module in ("dataclasses", "copy") and (copied := libraries.copied(function.__name__, arguments)):
        return copied
    package = module.partition(".")[0]
    if _is_quiet(package, function, arguments):
        return libraries.logged(function.__name__, of, arguments) if package == "logging" else ()
    if libraries.is_of_processes(module):
        return libraries.handed_over(arguments)
    if is_of_what_is_given(function) and not any(within.Within(each).can_change for each in (*of, *arguments)):
        return ()
    return within.doubtful(nested.each_of(arguments, WRITE))


def _is_quiet(module: str, function: Any, arguments: list[Any]) -> bool:
    name = function.__name__
    if not is_known_quiet(module, name):
        return False
    if module == "contextlib" and name in HAND_ON:
        return not any(_is_handed_on(each, arguments[at + 1 :]) for at, each in enumerate(arguments))
    return not function.__qualname__.startswith(CHANGERS)


def _is_handed_on(thing: Any, rest: list[Any]) -> bool:
    """Tell whether something that an `ExitStack` is given does, when it is called or entered, what nobody sees."""
    return thing is UNKNOWN or entered(thing) != () or (isinstance(thing, _CALLED) and call(thing, rest) != ())


def _called_later(arguments: list[Any]) -> Touched:
    """What is touched by whoever is given these, and calls what can be called among them: nobody sees when."""
    found: tuple[tuple[Any, str, int], ...] = ()
    for at, each in enumerate(arguments):
        touched = call(each, arguments[at + 1 :]) if isinstance(each, _CALLED) else ()
        if touched is None or touched is OPAQUE:
            return OPAQUE
        found += touched
    return Doubtful(found) if found else ()


def _told(callee: Any, arguments: list[Any]) -> Touched:
    """What is touched by whoever asks objects for their words; `print` also writes to a stream."""
    if callee is not print:
        return within.together([within.told(each) for each in arguments])
    words = [each for each in arguments if not hasattr(type(each), "write")]
    return within.together([*(within.told(each) for each in words), _printed(arguments)])


def _printed(arguments: list[Any]) -> Touched:
    streams = [each for each in arguments if hasattr(type(each), "write")] or [sys.stdout]
    return within.together([effects.of_file(each) if is_file(each) else _written(each) for each in streams])


def _written(stream: Any) -> Touched:
    own: Touched = ((stream, CONTENT, WRITE),)
    is_told_apart = stream is sys.stdout or stream is sys.stderr
    return own if is_told_apart else within.together([own, method_call(stream, "write", [""])])


def target(function: Any, arguments: Any, named: Any = ()) -> Touched:
    """What a thread touches that its target's own accesses do not show: what it is given, too, if that can change."""
    given = [each for each in (arguments, named) if each and type(each) is not tuple]
    touched = _targeted(function, list(arguments))
    return within.together([touched, nested.each_of(given, READ)]) if given else touched


def _targeted(function: Any, arguments: list[Any]) -> Touched:
    if type(function) is functools.partial:
        return _targeted(function.func, [*function.args, *arguments, *function.keywords.values()])
    if isinstance(function, types.MethodType) and type(function.__self__).__module__ in SYNC_MODULES:
        return ()
    if function is None or is_python(function) or isinstance(getattr(function, "__self__", None), Controlled):
        return ()
    if isinstance(function, types.BuiltinFunctionType) and not isinstance(function.__self__, types.ModuleType):
        return method_call(function.__self__, function.__name__, arguments)
    module = getattr(function, "__module__", None) or ""
    if module in SYNC_MODULES or module.startswith(_OWN_MODULES):
        inner = [each for each in arguments if callable(each)]
        found = [_targeted(each, []) for each in inner]
        return None if None in found else tuple(each for touched in found for each in touched or ())
    return None


def method_call(thing: Any, name: str, arguments: list[Any]) -> Touched:
    """What calling a method touches."""
    if thing is UNKNOWN:
        return None
    kind = type(thing)
    if issubclass(kind, types.ModuleType):
        return call(vars(thing).get(name, UNKNOWN), arguments)
    if kind is types.FunctionType or kind in _BOUND:
        return call(getattr(thing, name, UNKNOWN), arguments)
    if kind in IMMUTABLE:
        if kind is str and name in ("format", "format_map"):
            asks_further = "." in thing or "[" in thing  # as `{0.name}` does
            unseen = asks_further and any(within.Within(each).others for each in arguments)
            return OPAQUE if unseen else within.together([within.told(each) for each in arguments])
        if name in WORDS:
            return within.together([within.told(each) for each in (thing, *arguments)])
        given = nested.each_of(arguments, READ)
        if kind is frozenset and name in OF_SETS:
            return within.together([given, nested.put_in([thing, *arguments])])
        compares = (kind in (tuple, frozenset, slice) and name in COMPARES) or name == "join"
        return within.together([given, within.each_compared([thing, *arguments])]) if compares else given
    if kind is memoryview and name == "release":
        return OPAQUE  # from now on it shows nothing
    thing = aliased(thing)
    kind = type(thing)
    if holds(kind, name) and not _is_overridden(thing, kind, name):
        return _of_container(thing, kind, name, arguments)
    if kind in ONE_SHOT:
        return nested.walked(thing)
    if issubclass(kind, Controlled) or kind.__module__ in SYNC_MODULES:
        return libraries.synchronised(thing, name, arguments) or _called_later(arguments)
    if libraries.is_of_processes(kind.__module__):
        return libraries.handed_over(arguments)
    if kind is super:
        return _above_call(thing, name, arguments)
    if issubclass(kind, type):
        if name == "__subclasses__":
            return OPAQUE  # a class statement anywhere changes that
        return call(_bare(class_attribute(thing, name)[1]), arguments)
    return _instance_call(thing, kind, name, arguments)


def _of_container(thing: Any, kind: type, name: str, arguments: list[Any]) -> Touched:
    """What calling a method touches that is a container's own."""
    mode = READ if name in effects.READERS and kind not in effects.SELF_CHANGING else WRITE
    if kind not in CONTAINERS and type(value := class_attribute(kind, name)[1]) in _OF_C:
        name = value.__name__  # `put = list.append`
    given: Touched = nested.each_of(arguments, READ)
    if name in WORDS:
        given = within.told(thing)
    if name in OF_SETS and issubclass(kind, (dict, set)):
        given = within.together([given, nested.put_in([thing, *arguments])])
    if name in effects.OF_KEYS and arguments and issubclass(kind, (dict, set)):
        given = within.together([given, within.keyed(thing, arguments[0])])
    if name in COMPARES:
        looked_into = arguments if name == "update" else [*arguments, thing]
        given = within.together([given, within.each_compared(looked_into)])
    touched: tuple[tuple[Any, str, int], ...] = ((thing, CONTENT, mode),)
    is_in_steps = type(class_attribute(kind, name)[1]) is types.FunctionType  # as those of a Counter, in Python
    if is_in_steps or (name in WALK and any(map(nested.may_run_python, arguments))):
        touched = Lasting(touched)
        for each in arguments:
            effects.called_back.add(each)
    return touched if given == () and type(given) is tuple else within.together([touched, given])


def entered(thing: Any) -> Touched:
    """What `with thing:` touches by code that is not watched; a lock that is no double is taken."""
    kind = type(thing)
    if thing is UNKNOWN or issubclass(kind, Controlled):
        return None if thing is UNKNOWN else ()
    if kind is memoryview:
        return OPAQUE
    if kind in _NATIVE_LOCKS:
        return ((thing, CONTENT, WRITE),)
    method = class_attribute(kind, "__enter__")[1]
    if is_python(method) or method is UNKNOWN:
        return ()
    if type(method) is not types.FunctionType:
        return ((thing, CONTENT, WRITE),)
    if is_quiet_manager(method):
        return ()
    found = _unwatched(method, [])
    return Doubtful(((thing, CONTENT, WRITE),)) if type(found) is Doubtful else found


def entered_anew(callee: Any) -> Touched:
    """What entering a manager touches that a callee has just made: it belongs to nobody else yet."""
    if not issubclass(type(callee), type):
        return ()  # a function's manager: what it does shows in the call
    method = class_attribute(callee, "__enter__")[1]
    if type(method) is not types.FunctionType or is_python(method) or is_quiet_manager(method):
        return ()
    return _unwatched(method, [])


def _is_overridden(thing: Any, kind: type, name: str) -> bool:
    own = instance_dict(thing)
    return kind not in CONTAINERS and own is not None and name in own


def _above_call(thing: Any, name: str, arguments: list[Any]) -> Touched:
    """What `super().name(...)` touches."""
    value, this = effects.found_above(thing, name), effects.self_of(thing)
    if type(value) not in _OF_C:
        return call(_bare(value), arguments)
    if name in _OF_ATTRIBUTES and arguments and type(arguments[0]) is str:
        return effects.attribute(this, arguments[0], _OF_ATTRIBUTES[name])
    if value.__objclass__ in CONTAINERS:
        return _of_container(this, value.__objclass__, name, arguments)
    if value.__objclass__ is object:
        return ()
    return within.together([((this, CONTENT, WRITE),), nested.each_of(arguments, WRITE)])


def _bare(value: Any) -> Any:
    return value.__func__ if isinstance(value, (staticmethod, classmethod)) else value


def _instance_call(thing: Any, kind: type, name: str, arguments: list[Any]) -> Touched:
    own = instance_dict(thing)
    if own is not None and name in own:
        return call(own[name], arguments)
    owner, value = class_attribute(kind, name)
    value = _bare(value)
    if is_python(value) or (owner is not None and owner.__module__ in SYNC_MODULES):
        return ()
    if type(value) is types.FunctionType:
        return _unwatched(value, arguments, thing)
    if type(value) in _OF_C:
        name = value.__name__  # `give = object.__setattr__`
        if name in WORDS:
            return within.told(thing)
        if name in ORDERS:
            return within.each_compared([thing, *arguments])
    if kind is contextvars.Context and name != "run":
        return OPAQUE  # who runs in it changes it by no access
    if kind in _DESCRIPTORS and name in _OF_DESCRIPTORS and arguments:
        return effects.attribute(arguments[0], thing.__name__, _OF_DESCRIPTORS[name])
    if name in _OF_ATTRIBUTES and arguments and type(arguments[0]) is str:
        return effects.attribute(thing, arguments[0], _OF_ATTRIBUTES[name])
    if type(value) in _OF_C:
        held = nested.held(thing) if kind.__flags__ & effects.WRITTEN_IN_C else ()
        if kind in ASKED_UNSEEN or is_foreign(kind):
            return OPAQUE
        notes = ((thing, "__notes__", WRITE),) if name == "add_note" and issubclass(kind, BaseException) else ()
        file = effects.of_file(thing) if is_file(thing) else ()
        given = [nested.each_of(arguments, WRITE), _called_later(arguments)]
        return within.together([((thing, CONTENT, WRITE), *notes, *held), file, *given])
    return None if value is UNKNOWN else OPAQUE

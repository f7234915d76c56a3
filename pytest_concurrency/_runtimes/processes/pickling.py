"""What multiprocessing pickles: copied, where it would hand out a view of it, and behind what has to come first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._machine.patches import Patches


def without_views(patches: Patches) -> None:
    """Let `ForkingPickler.dumps` return bytes.

    A view of what is pickled, kept by the frames of a thread that was unwound, has crashed the collector of 3.12.1.
    """
    from multiprocessing.reduction import ForkingPickler

    dumps: Any = ForkingPickler.dumps
    patches.set(ForkingPickler, "dumps", staticmethod(lambda *args: bytes(dumps(*args))))


def with_state(patches: Patches, kind: type, name: str) -> None:
    """Let things of a kind, which multiprocessing has a way to pickle, keep an attribute of ours."""
    from multiprocessing.reduction import ForkingPickler

    reducers: Any = vars(ForkingPickler)["_extra_reducers"]
    reduce = reducers[kind]

    def reduced_with_it(thing: Any) -> Any:
        found = reduce(thing)
        return (*found, {name: vars(thing)[name]}) if name in vars(thing) else found

    patches.set(reducers, kind, reduced_with_it)


class Prelude:
    """Calls a function where it is unpickled.

    Args:
        function: The function.
        arguments: What it is called with; it returns what comes of it.
    """

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._call = function, arguments

    def __reduce__(self) -> Any:
        return self._call


def put_first(patches: Patches, name: str, make: Callable[[], Prelude | None]) -> None:
    """From now on let a process that begins as a new interpreter unpickle a prelude before itself.

    Args:
        patches: Take that back.
        name: Of the prelude: a process gets one of each name.
        make: Is asked for it while a process is pickled that is being started.
    """
    from multiprocessing.process import BaseProcess

    patches.set(_makers, name, make)
    patches.set(BaseProcess, "__reduce_ex__", reduced)


def reduced(process: Any, protocol: Any) -> Any:
    """Return how a process is pickled: behind the preludes, if it is being started."""
    from multiprocessing.context import get_spawning_popen

    found: Any = object.__reduce_ex__(process, protocol)
    for make in list(_makers.values()) if get_spawning_popen() is not None else ():
        prelude = make()
        if prelude is not None:
            function, arguments, *rest = found
            found = (_made_behind, (prelude, function, *arguments), *rest)
    return found


def _made_behind(_prelude: Any, function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


_makers: Final[dict[str, Callable[[], Prelude | None]]] = {}

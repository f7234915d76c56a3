"""State that a schedule finds and may leave otherwise: of what it closes over, and of the modules it can reach."""

from __future__ import annotations

from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._explore.at_hand import at_hand
from pytest_concurrency._explore.walk import Walk
from pytest_concurrency._sight.named_modules import NamedModules
from pytest_concurrency._sight.patterns import calls_another, is_special
from pytest_concurrency._sight.resolve import instance_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_concurrency._sight.watching import Watch

_CODE: Final = frozenset({FunctionType, ModuleType})
_OF_ALL: Final = frozenset({"__weakref__", "__dict__", "__class__", "__new__", "__base__"})


class State:
    """What the scenario, and the watched modules that it can reach, are bound to, at one moment.

    Looked at are names, attributes (of the user's classes, and of what threads meet at), cells of functions, and what
    lies in containers; no code of the user's runs.

    Attributes:
        calls_unseen: Whether operators of some class among it call what nobody sees: `__len__ = words.pop`.

    Args:
        watch: Whose modules and classes are looked at.
        scenario: The function whose free variables are.
    """

    def __init__(self, watch: Watch, scenario: Callable[[], Any]) -> None:
        self._watch = watch
        self._scenario = scenario
        walk = Walk(watch, NamedModules(watch.modules()))
        self._holders = list(walk.holders(scenario))
        self._used = _used(watch)
        self._meddled = _used(watch, acting=True)
        self.calls_unseen = any(map(_calls_unseen, walk.classes))

    def now(self) -> State:
        """Return what they are bound to at this moment."""
        return State(self._watch, self._scenario)

    def changed(self) -> list[str]:
        """Return the names of what is otherwise now."""
        return list(dict.fromkeys(name for each in self._holders for name in each.changed()))

    def others_may_change(self) -> list[str]:
        """Return the names of what a thread from elsewhere has at hand that may do something of its own accord."""
        meddled = {**self._meddled, **_used(self._watch, acting=True)}
        found = (each for each in self._holders if not meddled.keys().isdisjoint(_at_hand_of(each.thing)))
        names = dict.fromkeys(each.name.rstrip(".") for each in found)
        return [name for name in names if not any(name.startswith(f"{other}.") for other in names)]

    def give_back(self) -> None:
        """Let everything be as it was, but for what a thread from elsewhere has at hand: its wait would be forgotten.

        At hand is what it had when this was looked at, too: it may be between two waits for the same just now.
        """
        theirs = {**self._used, **_used(self._watch)}
        for each in self._holders:
            if id(each.thing) not in theirs:
                each.give_back()


def _used(watch: Watch, *, acting: bool = False) -> dict[int, Any]:
    """Return what threads from elsewhere have at hand, by its number."""
    return reached(at_hand(watch, acting=acting), watch, NamedModules(watch.modules()), goes_further=acting)


def reached(things: Iterable[Any], watch: Watch, watched: NamedModules, *, goes_further: bool = True) -> dict[int, Any]:
    """Return whatever there is, from some things on, by its number; of objects of these modules what they hold.

    With `goes_further` of those of other modules, too.
    """
    return Walk(watch, watched, to_modules=False, goes_further=goes_further).reached(things)


def _at_hand_of(thing: Any) -> tuple[int, ...]:
    """Return the numbers of what somebody has at hand who may change a thing; of code, a module's names."""
    if type(thing) in _CODE:
        return (id(vars(thing)),) if type(thing) is ModuleType else ()
    return (id(thing), id(instance_dict(thing)))


def _calls_unseen(kind: type) -> bool:
    return any(is_special(name) and calls_another(each) for name, each in vars(kind).items() if name not in _OF_ALL)

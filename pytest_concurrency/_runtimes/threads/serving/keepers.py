"""Code that may keep something for a thread where nobody can look."""

from __future__ import annotations

import sys
from importlib.machinery import ExtensionFileLoader
from types import BuiltinFunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_concurrency._sight.watching import Watch

NAMES: Final = frozenset({"ctypes", "_ctypes", "resource"})  # what C does, what the system counts


class Keepers:
    """Tells whether a thread may keep what can be neither seen nor taken away.

    An extension module has variables of its own for each thread, as greenlet and torch do, and with ctypes anything
    can be set. What the interpreter brings along does no such thing.
    """

    def __init__(self, watch: Watch, modules: Mapping[str, Any] = sys.modules) -> None:
        self._watch = watch
        self._modules = modules
        self._looked_at = 0
        self._found = False

    def are_there(self) -> bool:
        """Look, if modules have been loaded since it was looked last."""
        if self._looked_at != len(self._modules):
            self._looked_at = len(self._modules)
            self._found = self._found or any(self._may_keep(*each) for each in list(self._modules.items()))
        return self._found

    def _may_keep(self, name: str, module: Any) -> bool:
        if _is_extension(name, module):
            return True
        file = getattr(module, "__file__", None)
        return isinstance(file, str) and self._watch.is_watched(file) and any(map(_keeps, list(vars(module).values())))


def _is_extension(name: str, module: Any) -> bool:
    if name.partition(".")[0] in sys.stdlib_module_names:
        return False
    spec = getattr(module, "__spec__", None)
    return isinstance(getattr(spec, "loader", None), ExtensionFileLoader)


def _keeps(value: Any) -> bool:
    """Tell whether a global is such a module, or comes from it."""
    kind = type(value)
    if kind is ModuleType:
        return value.__name__ in NAMES
    return (value if kind is type or kind is BuiltinFunctionType else kind).__module__ in NAMES

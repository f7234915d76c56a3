"""Something is done as soon as a module has been imported, and the module is not imported for it."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class AfterImport:
    """A finder that finds nothing itself: it lets the others find, and does something when the module is there."""

    def __init__(self) -> None:
        self._wanted: dict[str, Callable[[ModuleType], None]] = {}

    def add(self, name: str, do: Callable[[ModuleType], None]) -> None:
        """Call `do` with a module: at once where it is there already."""
        if name in sys.modules:
            do(sys.modules[name])
        else:
            self._wanted[name] = do

    def install(self) -> None:
        """Begin."""
        sys.meta_path.insert(0, self)

    def uninstall(self) -> None:
        """Stop."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find nothing, or what the others find, with a loader that calls us afterwards."""
        do = self._wanted.pop(name, None)
        if do is None:
            return None
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            original = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                original(module)
                do(module)

            loader.exec_module = exec_module
        return spec

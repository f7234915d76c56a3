"""What stands in for a function of C, and passes for it wherever somebody compares."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    from pytest_concurrency._machine.patches import Patches


class Stand:
    """Stands in for a function of C: `os.stat in os.supports_dir_fd` is as true as it was.

    It is no function of Python, so that code which is watched counts it, as the one in C, as what does who knows what.

    Args:
        module: Where it stands.
        real: The function.
        does: What is done instead.
    """

    def __init__(self, module: str, real: Callable[..., Any], does: Callable[..., Any]) -> None:
        self._module = module
        self._real = real
        self._does = does

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._does(*args, **kwargs)

    def __eq__(self, other: object) -> bool:
        return self._real is other or self is other

    def __hash__(self) -> int:
        return hash(self._real)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def __repr__(self) -> str:
        return repr(self._real)

    def __reduce__(self) -> Any:
        return _by_name, (self._module, self._real.__name__)


def _by_name(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


def put(patches: Patches, owner: ModuleType, name: str, does: Callable[..., Any], bound: Iterable[ModuleType]) -> Any:
    """Put a stand-in for a function into its module, and where watched modules have bound it; return the real one."""
    real = getattr(owner, name)
    stand = Stand(owner.__name__, real, does)
    patches.set(owner, name, stand)
    for module in bound:
        for each in [each for each, value in vars(module).items() if value is real]:
            patches.set(vars(module), each, stand)
    return real

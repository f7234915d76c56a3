"""Attributes replaced for a while: all or nothing."""

from __future__ import annotations

from types import CellType, FunctionType
from typing import Any, Final

_MISSING: Final = object()


class Patches:
    """A set of replaced attributes; `undo` puts back exactly what was replaced, in reverse."""

    def __init__(self) -> None:
        self._done: list[tuple[Any, Any, Any, Any]] = []

    def set(self, owner: Any, name: Any, new: Any) -> None:
        """Replace an attribute, or an item where the owner is a dict."""
        if isinstance(owner, dict):
            old = owner.get(name, _MISSING)
            owner[name] = new
        else:
            old = _own(owner, name)
            setattr(owner, name, new)
        self._done.append((owner, name, old, new))

    def replace(self, owner: Any, name: str, original: Any, new: Any) -> None:
        """Replace an attribute only while it is the original: whoever patched it first wins."""
        if getattr(owner, name, None) is original:
            self.set(owner, name, new)

    def undo(self) -> None:
        """Restore everything that still is as we left it."""
        while self._done:
            owner, name, old, new = self._done.pop()
            current = owner.get(name) if isinstance(owner, dict) else _own(owner, name)
            if current is not new:
                continue  # somebody else has replaced it since: theirs stays
            if isinstance(owner, dict):
                if old is _MISSING:
                    del owner[name]
                else:
                    owner[name] = old
            elif old is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, old)


def _own(owner: Any, name: str) -> Any:
    """Return an attribute of the owner's own; those of a function or a cell do not stand among them."""
    return getattr(owner, name) if type(owner) in (FunctionType, CellType) else vars(owner).get(name, _MISSING)

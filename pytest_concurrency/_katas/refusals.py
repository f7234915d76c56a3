"""What is refused, in one line that can be said in every language."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Phrase(str):
    """A part of a line that has its own translation."""

    __slots__ = ()


class Refused(ValueError):
    """Somebody has asked for what cannot be done.

    Args:
        text: the English line, with fields in braces; it is the key of its translations.
        values: what the fields hold.
    """

    def __init__(self, text: str, values: Mapping[str, object] | None = None) -> None:
        """Keep the line unfinished."""
        super().__init__(text, values)
        self.text = text
        self.values = dict(values or {})

    def __str__(self) -> str:
        """Return the line in English."""
        return self.text.format(**self.values)

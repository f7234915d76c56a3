"""What a call has answered, kept as it was at that moment, and when two answers are the same."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.linear.misuse import ProgramError

if TYPE_CHECKING:
    from collections.abc import Callable

LONG: Final = 40
_ADDRESS: Final = re.compile(r" (?:object )?at 0x[0-9a-fA-F]+")


class _Itself:
    """Stands for the object whose method has returned it."""

    def __repr__(self) -> str:
        return "the object itself"


ITSELF: Final = _Itself()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call has answered.

    Attributes:
        value: What it returned, or the arguments of the exception that it raised.
        raised: The type of that exception; None where it returned.
    """

    value: Any
    raised: type[BaseException] | None = None

    def is_like(self, other: Answer) -> bool:
        """Tell whether both are the same: equal values, or exceptions of one type with equal arguments.

        Raises:
            ProgramError: The values cannot be compared.
        """
        return self.raised is other.raised and _is_equal(self.value, other.value)

    def __str__(self) -> str:
        if self.raised is None:
            return brief(self.value)
        return f"raised {self.raised.__name__}"

    def told(self, text: Callable[[Any], str] | None = None) -> str:
        """Return it as the rest of a sentence about a call; `text` writes a value, shortened unless given."""
        text = text or brief
        if self.raised is None:
            return f"returns {text(self.value)}"
        return f"raises {self.raised.__name__}({', '.join(map(text, self.value))})"


def returned(value: Any) -> Answer:
    """Keep what a call has returned."""
    return Answer(as_it_is(value))


def raised(error: BaseException) -> Answer:
    """Keep what a call has raised."""
    return Answer(as_it_is(error.args), type(error))


def _is_equal(mine: Any, theirs: Any) -> bool:
    if mine is theirs:
        return True
    try:
        return bool(mine == theirs)
    except Exception as error:
        told = f"{brief(mine)} and {brief(theirs)}"
        text = f"results must be comparable by ==, got {told}, which raise {type(error).__name__}"
        raise ProgramError(f"{text}; give result= to compare a part") from None


_COPIED: Final = frozenset({list, dict, set, bytearray, deque, tuple})


def as_it_is(value: Any) -> Any:
    """Return a value that later changes of a container do not reach; whatever is no container stays itself."""
    return _copy(value, {})


def _copy(value: Any, seen: dict[int, Any]) -> Any:
    kind = type(value)
    if kind not in _COPIED or id(value) in seen:
        return seen.get(id(value), value)
    if kind is tuple:
        return tuple(_copy(each, seen) for each in value)
    if kind in (set, bytearray):
        return kind(value)
    made: Any = deque(maxlen=value.maxlen) if kind is deque else kind()
    seen[id(value)] = made
    if kind is dict:
        made.update((key, _copy(each, seen)) for key, each in value.items())
    else:
        made.extend(_copy(each, seen) for each in value)
    return made


def told_apart(mine: Answer | None, theirs: Answer | None) -> tuple[str, str]:
    """Tell two answers that differ, None for a wait for ever; of long ones the part where they do."""
    pair = ["waits for ever" if each is None else each.told() for each in (mine, theirs)]
    if mine is None or theirs is None or pair[0] != pair[1]:
        return pair[0], pair[1]
    whole = (mine.told(_text), theirs.told(_text))
    if whole[0] == whole[1]:
        return pair[0], f"{pair[1]}, which is written alike and not equal"
    at = next(number for number, (one, other) in enumerate(zip(*whole, strict=False)) if one != other) - LONG // 2
    verb = whole[0].partition(" ")[0]
    return f"{verb} ...{_part(whole[0], at)}", f"{verb} ...{_part(whole[1], at)}"


def _part(text: str, at: int) -> str:
    return text[at : at + LONG] if len(text) <= at + LONG else f"{text[at : at + LONG - 3]}..."


def brief(value: Any) -> str:
    """Return a short text for a value, without addresses, so that equal failures give equal text."""
    text = _text(value)
    return text if len(text) <= LONG else f"{text[: LONG - 3]}..."


def _text(value: Any) -> str:
    try:
        return _ADDRESS.sub("", repr(value)).replace("\n", " ")
    except Exception as error:
        return f"<{type(value).__name__}, whose repr raised {type(error).__name__}>"

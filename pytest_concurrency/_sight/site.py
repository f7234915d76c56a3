"""One instruction that may touch shared state, and the shape of what it touches."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pytest_concurrency._sight.resolve import Resolver

Touched = tuple[tuple[Any, str, int], ...] | None
"""(object, what of it, READ or WRITE) ...; None means that the effect is unknown."""


OPAQUE: Final[tuple[tuple[Any, str, int], ...]] = ((None, "opaque", 1),)
"""The effect is unknown, and in several steps that do not show: others may come between them, so nothing is proved."""


class Doubtful(tuple[tuple[Any, str, int], ...]):
    """What is touched as far as is known, by code that nobody watches: nothing is proved."""

    __slots__ = ()


class Lasting(tuple[tuple[Any, str, int], ...]):
    """What one call touches again and again while other code runs: if others change any of it, nothing is proved."""

    __slots__ = ()


class Stepwise(tuple[tuple[Any, str, int], ...]):
    """What one call touches in as many moments, each once: if others change two of them, nothing is proved."""

    __slots__ = ()


class Own(tuple[tuple[Any, str, int], ...]):
    """What each thread has of its own; tasks of one thread share it."""

    __slots__ = ()


class Looker(Protocol):
    """What a site needs of the task that looks.

    Attributes:
        saved: Objects found at one instruction for a later one of the same frame, by whatever the site chooses.
    """

    saved: dict[Any, Any]

    def note_opaque(self, frame: FrameType) -> None:
        """Note that a frame is to run code whose effects do not show, so that nothing is proved."""

    def generator_of(self, frame: FrameType) -> Any:
        """Return the generator that a frame belongs to if an access has shown it, else None."""


Look = Callable[[Looker, "FrameType"], Touched]


class Site:
    """One instruction that may touch shared state.

    Attributes:
        number: Its index among all sites of the process.
        what: The operation in words, part of the schedule's text.
        of: The container whose item it touches, as the source names it; "" where there is none.
        look: Finds what it touches, in the frame that is about to execute it.
        item: Finds which item of a container it touches, where the source says so.
        slot: Which slot of a container it touches and nothing else; see `slots`.
        hands_out: Whether what it gives may be kept, and shows later what others do by other names.
    """

    __slots__ = ("code", "hands_out", "item", "line", "look", "mode", "number", "of", "slot", "what")

    def __init__(
        self,
        code: CodeType,
        line: int,
        what: str,
        mode: int,
        look: Look,
        *,
        item: Resolver | None = None,
        slot: Any = None,
        of: str = "",
        hands_out: bool = False,
    ) -> None:
        self.number = -1
        self.code = code
        self.line = line
        self.what = what
        self.mode = mode
        self.look = look
        self.item = item
        self.slot = slot
        self.of = of
        self.hands_out = hands_out

    @property
    def place(self) -> tuple[str, int]:
        """Its line: file and number."""
        return self.code.co_filename, self.line

    @property
    def told(self) -> str:
        """What a report calls the operation."""
        return f"{self.what} of {self.of}" if self.of else self.what

    def take_number(self, number: int) -> None:
        """Take its place among all sites of the process."""
        self.number = number


class _Cells:
    """Stands for all closure variables; the name and file say which."""


CELLS: Final = _Cells()


class _Files:
    """Stands for what is in files: two that are open may be one."""


FILES: Final = _Files()

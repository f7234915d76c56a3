"""The puppet player: a worked solution."""

from collections.abc import Callable
from typing import Any

from greenlet import greenlet

Say = Callable[[Any], Any]
Part = Callable[[Any, Say], object]


class Gone(Exception):
    """What `say` raises when the other one has come to his end (given)."""


def converse(first: Part, second: Part, opening: Any) -> list[tuple[int, Any]]:
    """Switch straight from one to the other; whoever ends comes back here, and the other one is told."""
    said: list[tuple[int, Any]] = []
    puppets: dict[int, greenlet] = {}

    def puppet(number: int, part: Part) -> greenlet:
        def say(line: Any) -> Any:
            other = puppets[3 - number]
            if other.dead:
                raise Gone
            said.append((number, line))
            return other.switch(line)

        def play(heard: Any) -> None:
            try:
                part(heard, say)
            except Gone:
                pass

        return greenlet(play)

    puppets.update({1: puppet(1, first), 2: puppet(2, second)})
    try:
        puppets[1].switch(opening)
        for hangs in puppets.values():
            if hangs:  # has begun, and is not at its end
                hangs.throw(Gone)
    finally:
        for hangs in puppets.values():
            if hangs:
                hangs.throw()
    return said

"""The puppet player as a director: whoever speaks hands the line to him, and he takes up the next one."""

from collections.abc import Callable
from typing import Any

import greenlet

Say = Callable[[Any], Any]
Part = Callable[[Any, Say], object]
END = object()


class Gone(Exception):
    """What `say` raises when the other one has come to his end (given)."""


def converse(first: Part, second: Part, opening: Any) -> list[tuple[int, Any]]:
    """Go round: take one up with what was said, and look what comes back."""
    director = greenlet.getcurrent()
    said: list[tuple[int, Any]] = []
    parts = {1: first, 2: second}
    stands: dict[int, greenlet.greenlet] = {}
    left = {1, 2}

    def begin(number: int) -> greenlet.greenlet:
        def say(line: Any) -> Any:
            if 3 - number not in left:
                raise Gone
            return director.switch(line)

        def play(heard: Any) -> Any:
            try:
                parts[number](heard, say)
            except Gone:
                pass
            return END

        return greenlet.greenlet(play, parent=director)

    turn, line = 1, opening
    try:
        while True:
            if turn not in stands:
                stands[turn] = begin(turn)
            line = stands[turn].switch(line)
            if line is END:
                left.discard(turn)
                break
            said.append((turn, line))
            turn = 3 - turn
        other = 3 - turn
        if other in stands:
            stands[other].throw(Gone)
        return said
    except BaseException:
        left.clear()
        for each in stands.values():
            each.throw(greenlet.GreenletExit)
        raise

"""The puppet player with a class: a puppet is a greenlet that knows its partner, and tells it when it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from greenlet import GreenletExit, greenlet

Say = Callable[[Any], Any]
Part = Callable[[Any, Say], object]


class Gone(Exception):
    """What `say` raises when the other one has come to his end (given)."""


class _Puppet(greenlet):
    partner: _Puppet

    def __init__(self, number: int, part: Part, said: list[tuple[int, Any]]) -> None:
        super().__init__()
        self.number, self.part, self.said = number, part, said
        self.error: BaseException | None = None

    def run(self, heard: Any) -> None:
        try:
            self.part(heard, self.say)
        except (Gone, GreenletExit):
            pass
        except BaseException as error:
            self.error = error

    def say(self, line: Any) -> Any:
        if self.partner.dead:
            raise Gone
        self.said.append((self.number, line))
        return self.partner.switch(line)


def converse(first: Part, second: Part, opening: Any) -> list[tuple[int, Any]]:
    """Start the first one; when somebody has gone, tell the other one why."""
    said: list[tuple[int, Any]] = []
    pair = _Puppet(1, first, said), _Puppet(2, second, said)
    pair[0].partner, pair[1].partner = pair[1], pair[0]
    pair[0].switch(opening)
    failed = any(each.error is not None for each in pair)
    for each in pair:
        if each.gr_frame is not None:
            each.throw(GreenletExit if failed else Gone)
    for each in pair:
        if each.error is not None:
            raise each.error
    return said

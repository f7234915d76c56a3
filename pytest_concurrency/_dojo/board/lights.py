"""A line of lights, one for each minute: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_concurrency._dojo.states import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_MINUTES = 24 * 60  # what is older goes out: a board that is left on does not grow


@dataclass(frozen=True, slots=True)
class Light:
    """What a minute is remembered by: the last state in it, and what was said about it."""

    state: State
    kata: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A change from one state to another.

    Attributes:
        at: seconds since the session began.
    """

    at: float
    before: State
    after: State
    kata: str
    line: str = ""


def lit(lights: Mapping[int, Light], at: float, light: Light) -> dict[int, Light]:
    """Return the lights after one report more; what is too old is left out."""
    minute = int(at // 60)
    found = {**lights, minute: light}
    if len(found) <= MOST_MINUTES:
        return found
    oldest = max(found) - MOST_MINUTES
    return {each: known for each, known in found.items() if each > oldest}


def line(lights: Mapping[int, Light], first: int, minute: int) -> Iterator[tuple[int, Light, bool]]:
    """Yield for each minute its light, and whether it is of that minute: without a report the last one stays."""
    first = max(first, minute - MOST_MINUTES + 1)
    earlier = () if first in lights else [each for each in lights if each < first]
    last = lights[max(earlier)] if earlier else Light(State.NOT_BEGUN)
    for each in range(first, minute + 1):
        is_fresh = each in lights
        last = lights.get(each, last)
        yield each, last, is_fresh


def turns(moments: list[Moment]) -> list[Moment]:
    """Return the moments of a kata between red and green: it turned green, or green was lost."""
    return [each for each in moments if State.GREEN in (each.before, each.after)]

"""Whose turn it is at the keyboard: pure, by seconds since the session began."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Rotation:
    """A timer that rings at the end of each turn and goes on.

    Attributes:
        length: seconds of a whole turn.
        left: seconds that were left of the turn at `since`, or are while it stands still.
        since: when it was started; `None` while it stands still.
        turn: how many turns are over.
        rings: how often it rang: a turn that was skipped did not ring.
    """

    length: float
    left: float
    since: float | None = None
    turn: int = 0
    rings: int = 0


def new(length: float) -> Rotation:
    """Return a timer that stands still before the first turn."""
    return Rotation(length, length)


def settle(rotation: Rotation, now: float) -> Rotation:
    """Return the timer at a moment: turns whose time is up have rung."""
    if rotation.since is None:
        return rotation
    over = now - rotation.since - rotation.left
    if over < 0:
        return rotation
    ended = 1 + int(over // rotation.length)
    began = rotation.since + rotation.left + (ended - 1) * rotation.length
    return replace(
        rotation, left=rotation.length, since=began, turn=rotation.turn + ended, rings=rotation.rings + ended
    )


def left(rotation: Rotation, now: float) -> float:
    """Return the seconds that are left of the turn."""
    return rotation.left if rotation.since is None else max(0.0, rotation.left - (now - rotation.since))


def change(rotation: Rotation, do: str, now: float, minutes: float = 0) -> Rotation:
    """Start, pause or skip, or give turns another length, from the next one on if one is under way."""
    rotation = settle(rotation, now)
    match do:
        case "start" if rotation.since is None:
            return replace(rotation, since=now)
        case "pause":
            return replace(rotation, left=left(rotation, now), since=None)
        case "skip":
            since = None if rotation.since is None else now
            return replace(rotation, left=rotation.length, since=since, turn=rotation.turn + 1)
        case "minutes":
            is_fresh = rotation.since is None and rotation.left == rotation.length
            seconds = minutes * 60
            return replace(rotation, length=seconds, left=seconds if is_fresh else rotation.left)
    return rotation


def drivers(people: Sequence[str], turn: int) -> tuple[str, str]:
    """Return who drives, and who does next; nobody is named twice unless there is only one."""
    if not people:
        return "", ""
    return people[turn % len(people)], people[(turn + 1) % len(people)]

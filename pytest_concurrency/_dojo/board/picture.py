"""What the page is told of a room, as values for JSON: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_concurrency._dojo.board import lights, rotation

if TYPE_CHECKING:
    from pytest_concurrency._dojo.board.room import Pair, Room

SHOWN_MINUTES = 240  # of a longer session the page shows the end, the retrospective all


def pair(found: Pair, turn: int, now: float, since: int = 0) -> dict[str, Any]:
    """Return one row of the page, with the lights from a minute on: the page knows the earlier ones."""
    driver, following = rotation.drivers(found.people, turn)
    minute = int(now // 60)
    first = max(int(found.joined // 60), minute - SHOWN_MINUTES + 1, since)
    shown = [
        [each, str(light.state), int(fresh), light.kata if fresh else "", light.line if fresh else ""]
        for each, light, fresh in lights.line(found.lights, first, minute)
    ]
    return {
        "id": found.id,
        "name": found.name,
        "state": str(found.state),
        "running": found.running,
        "kata": found.kata,
        "task": found.task,
        "tasks": {str(task): str(state) for task, state in found.tasks.items()},
        "line": found.line,
        "lights": shown,
        "driver": driver,
        "next": following,
        "prediction": _prediction(found),
        "points": found.score.points,
        "guesses": found.score.guesses,
        "last": found.score.last,
    }


def _prediction(found: Pair) -> str:
    if found.prediction is None:
        return ""
    return " ".join(each for each in (found.prediction.says, found.prediction.test) if each)


def timer(room: Room, now: float) -> dict[str, Any]:
    """Return the timer as the page needs it: what is left, not until when, as its clock may be wrong."""
    found = room.timer
    return {
        "left": round(rotation.left(found, now), 2),
        "length": found.length,
        "going": found.since is not None,
        "turn": found.turn,
        "rings": found.rings,
    }


def board(room: Room, now: float) -> dict[str, Any]:
    """Return the whole page."""
    rows = [pair(each, room.timer.turn, now) for each in room.pairs.values()]
    return {"minute": int(now // 60), "timer": timer(room, now), "pairs": rows}

"""The steps of a run at which its tasks failed, as a reader is told them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_concurrency._core.verbs import verb_in
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_concurrency._core.telling.report import LaneStep, Place
    from pytest_concurrency._sight.watching import Watch


def with_errors(
    lanes: Iterable[LaneStep], errors: Iterable[tuple[str, BaseException]], watch: Watch
) -> tuple[LaneStep, ...]:
    """Return the steps, each error told at the one that raised it.

    Args:
        lanes: The steps.
        errors: (task name, what it raised).
        watch: Whose code is the user's.
    """
    told = list(lanes)
    for name, error in errors:
        place = next(reversed(stacks.places(error, watch)), None)
        own = [number for number, step in enumerate(told) if step.task == name]
        if place is not None and own:
            _tell(told, own, place, f"raises {type(error).__name__}")
    return tuple(told)


def _tell(told: list[LaneStep], own: list[int], place: Place, raises: str) -> None:
    """Put what a task raised into its last step at that line, or else instead of its end."""
    has_ended = told[own[-1]].what == "ends"
    left = own[:-1] if has_ended else own[:]
    while left and told[left[-1]].place != place and verb_in(told[left[-1]].what).gives:
        left.pop()  # a lock that was given back on the way out
    if left and told[left[-1]].place == place:
        step = told[left[-1]]
        is_done = step.value and not step.what.startswith("write ")
        did = f"{step.what} = {step.value}" if is_done else step.what
        told[left[-1]] = replace(step, what=f"{did}, {raises}", value="")
    elif has_ended:
        told[own[-1]] = replace(told[own[-1]], place=place, what=raises)

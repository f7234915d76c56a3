"""The steps of a run at which its tasks failed, as a reader is told them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_concurrency._core.verbs import verb_in
from pytest_concurrency._sight import stacks
from pytest_concurrency._sight.watching import is_own

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
    for name, error in _by_raiser(errors):
        place = next(reversed(stacks.places(error, watch)), None)
        own = [number for number, step in enumerate(told) if step.task == name]
        if place is not None and own:
            _tell(told, own, place, f"raises {type(error).__name__}")
    return tuple(told)


def _by_raiser(errors: Iterable[tuple[str, BaseException]]) -> Iterator[tuple[str, BaseException]]:
    """Yield each error, under the name of who raised it where another has raised it again."""
    for name, error in errors:
        parts = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
        raised = [(raiser, each) for each in (error, *parts) if (raiser := _raiser(each))]
        yield from raised or [(name, error)]


def _raiser(error: BaseException) -> str:
    """Return the task whose function raised an error that our own code has carried over; "" for none."""
    step = error.__traceback__
    while step is not None:
        if is_own(step.tb_frame.f_code.co_filename) and (name := step.tb_frame.f_locals.get("_raiser")):
            return str(name)
        step = step.tb_next
    return ""


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

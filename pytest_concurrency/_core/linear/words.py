"""A history that no order explains, as lines: who called what when, and where each order differs."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from pytest_concurrency._core.linear.answers import told_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_concurrency._core.linear.order import Call, Explained, Misfit

WIDTH: Final = 78
"""Of a line, as a report gives it two columns more."""


def headline(history: Sequence[Call]) -> str:
    """Say in one line what is wrong."""
    count = len([call for call in history if call.ended is not None])
    calls = "call" if count == 1 else f"{count} calls"
    return f"not linearizable: no order of the {calls}, one after the other, gives what was answered"


def evidence(history: Sequence[Call], found: Explained) -> tuple[str, ...]:
    """Return the history as lanes, and why no order fits."""
    return ("who called what, from left to right:", *lanes(history), "no order fits:", *_orders(found))


def lanes(history: Sequence[Call]) -> list[str]:
    """Return a line for each call: from its beginning to its end, with what it answered."""
    calls = sorted(history, key=lambda call: call.began)
    last = max([call.ended or 0 for call in calls] + [call.began for call in calls])
    names = max(len(call.task) for call in calls)
    return [_short(f"  {call.task:<{names}} {_bar(call, last)}  {_told(call)}") for call in calls]


def _short(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 3]}..."


def _bar(call: Call, last: int) -> str:
    """Draw when a call was under way, two columns for each beginning and end."""
    end = last + 1 if call.ended is None else call.ended
    bar = f"{'  ' * call.began}|{'-' * (2 * (end - call.began) - 1)}{'|' if call.ended is not None else '-'}"
    return f"{bar:<{2 * last + 1}}"


def _told(call: Call) -> str:
    return f"{call.text} waits for ever" if call.answer is None else f"{call.text} {call.answer.told()}"


def _orders(found: Explained) -> list[str]:
    lines = []
    for each in found.misfits:
        lines += textwrap.wrap(_why(each), WIDTH, initial_indent="  ", subsequent_indent="    ")
    more = found.count - len(found.misfits)
    return lines + ([f"  ... and {more} more"] if more > 0 else [])


def _why(misfit: Misfit) -> str:
    call, answer = misfit.call, misfit.answer
    before = ", ".join(f"{each.task} {each.text}" for each in misfit.order)
    there, here = told_apart(answer, call.answer)
    return f"{f'after {before}: ' if before else 'first '}{call.task} {call.text} {there}; here it {here}"

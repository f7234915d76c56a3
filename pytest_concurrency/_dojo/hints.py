"""The hints of a kata, step by step: pure."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hint:
    """One step: its heading, in the language of its file, and its text."""

    title: str
    text: str


def read(markdown: str) -> dict[int, tuple[Hint, ...]]:
    """Map each task to its steps, from a nudge to nearly there."""
    parts = re.split(r"^## .*?(\d+).*\n", markdown, flags=re.MULTILINE)
    return {int(task): _steps(body) for task, body in zip(parts[1::2], parts[2::2], strict=True)}


def _steps(body: str) -> tuple[Hint, ...]:
    parts = re.split(r"^### (.+)\n", body, flags=re.MULTILINE)
    return tuple(Hint(title.strip(), text.strip()) for title, text in zip(parts[1::2], parts[2::2], strict=True))

"""A test that is one part of an exploration: which one, when it is to stop, and what it hands in."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_concurrency._core.strategies.border import Part
from pytest_concurrency._core.verdict import Grade, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._core.parts import Shown

ARGUMENT: Final = "race_shard"
"""The parameter that a test has for each of its parts."""
handed_key: Final = pytest.StashKey[dict[str, dict[str, Any]]]()
folder_key: Final = pytest.StashKey[Path]()
STOPPED: Final = "another part of this exploration has failed"
_RANK: Final = {"none": 0, "sampled": 1, "proved": 2}


def part_of(item: pytest.Item) -> Part | None:
    """Return which part a test is; None where it is the whole."""
    given = getattr(getattr(item, "callspec", None), "params", {}).get(ARGUMENT)
    return None if given is None else Part(*given)


def name_of(part: Part) -> str:
    """Return what stands for a part in the id of its test."""
    return f"shard {part}"


def whole_id(item: pytest.Item) -> str:
    """Return the id of a test as it would be without parts."""
    part = part_of(item)
    if part is None:
        return item.nodeid
    name = re.escape(name_of(part))
    return re.sub(rf"\[{name}\]|-{name}(?=[\]-])|(?<=\[){name}-", "", item.nodeid, count=1)


def is_too_weak(grade: str, require: str) -> bool:
    """Tell whether a grade is weaker than what is asked for."""
    return _RANK[require] > _RANK.get(grade, 0)


def ends(item: pytest.Item, owner: str) -> Callable[[], str]:
    """Return what tells why an exploration is to end: "" as long as no other part of it has failed."""
    sign = _sign(item, owner)
    return lambda: STOPPED if sign.exists() else ""


def _sign(item: pytest.Item, owner: str) -> Path:
    """Return the file by which a part tells the others on its machine that it has failed."""
    return item.config.stash[folder_key] / f"{zlib.crc32(owner.encode()):08x}"


def hand_in(
    item: pytest.Item, owner: str, verdict: Verdict, shown: Shown | None, *, notes: list[str], require: str
) -> None:
    """Keep the verdict on a part for the report of its test, and stop the others where it has failed."""
    part = part_of(item)
    assert part is not None
    if verdict.grade is Grade.FAILED:
        sign = _sign(item, owner)
        with contextlib.suppress(OSError):  # then they go on
            sign.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            sign.touch()
    else:
        item.user_properties.append(("race-part", f"{part}: {verdict.schedules} schedules"))
    handed = item.stash.setdefault(handed_key, {})
    handed[owner] = {
        "number": part.number,
        "of": part.of,
        "grade": str(verdict.grade),
        "schedules": verdict.schedules,
        "reason": verdict.reason,
        "require": require,
        "shown": None if shown is None else dataclasses.asdict(shown),
        "notes": notes,
    }


def is_stopped(verdict: Verdict) -> bool:
    """Tell whether a part was ended because another one has failed: then its verdict says nothing."""
    return verdict.reason.startswith(STOPPED)

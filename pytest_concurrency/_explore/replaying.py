"""A recorded schedule, run again: because a user asks for it, or because it failed the last time."""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_concurrency._core.errors import ReplayError
from pytest_concurrency._core.schedule import SHORT, decode
from pytest_concurrency._core.verdict import Grade, Verdict
from pytest_concurrency._engine.scripts.following import Following

if TYPE_CHECKING:
    from pytest_concurrency._core.schedule import Schedule
    from pytest_concurrency._explore.investigation import Investigation


def given(token: str) -> str:
    """Return a token given by itself or by the file that holds it."""
    path = Path(token)
    try:
        return path.read_text(encoding="ascii").strip() if path.is_file() else token
    except (OSError, UnicodeDecodeError, ValueError):
        return token


def kept(token: str, folder: Path | None = None) -> str:
    """Return what stands for a token in a command: itself, or a file that holds it where it is long.

    Args:
        token: The token.
        folder: Where to keep it; None is a folder of this user among the temporary ones.
    """
    if len(token) <= SHORT:
        return token
    if folder is None:
        import tempfile  # here, as few tokens are long

        user = getattr(os, "getuid", lambda: 0)()
        folder = Path(tempfile.gettempdir(), f"pytest-concurrency-{user}")
        folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{zlib.crc32(token.encode()):08x}.replay"
    path.write_text(token + "\n", encoding="ascii")
    return str(path)


def replay(explorer: Investigation, token: str) -> Verdict:
    """Run a recorded schedule and tell what it shows.

    Raises:
        ReplayError: The token is not usable.
    """
    schedule = decode(token, explorer.scenario.owner)
    guide = Following(schedule.marks)
    verdict = _again(explorer, schedule, guide)
    if verdict is not None:
        return verdict
    left = guide.left
    reason = "the replayed schedule does not fail any more"
    if left:
        reason = (
            f"the replay left the record: {left}; the code has changed there, or it depends on the order of "
            "a set or a hash: then run with the PYTHONHASHSEED of the failure"
        )
    return Verdict(Grade.SAMPLED, 1, reason)


def remembered(explorer: Investigation, token: str) -> Verdict | None:
    """Try a schedule that failed the last time; None where it does not any more."""
    try:
        schedule = decode(token, explorer.scenario.owner)
    except ReplayError:
        return None  # remembered by another version
    verdict = _again(explorer, schedule, Following(schedule.marks))
    return verdict if verdict is not None and verdict.error is not None else None


def _again(explorer: Investigation, schedule: Schedule, guide: Following) -> Verdict | None:
    """Run a recorded schedule; return what it shows, if it still shows anything."""
    record, recorder = explorer.follow(schedule.marks, replay=True, guide=guide)
    if record.failed:
        return explorer.failed(record, recorder, schedule.marks, 1)
    return explorer.judges.replayed(explorer, record, recorder, schedule.marks)

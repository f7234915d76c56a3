"""Failures remembered in pytest's cache, and the command that replays one."""

from __future__ import annotations

import contextlib
import os
import shlex
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.schedule import SHORT
from pytest_concurrency._explore import replaying
from pytest_concurrency._plugin import parted

if TYPE_CHECKING:
    import pytest

_FOLDER = "concurrency"


def _key(owner: str) -> str:
    return f"{_FOLDER}/{zlib.crc32(owner.encode()):08x}"


def _cache(item: pytest.Item) -> Any:
    return getattr(item.config, "cache", None)


def recall(item: pytest.Item, owner: str) -> str | None:
    """Return the token of a failure that this test had before, or None."""
    cache = _cache(item)
    kept = cache.get(_key(owner), None) if cache is not None else None
    return kept if isinstance(kept, str) and kept else None


def remember(item: pytest.Item, owner: str, token: str) -> None:
    """Keep a failure's token, or forget it when there is no failure any more."""
    cache = _cache(item)
    if cache is not None and (token or cache.get(_key(owner), None)):
        cache.set(_key(owner), token)


def command(item: pytest.Item, token: str, *with_options: str) -> str:
    """Return the command that replays a schedule of this test, with further options."""
    cache = _cache(item)
    folder = Path(cache.mkdir(_FOLDER)) if cache is not None and len(token) > SHORT else None
    given = replaying.kept(token, folder)
    if folder is not None:
        with contextlib.suppress(ValueError):
            given = Path(given).relative_to(item.config.invocation_params.dir).as_posix()
    tested = "".join(f" {option}" for option in (*_tested_file(item.config), *with_options))
    return f"pytest {shlex.quote(_from_here(item))}{tested} --race-replay={shlex.quote(given)}"


def _tested_file(config: pytest.Config) -> list[str]:
    """Return the options by which a kata's tests were pointed at another file than the learner's."""
    options = ["--reference"] if config.getoption("reference", default=False) else []
    solution = config.getoption("solution", default=None)
    return [*options, f"--solution {shlex.quote(str(solution))}"] if solution else options


def _from_here(item: pytest.Item) -> str:
    """Return a test's id as it is written in the directory where pytest was started."""
    file, separator, rest = parted.whole_id(item).partition("::")
    path = item.config.rootpath / file
    return Path(os.path.relpath(path, item.config.invocation_params.dir)).as_posix() + separator + rest

"""`katas init`: a folder with the katas, or what is new for one that was made earlier."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest_concurrency
from pytest_concurrency._dojo import bundle
from pytest_concurrency._dojo.folder import SOURCE, Folder
from pytest_concurrency._dojo.words import Words
from pytest_concurrency._katas.refusals import Refused

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_concurrency._dojo.bundle import Plan
    from pytest_concurrency._dojo.screen import Screen

SHOWN = 5


def init(root: Path, source: Path | None, screen: Screen, language: str | None) -> int:
    """Write what the folder lacks; never touch what a learner has changed."""
    brought = bundle.at(source) if source else bundle.find()
    if root.resolve() == brought.katas.parent:
        raise Refused("FOLDER must be another than the clone that the katas come from, got {got!r}", {"got": str(root)})
    if root.exists() and not root.is_dir():
        raise Refused("FOLDER must be a folder or new, got the file {got!r}", {"got": str(root)})
    root.mkdir(parents=True, exist_ok=True)
    home = Folder(root, brought)
    plan = write(home, bundle.files(brought, pytest_concurrency.__version__))
    words = Words(language or home.language)
    home.remember("lang", words.language)
    if source:
        home.remember(SOURCE, str(source.resolve()))
    tell(plan, root, screen, words)
    return 0


def write(home: Folder, wanted: dict[str, bytes]) -> Plan:
    """Write the files that are new or newer, and remember what was written."""
    digests = {path: bundle.digest(content) for path, content in wanted.items()}
    there = [path for path in wanted if (home.root / path).is_file()]
    present = {path: bundle.digest((home.root / path).read_bytes()) for path in there}
    written = home.written()
    plan = bundle.plan(digests, present, written)
    for path in (*plan.new, *plan.newer):
        file = home.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(wanted[path])
    unchanged = [path for path in wanted if path not in plan.kept]
    home.remember("manifest.json", json.dumps({**written, **{path: digests[path] for path in unchanged}}, indent=0))
    return plan


def tell(plan: Plan, root: Path, screen: Screen, words: Words) -> None:
    """Say what was written, what was left alone, and what to do now."""
    screen.line(
        words(
            "{root}: {new} files new, {newer} brought up to date", root=root, new=len(plan.new), newer=len(plan.newer)
        )
    )
    if plan.kept:
        some = ", ".join(plan.kept[:SHOWN]) + (", …" if len(plan.kept) > SHOWN else "")
        screen.line(words("not touched, as you have changed them: {some}", some=some))
    screen.line(words("Now: cd {root}, then `katas` (or `uv run katas`) says what to do.", root=root))

"""Where the katas lie that came with the package, and what of them a folder still lacks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest_concurrency
from pytest_concurrency._katas.check import IGNORED
from pytest_concurrency._katas.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

AUTHORS_ONLY = ("FORMAT.md",)
PROJECT = """\
# Made by `katas init`, so that `uv run katas watch` and `uv run pytest` find what they need. It is yours now.
[project]
name = "my-katas"
version = "0"
requires-python = ">=3.11"
dependencies = ["pytest-concurrency-katas[dojo]>={version}"]

[tool.uv]
package = false

[tool.pytest.ini_options]
testpaths = ["katas"]
"""
IGNORE = ".katas/\n.venv/\n__pycache__/\n.pytest_cache/\nuv.lock\n"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The katas and their worked solutions as they came: in the wheel, or in a clone of the project."""

    katas: Path
    reference: Path


def at(place: Path) -> Bundle:
    """Return the bundle that lies in a folder, of this project or of somebody else.

    Raises:
        ValueError: there is none.
    """
    if not (place / "katas" / "katas.toml").is_file():
        raise Refused("--from must be a folder that holds katas/katas.toml, got {got!r}", {"got": str(place)})
    return Bundle((place / "katas").resolve(), (place / "reference").resolve())


def find() -> Bundle:
    """Return the bundle of this installation.

    Raises:
        ValueError: neither the wheel's data nor a clone is there.
    """
    package = Path(pytest_concurrency.__file__).parent
    for place in (package / "_dojo" / "bundle", package.parent):
        if (place / "katas" / "katas.toml").is_file():
            return at(place)
    raise Refused("the katas must lie beside the package or in it, got neither under {got!r}", {"got": str(package)})


def digest(content: bytes) -> str:
    """Return the fingerprint by which a changed file is known."""
    return hashlib.sha256(content).hexdigest()


def files(bundle: Bundle, version: str) -> dict[str, bytes]:
    """Map each file of a learner's folder to what it holds at first, by its path from the root."""
    found = {"pyproject.toml": PROJECT.format(version=version).encode(), ".gitignore": IGNORE.encode()}
    for path in _learners(bundle.katas):
        found[f"katas/{path.relative_to(bundle.katas).as_posix()}"] = path.read_bytes()
    return found


def _learners(katas: Path) -> Iterator[Path]:
    for path in sorted(katas.rglob("*")):
        inside = path.relative_to(katas)
        if path.is_file() and not set(inside.parts) & set(IGNORED) and str(inside) not in AUTHORS_ONLY:
            yield path


@dataclass(frozen=True, slots=True)
class Plan:
    """What `katas init` does: the paths to write, those it leaves alone, and whether the folder is new."""

    new: tuple[str, ...]
    newer: tuple[str, ...]
    kept: tuple[str, ...]


def plan(wanted: Mapping[str, str], present: Mapping[str, str], written: Mapping[str, str]) -> Plan:
    """Choose what to write; pure.

    Args:
        wanted: path -> fingerprint of what the package brings.
        present: the same for what lies in the folder.
        written: the same for what an earlier `init` has written.

    A file is the learner's as soon as it differs from what `init` wrote: then it is kept.
    """
    new = tuple(path for path in wanted if path not in present)
    changed = [path for path in wanted if path in present and present[path] != wanted[path]]
    newer = tuple(path for path in changed if written.get(path) == present[path])
    return Plan(new, newer, tuple(path for path in changed if path not in newer))

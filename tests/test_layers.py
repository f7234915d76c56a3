"""Which part of the package may import which: downwards only, and siblings never meet."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_concurrency

PACKAGE = "pytest_concurrency"
ROOT = Path(pytest_concurrency.__file__).parent
FLOORS = {"_core": 0, "_runtimes": 1, "_explore": 2, "_katas": 3, "_plugin": 4}
PUBLIC_FLOOR = 2.5  # files beside the folders re-export what lies below, and nothing of the plugin
EFFECTS = {  # what the ground floor, being pure, has no use for
    "_thread",
    "asyncio",
    "multiprocessing",
    "signal",
    "socket",
    "subprocess",
    "threading",
    "time",
}
HEAVY = ("pytest", "_pytest", "asyncio", "multiprocessing", "gevent", "greenlet", "aiohttp")


def imported(tree: ast.Module, module: tuple[str, ...], *, is_package: bool) -> Iterator[str]:
    """Every name that a file imports, at its top or lazily, with relative imports resolved."""
    home = module if is_package else module[:-1]
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=source, names=names, level=level):
                base = [*home[: len(home) - level + 1]] if level else []
                base += source.split(".") if source else []
                yield from (".".join([*base, alias.name]) for alias in names)
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name


def floor(parts: list[str]) -> float:
    return FLOORS.get(parts[1], PUBLIC_FLOOR) if len(parts) > 1 else PUBLIC_FLOOR


def kind(parts: list[str], kinds: set[str]) -> str | None:
    """The kind of concurrency that a module of `_runtimes` serves; none for what they share."""
    match parts:
        case [_, "_runtimes", name, *_] if name in kinds:
            return name
    return None


def complaint(importer: list[str], target: list[str], kinds: set[str]) -> str | None:
    """Why this import is forbidden, if it is."""
    if target[0] in {"pytest", "_pytest"} and importer[1:2] != ["_plugin"]:
        return "only _plugin imports pytest"
    if target[0] in EFFECTS and importer[1:2] == ["_core"]:
        return "_core is pure"
    if target[0] != PACKAGE or target[1:] == ["__version__"]:
        return None
    if floor(target) > floor(importer):
        return "imports go downwards only"
    theirs = kind(target, kinds)
    if floor(importer) == FLOORS["_runtimes"] and theirs not in {None, kind(importer, kinds)}:
        return "sibling runtimes never meet"
    return None


def violations(root: Path) -> list[str]:
    """One line for each forbidden import in the package at `root`."""
    kinds = {folder.name for folder in root.glob("_runtimes/*/")}
    found = []
    for path in sorted(root.rglob("*.py")):
        relative = path.relative_to(root)
        parts = (PACKAGE, *relative.with_suffix("").parts)
        is_package = parts[-1] == "__init__"
        module = parts[:-1] if is_package else parts
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name in imported(tree, module, is_package=is_package):
            why = complaint(list(module), name.split("."), kinds)
            if why:
                found.append(f"{relative.as_posix()} imports {name}: {why}")
    return found


def test_the_package_imports_downwards_only() -> None:
    assert violations(ROOT) == []


@pytest.mark.parametrize(
    ("file", "source", "expected"),
    [
        ("_core/model.py", "from .._runtimes import real", "_runtimes.real: imports go downwards"),
        ("_core/model.py", "from pytest_concurrency import explore", "explore: imports go down"),
        ("_core/model.py", "def f():\n    import threading", "threading: _core is pure"),
        ("_core/strategies/dfs.py", "from time import sleep", "time.sleep: _core is pure"),
        ("_runtimes/base.py", "from .._explore.runner import run", "runner.run: imports go down"),
        ("_runtimes/base.py", "from .aio import loop", "aio.loop: sibling runtimes never meet"),
        ("_runtimes/threads/join.py", "from ..aio.loop import Loop", "sibling runtimes never meet"),
        ("_runtimes/threads/__init__.py", "from .. import aio", "sibling runtimes never meet"),
        (
            "_runtimes/threads/join.py",
            "import pytest_concurrency._runtimes.aio.loop",
            "_runtimes.aio.loop: sibling runtimes never meet",
        ),
        ("_explore/runner.py", "import pytest", "pytest: only _plugin imports pytest"),
        ("_explore/runner.py", "from _pytest import nodes", "only _plugin imports pytest"),
        ("_explore/runner.py", "import_module('pytest')", "only _plugin imports pytest"),
        ("_katas/index.py", "import importlib\nimportlib.import_module('pytest')", "only _plugin"),
        ("_katas/index.py", "from pytest_concurrency._plugin import report", "downwards only"),
        ("strategies.py", "from ._plugin import options", "imports go downwards only"),
        ("__init__.py", "if TYPE_CHECKING:\n    import pytest", "only _plugin imports pytest"),
    ],
)
def test_a_planted_violation_is_named(tmp_path: Path, file: str, source: str, expected: str) -> None:
    plant(tmp_path, file, source)
    (line,) = violations(tmp_path)
    assert line.startswith(f"{file} imports ")
    assert expected in line


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("_core/model.py", "from . import clock\nfrom .strategies.dfs import Dfs"),
        ("_core/strategies/dfs.py", "from ..model import Task\nimport heapq"),
        ("_runtimes/base.py", "import threading, time\nfrom .._core.model import Task"),
        ("_runtimes/threads/join.py", "from ..base import Runtime\nfrom .doubles import Lock"),
        ("_explore/runner.py", "from .._runtimes.threads.controller import Controller"),
        ("_katas/index.py", "from .._explore import runner"),
        ("_plugin/plugin.py", "import pytest\nfrom .._katas import index\nfrom . import options"),
        ("_plugin/report.py", "from pytest_concurrency import __version__, explore"),
        ("_core/errors.py", "from pytest_concurrency import __version__"),
        ("__init__.py", "from ._explore.runner import explore\nfrom . import strategies"),
    ],
)
def test_an_import_downwards_is_accepted(tmp_path: Path, file: str, source: str) -> None:
    plant(tmp_path, file, source)
    assert violations(tmp_path) == []


def plant(root: Path, file: str, source: str) -> None:
    for runtime in ("aio", "threads"):
        (root / "_runtimes" / runtime).mkdir(parents=True)
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(source + "\n", encoding="utf-8")


def test_importing_the_package_adds_nothing_heavy(tmp_path: Path) -> None:
    # Compared with before: coverage's hook in child processes loads multiprocessing by itself.
    script = (
        "import sys; before = set(sys.modules); import pytest_concurrency\n"
        f"print([n for n in {HEAVY!r} if n in sys.modules and n not in before])"
    )
    done = subprocess.run(  # in an empty folder, so that the installed package is found
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_session_that_never_explores_loads_no_explorer(tmp_path: Path) -> None:
    script = (
        "import sys, pytest, pytest_concurrency._plugin.plugin\n"
        "late = ('_explore.', '_katas.', '_core.strategies.', '_runtimes.threads.harness', '_plugin.guard')\n"
        "print([n for n in sys.modules if n.startswith(tuple('pytest_concurrency.' + each for each in late))])\n"
        "import pytest_concurrency\n"
        "print(pytest_concurrency.explore.__module__, 'play' in dir(pytest_concurrency))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\npytest_concurrency True\n", "")

"""The rooms of the package: arrows point down, no circles, nothing written from outside, nothing huge."""

import ast
import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_concurrency

PACKAGE = "pytest_concurrency"
ROOT = Path(pytest_concurrency.__file__).parent
FLOORS = {
    "_core": 0,
    "_machine": 1,
    "_sight": 2,
    "_engine": 3,
    "_hangs": 4,
    "_oracles": 4,
    "_runtimes": 5,
    "_explore": 6,
    "_katas": 7,
    "_dojo": 8,
    "_plugin": 8,
}
PUBLIC_FLOOR = 6.5  # files beside the folders re-export what lies below, and nothing of the plugin
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
BUNDLE = "_dojo/bundle"
LINES_OF_A_FILE = 400
FILES_OF_A_FOLDER = 25
LINES_OF_A_FUNCTION = 40


@functools.cache
def imported(tree: ast.Module, module: tuple[str, ...], *, is_package: bool) -> tuple[str, ...]:
    """Every name that a file imports, at its top or lazily, with relative imports resolved."""
    return tuple(_imported(tree, module, is_package=is_package))


def _imported(tree: ast.Module, module: tuple[str, ...], *, is_package: bool) -> Iterator[str]:
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
    mine, theirs = floor(importer), floor(target)
    if theirs > mine:
        return "imports go downwards only"
    if mine == theirs and importer[1:2] != target[1:2] and mine != PUBLIC_FLOOR:
        return "rooms of one floor never meet"
    if importer[1:2] == ["_katas"] and 0 < theirs < mine:
        return "the katas know no engine"
    if importer[1:2] == ["_dojo"] and target[1:2] not in ([], ["_dojo"], ["_katas"]):
        return "the dojo knows the katas, and no engine"
    if mine == FLOORS["_runtimes"] and kind(target, kinds) not in {None, kind(importer, kinds)}:
        return "sibling runtimes never meet"
    return None


def sources(root: Path) -> Iterator[tuple[str, tuple[str, ...], bool, ast.Module]]:
    """(path, module, whether it is a package, syntax tree) of every file; a wheel's katas are no part of it."""
    for path in sorted(root.rglob("*.py")):
        relative = path.relative_to(root)
        if relative.is_relative_to(BUNDLE):
            continue
        parts = (PACKAGE, *relative.with_suffix("").parts)
        is_package = parts[-1] == "__init__"
        module = parts[:-1] if is_package else parts
        yield relative.as_posix(), module, is_package, parsed(path)


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def violations(root: Path) -> list[str]:
    """One line for each forbidden import in the package at `root`."""
    kinds = {folder.name for folder in root.glob("_runtimes/*/")}
    found = []
    for path, module, is_package, tree in sources(root):
        for name in imported(tree, module, is_package=is_package):
            why = complaint(list(module), name.split("."), kinds)
            if why:
                found.append(f"{path} imports {name}: {why}")
    return found


def arrows(root: Path) -> dict[str, set[str]]:
    """Which file imports which, annotations and lazy imports included."""
    files = {".".join(module): (module, is_package, tree) for _, module, is_package, tree in sources(root)}
    found: dict[str, set[str]] = {}
    for name, (module, is_package, tree) in files.items():
        targets = set()
        for each in imported(tree, module, is_package=is_package):
            target = each if each in files else each.rpartition(".")[0]
            if target in files and target != name:
                targets.add(target)
        found[name] = targets
    return found


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of files that can reach each other: leaves are taken away until only circles are left."""
    graph = {name: set(targets) for name, targets in graph.items()}
    while leaves := {name for name, targets in graph.items() if not targets & graph.keys()}:
        graph = {name: targets - leaves for name, targets in graph.items() if name not in leaves}
    reach = {name: _reached(graph, name) for name in graph}
    groups = {tuple(sorted(other for other in there if name in reach[other])) for name, there in reach.items()}
    return [list(group) for group in sorted(groups) if group]


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        new = graph[todo.pop()] & graph.keys() - seen
        seen |= new
        todo += new
    return seen


def own_attributes(tree: ast.Module, *, private: bool = False) -> set[str]:
    """Names of attributes that the classes of a file give themselves; of its `_Private` ones alone if so asked."""
    found = set()
    for owner in ast.walk(tree):
        if not isinstance(owner, ast.ClassDef) or (private and not owner.name.startswith("_")):
            continue
        for node in ast.walk(owner):
            match node:
                case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                    found.add(name)
                case ast.AnnAssign(target=ast.Name(id=name)):
                    found.add(name)
    return found


def written_from_outside(root: Path) -> list[str]:
    """One line for each attribute of ours that somebody else sets.

    Exempt are the `_Private` records of a file, and what the same function has made by `__new__`.
    """
    names = {name for _, _, _, tree in sources(root) for name in own_attributes(tree)}
    found = set()
    for path, _, _, tree in sources(root):
        if not any(outer_writes(tree)):  # of most files
            continue
        private = own_attributes(tree, private=True)
        for function in ast.walk(tree):
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                written = [each for each in outer_writes(function) if each.attr in names - private]
                found |= {f"{path}:{each.lineno} writes {ast.unparse(each)}" for each in written}
    return sorted(found)


def outer_writes(function: ast.AST) -> Iterator[ast.Attribute]:
    """The attributes that a function sets on anything but `self` and what it has made by `__new__`."""
    made = {"self", "cls"}
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Attribute(attr="__new__"))):
                made.add(name)
    for node in ast.walk(function):
        match node:
            case ast.Attribute(value=ast.Name(id=name)) if name in made:
                pass
            case ast.Attribute(ctx=ast.Store() | ast.Del()):
                yield node


def builders_of_reports(root: Path) -> list[str]:
    """The files that import the value `Report` of the verdicts (the board has one of its own) and call it."""
    home = f"{PACKAGE}._core.telling.report"
    return [
        path
        for path, module, is_package, tree in sources(root)
        if {home, f"{home}.Report"} & set(imported(tree, module, is_package=is_package))
        and any(
            isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Report"
            for node in ast.walk(tree)
        )
    ]


@pytest.mark.slow
def test_the_package_imports_downwards_only() -> None:
    assert violations(ROOT) == []


@pytest.mark.slow
def test_no_file_is_in_a_circle() -> None:
    assert circles(arrows(ROOT)) == []


def test_a_planted_circle_is_named(tmp_path: Path) -> None:
    plant(tmp_path, "_core/a.py", "from pytest_concurrency._core import b")
    plant(tmp_path, "_core/b.py", "if TYPE_CHECKING:\n    from pytest_concurrency._core.a import A")
    assert circles(arrows(tmp_path)) == [["pytest_concurrency._core.a", "pytest_concurrency._core.b"]]


@pytest.mark.slow
def test_nobody_outside_a_class_writes_its_attributes() -> None:
    assert written_from_outside(ROOT) == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("class A:\n    def __init__(self):\n        self.x = 1\ndef f(a):\n    a.x = 2", ["_core/a.py:5 writes a.x"]),
        ("class A:\n    x: int\ndef f(a):\n    del a.b.x", ["_core/a.py:4 writes a.b.x"]),
        ("class _A:\n    def __init__(self):\n        self.x = 1\ndef f(a):\n    a.x = 2", []),
        ("class A:\n    def g(self):\n        self.x = 1\n        other = A.__new__(A)\n        other.x = 2", []),
        ("def f(thread):\n    thread.x = 2", []),
    ],
)
def test_a_planted_write_from_outside_is_named(tmp_path: Path, source: str, lines: list[str]) -> None:
    plant(tmp_path, "_core/a.py", source)
    assert written_from_outside(tmp_path) == lines


@pytest.mark.slow
def test_no_file_is_long_and_no_folder_full() -> None:
    lines = {path: (ROOT / path).read_text(encoding="utf-8").count("\n") for path, _, _, _ in sources(ROOT)}
    assert {path: count for path, count in lines.items() if count > LINES_OF_A_FILE} == {}
    folders = [Path(path).parent.as_posix() for path in lines]
    assert {each: folders.count(each) for each in folders if folders.count(each) > FILES_OF_A_FOLDER} == {}


@pytest.mark.slow
def test_one_file_builds_reports() -> None:
    assert builders_of_reports(ROOT) == ["_engine/explain.py"]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from .._core.telling.report import Report\ndef f():\n    return Report('late')", ["_hangs/a.py"]),
        ("from .._core.telling import report\nLATE = report.Report('late')", ["_hangs/a.py"]),
        ("from .._core.telling.report import Report\ndef f(report: Report): ...", []),
        ("from .protocol import Report\nLATE = Report('late')", []),
    ],
)
def test_a_planted_builder_of_reports_is_named(tmp_path: Path, source: str, found: list[str]) -> None:
    plant(tmp_path, "_hangs/a.py", source)
    assert builders_of_reports(tmp_path) == found


LONG = {  # functions of which the docstring is most
    "_explore/api.py explore",
    "_explore/linearizable.py linearizable",
    "_plugin/race.py linearizable",
}


@pytest.mark.slow
def test_no_function_is_long() -> None:
    long = {
        f"{path} {node.name}"
        for path, _, _, tree in sources(ROOT)
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (node.end_lineno or 0) - node.lineno >= LINES_OF_A_FUNCTION
    }
    assert long - LONG == set()


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
        ("_katas/index.py", "from pytest_concurrency._explore import api", "the katas know no engine"),
        ("_hangs/book.py", "from .._oracles import races", "rooms of one floor never meet"),
        ("_dojo/board.py", "from .._plugin import report", "rooms of one floor never meet"),
        ("_katas/index.py", "from pytest_concurrency._dojo import states", "downwards only"),
        ("_dojo/feed.py", "import pytest", "pytest: only _plugin imports pytest"),
        ("_dojo/feed.py", "from .._runtimes import real", "the dojo knows the katas, and no engine"),
        ("_dojo/board/room.py", "from ..._core.model import Task", "the dojo knows the katas, and no engine"),
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
        ("_explore/runner.py", "from .._runtimes.threads.kind import Threads"),
        ("_katas/index.py", "from .._core import errors"),
        ("_dojo/progress.py", "from .._katas import index"),
        ("_plugin/plugin.py", "import pytest\nfrom .._explore import plan\nfrom . import options"),
        ("_dojo/cli.py", "import pytest_concurrency\nfrom .._katas import index\nfrom .board import server"),
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
        (root / "_runtimes" / runtime).mkdir(parents=True, exist_ok=True)
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(source + "\n", encoding="utf-8")


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_session_that_never_explores_loads_no_explorer(tmp_path: Path) -> None:
    script = (
        "import sys, pytest, pytest_concurrency._plugin.plugin\n"
        "late = ('_explore.', '_katas.', '_dojo.', '_core.strategies.', '_engine.stage', '_plugin.guard')\n"
        "print([n for n in sys.modules if n.startswith(tuple('pytest_concurrency.' + each for each in late))])\n"
        "import pytest_concurrency\n"
        "print(pytest_concurrency.explore.__module__, 'play' in dir(pytest_concurrency))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\npytest_concurrency True\n", "")

"""What other packages have to know of ours, and what is said of the one that has our name."""

from __future__ import annotations

from importlib import import_module, metadata
from typing import Any, Final

import pytest

from pytest_concurrency._plugin.options import MARKERS

RUN_PARALLEL: Final = "run-parallel"
"""What pytest-run-parallel calls itself."""
FIXTURES: Final = frozenset({"race", "deadlocks", "guard", "timing"})
NAMESAKE: Final = "pytest-concurrency"
"""Another project, which owns the same import name."""
MEND: Final = "pip uninstall pytest-concurrency; pip install --force-reinstall pytest-concurrency-katas"


def declare_unsafe(items: list[pytest.Item]) -> None:
    """Let pytest-run-parallel run each test that uses us in one thread: it starts and judges its own."""
    for item in items:
        if FIXTURES.intersection(getattr(item, "fixturenames", ())) or any(map(item.get_closest_marker, MARKERS)):
            item.add_marker(pytest.mark.thread_unsafe(reason="uses pytest-concurrency-katas"))


def tell_of_namesake(config: pytest.Config) -> None:
    """Say in one line, below the session's header, what the other project has done, or may do, to our files."""
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and (text := _told()):
        reporter.write_line(text)


def _told() -> str:
    found = import_module("pytest_concurrency")  # whoever wrote its `__init__.py` last
    is_ours = "linearizable" in getattr(found, "__all__", ())
    try:
        other = f"{NAMESAKE} {metadata.version(NAMESAKE)}"
    except metadata.PackageNotFoundError:
        if is_ours:
            return ""
        other = NAMESAKE
    done = "owns the same import name" if is_ours else "has overwritten pytest-concurrency-katas"
    return f"pytest_concurrency: another project, {other}, {done}: {MEND}"

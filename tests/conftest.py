"""What every test of the project shares: strict warnings, pytester, and a search for leaks."""

import concurrent.futures.thread  # noqa: F401 - a run with an event loop would import it, which is no leak
import functools
import importlib
import multiprocessing.managers
import multiprocessing.sharedctypes  # noqa: F401
import pkgutil
import sys
from collections.abc import Iterator
from importlib.metadata import PathDistribution
from typing import Any

import hypothesis  # here, or each run of pytester in this process imports it again
import pytest
from leaks import child_processes, left, live_threads, process_wide_settings

import pytest_concurrency

pytest_plugins = ["pytester"]

# How fast a machine draws, the tables of characters among it that are built once, is no property of ours.
hypothesis.settings.register_profile("ours", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("ours")

# pytester forgets what its runs in this process have imported: a class would be there twice then, and not be pickled.
NOT_HERE = ("__main__", "events_monitoring") if sys.version_info < (3, 12) else ("__main__",)
for module in pkgutil.walk_packages(pytest_concurrency.__path__, "pytest_concurrency."):
    if not module.name.endswith(NOT_HERE):
        importlib.import_module(module.name)


def pytest_configure(config: pytest.Config) -> None:
    # Only for the project's own tests: a learner's first try at a kata may well warn.
    config.addinivalue_line("filterwarnings", "error")
    remember_files_of_plugins()


def remember_files_of_plugins() -> None:
    """Ask once which files a distribution has: each run of pytester in this process would, for a third of its time."""
    kind: Any = PathDistribution
    files = kind.files.fget
    once = functools.cache(lambda path: files(PathDistribution(path)))
    kind.files = property(lambda self: once(self._path))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("soak"):
            item.add_marker("slow")


@pytest.fixture(autouse=True)
def no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no report be folded to the width that xdist gives its workers: what is printed is compared."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(autouse=True)
def no_leak() -> Iterator[None]:
    """Fail a test that leaves behind a thread, a child process, a patch, a tracer or a loop."""
    threads, children, settings = live_threads(), child_processes(), process_wide_settings()
    yield
    leaks = [f"thread {name}" for name in left(threads)]
    leaks += [f"child process {pid}" for pid in sorted(child_processes() - children)]
    now = process_wide_settings()
    leaks += [
        f"{name} was {settings.get(name)!r} and is {now.get(name)!r}"
        for name in sorted(settings.keys() | now.keys())
        if settings.get(name) is not now.get(name) and settings.get(name) != now.get(name)
    ]
    if leaks:
        pytest.fail("the test left behind: " + "; ".join(leaks), pytrace=False)

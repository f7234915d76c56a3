"""What every test of the project shares: strict warnings, pytester, and a search for leaks."""

from collections.abc import Iterator

import hypothesis  # noqa: F401 - here, or each run of pytester in this process imports it again
import pytest
from leaks import child_processes, left, live_threads, process_wide_settings

pytest_plugins = ["pytester"]


def pytest_configure(config: pytest.Config) -> None:
    # Only for the project's own tests: a learner's first try at a kata may well warn.
    config.addinivalue_line("filterwarnings", "error")


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

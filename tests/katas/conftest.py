"""Katas to test with."""

from pathlib import Path

import pytest
from kata_library import Library, make_runnable


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "kill_matrix: tries every solution of every kata")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


@pytest.fixture
def runnable(pytester: pytest.Pytester) -> Library:
    """The library with the katas' own conftest.py, where pytester runs."""
    return make_runnable(Library(pytester.path))

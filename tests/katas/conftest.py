"""Katas to test with."""

import shutil
from pathlib import Path

import pytest
from kata_library import PROJECT, Library


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "kill_matrix: tries every solution of every kata")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


@pytest.fixture
def runnable(pytester: pytest.Pytester) -> Library:
    """The library with the katas' own conftest.py, where pytester runs."""
    made = Library(pytester.path)
    shutil.copy(PROJECT / "katas" / "conftest.py", pytester.path / "katas" / "conftest.py")
    pytester.makeini("[pytest]\naddopts = -p no:asyncio -p no:cacheprovider --strict-markers")
    return made

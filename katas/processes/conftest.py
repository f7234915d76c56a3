"""What these katas share: children start by fork where a test says nothing else, and none outlives its test."""

import multiprocessing

import pytest
from notepad import Notepad


@pytest.fixture(autouse=True)
def by_fork():
    """Let `multiprocessing.Process` fork, whatever is usual in this version of Python; end whoever is left."""
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method("fork", force=True)
    yield
    multiprocessing.set_start_method(before, force=True)
    for child in multiprocessing.active_children():
        child.kill()
        child.join()


@pytest.fixture
def notes(tmp_path):
    """Return a notepad that all processes of a test write on."""
    return Notepad(str(tmp_path / "notes"))

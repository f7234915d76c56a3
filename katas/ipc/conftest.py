"""Lets the tests of these katas import `logbook`, fork their processes, and leave none behind."""

import multiprocessing

import pytest


@pytest.fixture(autouse=True)
def processes_by_fork():
    """Fork, which takes milliseconds; afterwards end whoever is left."""
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method("fork", force=True)
    yield
    for process in multiprocessing.active_children():
        process.kill()
        process.join()
    multiprocessing.set_start_method(before, force=True)

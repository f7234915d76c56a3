"""What processes share of the world around them takes the proof away; a library that is open does not."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_concurrency._runtimes.processes import outer


@pytest.fixture
def opened(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep a file of this name open, as it is in the processes that are forked meanwhile."""
    path = tmp_path / request.param
    path.write_bytes(b"")
    handle = os.open(path, os.O_RDONLY)
    yield
    os.close(handle)


@pytest.mark.parametrize("opened", ["libffi.so.8.5.0", "_ctypes.so", "module.pyc"], indirect=True)
@pytest.mark.usefixtures("opened")
def test_a_library_that_is_open_is_code_and_the_same_for_all() -> None:
    assert not outer.shares_unseen()


@pytest.mark.parametrize("opened", ["notes.txt", "libffi.so.notes", "so.8"], indirect=True)
@pytest.mark.usefixtures("opened")
def test_a_file_that_is_open_may_be_read_by_all() -> None:
    assert outer.shares_unseen()

"""Watches over the programs of each test; and pytest puts this folder in front of `sys.path`."""

import pytest
from watched_children import Watch


@pytest.fixture
def watch(tmp_path, request):
    """Give programs to a test, and end them after it."""
    opened = Watch(tmp_path, request.path.stem.removeprefix("test_"))
    yield opened
    opened.close()

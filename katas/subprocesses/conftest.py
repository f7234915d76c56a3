"""Watches over the programs of each test. And pytest puts this folder in front of `sys.path`."""

import locale
import os

import pytest
from watched_children import Watch


@pytest.fixture
def watch(tmp_path, request):
    """Give programs to a test, and end them after it."""
    opened = Watch(tmp_path, request.path.stem.removeprefix("test_"))
    yield opened
    opened.close()


@pytest.fixture
def endless_input(watch):
    """Let our own standard input be one that never ends."""
    ours = os.dup(0)
    os.dup2(watch.gate, 0)
    yield
    os.dup2(ours, 0)
    os.close(ours)


@pytest.fixture
def plain_locale():
    """Let the locale know nothing but ASCII."""
    before = locale.setlocale(locale.LC_CTYPE)
    locale.setlocale(locale.LC_CTYPE, "C")
    yield
    locale.setlocale(locale.LC_CTYPE, before)

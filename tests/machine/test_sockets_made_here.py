"""What is asked of the sockets of this process leaves them as they are."""

import os
import socket
from collections.abc import Iterator

import pytest

from pytest_concurrency._machine import sockets


@pytest.fixture
def time_out() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(5)
    yield
    socket.setdefaulttimeout(before)


@pytest.mark.usefixtures("time_out")
def test_who_looks_at_sockets_leaves_it_to_others_whether_they_wait() -> None:
    one, other = socket.socketpair()
    with one, other:
        os.set_blocking(one.fileno(), True)
        os.set_blocking(other.fileno(), False)
        assert not sockets.is_foreign(one.fileno(), sockets.addresses())
        assert not sockets.is_foreign(other.fileno(), set())
        assert os.get_blocking(one.fileno())
        assert not os.get_blocking(other.fileno())

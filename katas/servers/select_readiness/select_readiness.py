"""The hotel switchboard: one thread serves many clients by readiness. The contract is in README.md."""

import selectors
import socket
from collections.abc import Callable


def serve(door: socket.socket, selector: selectors.BaseSelector, answer: Callable[[bytes], bytes]) -> None:
    """Answer everybody who comes through `door`, in this thread, until the door is shut."""
    raise NotImplementedError

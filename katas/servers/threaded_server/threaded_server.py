"""The ferry bell: a server with a thread for each passenger. The contract is in README.md."""

import socket
from collections.abc import Callable

Address = tuple[str, int]
"""The host and the port of a client (given)."""


def serve(door: socket.socket, answer: Callable[[str, Address], str]) -> None:
    """Talk with everybody who comes through `door`, each in a thread of his own, until it is shut."""
    raise NotImplementedError

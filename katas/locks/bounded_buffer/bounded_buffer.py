"""The store of the mill: a bounded buffer from a lock and conditions. The contract is in README.md."""


class Closed(Exception):
    """The buffer is closed: nothing comes in, or nothing is left. Given: nothing to do here."""


class Buffer:
    """A store of limited size between those who put and those who get."""

    def __init__(self, size: int) -> None:
        """Begin empty and open."""
        raise NotImplementedError

    def put(self, item: object) -> None:
        """Put an item in, wait for room if need be; raise `Closed` if the buffer is closed."""
        raise NotImplementedError

    def get(self) -> object:
        """Take the oldest item, wait for one if need be; raise `Closed` if none is left."""
        raise NotImplementedError

    def get_batch(self, count: int) -> list[object]:
        """Take the oldest `count` items in one step, or what is left of a closed buffer."""
        raise NotImplementedError

    def close(self) -> None:
        """Let nothing more come in, and tell everybody who waits."""
        raise NotImplementedError

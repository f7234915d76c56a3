"""The diving school: break three boxes of helmets, then write one. The contract is in README.md."""

from collections.abc import Callable


def break_counted() -> list[str]:
    """Return a schedule under which somebody takes a helmet out of an empty list."""
    raise NotImplementedError


def break_hasty() -> list[str]:
    """Return a schedule under which two are in the water with one helmet."""
    raise NotImplementedError


def break_gathered() -> list[str]:
    """Return a schedule under which two who join wait for ever."""
    raise NotImplementedError


class TokenPool:
    """A thread for each job, and never more of them than there are tokens."""

    def __init__(self, size: int) -> None:
        """Begin with so many tokens."""
        raise NotImplementedError

    def run(self, job: Callable[..., object], /, *args: object, **kwargs: object) -> None:
        """Wait for a token, and start a thread that calls the job."""
        raise NotImplementedError

    def join(self) -> list[BaseException]:
        """Wait for all threads; return what jobs have raised since it was asked last."""
        raise NotImplementedError

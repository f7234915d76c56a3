"""Errors as good as any, for the tests of these katas."""


class Crash(BaseException):
    """No Exception, as KeyboardInterrupt and SystemExit are none."""


class FalseAlarm(Exception):
    """Counts as false, and says of itself that it is equal to any other of its kind."""

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FalseAlarm)

    def __hash__(self) -> int:
        return 0


def hint(error: object) -> str:
    """Say of an error that counts as false that it does."""
    return "" if error else " (it counts as false: ask whether it is None)"

"""Thread subclass: bakers that are threads. The contract is in README.md."""

import threading
from collections.abc import Callable


class Baker(threading.Thread):
    """Bakes its loaves one after the other, in a thread of its own."""

    def __init__(self, name: str, loaves: list[str], bake: Callable[[str], object]) -> None:
        """Take note of what to do, and begin nothing yet."""
        raise NotImplementedError

    def run(self) -> None:
        """Bake every loaf, and keep what came out in `self.baked`."""
        raise NotImplementedError


def open_bakery(bakers: list[Baker]) -> dict[str, list[object]]:
    """Let all bakers work side by side; return what each of them baked."""
    raise NotImplementedError

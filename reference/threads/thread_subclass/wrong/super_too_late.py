"""Uses the thread before Thread has made it."""

import threading
from collections.abc import Callable


class Baker(threading.Thread):
    """Bakes its loaves one after the other, in a thread of its own."""

    def __init__(self, name: str, loaves: list[str], bake: Callable[[str], object]) -> None:
        """Take note of what to do, and begin nothing yet."""
        self.name = name
        super().__init__()
        self.loaves = loaves
        self.bake = bake
        self.baked: list[object] = []

    def run(self) -> None:
        """Bake every loaf, and keep what came out in `self.baked`."""
        for loaf in self.loaves:
            self.baked.append(self.bake(loaf))


def open_bakery(bakers: list[Baker]) -> dict[str, list[object]]:
    """Let all bakers work side by side; return what each of them baked."""
    for baker in bakers:
        baker.start()
    for baker in bakers:
        baker.join()
    return {baker.name: baker.baked for baker in bakers}

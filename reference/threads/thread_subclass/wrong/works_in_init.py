"""Does the work while the object is made."""

import threading
from collections.abc import Callable


class Baker(threading.Thread):
    """Bakes its loaves one after the other, in a thread of its own."""

    def __init__(self, name: str, loaves: list[str], bake: Callable[[str], object]) -> None:
        """Take note of what to do, and begin nothing yet."""
        super().__init__(name=name)
        self.loaves = loaves
        self.bake = bake
        self.baked: list[object] = []
        for loaf in loaves:
            self.baked.append(bake(loaf))


def open_bakery(bakers: list[Baker]) -> dict[str, list[object]]:
    """Let all bakers work side by side; return what each of them baked."""
    for baker in bakers:
        baker.start()
    for baker in bakers:
        baker.join()
    return {baker.name: baker.baked for baker in bakers}

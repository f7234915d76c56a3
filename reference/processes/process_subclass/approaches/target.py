"""A furnace without a run of its own: what it does is its target, and run as it is calls that."""

from collections.abc import Callable, Iterable
from multiprocessing import Process


class Furnace(Process):
    """A process that casts one bell."""

    def __init__(self, cast: Callable[[object], object], bell: object, name: str | None = None) -> None:
        """Take the metal in, and cast nothing yet."""
        self.bell = bell
        Process.__init__(self, target=cast, args=(bell,))
        self.name = f"furnace for {bell}" if name is None else name


def cast_all(cast: Callable[[object], object], bells: Iterable[object]) -> list[Furnace]:
    """Cast all bells at the same time; return their furnaces when all are out."""
    furnaces = []
    for bell in bells:
        furnaces.append(Furnace(cast, bell))
        furnaces[-1].start()
    for furnace in furnaces:
        furnace.join()
    return furnaces

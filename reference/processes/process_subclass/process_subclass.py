"""Ten furnaces: the worked solution. Process.__init__ comes first, and everything of our own after it."""

from collections.abc import Callable, Iterable
from multiprocessing import Process


class Furnace(Process):
    """A process that casts one bell."""

    def __init__(self, cast: Callable[[object], object], bell: object, name: str | None = None) -> None:
        """Take the metal in, and cast nothing yet."""
        super().__init__(name=name)
        if name is None:
            self.name = f"furnace for {bell}"
        self.cast, self.bell = cast, bell

    def run(self) -> None:
        """Cast."""
        self.cast(self.bell)


def cast_all(cast: Callable[[object], object], bells: Iterable[object]) -> list[Furnace]:
    """Cast all bells at the same time; return their furnaces when all are out."""
    furnaces = [Furnace(cast, bell) for bell in bells]
    for furnace in furnaces:
        furnace.start()
    for furnace in furnaces:
        furnace.join()
    return furnaces

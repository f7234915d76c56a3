"""Waits for all ends at once, and puts the furnaces' attributes there before the process is made."""

from collections.abc import Callable, Iterable
from multiprocessing import Process
from multiprocessing.connection import wait


class Furnace(Process):
    """A process that casts one bell."""

    def __init__(self, cast: Callable[[object], object], bell: object, name: str | None = None) -> None:
        """Take the metal in, and cast nothing yet."""
        self.work = (cast, bell)
        super().__init__(name=f"furnace for {bell}" if name is None else name)
        self.name = f"furnace for {bell}" if name is None else name

    @property
    def bell(self) -> object:
        """What it casts."""
        return self.work[1]

    def run(self) -> None:
        """Cast."""
        cast, bell = self.work
        cast(bell)


def cast_all(cast: Callable[[object], object], bells: Iterable[object]) -> list[Furnace]:
    """Cast all bells at the same time; return their furnaces when all are out."""
    furnaces = [Furnace(cast, bell) for bell in bells]
    for furnace in furnaces:
        furnace.start()
    hot = [furnace.sentinel for furnace in furnaces]
    while hot:
        for sentinel in wait(hot):
            hot.remove(sentinel)  # type: ignore[arg-type]
    for furnace in furnaces:
        furnace.join()
    return furnaces

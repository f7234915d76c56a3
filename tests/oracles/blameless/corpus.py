"""What the programs share."""

import threading
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

Scenario = Callable[[], Any]


class Box:
    """Attributes to share."""

    def __init__(self, **values: Any) -> None:
        self.n: Any = 0
        vars(self).update(values)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

        def __setattr__(self, name: str, value: Any) -> None: ...


def together(*bodies: Scenario) -> None:
    """Run each in a thread of its own and join them."""
    threads = [threading.Thread(target=body) for body in bodies]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def of(module: ModuleType) -> list[Scenario]:
    """Return the programs of a module: its public functions."""
    return [
        each
        for name, each in vars(module).items()
        if not name.startswith("_") and getattr(each, "__module__", "") == module.__name__ and callable(each)
    ]

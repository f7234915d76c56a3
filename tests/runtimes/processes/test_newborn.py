"""Processes of a plain test that begin as a new interpreter: what they unpickle first changes nothing of themselves."""

import copyreg
import multiprocessing
import sys
from typing import Any

import pytest

from pytest_concurrency._runtimes.processes import pickling
from pytest_concurrency._runtimes.processes.hangs.slots import slots

SPAWN: Any = multiprocessing.get_context("spawn")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells where another process waits")


class Known(SPAWN.Process):  # type: ignore[misc]
    """Knows itself, as its target does."""

    def __init__(self) -> None:
        super().__init__(target=self.compares)
        self.itself = self

    def compares(self) -> None:
        sys.exit(3 if self.itself is self and slots.handle is not None else 4)


class Reduced(SPAWN.Process):  # type: ignore[misc]
    """Says itself how it is pickled."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self._code = code

    def __reduce__(self) -> Any:
        return Reduced, (self._code + 1,), {"_parent_pid": self._parent_pid, "_popen": None}

    def run(self) -> None:
        sys.exit(self._code if slots.handle is not None else 4)


@pytest.mark.slow
@pytest.mark.usefixtures("guard")
@pytest.mark.parametrize("make", [Known, lambda: Reduced(2)])
def test_it_is_pickled_as_it_says(make: Any) -> None:
    process = make()
    process.start()
    process.join()
    assert process.exitcode == 3


def test_a_copy_has_no_prelude() -> None:
    process = SPAWN.Process(name="Ann")
    function, *_ = pickling.reduced(process, 4)
    assert function is copyreg.__newobj__  # type: ignore[attr-defined]

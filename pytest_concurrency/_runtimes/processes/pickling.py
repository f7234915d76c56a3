"""What multiprocessing pickles is copied, where it would hand out a view of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_concurrency._machine.patches import Patches


def without_views(patches: Patches) -> None:
    """Let `ForkingPickler.dumps` return bytes.

    A view of what is pickled, kept by the frames of a thread that was unwound, has crashed the collector of 3.12.1.
    """
    from multiprocessing.reduction import ForkingPickler

    dumps: Any = ForkingPickler.dumps
    patches.set(ForkingPickler, "dumps", staticmethod(lambda *args: bytes(dumps(*args))))

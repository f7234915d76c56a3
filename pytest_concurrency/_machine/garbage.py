"""A collector that keeps quiet while a block runs."""

from __future__ import annotations

import contextlib
import gc
import itertools
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

FULL: Final = 400  # explorations, of which each leaves some hundred objects that nobody has any more
_entered: Final = itertools.count(1)
_FROZEN_AT_START: Final = gc.get_freeze_count()  # CPython 3.12 sets some objects aside itself


@contextlib.contextmanager
def quiet_gc() -> Iterator[None]:
    """Keep the collector off inside runs; what was there before is not looked at between them."""
    enabled = gc.isenabled()
    gc.disable()
    frozen = gc.get_freeze_count() <= _FROZEN_AT_START  # else somebody's own, which `unfreeze` would undo
    if frozen:
        if next(_entered) % FULL == 0:
            gc.collect()
        gc.freeze()
    try:
        yield
    finally:
        if frozen:
            gc.collect()  # of these runs alone: once unfrozen, what is left counts as old, and nothing tells the
            # collector that there is more of it
            gc.unfreeze()
        if enabled:
            gc.enable()

"""What the system says of a pipe's end, or of anything else with a handle that can be waited for."""

from __future__ import annotations

import select
from typing import Any, Final

_poll: Final[Any] = getattr(select, "poll", None)  # in a run another stands there
AT_ONCE: Final = 4096
"""So many bytes a pipe takes without waiting where it says that it takes any."""


def is_ready(handle: int, event: int = select.POLLIN, milliseconds: int = 0) -> bool:
    """Tell whether something is to be had at a handle at once, or within so many milliseconds."""
    asked = _poll()
    asked.register(handle, event)
    return bool(asked.poll(milliseconds))

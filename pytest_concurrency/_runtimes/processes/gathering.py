"""Calls in threads or processes that are inside at the same time: proved by a meeting, without a clock."""

from __future__ import annotations

from multiprocessing import get_context, synchronize
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext


class Meeting(synchronize.Condition):
    """Lets nobody go on until a number of calls is inside at once; then everybody, for good.

    Where they are made one after the other, the first one waits for ever, and that is told as any other hang.
    It may be handed to processes as a lock may: inherited, as an argument of `Process`, or of a pool's initializer.
    """

    def __init__(self, calls: int, context: BaseContext) -> None:
        super().__init__(ctx=context)
        self.calls = calls
        self._came = context.RawArray("i", 1)

    def __call__(self) -> None:
        """Come, and wait for the others."""
        with self:
            self._came[0] += 1
            self.notify_all()
            try:
                self.wait_for(lambda: self.has_met)
            except BaseException:
                if not self.has_met:
                    self._came[0] -= 1  # who leaves before they have met is not inside any more
                raise

    @property
    def has_met(self) -> bool:
        """Whether so many calls were inside at once."""
        return int(self._came[0]) >= self.calls

    def __repr__(self) -> str:
        return f"<Meeting: {min(self._came[0], self.calls)} of {self.calls} calls>"

    def __getstate__(self) -> Any:
        return super().__getstate__(), self.calls, self._came

    def __setstate__(self, state: Any) -> None:
        inner, self.calls, self._came = state
        synchronize.Condition.__setstate__(self, inner)  # type: ignore[attr-defined] # what pickles it


def meeting(calls: int, method: str | None) -> Meeting:
    """Make a meeting for processes that are started in some way; None: the usual one."""
    return Meeting(calls, get_context(method))

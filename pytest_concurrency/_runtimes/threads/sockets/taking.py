"""What a task takes in from a socket: as much as is there, or less where the schedule says so."""

from __future__ import annotations

import select
import socket
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._machine.sockets import flags_of, is_answered_at_once, may_not_wait, wanted
from pytest_concurrency._runtimes.threads.sockets.asked import (
    DONTWAIT,
    ENDS_READ,
    Asked,
    Held,
    Originals,
    deadline,
    done,
    op_of,
    spins,
    stands,
)  # fmt: skip
from pytest_concurrency._runtimes.threads.sockets.lines import strangers

if TYPE_CHECKING:
    from types import FrameType

_ENDLESS: Final = (
    "recv answers b'' at once, and for ever, when the other side sends nothing more: that is where the loop ends"
)


class Taking:
    """What stands in for `recv` and its like.

    Args:
        originals: The methods of sockets.
    """

    def __init__(self, originals: Originals) -> None:
        self._originals = originals

    def take(self, name: str, asked: Asked, frame: FrameType, sock: Any, *args: Any, **kwargs: Any) -> Any:
        if is_answered_at_once(name, args, kwargs):
            return self._originals.before[name](sock, *args, **kwargs)
        timeout = sock.gettimeout()
        if timeout == 0 or (timeout is None and may_not_wait(name, args, kwargs)):  # a limit is waited for first
            op_of(asked, asked.end.recv())
            call = self._originals.before[name] if strangers() else None  # who polls for what they do is noticed
            return self._taken(name, asked, frame, sock, args, kwargs, call)
        held = Held(sock)
        try:
            if not stands(
                asked, held, name.removesuffix("_into"), asked.end.recv(), select.POLLIN, deadline(asked, sock)
            ):
                return self._originals.before[name](sock, *args, **kwargs)
            with held.real() as real:
                return self._taken(name, asked, frame, real, args, kwargs)
        finally:
            held.close()

    def _taken(
        self, name: str, asked: Asked, frame: FrameType, sock: Any, args: Any, kwargs: Any, call: Any = None
    ) -> Any:
        try:
            first = self._in_pieces(name, asked, sock, args, kwargs)
            found = (call or self._originals.real[name])(sock, *(args if first is None else first), **kwargs)
        except (BlockingIOError, InterruptedError):
            raise
        except OSError:
            done(asked)
            raise
        if flags_of(name, args, kwargs) & socket.MSG_PEEK:
            return found
        amount = _amount(found)
        often = asked.end.has_taken(amount, wanted(name, args, kwargs))
        if amount or often <= 1:
            done(asked)
        if often > ENDS_READ:
            spins(asked.task, "reads the end of a stream again and again", _ENDLESS, frame)
        return found

    def _in_pieces(self, name: str, asked: Asked, sock: Any, args: Any, kwargs: Any) -> tuple[Any, ...] | None:
        """Return arguments that take the first byte alone, where the schedule says so; once for each end."""
        end, run = asked.end, asked.task.run
        is_plain = len(args) in {"recv": (1,), "recv_into": (1, 2)}.get(name, ()) and not kwargs
        if not end.comes_in_pieces or not is_plain or run.stopping:
            return None
        if wanted(name, args, kwargs) < 2 or len(self._originals.real["recv"](sock, 2, socket.MSG_PEEK | DONTWAIT)) < 2:
            return None
        if not run.pick(asked.task, 2):
            return None
        end.is_cut()
        if run.recorder is not None:
            run.recorder.has_read("the first byte")
        return (1,) if name == "recv" else (args[0], 1)


def _amount(found: Any) -> int:
    first = found[0] if isinstance(found, tuple) else found
    return int(first) if isinstance(first, int) else len(first)

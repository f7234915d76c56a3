"""An error that is raised in another thread, at its next instruction."""

from __future__ import annotations

import sys

from pytest_concurrency._machine import real


class _Calmed(BaseException):
    """Raised in the calling thread, and caught there."""


def raise_in(ident: int, kind: type[BaseException]) -> None:
    """Raise an error of this type in a thread as soon as it runs code of Python.

    Until an error is raised so, Python 3.11 takes each function that is traced, of whatever thread, for interrupted,
    and begins it again without an end, as long as the other thread waits in C. So the mark is taken back by an error of
    our own; whoever comes back from C sets it again for himself.

    Args:
        ident: The thread, as `threading.get_ident` has it.
        kind: The type.
    """
    import ctypes  # few sessions need it

    strike = ctypes.pythonapi.PyThreadState_SetAsyncExc
    other, own = ctypes.c_ulong(ident), ctypes.c_ulong(real.get_ident())
    error, calmed = ctypes.py_object(kind), ctypes.py_object(_Calmed)
    is_marked = sys.version_info < (3, 12) and ident != own.value
    try:  # no function is called here: it would be the one that has no end
        strike(other, error)
        if is_marked:
            strike(own, calmed)
            for _ in range(100):  # it comes with the first turn of this loop, at the latest
                pass
    except _Calmed:
        pass

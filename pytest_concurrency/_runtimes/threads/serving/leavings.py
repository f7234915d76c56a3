"""What Python keeps for each thread, which goes when the thread ends."""

from __future__ import annotations

import contextvars
import gc
import os
import signal
import sys
import threading
import weakref
from typing import Any, Final

from pytest_concurrency._engine.current import here

ROUNDS: Final = 8
"""So often what goes may leave something itself."""
_NO_HOOKS: Final = sys.get_asyncgen_hooks()
_mask: Final = getattr(signal, "pthread_sigmask", None)
"""The real one."""
_REPR: Final = "Py_Repr"  # under which a thread keeps what it is about to tell, so as not to tell it within itself


class Leavings:
    """What the calling thread has been left to keep since this was made."""

    __slots__ = ("_begun", "_links", "_stands", "_state")

    def __init__(self) -> None:
        here.become(None)  # so that its own value is there already
        self._stands = _stands_for_thread()
        self._state = _state()
        self._begun = frozenset(self._state)
        self._links = frozenset(map(id, _links(self._stands)))

    def are_seen(self) -> bool:
        """Tell whether this Python keeps the values of `threading.local` where they are looked for."""
        probe = threading.local()
        probe.__dict__["seen"] = True
        return not self.is_gone()

    def go(self) -> None:
        """Let go of it: what it consists of may have a `__del__`, which runs now."""
        for _ in range(ROUNDS):
            _leave_loop()
            keys = [key for key in self._state if key not in self._begun]
            links = self._later_links()
            if not keys and not links:
                break
            for key in keys:
                self._state.pop(key, None)
            while links:
                link = links.pop(0)
                link.__callback__(link)  # as if what stands for the thread had ended
        if sys.get_asyncgen_hooks() != _NO_HOOKS:
            sys.set_asyncgen_hooks(*_NO_HOOKS)

    def is_gone(self) -> bool:
        """Tell whether the thread is as it was; tracers, which others put there, are taken away."""
        if sys.gettrace() is not None:
            sys.settrace(None)
        if sys.getprofile() is not None:
            sys.setprofile(None)
        return (
            len(self._state) == len(self._begun) + (self._state.get(_REPR) == [])
            and not self._later_links()
            and not contextvars.copy_context()
            and sys.get_asyncgen_hooks() == _NO_HOOKS
            and not _has_loop()
        )

    def _later_links(self) -> list[Any]:
        return [each for each in _links(self._stands) if id(each) not in self._links and each.__callback__ is not None]


def of_system() -> tuple[object, ...]:
    """Return what the system keeps for the calling thread, and gives to those whom it starts.

    Not by which rule it gets a processor, and which: that is the run's own to say.
    """
    return (
        None if _mask is None else _mask(signal.SIG_BLOCK, ()),
        os.getpriority(os.PRIO_PROCESS, 0) if sys.platform == "linux" else None,
    )


def _has_loop() -> bool:
    """Tell whether an event loop is said to run in the calling thread."""
    events: Any = sys.modules.get("asyncio.events")
    return events is not None and events._get_running_loop() is not None


def _leave_loop() -> None:
    """Say that no event loop runs in the calling thread: asyncio remembers it beside the thread, too."""
    if _has_loop():
        sys.modules["asyncio.events"]._set_running_loop(None)


def _state() -> dict[Any, Any]:
    """Return where the interpreter, and until Python 3.12 `threading.local`, keeps what is the calling thread's."""
    import ctypes  # few explorations need it

    get = ctypes.pythonapi.PyThreadState_GetDict
    get.restype = ctypes.c_void_p  # a borrowed reference, which `py_object` would take away
    state: dict[Any, Any] = ctypes.cast(get(), ctypes.py_object).value
    return state


def _stands_for_thread() -> Any:
    """Return the object that stands for the calling thread; None until Python 3.12.

    Each `threading.local` that has values for a thread has a weak reference to it, by which it hears of the end.
    """
    probe = threading.local()
    probe.__dict__["seen"] = True
    for each in gc.get_referents(probe):
        if type(each) is set:
            return next((link() for link in each if type(link) is weakref.ref), None)
    return None


def _links(stands: Any) -> list[Any]:
    return [] if stands is None else weakref.getweakrefs(stands)

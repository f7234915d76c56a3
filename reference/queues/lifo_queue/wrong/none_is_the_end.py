"""Takes a step that is None for the end."""

import queue
import threading

Step = object
NOBODY = object()


class History:
    """What was done, and what was undone."""

    def __init__(self) -> None:
        """Begin with nothing done."""
        self._lock = threading.RLock()
        self._done: queue.LifoQueue[Step] = queue.LifoQueue()
        self._undone: queue.LifoQueue[Step] = queue.LifoQueue()

    def record(self, step: Step) -> None:
        """Note a step that was done; nothing can be done again from then on."""
        with self._lock:
            self._done.put(step)
            self._undone = queue.LifoQueue()

    def undo(self, default: Step = None) -> Step:
        """Return the latest step that is done, and count it as undone."""
        with self._lock:
            try:
                step = self._done.get_nowait()
            except queue.Empty:
                return default
            if not step:
                return default
            self._undone.put(step)
            return step

    def redo(self, default: Step = None) -> Step:
        """Return the step that was undone latest, and count it as done again."""
        with self._lock:
            try:
                step = self._undone.get_nowait()
            except queue.Empty:
                return default
            self._done.put(step)
            return step

    def undo_all(self) -> list[Step]:
        """Undo all that is done; return it, the latest first."""
        steps = []
        with self._lock:
            while (step := self.undo(NOBODY)) is not NOBODY:
                steps.append(step)
        return steps

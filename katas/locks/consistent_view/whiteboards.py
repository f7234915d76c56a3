"""Three whiteboards that do not keep their promise. Given: read them, do not change them."""

import threading


class WriterLocks:
    """Only the writer locks, as looking changes nothing."""

    def __init__(self, size: int) -> None:
        """Begin with zeros."""
        self.cells = [0] * size
        self.lock = threading.Lock()

    def fill(self, value: int) -> None:
        """Write one value into all cells, from the back."""
        with self.lock:
            for place in reversed(range(len(self.cells))):
                self.cells[place] = value

    def copy(self) -> list[int]:
        """Read all cells, from the front."""
        seen = []
        for place in range(len(self.cells)):
            cell = self.cells[place]
            seen.append(cell)
        return seen


class CellLocks:
    """Each cell has a lock of its own."""

    def __init__(self, size: int) -> None:
        """Begin with zeros."""
        self.cells = [0] * size
        self.locks = [threading.Lock() for _ in range(size)]

    def fill(self, value: int) -> None:
        """Write one value into all cells, from the back."""
        for place in reversed(range(len(self.cells))):
            lock = self.locks[place]
            with lock:
                self.cells[place] = value

    def copy(self) -> list[int]:
        """Read all cells, from the front."""
        seen = []
        for place in range(len(self.cells)):
            lock = self.locks[place]
            with lock:
                seen.append(self.cells[place])
        return seen


class Breathing:
    """One lock for all cells, and both let each other in after each cell."""

    def __init__(self, size: int) -> None:
        """Begin with zeros."""
        self.cells = [0] * size
        self.lock = threading.Lock()

    def fill(self, value: int) -> None:
        """Write one value into all cells, from the back."""
        self.lock.acquire()
        for place in reversed(range(len(self.cells))):
            self.cells[place] = value
            self.lock.release()
            self.lock.acquire()
        self.lock.release()

    def copy(self) -> list[int]:
        """Read all cells, from the front."""
        seen = []
        self.lock.acquire()
        for place in range(len(self.cells)):
            seen.append(self.cells[place])
            self.lock.release()
            self.lock.acquire()
        self.lock.release()
        return seen

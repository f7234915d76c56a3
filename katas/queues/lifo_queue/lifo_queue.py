"""Undo: the latest step first, for several threads. The contract is in README.md."""

Step = object


class History:
    """What was done, and what was undone."""

    def __init__(self) -> None:
        """Begin with nothing done."""
        raise NotImplementedError

    def record(self, step: Step) -> None:
        """Note a step that was done; nothing can be done again from then on."""
        raise NotImplementedError

    def undo(self, default: Step = None) -> Step:
        """Return the latest step that is done, and count it as undone."""
        raise NotImplementedError

    def redo(self, default: Step = None) -> Step:
        """Return the step that was undone latest, and count it as done again."""
        raise NotImplementedError

    def undo_all(self) -> list[Step]:
        """Undo all that is done; return it, the latest first."""
        raise NotImplementedError

"""The rope party: all arrive before anybody goes on. The contract is in README.md."""

from collections.abc import Callable


def climb(
    climbers: int,
    stages: int,
    go: Callable[[int, int], object],
    camp: Callable[[int], object],
    patience: float | None = None,
) -> None:
    """Let all climb stage by stage, in one thread each, with a camp after each stage."""
    raise NotImplementedError

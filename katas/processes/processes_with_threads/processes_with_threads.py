"""The translators: processes for what computes, threads for what waits. The contract is in README.md."""

from collections.abc import Callable
from multiprocessing.context import BaseContext
from typing import Any


def run_jobs(
    context: BaseContext,
    jobs: list[Any],
    rooms: int,
    messengers: int,
    fetch: Callable[[Any], Any],
    compute: Callable[[Any], Any],
) -> list[Any]:
    """Fetch and compute every job, in so many processes with so many threads each; return the results in order."""
    raise NotImplementedError

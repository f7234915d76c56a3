"""The pottery: the worked solution.

The key that was handed in is the only one, and is held for one line. `with` gives it back, whatever happens.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

Step = Callable[[Any], Any]


def make_all(pots: list[Any], potters: int, turn: Step, fire: Step, paint: Step, kiln: threading.Lock) -> list[Any]:
    """Turn, fire and paint each pot; return in order what came of them."""

    def make(pot: Any) -> Any:
        clay = turn(pot)
        with kiln:
            hard = fire(clay)
        return paint(hard)

    with ThreadPoolExecutor(potters) as pool:
        futures = [pool.submit(make, pot) for pot in pots]
    errors = [future.exception() for future in futures]
    return [future.result() if error is None else error for future, error in zip(futures, errors, strict=True)]

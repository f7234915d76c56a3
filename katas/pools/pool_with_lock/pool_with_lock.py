"""The pottery, broken: repair it. The contract is in README.md."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

Step = Callable[[Any], Any]


def make_all(pots: list[Any], potters: int, turn: Step, fire: Step, paint: Step, kiln: threading.Lock) -> list[Any]:
    """Turn, fire and paint each pot; return in order what came of them."""

    def make(pot: Any) -> Any:
        key = threading.Lock()
        clay = turn(pot)
        key.acquire()
        hard = fire(clay)
        key.release()
        return paint(hard)

    with ThreadPoolExecutor(potters) as pool:
        futures = [pool.submit(make, pot) for pot in pots]
        return [future.result() for future in futures]

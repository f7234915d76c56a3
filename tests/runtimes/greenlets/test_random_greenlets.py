"""Random programs of gevent: what is proved has every outcome that trying everything has."""

import random
from collections.abc import Callable

import gevent  # type: ignore[import-untyped]
import gevent.event  # type: ignore[import-untyped]
import gevent.lock  # type: ignore[import-untyped]
import gevent.queue  # type: ignore[import-untyped]
import pytest

from pytest_concurrency import Verdict, explore

VERBS = ("turn", "turn", "sleep", "note", "note", "lock", "set", "wait", "put", "get", "kill")


def program(seed: int, *, greenlets: int, steps: int) -> Callable[[], str]:
    """Return a scenario of so many greenlets, each with so many steps; it ends, whatever they do."""
    rng = random.Random(seed)
    plans = [[rng.choice(VERBS) for _ in range(steps)] for _ in range(greenlets)]

    def scenario() -> str:
        seen: list[str] = []
        gate, door, jobs = gevent.lock.Semaphore(1), gevent.event.Event(), gevent.queue.Queue()
        crew: list[gevent.Greenlet] = []

        def does(name: str, verb: str) -> None:
            if verb == "turn":
                gevent.sleep(0)
            elif verb == "sleep":
                gevent.sleep(1)
            elif verb == "lock":
                with gate:
                    seen.append(f"{name} in")
                    gevent.sleep(0)
            elif verb == "set":
                door.set()
            elif verb == "wait":
                seen.append(f"{name} {door.wait(2)}")
            elif verb == "put":
                jobs.put(name)
            elif verb == "get":
                try:
                    seen.append(f"{name} got {jobs.get(timeout=2)}")
                except gevent.queue.Empty:
                    seen.append(f"{name} none")
            elif verb == "kill":
                crew[0].kill(block=False)
            seen.append(name)

        def worker(name: str, plan: list[str]) -> None:
            for verb in plan:
                does(name, verb)

        crew += [gevent.spawn(worker, name, plan) for name, plan in zip("abc", plans, strict=False)]
        gevent.joinall(crew)
        return " ".join(seen)

    return scenario


def complete(scenario: Callable[[], str], order: str, strategy: str) -> Verdict:
    return explore(scenario, order=order, strategy=strategy, schedules=20_000, seconds=30)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("order", ["strict", "documented", "any"])
def test_the_reduction_leaves_no_outcome_out(order: str, seed: int) -> None:
    steps = 2 if order == "any" else 4
    scenario = program(seed, greenlets=2 if order == "any" else 3, steps=steps)
    every, reduced = complete(scenario, order, "dfs"), complete(scenario, order, "dpor")
    assert (every.grade, reduced.grade) == ("proved", "proved")
    assert set(every.outcomes) == set(reduced.outcomes)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_each_order_has_all_that_the_one_before_has(seed: int) -> None:
    scenario = program(100 + seed, greenlets=2, steps=2)
    strict, documented, every = (
        set(complete(scenario, order, "dfs").outcomes) for order in ("strict", "documented", "any")
    )
    assert strict <= documented <= every

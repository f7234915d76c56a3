"""What an event loop may do in each order, and that nothing else is said of it."""

import asyncio
import itertools

import pytest

from pytest_concurrency import Verdict, explore

ORDERS = ("strict", "documented", "any")


def outcomes(verdict: Verdict) -> set[str]:
    return set(verdict.outcomes)


def equal_sleeps() -> list[int]:
    async def main() -> list[int]:
        seen: list[int] = []

        async def sleeper(number: int) -> None:
            await asyncio.sleep(1)
            seen.append(number)

        await asyncio.gather(*map(sleeper, range(3)))
        return seen

    return asyncio.run(main())


def test_strict_keeps_the_order_of_timers_set_at_one_instant() -> None:
    verdict = explore(equal_sleeps, order="strict")
    assert (verdict.grade, outcomes(verdict)) == ("proved", {"[0, 1, 2]"})


def test_documented_lets_equal_deadlines_come_in_any_order() -> None:
    verdict = explore(equal_sleeps)
    expected = {repr(list(each)) for each in itertools.permutations(range(3))}
    assert (verdict.grade, outcomes(verdict)) == ("proved", expected)


def callbacks() -> list[int]:
    async def main() -> list[int]:
        seen: list[int] = []
        loop = asyncio.get_running_loop()
        for number in range(3):
            loop.call_soon(seen.append, number)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return seen

    return asyncio.run(main())


@pytest.mark.parametrize("order", ORDERS)
def test_callbacks_keep_their_order_which_is_promised(order: str) -> None:
    verdict = explore(callbacks, order=order)
    assert (verdict.grade, outcomes(verdict)) == ("proved", {"[0, 1, 2]"})


def two_by_two() -> str:
    async def main() -> str:
        seen: list[str] = []

        async def worker(name: str) -> None:
            seen.append(name)
            await asyncio.sleep(0)
            seen.append(name)

        await asyncio.gather(worker("a"), worker("b"))
        return "".join(seen)

    return asyncio.run(main())


@pytest.mark.parametrize("order", ["strict", "documented"])
def test_steps_that_are_ready_go_in_turn(order: str) -> None:
    verdict = explore(two_by_two, order=order)
    assert (verdict.grade, outcomes(verdict)) == ("proved", {"'abab'"})


def test_any_lets_a_step_come_later_than_its_place() -> None:
    verdict = explore(two_by_two, order="any")
    expected = {repr("".join(each)) for each in itertools.permutations("aabb")}
    assert (verdict.grade, outcomes(verdict)) == ("proved", expected)


def test_a_time_out_at_the_very_instant_may_come_before_or_after() -> None:
    def scenario() -> str:
        async def main() -> str:
            try:
                return await asyncio.wait_for(asyncio.sleep(1, "slept"), 1)
            except TimeoutError:
                return "late"

        return asyncio.run(main())

    assert outcomes(explore(scenario)) == {"'slept'", "'late'"}


def test_a_time_out_long_before_the_end_always_comes() -> None:
    def scenario() -> str:
        async def main() -> str:
            try:
                return await asyncio.wait_for(asyncio.sleep(3600, "slept"), 1)
            except TimeoutError:
                return "late"

        return asyncio.run(main())

    for order in ORDERS:
        verdict = explore(scenario, order=order)
        assert (verdict.grade, outcomes(verdict)) == ("proved", {"'late'"})


def test_time_is_virtual_and_exact() -> None:
    def scenario() -> float:
        async def main() -> float:
            loop = asyncio.get_running_loop()
            began = loop.time()
            await asyncio.sleep(0.002)
            await asyncio.sleep(3600)
            return loop.time() - began

        return asyncio.run(main())

    assert outcomes(explore(scenario)) == {"3600.002"}


def test_a_bad_order_is_refused_with_what_would_be_right() -> None:
    with pytest.raises(ValueError, match=r"^order must be one of strict, documented, any, got 'fifo'$"):
        explore(callbacks, order="fifo")


def two_ways_to_two_seconds() -> str:
    async def main() -> str:
        seen: list[str] = []

        async def sleeper(name: str, *naps: int) -> None:
            for nap in naps:
                await asyncio.sleep(nap)
            seen.append(name)

        await asyncio.gather(sleeper("one nap", 2), sleeper("two naps", 1, 1))
        return seen[0]

    return asyncio.run(main())


def test_strict_knows_that_every_step_takes_a_moment() -> None:
    assert outcomes(explore(two_ways_to_two_seconds, order="strict")) == {"'one nap'"}
    assert outcomes(explore(two_ways_to_two_seconds)) == {"'one nap'", "'two naps'"}


@pytest.mark.parametrize("order", ["strict", "documented"])
def test_what_is_due_when_it_is_set_comes_in_the_next_pass(order: str) -> None:
    def scenario() -> list[str]:
        async def main() -> list[str]:
            seen: list[str] = []
            asyncio.get_running_loop().call_later(0, seen.append, "timer")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            return seen

        return asyncio.run(main())

    verdict = explore(scenario, order=order)
    assert (verdict.grade, outcomes(verdict)) == ("proved", {"['timer']"})


def test_tasks_are_called_as_they_are_named() -> None:
    async def wait(door: asyncio.Event) -> None:
        await door.wait()

    async def scenario() -> None:
        door = asyncio.Event()
        tasks = [asyncio.create_task(wait(door), name=name) for name in ("Ann", "Ben", None, None)]
        async with asyncio.TaskGroup() as group:
            group.create_task(wait(door), name="Ann")
        await asyncio.wait(tasks)

    text = str(explore(scenario, schedules=1).error)
    assert "deadlock: scenario, Ann, Ben, wait, wait #2, Ann #2 wait for ever" in text


def first_come(*, order: str) -> Verdict:
    async def sleeper(seen: list[str], name: str) -> None:
        await asyncio.sleep(1)
        seen.append(name)

    async def scenario() -> None:
        seen: list[str] = []
        loop = asyncio.get_running_loop()
        loop.call_later(1, seen.append, "timer")
        await asyncio.gather(sleeper(seen, "Ann"), sleeper(seen, "Ben"))
        assert seen != ["timer", "Ben", "Ann"]

    return explore(scenario, order=order)


@pytest.mark.parametrize("order", ["documented", "any"])
def test_a_tie_that_is_broken_is_named(order: str) -> None:
    text = " ".join(str(first_come(order=order).error).split())
    if order == "documented":
        assert "note: the timer of sleeper #2 at " in text, text
        assert " came before the timer for append and the timer of sleeper at " in text
        assert "which were made earlier for the same time" in text
        assert text.count("note:") == 1
    assert "AssertionError" in text


def test_a_failure_without_a_tie_names_none() -> None:
    async def scenario() -> None:
        await asyncio.gather(asyncio.sleep(1), asyncio.sleep(1), asyncio.sleep(2))
        raise ValueError

    assert "for the same time" not in str(explore(scenario).error)
    assert first_come(order="strict").error is None

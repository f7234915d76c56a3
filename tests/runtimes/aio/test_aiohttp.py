"""Unmodified aiohttp, client and server, on loopback."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from pytest_concurrency import explore

aiohttp = pytest.importorskip("aiohttp")
web = pytest.importorskip("aiohttp.web")


def shop(*, reserves: bool) -> Callable[[], Coroutine[Any, Any, None]]:
    """Return a scenario in which two buyers want the last ticket."""

    async def scenario() -> None:
        left = [1]
        counter = asyncio.Lock()

        async def sells() -> bool:
            found = left[0]
            await asyncio.sleep(0)
            if found:
                left[0] = found - 1
            return bool(found)

        async def buy(_request: Any) -> Any:
            if not reserves:
                return web.json_response(await sells())
            async with counter:
                return web.json_response(await sells())

        app = web.Application()
        app.router.add_get("/buy", buy)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            host, port = runner.addresses[0]

            async def asks(session: Any) -> Any:
                async with session.get(f"http://{host}:{port}/buy") as answer:
                    return await answer.json()

            async with aiohttp.ClientSession() as session:
                sold = await asyncio.gather(asks(session), asks(session))
        finally:
            await runner.cleanup()
        assert sum(sold) == 1

    return scenario


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_a_ticket_that_is_sold_twice_is_found_within_twenty_schedules(seed: int) -> None:
    verdict = explore(shop(reserves=False), strategy="random", seed=seed, schedules=20, seconds=60)
    assert verdict.grade == "failed"


@pytest.mark.slow
def test_a_ticket_that_is_reserved_is_sold_once() -> None:
    verdict = explore(shop(reserves=True), schedules=60, seconds=60)
    assert verdict.grade not in ("failed", "uncontrolled"), verdict

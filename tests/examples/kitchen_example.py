import asyncio
import time

import pytest


async def bake(log, name):
    time.sleep(0.5)  # and the whole loop waits
    log.append(name)


@pytest.mark.race(blocking_calls="fail")
async def test_two_loaves():
    log = []
    await asyncio.gather(bake(log, "rye"), bake(log, "oat"))
    assert len(log) == 2

"""Tell every error once, and take equal ones for the same."""

import asyncio


async def climb_all(climbs):
    tasks = [asyncio.create_task(climb()) for climb in climbs]
    pending, errors, called_back = set(tasks), [], None
    while pending:
        try:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError as error:
            called_back = error
        else:
            raised = [task.exception() for task in done if not task.cancelled()]
            errors += [each for each in raised if each is not None and each not in errors]
        if errors or called_back:
            for task in pending:
                if not task.cancelling():
                    task.cancel()
    if called_back is not None:
        raise called_back
    if errors:
        raise ExceptionGroup("turned round", errors)
    return [task.result() for task in tasks]


async def climb_until(climbs, seconds):
    async with asyncio.timeout(seconds):
        return await climb_all(climbs)

"""Set an alarm by hand, and forget it where a rope breaks."""

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
            errors += [each for each in raised if each is not None]
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
    if seconds is None:
        return await climb_all(climbs)
    me, over = asyncio.current_task(), []

    def dusk():
        over.append(True)
        me.cancel()

    alarm = asyncio.get_running_loop().call_later(seconds, dusk)
    try:
        results = await climb_all(climbs)
    except asyncio.CancelledError:
        alarm.cancel()
        if over and not me.uncancel():
            raise TimeoutError from None
        raise
    alarm.cancel()
    return results

"""One class for one address; a condition counts who is open, and the connector has no limit of its own."""

import asyncio

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector


class Gate:
    """Lets so many in, in the order in which they have lined up."""

    def __init__(self, places):
        self.places = places
        self.line = []
        self.changed = asyncio.Condition()

    async def __aenter__(self):
        async with self.changed:
            mine = object()
            self.line.append(mine)
            try:
                await self.changed.wait_for(lambda: self.places and self.line[0] is mine)
                self.places -= 1
            finally:
                self.line.remove(mine)
                self.changed.notify_all()

    async def __aexit__(self, *_):
        self.places += 1
        leaving = asyncio.ensure_future(self.tell())
        await asyncio.shield(leaving)

    async def tell(self):
        async with self.changed:
            self.changed.notify_all()


class Errand:
    """One address, until it is there or given up."""

    def __init__(self, session, gate, address, patience):
        self.session, self.gate, self.address, self.patience = session, gate, address, patience
        self.rest = 0.0
        self.found = None

    async def run(self, tries, pause):
        for left in reversed(range(tries)):
            async with self.gate:
                over = await self.once()
            if over or not left:
                return self.found
            await asyncio.sleep(max(self.rest, pause))
            pause *= 2

    async def once(self):
        """Ask; tell whether this is the end of it."""
        self.rest = 0.0
        try:
            status, said, body = await asyncio.wait_for(self.ask(), self.patience)
        except (ClientError, OSError, asyncio.TimeoutError) as error:
            self.found = error
            return False
        self.found = body if status == 200 else LookupError(f"{self.address} answers with {status}")
        if said is not None and said.isdigit():
            self.rest = float(said)
        return status != 429 and not 500 <= status <= 599

    async def ask(self):
        async with self.session.get(self.address) as answer:
            return answer.status, answer.headers.get("Retry-After"), await answer.read()


async def fetch_all(addresses, limit, tries=3, patience=10, pause=1):
    gate = Gate(limit)
    never = ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None)
    async with ClientSession(connector=TCPConnector(limit=0), timeout=never) as session:
        errands = {each: Errand(session, gate, each, patience).run(tries, pause) for each in set(addresses)}
        found = await asyncio.gather(*errands.values())
    return dict(zip(errands, found))

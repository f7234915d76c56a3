import asyncio

import pytest


class Connection:
    def __init__(self):
        self.answers = asyncio.Queue()

    async def ask(self, question):
        await self.answers.put(f"answer to {question}")  # the server's
        await asyncio.sleep(0.01)
        return await self.answers.get()


@pytest.mark.race(cancel_points="fail")
async def test_everybody_gets_his_own_answer():
    connection = Connection()
    await asyncio.wait([asyncio.create_task(connection.ask("Ann"), name="Ann")])
    assert await connection.ask("Ben") == "answer to Ben"

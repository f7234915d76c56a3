"""Who writes beside the loop answers when the file has it."""

import asyncio
import functools
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_concurrency._dojo.board.store import Store
from pytest_concurrency._dojo.board.writer import NotKept, Writer


def in_file(file: Path) -> int:
    """How many reports another reader finds in the file."""
    base = sqlite3.connect(file)
    (count,) = base.execute("select count(*) from steps").fetchone()
    base.close()
    return int(count)


def test_an_answer_comes_when_another_reader_finds_it_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "dojo.sqlite"

    async def report(writer: Writer, add: Callable[[], bool], number: int) -> None:
        assert await writer.write(add)
        assert in_file(file) > number

    async def play() -> None:
        store = Store(file)
        writer = Writer(store)
        adds = [functools.partial(store.add_report, "p", {"run": "a", "step": step}, 0.0) for step in range(50)]
        await asyncio.gather(*(report(writer, add, number) for number, add in enumerate(adds)))
        last = asyncio.create_task(writer.write(functools.partial(store.add_report, "p", {"run": "b", "step": 0}, 0.0)))
        await asyncio.sleep(0)
        await writer.close()  # and what was asked for before the end is written too
        assert await last

    asyncio.run(play())
    assert in_file(file) == 51


def test_what_cannot_be_written_is_not_answered(tmp_path: Path) -> None:
    def fail() -> None:
        raise sqlite3.OperationalError("database or disk is full")

    async def play() -> None:
        store = Store(tmp_path / "dojo.sqlite")
        writer = Writer(store)
        add = functools.partial(store.add_report, "p", {"run": "a", "step": 0}, 0.0)
        answers = await asyncio.gather(writer.write(add), writer.write(fail), return_exceptions=True)
        for answer in answers:  # those of one transaction share its fate
            assert isinstance(answer, NotKept)
            assert str(answer) == "the session cannot be written down: database or disk is full"
        assert await writer.write(add)
        await writer.close()

    asyncio.run(play())


@pytest.mark.parametrize("count", [1, 20])
def test_who_goes_away_keeps_nobody_from_being_answered(tmp_path: Path, count: int) -> None:
    async def play() -> None:
        store = Store(tmp_path / "dojo.sqlite")
        writer = Writer(store)
        adds = [functools.partial(store.add_report, "p", {"run": "a", "step": step}, 0.0) for step in range(count + 1)]
        gone, *others = [asyncio.create_task(writer.write(add)) for add in adds]
        await asyncio.sleep(0)
        gone.cancel()
        assert await asyncio.gather(*others) == [True] * count
        await writer.close()

    asyncio.run(play())

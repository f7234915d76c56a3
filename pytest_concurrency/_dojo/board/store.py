"""A session in one SQLite file, from which a board that was restarted knows everything again."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from pytest_concurrency._dojo.board import protocol, rotation
from pytest_concurrency._dojo.board.room import Room
from pytest_concurrency._dojo.board.rotation import Rotation
from pytest_concurrency._dojo.board.scores import Prediction
from pytest_concurrency._katas.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import Any

    from pytest_concurrency._dojo.board.room import Pair

TABLES = """
create table if not exists session (one integer primary key check (one = 1), began real, timer text, token text);
create table if not exists pairs (id text primary key, name text, people text, key text, joined real);
create table if not exists steps (
    number integer primary key, pair text, run text, step integer, at real, what text, unique (pair, run, step)
);
"""
LAST = "select max(coalesce((select max(at) from steps), 0), coalesce((select max(joined) from pairs), 0))"
CACHE = 16 * 1024  # kilobytes at most: the places where 1,000 pairs write next, which would be read again and again
LOCKED = 1.0  # seconds to wait for somebody else who writes into the file: less than a pair waits


class Store:
    """Writes down what happens.

    Args:
        file: where; made when it is absent.

    Raises:
        ValueError: the file is something else.
    """

    def __init__(self, file: Path) -> None:
        """Open or make the file."""
        self._file = file
        if not file.parent.is_dir():
            raise Refused("--file must lie in a folder that exists, got {got!r}", {"got": str(file)})
        try:
            self._base = _opened(file)
        except sqlite3.DatabaseError as error:
            is_other = {"got": str(file), "error": error}
            raise Refused("--file must be a session of `katas board`, got {got!r}: {error}", is_other) from None
        self._base.execute("insert or ignore into session values (1, ?, null, null)", (time.time(),))
        (self.began,) = self._base.execute("select began from session").fetchone()
        (self.last,) = self._base.execute(LAST).fetchone()

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def together(self, acts: Sequence[Callable[[], Any]]) -> list[Any]:
        """Do several things, all or none of them; return what each answers."""
        self._base.execute("begin immediate")
        try:
            answers = [act() for act in acts]
            self._base.execute("commit")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # some errors have rolled it back already
                self._base.execute("rollback")
            raise
        return answers

    def add_pair(self, pair: Pair) -> None:
        """Write down a pair that joined."""
        values = (pair.id, pair.name, json.dumps(pair.people), pair.key, pair.joined)
        self._base.execute("insert into pairs values (?, ?, ?, ?, ?)", values)

    def rename(self, pair: Pair) -> None:
        """Write down the name that a pair has now."""
        self._base.execute(
            "update pairs set name = ?, people = ? where id = ?", (pair.name, json.dumps(pair.people), pair.id)
        )

    def add_report(self, pair: str, found: dict[str, Any], at: float) -> bool:
        """Write down a report; tell whether it is new, and not one that was sent again."""
        what = {name: value for name, value in found.items() if name not in ("pair", "key", "ago", "run", "step")}
        return self._add(pair, found["run"], found["step"], at, what)

    def add_prediction(self, pair: str, prediction: Prediction, at: float) -> None:
        """Write down what a pair says about its next run."""
        self._add(pair, None, None, at, asdict(prediction))

    def _add(self, pair: str, run: str | None, step: int | None, at: float, what: dict[str, Any]) -> bool:
        done = self._base.execute(
            "insert or ignore into steps (pair, run, step, at, what) values (?, ?, ?, ?, ?)",
            (pair, run, step, at, json.dumps(what, ensure_ascii=False, separators=(",", ":"))),
        )
        return done.rowcount == 1

    def keep_timer(self, timer: Rotation) -> None:
        """Write down whose turn it is."""
        self._base.execute("update session set timer = ?", (json.dumps(asdict(timer)),))

    def token(self, fresh: str) -> str:
        """Return the token of this session: the same after a restart, so that nobody has to join again."""
        self._base.execute("update session set token = coalesce(token, ?)", (fresh,))
        (found,) = self._base.execute("select token from session").fetchone()
        return str(found)

    def room(self, most: int, length: float, most_moments: int | None = None) -> Room:
        """Return the room as it was when the last thing was written down."""
        (kept,) = self._base.execute("select timer from session").fetchone()
        timer = Rotation(**json.loads(kept)) if kept else rotation.new(length)
        found = Room(most, timer, *([] if most_moments is None else [most_moments]))
        for number, name, people, key, joined in self._base.execute("select * from pairs order by joined"):
            found.join(number, name, json.loads(people), key, joined)
        for pair, run, step, at, what in self._steps():
            if run is None:
                found.predict(pair, Prediction(**what))
            else:
                found.report(pair, protocol.report_of({**what, "run": run, "step": step, "ago": 0}), at)
        return found

    def _steps(self) -> Iterator[tuple[str, str | None, int, float, dict[str, Any]]]:
        for pair, run, step, at, what in self._base.execute(
            "select pair, run, step, at, what from steps order by number"
        ):
            yield pair, run, step, at, json.loads(what)


def _opened(file: Path) -> sqlite3.Connection:
    base = sqlite3.connect(file, timeout=LOCKED, isolation_level=None, check_same_thread=False)
    try:
        # What is committed is in the log: only a power cut could lose the last of it.
        base.execute("pragma journal_mode = wal")
        base.execute("pragma synchronous = normal")
        base.execute(f"pragma cache_size = -{CACHE}")
        base.executescript(TABLES)
    except BaseException:
        base.close()
        raise
    return base

"""Threaded packages of the package index: a cache, a pool, a scheduler; only those that are installed."""

from __future__ import annotations

import importlib.util
import threading
from typing import Any

from programs.program import together
from programs.real import case

if importlib.util.find_spec("cachetools"):
    import cachetools

    @case("cachetools", needs="cachetools")
    def a_cached_function_with_a_lock() -> list[int]:
        def compute(number: int) -> int:
            return number * number

        square: Any = cachetools.cached(cachetools.LRUCache(maxsize=1), lock=threading.Lock())(compute)
        got: list[int] = []
        together(lambda: got.append(square(2)), lambda: got.append(square(3)), lambda: got.append(square(2)))
        return sorted(got)

    @case("cachetools", needs="cachetools")
    def a_cached_function_with_a_condition_computes_once() -> list[int]:
        calls: list[int] = []

        def compute(number: int) -> int:
            calls.append(number)
            return number * number

        square: Any = cachetools.cached(cachetools.LRUCache(maxsize=8), condition=threading.Condition())(compute)
        together(lambda: square(2), lambda: square(2))
        return calls

    @case("cachetools", alarm=True, needs="cachetools")
    def a_cache_that_two_threads_fill_without_a_lock() -> int:
        cache: Any = cachetools.LRUCache(maxsize=8)
        together(lambda: cache.__setitem__("a", 1), lambda: cache.__setitem__("b", 1))
        return int(cache.currsize)


if importlib.util.find_spec("sqlalchemy"):
    import sqlalchemy.pool

    class Connection:
        """Stands for a connection to a database: the pool is under test, not the database."""

        closed = False

        def rollback(self) -> None:
            """Do nothing: there is no transaction."""

        def close(self) -> None:
            """Remember it."""
            self.closed = True

    SQL = ("sqlalchemy.pool", "sqlalchemy.util.queue")

    @case(*SQL, needs="sqlalchemy")
    def no_more_connections_than_the_pool_may_open() -> int:
        made: list[Connection] = []

        def connect() -> Any:
            made.append(Connection())
            return made[-1]

        pool = sqlalchemy.pool.QueuePool(connect, pool_size=1, max_overflow=0, timeout=30)

        def use() -> None:
            pool.connect().close()

        together(use, use)
        assert (len(made), pool.checkedout(), pool.checkedin()) == (1, 0, 1)
        return len(made)

    @case(*SQL, needs="sqlalchemy")
    def an_overflow_connection_is_closed_again() -> int:
        made: list[Connection] = []

        def connect() -> Any:
            made.append(Connection())
            return made[-1]

        pool = sqlalchemy.pool.QueuePool(connect, pool_size=1, max_overflow=1, timeout=30)

        def use() -> None:
            pool.connect().close()

        together(use, use)
        assert pool.checkedout() == 0
        assert len([each for each in made if not each.closed]) == 1
        return int(pool.checkedin())


if importlib.util.find_spec("apscheduler"):
    import datetime

    from apscheduler.jobstores.memory import MemoryJobStore
    from apscheduler.schedulers.background import BackgroundScheduler

    APS = ("apscheduler",)

    @case(*APS, needs="apscheduler")
    def jobs_added_by_two_threads_are_all_kept() -> int:
        scheduler = BackgroundScheduler(jobstores={"default": MemoryJobStore()}, timezone=datetime.UTC)
        scheduler.start(paused=True)
        together(
            lambda: scheduler.add_job(int, "interval", hours=1), lambda: scheduler.add_job(int, "interval", hours=2)
        )
        kept = len(scheduler.get_jobs())
        scheduler.shutdown()
        assert kept == 2
        return kept


if importlib.util.find_spec("urllib3"):
    from urllib3._collections import RecentlyUsedContainer

    @case("urllib3._collections", needs="urllib3")
    def a_container_closes_what_it_drops_once() -> list[str]:
        dropped: list[str] = []
        kept: Any = RecentlyUsedContainer(maxsize=1, dispose_func=dropped.append)
        together(lambda: kept.__setitem__("a", "A"), lambda: kept.__setitem__("b", "B"))
        assert len(kept) == 1
        assert len(dropped) == 1
        return dropped

"""Beside each plugin that others use: a race is found, what is right passes, and the other's own effect is there."""

import importlib.metadata
import re
from dataclasses import dataclass, field

import pytest

pytestmark = pytest.mark.soak

COMPANIONS = [
    *("anyio", "blockbuster", "debugpy", "freezegun", "hypothesis", "pytest-asyncio", "pytest-benchmark"),
    *("pytest-cov", "pytest-mock", "pytest-randomly", "pytest-repeat", "pytest-rerunfailures"),
    *("pytest-run-parallel", "pytest-subtests", "pytest-timeout", "pytest-trio", "pytest-xdist", "time-machine"),
]
OTHERS_OFF = (
    "anyio asyncio benchmark blockbuster cov pytest_mock randomly repeat rerunfailures run-parallel subtests trio"
)
RACY = """
def test_racy(race):
    def scenario():
        box = [0]
        def add():
            box[0] += 1
        race.run(add, add)
        assert box[0] == 2
    race.explore(scenario)
"""
RIGHT = """
import threading

def test_right(race):
    def scenario():
        box, lock = [0], threading.Lock()
        def add():
            with lock:
                box[0] += 1
        race.run(add, add)
        assert box[0] == 2
    race.explore(scenario, strategy="dpor", require="proved")
"""
FOUND = "main raised AssertionError: assert 1 == 2"


@dataclass
class Session:
    """A session beside a companion.

    Attributes:
        plugins: What is on, of what stands in `OTHERS_OFF`.
        code: The tests that show the companion's own effect, beside `RACY` and `RIGHT`.
        options: How the session is started.
        outcomes: Those of all tests.
        lines: Patterns of what is printed, in any order.
        ini: The ini file.
    """

    plugins: str
    code: str
    outcomes: dict[str, int]
    options: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    ini: str = ""
    files: dict[str, str] = field(default_factory=dict)


SESSIONS = {
    "xdist": Session(
        "",
        "import os\ndef test_it(): assert os.environ['PYTEST_XDIST_WORKER'] in ('gw0', 'gw1')",
        {"passed": 2, "failed": 1},
        ("-n", "2"),
        ("*created: 2/2 workers*",),
    ),
    "timeout by signal": Session(
        "",
        "import pytest, select\n@pytest.mark.timeout(3)\ndef test_it(): select.select([], [], [], 60)",
        {"passed": 1, "failed": 2},
        ("--timeout=60", "--timeout-method=signal"),
        ("*Timeout (>3.0s) from pytest-timeout.*",),
    ),
    "asyncio": Session(
        "asyncio",
        """
import asyncio, pytest, pytest_asyncio

@pytest_asyncio.fixture
async def box():
    await asyncio.sleep(0)
    return [0]

@pytest.mark.asyncio
async def test_plain(box):
    assert asyncio.get_running_loop() and box == [0]

@pytest.mark.race
@pytest.mark.asyncio
async def test_marked(box):
    async def add():
        seen = box[0]
        await asyncio.sleep(0)
        box[0] = seen + 1
    await asyncio.gather(add(), add())
    assert box[0] == 2
""",
        {"passed": 2, "failed": 2},
        ini="asyncio_default_fixture_loop_scope = function",
    ),
    "anyio": Session(
        "anyio",
        """
import anyio, pytest

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_plain(anyio_backend_name):
    with anyio.move_on_after(0.01) as scope:
        await anyio.sleep_forever()
    assert scope.cancelled_caught and anyio_backend_name == "asyncio"

@pytest.mark.race
@pytest.mark.anyio
async def test_marked():
    box = [0]
    async def add():
        seen = box[0]
        await anyio.sleep(0)
        box[0] = seen + 1
    async with anyio.create_task_group() as group:
        group.start_soon(add)
        group.start_soon(add)
    assert box[0] == 2
""",
        {"passed": 2, "failed": 2},
    ),
    "trio": Session(
        "trio",
        """
import time, trio

async def test_it(autojump_clock):
    before, began = trio.current_time(), time.perf_counter()
    await trio.sleep(1000)
    assert trio.current_time() - before >= 1000
    assert time.perf_counter() - began < 100
""",
        {"passed": 2, "failed": 1},
        ini="trio_mode = true",
    ),
    "cov": Session(
        "cov",
        "import worked\ndef test_it(race):\n"
        "    race.explore(lambda: race.run(lambda: worked.work([]), lambda: worked.work([])), schedules=3)\n",
        {"passed": 2, "failed": 1},
        ("--cov=worked", "--cov-report=term-missing"),
        ("worked.py *3 *0 *100%*",),
        files={"worked": "def work(box):\n    box.append(1)\n    return len(box)\n"},
    ),
    "randomly": Session(
        "randomly",
        """
import random
import pytest

@pytest.mark.parametrize("n", range(40))
def test_it(n, request):
    SEEN.append(n)

SEEN = []

def test_seen():
    assert SEEN != sorted(SEEN)
""",
        {"passed": 42, "failed": 1},
        ("-p", "randomly", "--randomly-seed=5"),
        ("Using --randomly-seed=5",),
    ),
    "rerunfailures": Session(
        "rerunfailures",
        "RUNS = []\ndef test_it():\n    RUNS.append(1)\n    assert len(RUNS) == 2\n",
        {"passed": 2, "failed": 1, "rerun": 3},
        ("--reruns=2",),
    ),
    "repeat": Session(
        "repeat", "def test_it(): pass", {"passed": 4, "failed": 2}, ("--count=2", "-v"), ("*test_it*2-2*",)
    ),
    "mock": Session(
        "pytest_mock",
        """
import shop

def test_it(mocker, race):
    till = mocker.patch("shop.till", return_value=5)
    race.explore(lambda: race.run(shop.sell, shop.sell), schedules=5)
    assert till.call_count == 2 * 5
    assert mocker.spy(shop, "sell")() == 5
""",
        {"passed": 2, "failed": 1},
        files={"shop": "def till():\n    raise OSError\n\ndef sell():\n    return till()\n"},
    ),
    "subtests": Session(
        "subtests",
        """
def test_it(subtests, race):
    for count in (1, 2):
        with subtests.test(count=count):
            race.explore(lambda: race.run(*[list] * count), schedules=2)
    with subtests.test("no"):
        assert 0
""",
        {"passed": 1, "failed": 3},
        lines=("*SUBFAIL*test_it*",),
    ),
    "hypothesis": Session(
        "",
        """
from hypothesis import given, settings, strategies as st

@settings(max_examples=10, database=None, derandomize=True, deadline=None)
@given(start=st.integers(0, 9))
def test_it(start):
    from pytest_concurrency import explore
    assert explore(lambda: start, schedules=1).grade == "sampled"
    assert start < 3
""",
        {"passed": 1, "failed": 2},
        lines=("*Failing test case: test_it(*", "*start=3*"),
    ),
    "freezegun": Session(
        "",
        """
import datetime, freezegun, threading

def test_it(race):
    def scenario():
        with freezegun.freeze_time("2020-02-29") as frozen:
            seen = []
            race.run(lambda: seen.append(datetime.date.today()), lambda: seen.append(datetime.date.today()))
            frozen.tick(datetime.timedelta(days=1))
            assert seen == [datetime.date(2020, 2, 29)] * 2 and datetime.date.today() == datetime.date(2020, 3, 1)
    race.explore(scenario, schedules=20)
""",
        {"passed": 2, "failed": 1},
    ),
    "time-machine": Session(
        "",
        """
import datetime, time, time_machine

@time_machine.travel("2020-02-29", tick=False)
def test_it(race):
    def scenario():
        seen = []
        race.run(lambda: seen.append(datetime.date.today()), lambda: seen.append(datetime.date.today()))
        assert seen == [datetime.date(2020, 2, 29)] * 2
    race.explore(scenario, schedules=20)
    assert time.gmtime().tm_year == 2020
""",
        {"passed": 2, "failed": 1},
    ),
    "benchmark": Session(
        "benchmark",
        "def test_it(benchmark): assert benchmark(sorted, [2, 1]) == [1, 2]",
        {"passed": 2, "failed": 1},
        ("--benchmark-max-time=0.05", "--benchmark-min-rounds=2"),
        ("*Name (time in *", "test_it *"),
    ),
    "run-parallel": Session(
        "run-parallel",
        """
import pytest, threading

SEEN = set()

def test_it(num_parallel_threads):
    SEEN.add(threading.get_ident())

def test_seen():
    assert len(SEEN) == 3

@pytest.mark.race
def test_marked():
    box = [0]
    def add():
        box[0] += 1
    threads = [threading.Thread(target=add) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert box[0] == 2

def test_guarded(guard):
    assert guard.spawn(sorted, [2, 1]).result(timeout=5) == [1, 2]
""",
        {"passed": 4, "failed": 2},
        ("--parallel-threads=3", "-v"),
        ("*test_it PARALLEL PASSED*", "*test_right was not run in parallel: uses pytest-concurrency-katas"),
    ),
    "blockbuster": Session(
        "blockbuster",
        """
import asyncio, pytest, time
from blockbuster import BlockingError, blockbuster_ctx

def test_it(race):
    async def scenario():
        await asyncio.sleep(1)
    async def blocks():
        time.sleep(0.01)
    with blockbuster_ctx():
        with pytest.raises(BlockingError):
            asyncio.run(blocks())
        race.explore(scenario, schedules=5)
        with pytest.raises(BlockingError):
            asyncio.run(blocks())
""",
        {"passed": 2, "failed": 1},
    ),
}


@pytest.mark.parametrize("name", COMPANIONS)
def test_it_is_there(name: str) -> None:
    assert importlib.metadata.version(name)


@pytest.mark.parametrize("name", SESSIONS)
def test_both_are_there(pytester: pytest.Pytester, name: str) -> None:
    session = SESSIONS[name]
    if session.ini:
        pytester.makeini(f"[pytest]\n{session.ini}\n")
    pytester.makepyfile(test_racy=RACY, test_right=RIGHT, test_own=session.code, **session.files)
    off = [word for each in OTHERS_OFF.split() if each != session.plugins for word in ("-p", f"no:{each}")]
    result = pytester.runpytest_subprocess(*off, *session.options, timeout=120)
    result.stdout.fnmatch_lines_random([f"{FOUND}*", *session.lines])
    outcomes = result.parseoutcomes()
    counted = ("passed", "failed", "rerun", "errors", "skipped")
    assert {each: outcomes[each] for each in counted if each in outcomes} == session.outcomes


def test_a_thread_of_pytest_timeout_ends_the_session(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_racy=RACY,
        test_right=RIGHT,
        test_slow="import pytest, select\n@pytest.mark.timeout(3)\ndef test_it(): select.select([], [], [], 60)",
    )
    off = [word for each in OTHERS_OFF.split() for word in ("-p", f"no:{each}")]
    result = pytester.runpytest_subprocess(*off, "-v", "--timeout=60", "--timeout-method=thread", timeout=120)
    assert re.search(r"\+ Timeout \+", result.stdout.str() + result.stderr.str())
    result.stdout.fnmatch_lines(["*test_racy FAILED*", "*test_right PASSED*"])

"""Trials that share the start of pytest end as those that do not, and leave nothing behind."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kata_library import Library, make_runnable

from pytest_concurrency._katas import trials
from pytest_concurrency._katas.index import Kata
from pytest_concurrency._katas.trials import Trial

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")]
HANGS = "import os\nopen('child', 'w').write(str(os.getpid()))\nwhile True: pass"


@pytest.fixture
def kata(library: Library) -> Kata:
    return make_runnable(library).read().kata("boil_water")


def wrong(library: Library) -> Path:
    return library.root / "reference/tea/boil_water/wrong/one.py"


def essence(trial: Trial) -> tuple[str, str, list[tuple[str, str]]]:
    """Return what two runs of the same have in common: no times, and no traceback through pytest."""
    return trial.solution, trial.trouble.partition(" in ")[0], [(each.test, each.state) for each in trial.outcomes]


def test_it_ends_as_alone(library: Library, kata: Kata) -> None:
    gone, broken = library.root / "gone.py", library.write("broken.py", "import nothing_of_that_name")
    planned = [("stub", kata.stub), ("reference", kata.reference), ("wrong", wrong(library)), ("wrong", gone)]
    planned += [("wrong", broken)]
    with trials.servers(kata) as shared:
        found = [trials.run(kata, group, file, shared=shared) for group, file in planned]
    alone = [trials.run(kata, group, file) for group, file in planned]
    assert list(map(essence, found)) == list(map(essence, alone))
    assert found[2].outcomes == alone[2].outcomes
    assert [each.state for each in found[2].outcomes] == ["passed", "failed", "failed"]


def test_one_that_hangs_is_ended_and_the_next_goes_on(library: Library, kata: Kata) -> None:
    hangs = library.write("hangs.py", HANGS)
    with trials.servers(kata) as shared:
        trial = trials.run(kata, "wrong", hangs, seconds=3, shared=shared)
        assert trial.trouble == "ran longer than 3 s"
        with pytest.raises(ProcessLookupError):
            os.kill(int((library.root / "child").read_text()), 0)
        assert len(trials.run(kata, "wrong", wrong(library), shared=shared).outcomes) == 3


def test_one_that_kills_who_has_started_it_is_told_and_the_next_goes_on(library: Library, kata: Kata) -> None:
    kills = library.write("kills.py", "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)")
    with trials.servers(kata) as shared:
        with pytest.raises(RuntimeError, match="must live on, got its end with status -9: killed by a test"):
            trials.run(kata, "wrong", kills, shared=shared)
        assert trials.run(kata, "reference", kata.reference, shared=shared).trouble == ""


def test_two_at_the_same_time(library: Library, kata: Kata) -> None:
    with trials.servers(kata) as shared, ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda file: trials.run(kata, "wrong", file, shared=shared), [wrong(library)] * 3))
    assert [[each.state for each in trial.outcomes] for trial in found] == [["passed", "failed", "failed"]] * 3


def test_no_server_where_a_process_cannot_fork(kata: Kata, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    with trials.servers(kata) as shared:
        assert shared is None

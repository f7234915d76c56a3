"""The kill matrix of all katas has no hole. Alone: `pytest tests/katas -m kill_matrix`."""

import os

import pytest
from kata_library import PROJECT

from pytest_concurrency._katas import check, index, matrix, mistakes

NAMED = os.environ.get("KILL_MATRIX", "all") == "named"  # a wrong solution meets one test, not all of the kata's
CURRICULUM = index.read_curriculum(PROJECT / "katas", PROJECT / "reference")


def test_no_kata_is_unlisted() -> None:
    assert check.unlisted_katas(CURRICULUM) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", CURRICULUM.places)
def test_the_files_of_a_kata(name: str) -> None:
    kata = CURRICULUM.kata(name)
    assert check.complaints(CURRICULUM, kata, mistakes.read(CURRICULUM, kata)) == []


@pytest.mark.soak
@pytest.mark.kill_matrix
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", CURRICULUM.places)
def test_the_matrix_has_no_hole(name: str) -> None:
    row = matrix.try_kata(CURRICULUM, name, named=NAMED)
    assert "\n".join(row.holes) == ""


@pytest.mark.kill_matrix
@pytest.mark.parametrize("track", CURRICULUM.tracks, ids=lambda track: track.name)
def test_the_readme_of_a_track_shows_the_matrix(track: index.Track) -> None:
    readme = CURRICULUM.katas / track.name / "README.md"
    assert readme.is_file()
    page = readme.read_text(encoding="utf-8")
    for name in track.katas:
        kata = CURRICULUM.kata(name)
        approaches, wrong = len(kata.approaches), sum(len(each.bases) for each in mistakes.read(CURRICULUM, kata))
        counts = f"{approaches} of {approaches} | {wrong} of {wrong} |"
        assert f"| `{name}` | " in page
        assert counts in page.partition(f"| `{name}` | ")[2].partition("\n")[0]

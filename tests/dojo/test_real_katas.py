"""What the commands say of the katas that the package brings: in ten lines, and in eighty columns."""

import io
from pathlib import Path

import pytest

from pytest_concurrency._dojo import cli, folder, screen
from pytest_concurrency._dojo.commands import finding
from pytest_concurrency._dojo.desk import Desk
from pytest_concurrency._dojo.folder import Folder
from pytest_concurrency._dojo.progress import Entry
from pytest_concurrency._dojo.screen import Screen
from pytest_concurrency._dojo.states import State
from pytest_concurrency._dojo.translations import LANGUAGES
from pytest_concurrency._dojo.words import Words

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    root = tmp_path_factory.mktemp("whole") / "my-katas"
    assert cli.main(["init", str(root)]) == 0
    return folder.of(root)


def printed(whole: Folder, language: str, *commands: str) -> list[str]:
    output = io.StringIO()
    at = Desk(whole, Words(language), Screen(output))
    for command in commands:
        finding.show_all(at, None) if command == "show_all" else getattr(finding, command)(at)
    return output.getvalue().splitlines()


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_fit_eighty_columns(whole: Folder, language: str) -> None:
    lines = printed(whole, language, "show_all", "status", "show_next", "show_progress")
    assert len(lines) > 130
    assert [line for line in lines if screen.cells(line) > 80] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_one_is_takes_ten_lines_however_much_was_done(
    whole: Folder, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = {track.katas[0]: Entry(State.GREEN) for track in whole.curriculum.tracks}
    last = whole.curriculum.tracks[-1].katas[1]
    monkeypatch.setattr(Folder, "progress", lambda self: {**done, last: Entry(State.RED, task=1)})
    monkeypatch.setattr(Folder, "is_untouched", lambda self, kata: kata.name not in {*done, last})
    lines = printed(whole, language, "status")
    assert len(lines) == 10
    assert lines[1].startswith(whole.curriculum.tracks[-4].name)
    assert lines[5].startswith(f"✗ {whole.curriculum.tracks[-1].name}/{last}: ")


def test_a_name_with_a_slip_is_answered_with_those_that_are_near(whole: Folder) -> None:
    with pytest.raises(ValueError, match=r"got 'two_spidrs': two_spiders, … \(`katas list` shows all\)$"):
        whole.kata("two_spidrs")

"""A learner's folder to test with, made by `katas init` out of the small library."""

from pathlib import Path

import pytest
from dojo_folder import Katas
from kata_library import Library, make_runnable

from pytest_concurrency._dojo import cli, folder
from pytest_concurrency._dojo.folder import Folder


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Katas of somebody else, which `init --from` takes."""
    return make_runnable(Library(tmp_path / "library"))


@pytest.fixture
def home(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """A learner's folder, and the place where the test is."""
    for name in ("KATAS_LANG", "EDITOR", "KATAS_EVENTS"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "my-katas"
    assert cli.main(["init", str(root), "--from", str(library.root)]) == 0
    monkeypatch.chdir(root)  # by the one that also tests move by: it goes back to where it was called first
    return folder.of(root)


@pytest.fixture
def katas(home: Folder, capsys: pytest.CaptureFixture[str]) -> Katas:
    """Call `katas` and return what it printed; the status must be the one that is given."""
    capsys.readouterr()

    def call(*arguments: str, status: int = 0) -> str:
        answer = cli.main(arguments)
        printed = capsys.readouterr()
        assert (answer, printed.err if answer != 2 else "") == (status, ""), printed
        return printed.err if answer == 2 else printed.out

    return call

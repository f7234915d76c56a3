"""Another project owns the same import name: the session starts with one line that says so."""

import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

import pytest_concurrency
from pytest_concurrency._plugin import companions

OURS = Path(pytest_concurrency.__file__).parent
MEND = "pip uninstall pytest-concurrency; pip install --force-reinstall pytest-concurrency-katas"


@pytest.fixture
def site(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages that comes before all others."""
    pytester.makepyfile("def test_it(race): race.explore(lambda: None, schedules=1)")
    folder = pytester.mkdir("site")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


def install_other(site: Path) -> None:
    info = site / "pytest_concurrency-1.0.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: pytest-concurrency\nVersion: 1.0.0\n", encoding="utf-8"
    )


def overwrite(site: Path) -> None:
    """Lay their package over a copy of ours."""
    shutil.copytree(OURS, site / "pytest_concurrency", ignore=shutil.ignore_patterns("__pycache__", "bundle"))
    (site / "pytest_concurrency" / "__init__.py").write_text("PLUGIN_IS_ENABLED = False\n", encoding="utf-8")


def said(pytester: pytest.Pytester, *options: str) -> list[str]:
    result = pytester.runpytest_subprocess("-p", "no:asyncio", *options, timeout=60)
    result.assert_outcomes(passed=1)
    return [line for line in result.outlines if line.startswith("pytest_concurrency: ")]


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("-q",)])
def test_both_are_installed(pytester: pytest.Pytester, site: Path, options: tuple[str, ...]) -> None:
    install_other(site)
    other = "another project, pytest-concurrency 1.0.0, owns the same import name"
    assert said(pytester, *options) == [f"pytest_concurrency: {other}: {MEND}"]


@pytest.mark.slow
def test_theirs_has_overwritten_ours(pytester: pytest.Pytester, site: Path) -> None:
    install_other(site)
    overwrite(site)
    other = "another project, pytest-concurrency 1.0.0, has overwritten pytest-concurrency-katas"
    assert said(pytester) == [f"pytest_concurrency: {other}: {MEND}"]


def test_theirs_has_gone_and_taken_our_file_along(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    config = pytester.parseconfigure("-p", "no:asyncio")
    monkeypatch.setattr(config.pluginmanager.get_plugin("terminalreporter"), "write_line", told.append)
    monkeypatch.setitem(sys.modules, "pytest_concurrency", ModuleType("pytest_concurrency"))  # as a folder without it
    companions.tell_of_namesake(config)
    other = "another project, pytest-concurrency, has overwritten pytest-concurrency-katas"
    assert told == [f"pytest_concurrency: {other}: {MEND}"]


@pytest.mark.slow
def test_alone_nothing_is_said(pytester: pytest.Pytester, site: Path) -> None:
    assert said(pytester) == []


@pytest.mark.slow
def test_workers_say_nothing(pytester: pytest.Pytester, site: Path) -> None:
    install_other(site)
    assert len(said(pytester, "-n", "2")) == 1

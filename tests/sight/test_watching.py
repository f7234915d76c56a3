"""Which code is watched: the user's own, and neither the standard library's nor installed."""

import json
import sys
import sysconfig
import threading
from pathlib import Path
from types import ModuleType

import pytest

import pytest_concurrency
from pytest_concurrency._sight import watching
from pytest_concurrency._sight.watching import OTHER, OWN, STANDARD, WATCHED, Watch


def test_what_lies_below_the_root_is_watched(tmp_path: Path) -> None:
    watch = Watch([tmp_path / "project"])
    assert watch.kind(str(tmp_path / "project" / "bank.py")) is WATCHED
    assert watch.kind(str(tmp_path / "project" / "deep" / "er" / "bank.py")) is WATCHED
    assert watch.kind(str(tmp_path / "elsewhere" / "bank.py")) is OTHER
    assert watch.kind(str(tmp_path / "project_two" / "bank.py")) is OTHER
    assert watch.is_watched(str(tmp_path / "project" / "bank.py"))
    assert not watch.is_watched(str(tmp_path / "elsewhere" / "bank.py"))


def test_links_are_followed(tmp_path: Path) -> None:
    project, other = tmp_path / "project", tmp_path / "other"
    (project / "deep").mkdir(parents=True)
    other.mkdir()
    for file in (project / "bank.py", project / "deep" / "bank.py", other / "cash.py"):
        file.touch()
    (other / "deep").symlink_to(project / "deep")
    (other / "bank.py").symlink_to(project / "bank.py")
    (project / "cash.py").symlink_to(other / "cash.py")
    watch = Watch([project])
    assert watch.kind(str(other / "deep" / "bank.py")) is WATCHED
    assert watch.kind(str(other / "bank.py")) is WATCHED
    assert watch.kind(str(project / "cash.py")) is OTHER
    assert watch.kind(str(other / "deep" / ".." / "bank.py")) is WATCHED


def test_the_watched_modules_are_found_and_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch([tmp_path])
    before = list(watch.modules())
    mine, other = module("mine", tmp_path / "mine.py"), module("other", None)
    monkeypatch.setitem(sys.modules, "mine", mine)
    monkeypatch.setitem(sys.modules, "other", other)
    assert [*watch.modules()] == [*watch.modules()] == [*before, mine]
    monkeypatch.setitem(sys.modules, "other", module("other", tmp_path / "other.py"))
    assert [each.__name__ for each in watch.modules()][-2:] == ["mine", "other"]


def test_compiled_code_that_names_no_file_is_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.py").touch()
    monkeypatch.chdir(tmp_path)
    watch = Watch([tmp_path])
    assert watch.kind("mine.py") is WATCHED
    assert watch.kind("src/gevent/greenlet.py") is OTHER


def test_several_folders(tmp_path: Path) -> None:
    watch = Watch([tmp_path / "a", tmp_path / "b"])
    assert watch.kind(str(tmp_path / "b" / "x.py")) is WATCHED


def test_the_standard_library_the_package_and_what_is_installed_are_not() -> None:
    watch = Watch([Path("/")])
    assert watch.kind(threading.__file__) is STANDARD
    assert watch.kind("<frozen importlib._bootstrap>") is STANDARD
    assert watch.kind(pytest.__file__) is OTHER
    assert watch.kind(pytest_concurrency.__file__) is OWN
    assert watch.kind(str(Path(pytest_concurrency.__file__).parent / "_core" / "clock.py")) is OWN


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("<stdin>", WATCHED),
        ("<python-input-3>", WATCHED),
        ("<doctest README.md[0]>", WATCHED),
        ("<ipython-input-1-abc>", WATCHED),
        ("<string>", STANDARD),
        ("<template>", OTHER),
        ("<attrs generated init x.Y>", OTHER),
    ],
)
def test_code_without_a_file(name: str, kind: str) -> None:
    assert Watch([Path("/")]).kind(name) is kind


def module(name: str, file: Path | None, *, package: bool = False) -> ModuleType:
    made = ModuleType(name)
    if file is not None:
        made.__file__ = str(file)
    if package:
        made.__path__ = [] if file is None else [str(file.parent)]
    return made


def test_names_are_watched_wherever_they_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Path(sysconfig.get_paths()["purelib"])
    monkeypatch.setitem(
        sys.modules, "some_package", module("some_package", site / "some_package" / "__init__.py", package=True)
    )
    monkeypatch.setitem(sys.modules, "some_module", module("some_module", site / "some_module.py"))
    monkeypatch.setitem(sys.modules, "builtin_thing", module("builtin_thing", None))
    watch = Watch([tmp_path], ["some_package", "some_module", "builtin_thing", "never_imported"])
    assert watch.kind(str(site / "some_package" / "__init__.py")) is WATCHED
    assert watch.kind(str(site / "some_package" / "inner" / "x.py")) is WATCHED
    assert watch.kind(str(site / "some_module.py")) is WATCHED
    assert watch.kind(str(site / "some_module_two.py")) is OTHER
    assert watch.kind(str(site / "another.py")) is OTHER


def test_a_namespace_package_is_watched_in_all_its_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no file of its own: several distributions put their packages into it."""
    site, other = Path(sysconfig.get_paths()["purelib"]), tmp_path / "elsewhere"
    shared = module("shared", None)
    shared.__path__ = [str(site / "shared"), str(other / "shared")]
    monkeypatch.setitem(sys.modules, "shared", shared)
    watch = Watch([tmp_path / "root"], ["shared"])
    assert watch.kind(str(site / "shared" / "bank" / "x.py")) is WATCHED
    assert watch.kind(str(other / "shared" / "shop.py")) is WATCHED
    assert watch.kind(str(site / "shared_two" / "x.py")) is OTHER


def install(site: Path, url: object, *names: str) -> None:
    info = site / "bank-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "direct_url.json").write_text(url if isinstance(url, str) else json.dumps(url), encoding="utf-8")
    if names:
        (info / "RECORD").write_text("\n".join(f"{name},," for name in names) + "\n", encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project" / ".venv" / "site-packages"
    folder.mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder)])
    return folder


def test_what_is_installed_below_the_root_is_still_installed(tmp_path: Path, site: Path) -> None:
    watch = Watch([tmp_path / "project"])
    assert watch.kind(str(site / "requests.py")) is OTHER
    assert watch.kind(str(tmp_path / "project" / "bank.py")) is WATCHED


def test_a_wheel_built_from_below_the_root_is_the_users_own(tmp_path: Path, site: Path) -> None:
    """As tox does it: the project is installed, and the installed files are what runs."""
    install(site, {"url": (tmp_path / "project").as_uri(), "dir_info": {}}, "bank/__init__.py", "cash.py")
    watch = Watch([tmp_path / "project"])
    assert watch.kind(str(site / "bank" / "__init__.py")) is WATCHED
    assert watch.kind(str(site / "bank" / "vault.py")) is WATCHED
    assert watch.kind(str(site / "cash.py")) is WATCHED
    assert watch.kind(str(site / "requests.py")) is OTHER
    assert watch.kind(str(site / "bank_client" / "x.py")) is OTHER


@pytest.mark.parametrize(
    "url",
    [
        {"url": "https://example.org/bank.zip"},
        {"url": "file:///somewhere/else/bank"},
        {},
        "no json",
        '["a list"]',
    ],
)
def test_any_other_origin_is_not(tmp_path: Path, site: Path, url: object) -> None:
    install(site, url, "bank/__init__.py")
    assert Watch([tmp_path / "project"]).kind(str(site / "bank" / "__init__.py")) is OTHER


def test_the_folders_of_this_python_are_known() -> None:
    assert str(Path(sysconfig.get_paths()["purelib"]).resolve()) in " ".join(watching._site_folders())

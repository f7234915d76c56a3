"""The plain import of a kata's name finds the file under test, in child processes too."""

import fnmatch
import importlib
import multiprocessing
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from kata_library import Library

from pytest_concurrency._katas.solutions import Bench, meanings, unwritten_line

ONE = "reference/tea/boil_water/wrong/one.py"
KNOWN = "a file or a mistake of boil_water, which '[?]' lists"


@pytest.fixture(autouse=True)
def import_system(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep what a failing test would leave behind away from the others."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    yield
    sys.modules.pop("boil_water", None)


def boil_water(bench: Bench, *in_front: Path) -> ModuleType:
    bench.open()
    sys.path[:0] = map(str, in_front)  # as pytest does with the folder of the tests
    return importlib.import_module("boil_water")


@pytest.mark.parametrize(
    ("choice", "file"),
    [
        ({}, "katas/tea/boil_water/boil_water.py"),
        ({"reference": True}, "reference/tea/boil_water/boil_water.py"),
        ({"solution": ONE}, ONE),
        ({"solution": "my try.txt"}, "my try.txt"),
    ],
)
def test_the_file_under_test(library: Library, choice: dict[str, object], file: str) -> None:
    library.write("my try.txt", "x = 1")
    is_reference = bool(choice.get("reference"))
    solution = str(choice["solution"]) if "solution" in choice else None
    bench = Bench(library.read(), ["boil_water"], reference=is_reference, solution=solution)
    before = list(sys.path), list(sys.meta_path)
    module = boil_water(bench, library.root / "katas/tea/boil_water")
    assert module.__file__ == str(library.root / file)
    assert module.__name__ == "boil_water"
    bench.close()
    assert "boil_water" not in sys.modules
    assert (sys.path[1:], sys.meta_path) == before
    assert not any(entry.startswith("katas-") for entry in map(str, sys.path))


@pytest.mark.parametrize(
    ("name", "file", "text"),
    [
        ("cold", "cold.py", '# Forgets to switch it on.\ndef boil(litres):\n    return ["cold"] * litres\n'),
        ("one", ONE, 'def boil(litres):\n    return ["hot"]\n'),
    ],
)
def test_a_mistake_by_its_name(library: Library, name: str, file: str, text: str) -> None:
    bench = Bench(library.read(), ["boil_water"], solution=name)
    module = boil_water(bench, library.root / "katas/tea/boil_water")
    place = bench.files["boil_water"]
    assert module.__file__ == str(place)
    assert place.as_posix().endswith(file)
    assert place.read_text(encoding="utf-8") == text
    bench.close()
    assert place.is_file() == (name == "one")


def test_a_mistake_on_a_further_base(library: Library) -> None:
    library.write(
        "reference/tea/boil_water/approaches/cup.py", 'def boil(litres, cup=None):\n    return ["hot"] * litres'
    )
    replace = "replace = '    return [\"hot\"] * litres'"
    library.edit("reference/tea/boil_water/mistakes.toml", replace, f"also = ['approaches/cup']\n{replace}")
    bench = Bench(library.read(), ["boil_water"], solution="cold_on_cup")
    assert boil_water(bench).boil(1, cup=1) == ["cold"]
    bench.close()


@pytest.mark.soak
@pytest.mark.parametrize(("solution", "result"), [(ONE, ["hot"]), ("cold", ["cold", "cold"])])
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_child_finds_the_same_file(library: Library, method: str, solution: str, result: list[str]) -> None:
    if method not in multiprocessing.get_all_start_methods():  # Windows knows spawn alone
        pytest.skip(f"no {method} on this platform")
    bench = Bench(library.read(), ["boil_water"], solution=solution)
    module = boil_water(bench, library.root / "katas/tea/boil_water")
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert pool.apply(module.boil, (2,)) == result
    bench.close()
    _stop_forkserver()


def _stop_forkserver() -> None:
    """It would be a leak, and the next test would get one with the wrong `sys.path`."""
    from multiprocessing import forkserver

    forkserver._forkserver._stop()  # type: ignore[attr-defined]  # no public way


def test_other_names_are_not_ours(library: Library) -> None:
    bench = Bench(library.read(), ["boil_water"])
    bench.open()
    finder = sys.meta_path[0]
    assert finder.find_spec("json", None) is None
    assert finder.find_spec("boil_water", ["a package"]) is None
    bench.close()


@pytest.mark.parametrize(
    ("katas", "solution", "reference", "message"),
    [
        (["boil_water"], "lost.py", False, f"--solution must be {KNOWN}, got 'lost.py'"),
        (["boil_water"], "katas", False, f"--solution must be {KNOWN}, got 'katas'"),
        (["boil_water"], "could", False, f"--solution must be {KNOWN}, got 'could'; did you mean cold[?]"),
        (["boil_water"], ONE, True, "--solution must be given without --reference, got '*one.py*"),
        ([], ONE, False, "--solution must be given with the folder of one kata, got none"),
        (
            ["boil_water", "brew"],
            ONE,
            False,
            "--solution must be given with the folder of one kata, got 2 katas: boil_water, brew",
        ),
        (
            ["boil_water", "brew", "pour", "drink"],
            ONE,
            False,
            "--solution * got 4 katas: boil_water, brew, pour, …",
        ),
    ],
)
def test_a_solution_that_cannot_be_tested(
    library: Library,
    katas: list[str],
    solution: str,
    reference: bool,  # noqa: FBT001 - a parameter
    message: str,
) -> None:
    more = [name for name in katas if name != "boil_water"]
    for name in more:
        text = (library.root / "katas/tea/boil_water/kata.toml").read_text(encoding="utf-8")
        library.write(f"katas/tea/{name}/kata.toml", text)
    library.edit("katas/katas.toml", '["boil_water"]', str(["boil_water", *more]))
    with pytest.raises(ValueError, match=r"^--solution") as caught:
        Bench(library.read(), katas, reference=reference, solution=solution)
    assert fnmatch.fnmatch(str(caught.value), message)


def test_not_started(library: Library) -> None:
    bench = Bench(library.read(), ["boil_water"])
    tests = library.root / "katas/tea/boil_water/test_boil_water.py"
    with pytest.raises(NotImplementedError) as caught:
        boil_water(bench).boil(1)
    place = "katas/tea/boil_water/boil_water.py:2"
    line = f"boil_water: task 2 not started — open {place} (Boil more)"
    assert bench.not_started(tests, 2, caught.value) == line
    assert bench.not_started(tests, 9, caught.value) == line.replace("2 n", "9 n").replace("more", "water")
    assert bench.not_started(tests, 1, NotImplementedError()) is None
    assert bench.not_started(tests.parent, 1, caught.value) is None
    bench.close()


def test_the_error_behind_other_errors(library: Library) -> None:
    bench = Bench(library.read(), ["boil_water"])
    stub = bench.files["boil_water"]
    with pytest.raises(NotImplementedError) as caught:
        boil_water(bench).boil(1)
    bench.close()
    error = caught.value
    group = ExceptionGroup("two tasks", [ValueError(), error])
    cause, context = AssertionError("cause"), AssertionError("context")
    cause.__cause__ = group
    context.__context__ = cause
    context.__cause__ = context  # a circle ends
    assert [unwritten_line(each, stub) for each in (error, group, cause, context)] == [2] * 4
    assert unwritten_line(error, stub.parent) is None
    assert unwritten_line(ValueError(), stub) is None


class Mark:
    def __init__(self, **kwargs: str) -> None:
        self.kwargs = kwargs


def test_meanings() -> None:
    marks = [Mark(ValueError="taken", KeyError="unknown"), Mark(IndexError="empty", ValueError="!")]
    error = AssertionError("a schedule was found")
    error.__cause__ = ExceptionGroup("two tasks", [ValueError(), TypeError()])
    assert meanings(error, marks) == ["taken", "!"]
    assert meanings(IndexError(), marks) == ["empty"]
    assert meanings(LookupError(), marks) == []


def test_extras(library: Library) -> None:
    tests = library.root / "katas/tea/boil_water/test_boil_water.py"
    bench = Bench(library.read(), ["boil_water"])
    assert bench.missing_extras(tests) == ()
    assert bench.missing_extras(tests.parent) == ()
    assert (bench.position(tests), bench.position(tests.parent)) == (0, -1)
    library.edit("katas/tea/boil_water/kata.toml", "extras = []", 'extras = ["gevent"]')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("importlib.util.find_spec", lambda name: None)
        assert Bench(library.read(), ["boil_water"]).missing_extras(tests) == ("gevent",)

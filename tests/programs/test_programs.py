"""The programs under test are what they say, as far as plain runs can tell."""

import ast
from pathlib import Path

import pytest
from programs import bugs, right, sctbench, small
from programs.program import Program, run_plainly, together

ALL = (*sctbench.PROGRAMS, *bugs.PROGRAMS, *right.PROGRAMS, *small.PROGRAMS)


def named(programs: tuple[Program, ...]) -> list[object]:
    return [pytest.param(program, id=program.name) for program in programs if program.plain]


@pytest.mark.parametrize("program", named(right.PROGRAMS))
def test_right_program_passes(program: Program) -> None:
    for _ in range(3):
        run_plainly(program.scenario)


@pytest.mark.parametrize("program", named(small.PROGRAMS))
def test_small_program_has_a_known_outcome(program: Program) -> None:
    for _ in range(3):
        assert run_plainly(program.scenario) in program.outcomes


@pytest.mark.parametrize("program", named((*sctbench.PROGRAMS, *bugs.PROGRAMS)))
def test_wrong_program_ends(program: Program) -> None:
    try:
        run_plainly(program.scenario)
    except AssertionError:
        assert program.finding == "assertion"
    except Exception:
        if program.finding != "exception":
            raise


def test_run_plainly_raises_what_a_thread_raised() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        run_plainly(lambda: together(lambda: int("x")))


@pytest.mark.parametrize("module", [sctbench, bugs, right, small])
def test_names_are_unique(module: object) -> None:
    programs: tuple[Program, ...] = getattr(module, "PROGRAMS")  # noqa: B009 - a plain object
    names = [program.name for program in programs]
    assert sorted(names) == sorted(set(names))


def test_facts_fit_the_kind() -> None:
    for program in ALL:
        assert program.name == program.scenario.__name__
        assert program.scenario.__doc__
        assert (program.finding is None) == (program.kind in {"right", "small"}), program
        assert bool(program.outcomes) == (program.kind == "small"), program
        assert program.plain or program.kind != "lost update", program
        assert not (program.finding == "deadlock" and program.plain), program


def test_every_scenario_is_listed() -> None:
    """A public function without parameters in a file with programs is one of them."""
    listed = {(program.scenario.__module__, program.name) for program in ALL}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.name.startswith(("_", "test_", "real")):  # code that others wrote enters itself
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not (node.name.startswith("_") or ast.unparse(node.args)):
                assert (f"programs.{path.stem}", node.name) in listed

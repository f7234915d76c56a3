"""What an installation brings along."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def names(requirements: list[str]) -> list[str]:
    return [re.split(r"[^a-z-]", each)[0] for each in requirements]


def test_only_what_is_used_is_installed() -> None:
    assert names(PROJECT["project"]["dependencies"]) == ["pytest", "pytest-timeout"]
    used = {path for path in ROOT.glob("pytest_concurrency/**/*.py") if '"-p", "timeout"' in path.read_text("utf-8")}
    assert used, "the katas run under pytest-timeout"


def test_users_of_pytest_9_0_can_install() -> None:
    assert not any("!=" in each for each in PROJECT["project"]["dependencies"])
    assert any(each.startswith("pytest>=") and "!=9.0.*" in each for each in PROJECT["dependency-groups"]["test"])

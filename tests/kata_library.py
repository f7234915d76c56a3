"""A small library of one kata, complete and right, for tests to break."""

from pathlib import Path

from pytest_concurrency._katas import index
from pytest_concurrency._katas.index import Curriculum

PROJECT = Path(__file__).parents[1]

FILES = {
    "katas/katas.toml": """
        [[track]]
        name = "tea"
        title = "Tea: boiling, brewing"
        katas = ["boil_water"]
        """,
    "katas/tea/README.md": """
        # Tea
        <!-- kill matrix: how to make it -->
        old
        <!-- end of kill matrix -->
        """,
    "katas/tea/boil_water/README.md": """
        # Boil water
        ## Contract
        `boil(litres)` returns "hot" for each litre.
        ## Tasks
        1. **Boil one.** The water is hot.
        2. **Boil more.** All of it.
        ## Traps
        Cold water.
        ## What the tests cannot prove
        That it is water.
        """,
    "katas/tea/boil_water/hints.md": """
        # Hints
        ## Task 1
        ### A nudge
        Heat.
        ### The tool
        A kettle.
        ### Nearly there
        Switch it on.
        ## Task 2
        ### A nudge
        Count.
        ### The tool
        A loop.
        ### Nearly there
        A list.
        """,
    "katas/tea/boil_water/kata.toml": """
        title = "Boil water"
        technique = "heat"
        seed = ["A"]
        difficulty = 1
        minutes = 5
        kind = "write"
        requires = []
        extras = []
        """,
    "katas/tea/boil_water/boil_water.py": """
        def boil(litres):
            raise NotImplementedError
        """,
    "katas/tea/boil_water/test_boil_water.py": """
        import pytest
        from boil_water import boil

        @pytest.mark.task(1)
        def test_hot():
            assert boil(1) == ["hot"], f"the water is {boil(1)}: switch the kettle on"

        @pytest.mark.task(2)
        @pytest.mark.parametrize("litres", [0, 3])
        def test_all_of_it(litres):
            assert len(boil(litres)) == litres, f"asked for {litres}, got {len(boil(litres))}"
        """,
    "reference/tea/boil_water/boil_water.py": """
        def boil(litres):
            return ["hot"] * litres
        """,
    "reference/tea/boil_water/approaches/loop.py": """
        def boil(litres):
            return ["hot" for _ in range(litres)]
        """,
    "reference/tea/boil_water/wrong/one.py": """
        def boil(litres):
            return ["hot"]
        """,
    "reference/tea/boil_water/mistakes.toml": """
        [cold]
        does = "Forgets to switch it on."
        why = "no heat"
        test = "test_hot"
        message = ["the water is ['cold']", "switch the kettle on"]
        replace = '    return ["hot"] * litres'
        with = '    return ["cold"] * litres'
        [one]
        does = "Boils what fits into the kettle."
        why = "no loop"
        test = "test_all_of_it"
        message = ["asked for 3, got 1"]
        file = "wrong/one.py"
        [dry]
        does = "Boils no water at all."
        why = "no water"
        test = "test_hot"
        message = ["the water is []"]
        from = "approaches/loop"
        replace = '    return ["hot" for _ in range(litres)]'
        with = '    return ["hot" for _ in range(0)]'
        """,
}


class Library:
    """A folder with katas and worked solutions."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> Path:
        """Write a file, without the indentation that it has here."""
        lines = text.strip("\n").splitlines()
        indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(line[indent:] for line in lines).strip() + "\n", encoding="utf-8")
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a part of a file, which must be there."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def read(self) -> Curriculum:
        """Read katas.toml."""
        return index.read_curriculum(self.root / "katas")


def make_runnable(library: Library) -> Library:
    """Add the katas' own conftest.py, and settings."""
    conftest = (PROJECT / "katas" / "conftest.py").read_text(encoding="utf-8")
    library.write("katas/conftest.py", conftest)
    options = "-p no:asyncio -p no:cacheprovider --strict-markers"
    library.write("pytest.ini", f"[pytest]\naddopts = {options}")
    return library

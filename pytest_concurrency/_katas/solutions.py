"""Which file is tested for each kata, and how the plain import of a kata's name reaches it."""

from __future__ import annotations

import difflib
import importlib.util
import os
import shutil
import sys
import tempfile
from importlib.abc import MetaPathFinder
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pytest_concurrency._katas import index, mistakes, sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType, TracebackType

    from pytest_concurrency._katas.index import Curriculum, Kata
    from pytest_concurrency._katas.sources import Source

SIGNPOST = '''\
"""Written for one run of pytest: leads a child's import of this name to the file under test."""

import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location

spec = spec_from_file_location(__name__, {file!r}, loader=SourceFileLoader(__name__, {file!r}))
sys.modules[__name__] = module = module_from_spec(spec)
spec.loader.exec_module(module)
'''


class SolutionFinder(MetaPathFinder):
    """Finds the module of a kata's name in the file under test, here and in child processes.

    Problem: pytest puts the kata's folder in front of `sys.path` just before it imports the tests,
    so that the stub would win over any other file; and a spawned child has no import hooks, only a
    copy of `sys.path`. Solution: this process asks the finder first. At that moment a folder of
    signposts, one small module of the same name for each file under test, is put in front of
    `sys.path`: what a child inherits from then on.

    Args:
        files: module name -> file under test; those of mistakes are written by `install`.
        mistakes: module name -> what to write, beside the signposts, and to test instead.
    """

    def __init__(self, files: Mapping[str, Path], mistakes: Mapping[str, Source] | None = None) -> None:
        """Remember the files; nothing is installed yet."""
        self.files = dict(files)
        self._mistakes = dict(mistakes or {})
        self._signposts = ""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Answer for the names of katas, and for no other module."""
        del target
        file = self.files.get(fullname)
        if file is None or path is not None:
            return None
        signpost = Path(self._signposts, f"{fullname}.py")
        signpost.write_text(SIGNPOST.format(file=str(file)), encoding="utf-8")
        self._leave_path()
        sys.path.insert(0, self._signposts)
        return importlib.util.spec_from_file_location(fullname, file, loader=SourceFileLoader(fullname, str(file)))

    def install(self) -> None:
        """Answer before everybody else."""
        self._signposts = tempfile.mkdtemp(prefix="katas-")
        for name, source in self._mistakes.items():
            self.files[name] = source.write(Path(self._signposts, "mistakes"))
        sys.meta_path.insert(0, self)

    def uninstall(self) -> None:
        """Leave the import system as it was, and forget the solutions."""
        sys.meta_path.remove(self)
        self._leave_path()
        for name in self.files:
            sys.modules.pop(name, None)
        shutil.rmtree(self._signposts, ignore_errors=True)

    def _leave_path(self) -> None:
        while self._signposts in sys.path:
            sys.path.remove(self._signposts)


class Bench:
    """One run of pytest over katas: the file under test for each of them.

    Args:
        curriculum: all tracks.
        katas: the names of those that this run tests.
        reference: test the worked solutions.
        solution: test this file, or the mistake of this name; the run tests one kata then.
        seen_from: the folder from which paths are given and shown, the one above `katas` unless given.

    Raises:
        ValueError: a kata.toml or mistakes.toml breaks a rule, or the solution cannot be tested.
    """

    def __init__(
        self,
        curriculum: Curriculum,
        katas: Sequence[str],
        *,
        reference: bool = False,
        solution: str | None = None,
        seen_from: Path | None = None,
    ) -> None:
        """Choose the files; nothing is installed yet."""
        self.curriculum = curriculum
        self._seen_from = seen_from or curriculum.katas.parent
        self.katas = {name: curriculum.kata(name) for name in katas}
        files = {name: kata.reference if reference else kata.stub for name, kata in self.katas.items()}
        made = {}
        if solution is not None:
            file = (self._seen_from / solution).resolve()
            _check_solution(solution, katas, reference=reference)
            if file.is_file():
                files = dict.fromkeys(files, file)
            else:
                made = {name: _mistake(curriculum, kata, solution) for name, kata in self.katas.items()}
        self.is_own = not reference and solution is None
        self._tests = {kata.tests: name for name, kata in self.katas.items()}
        self._finder = SolutionFinder(files, made)

    @property
    def files(self) -> Mapping[str, Path]:
        """Map each kata to the file under test; that of a mistake is there from `open` to `close`."""
        return self._finder.files

    def open(self) -> None:
        """Let imports of the katas' names find the files under test."""
        self._finder.install()

    def close(self) -> None:
        """Undo `open`."""
        self._finder.uninstall()

    def kata(self, tests: Path) -> Kata | None:
        """Return the kata that a file of tests belongs to."""
        name = self._tests.get(tests.resolve())
        return None if name is None else self.katas[name]

    def position(self, tests: Path) -> int:
        """Return the place of a kata in the order of learning; -1 for what is no kata."""
        kata = self.kata(tests)
        return -1 if kata is None else list(self.katas).index(kata.name)

    def missing_extras(self, tests: Path) -> tuple[str, ...]:
        """Name what a kata needs and what is not installed."""
        kata = self.kata(tests)
        return () if kata is None else tuple(name for name in kata.extras if importlib.util.find_spec(name) is None)

    def not_started(self, tests: Path, task: int, error: BaseException) -> str | None:
        """Return the line for a test that met an unwritten part; `None` for every other error."""
        kata = self.kata(tests)
        line = None if kata is None else unwritten_line(error, self.files[kata.name])
        if kata is None or line is None:
            return None
        title = index.read_tasks(kata).get(task, kata.title)
        place = Path(os.path.relpath(self.files[kata.name], self._seen_from)).as_posix()
        return f"{kata.name}: task {task} not started — open {place}:{line} ({title})"


class Mark(Protocol):
    """What this module needs to know of pytest's marks."""

    @property
    def kwargs(self) -> Mapping[str, Any]:
        """What stood in the brackets."""


def _check_solution(solution: str, katas: Sequence[str], *, reference: bool) -> None:
    if reference:
        raise ValueError(f"--solution must be given without --reference, got {solution!r} and --reference")
    if len(katas) != 1:
        some = ", ".join(katas[:3]) + (", …" if len(katas) > 3 else "")
        got = f"{len(katas)} katas: {some}" if katas else "none"
        raise ValueError(f"--solution must be given with the folder of one kata, got {got}")


def _mistake(curriculum: Curriculum, kata: Kata, name: str) -> Source:
    known = {each.solution(base): each for each in mistakes.read(curriculum, kata) for base in each.bases}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        what = f"be a file or a mistake of {kata.name}, which '?' lists"
        raise ValueError(f"--solution must {what}, got {name!r}{meant}")
    return next(source for source in sources.of(curriculum, kata, known[name]) if source.name == name)


def unwritten_line(error: BaseException, file: Path) -> int | None:
    """Return the line of the file that raised NotImplementedError, whatever error carries it."""
    for each in _family(error):
        end = _last_entry(each.__traceback__)
        if isinstance(each, NotImplementedError) and end and Path(end.tb_frame.f_code.co_filename) == file:
            return end.tb_lineno
    return None


def meanings(error: BaseException, marks: Iterable[Mark]) -> list[str]:
    """Return what the marks say of an error's kind, or of one that it carries."""
    kinds = {type(each).__name__ for each in _family(error)}
    return [text for mark in marks for kind, text in mark.kwargs.items() if kind in kinds]


def _family(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, its causes, contexts and members, each once."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions


def _last_entry(traceback: TracebackType | None) -> TracebackType | None:
    while traceback and traceback.tb_next:
        traceback = traceback.tb_next
    return traceback

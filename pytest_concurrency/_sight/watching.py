"""Which source files are watched: the user's own, and neither the standard library's nor installed."""

from __future__ import annotations

import json
import os
import site
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlparse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType, ModuleType

WATCHED: Final = "watched"
STANDARD: Final = "standard library"
OWN: Final = "pytest_concurrency"
OTHER: Final = "other"

_PACKAGE: Final = str(Path(__file__).resolve().parent.parent) + os.sep
_STANDARD: Final = str(Path(os.__file__).resolve().parent) + os.sep
_TESTS: Final = frozenset({"tests", "test"})
_GENERATED: Final = ("<frozen", "<string>")
"""Code without a file that the library runs: its own, the methods of a dataclass, the attributes of a shared value."""
_PROMPTS: Final = ("<stdin>", "<python-input", "<doctest", "<ipython-input", "<console>")


def is_own(filename: str) -> bool:
    """Tell whether code of that file belongs to this package."""
    return filename.startswith(_PACKAGE)


def is_at_work(frame: FrameType) -> bool:
    """Tell whether code of ours decides or keeps books there: it waits for nobody, unlike what hands calls on.

    It does in the floors that know nothing of the world, and in modules of a kind that say so by `KEEPS_THE_TURN`.
    """
    if not is_own(frame.f_code.co_filename):
        return False
    floor = frame.f_globals.get("__name__", "").split(".")[1:2]
    return floor in (["_engine"], ["_sight"], ["_core"], ["_oracles"]) or "KEEPS_THE_TURN" in frame.f_globals


def _site_folders() -> tuple[str, ...]:
    folders = {*site.getsitepackages(), site.getusersitepackages()}
    folders.update(path for path in sys.path if Path(path).name in {"site-packages", "dist-packages"})
    return tuple(str(Path(folder).resolve()) + os.sep for folder in folders)


def _installed_from(root: Path, folder: Path) -> Iterable[str]:
    """Yield the top-level names in a site folder that were installed from below the root."""
    for name in os.listdir(folder):  # a glob would take several times as long, in every session
        if not name.endswith(".dist-info") or not (info := folder / name / "direct_url.json").is_file():
            continue
        try:
            url = urlparse(json.loads(info.read_text(encoding="utf-8")).get("url", ""))
        except (OSError, ValueError, AttributeError):  # unreadable, no JSON, not an object
            continue
        if url.scheme == "file" and Path(unquote(url.path)).resolve().is_relative_to(root):
            record = info.with_name("RECORD")
            lines = record.read_text(encoding="utf-8").splitlines() if record.is_file() else []
            yield from {line.split(",")[0].split("/")[0] for line in lines if line.strip()}


def _sources_beside(folder: Path) -> Iterator[Path]:
    """Yield the `src` that lies beside the folder of tests in which a folder lies."""
    for each in (folder, *folder.parents):
        if each.name in _TESTS and (each.parent / "src").is_dir():
            yield each.parent / "src"
            return


def _is_there(name: str) -> bool:
    """Tell whether a module is loaded or could be; of a package that is not loaded, only whether that is there."""
    package = name.partition(".")[0]
    try:
        return name in sys.modules or find_spec(name if package in sys.modules else package) is not None
    except (ImportError, AttributeError, ValueError):  # no package, or one without a specification
        return False


class Watch:
    """Decides for a file name whether its code is watched; answers are remembered.

    Args:
        folders: Folders whose code is watched, with everything below them; of one that lies in a folder of tests
            also the sources beside that.
        names: Packages or modules that are watched wherever they lie.

    Attributes:
        known: Returns what `kind` has returned for a file name before, and None if nobody has asked: quickly.
    """

    def __init__(self, folders: Iterable[Path], names: Iterable[str] = ()) -> None:
        given = tuple(Path(folder).resolve() for folder in folders)
        self.folders = (*given, *(each for folder in given for each in _sources_beside(folder)))
        self.names = tuple(names)
        self._sites = _site_folders()
        self._local = tuple(
            str(Path(place) / name)
            for root in self.folders
            for place in self._sites
            if Path(place).is_dir()
            for name in _installed_from(root, Path(place))
        )
        self._roots = tuple(os.path.join(folder, "") for folder in self.folders)  # a root itself ends so already
        self._real_folders: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self.known: Final = self._kinds.get
        self._others: dict[int, ModuleType] = {}

    def further(self, names: Iterable[str]) -> Watch:
        """Return a watch that knows these packages or modules too."""
        more = tuple(name for name in names if name not in self.names)
        return Watch(self.folders, (*self.names, *more)) if more else self

    def unmatched(self, setting: str) -> list[str]:
        """Say of each name that no module has, loaded or not, that the setting gives it for nothing."""
        missing = [name for name in self.names if not _is_there(name)]
        return [f"{setting} must name packages or modules, got {name!r}: there is none" for name in missing]

    def kind(self, filename: str) -> str:
        """Return `WATCHED`, `STANDARD`, `OWN` or `OTHER` for the file name of a code object."""
        found = self._kinds.get(filename)
        if found is None:
            found = self._kinds[filename] = self._decide(filename)
        return found

    def is_watched(self, filename: str) -> bool:
        """Tell whether code of that file offers switches."""
        return self.kind(filename) is WATCHED

    def modules(self) -> Iterator[ModuleType]:
        """Yield the loaded modules whose code is watched."""
        for module in list(sys.modules.values()):
            if self._others.get(id(module)) is module:  # a session has a thousand, and most are somebody else's
                continue
            file = getattr(module, "__file__", None)
            if isinstance(file, str) and self.is_watched(file):
                yield module
            else:
                self._others[id(module)] = module

    def _decide(self, filename: str) -> str:
        if filename.startswith("<"):
            if filename.startswith(_GENERATED):
                return STANDARD
            return WATCHED if filename.startswith(_PROMPTS) else OTHER
        if not os.path.isabs(filename) and not os.path.exists(filename):
            return OTHER  # compiled code names a file as it lay where it was built
        path = self._real_path(filename)
        if path.startswith(_PACKAGE):
            return OWN
        if self._is_named(path) or any(path == each or path.startswith(each + os.sep) for each in self._local):
            return WATCHED
        if path.startswith(self._sites):
            return OTHER
        if path.startswith(_STANDARD):
            return STANDARD
        return WATCHED if path.startswith(self._roots) else OTHER

    def _real_path(self, filename: str) -> str:
        """Resolve links; a folder's only once, as the modules of a session lie in few of them."""
        given, name = os.path.split(filename if os.path.isabs(filename) else os.path.join(os.getcwd(), filename))
        folder = self._real_folders.get(given)
        if folder is None:
            folder = self._real_folders[given] = os.path.realpath(given)
        path = os.path.join(folder, name)
        return os.path.realpath(path) if os.path.islink(path) else path

    def _is_named(self, path: str) -> bool:
        for name in self.names:
            module = sys.modules.get(name)
            file = getattr(module, "__file__", None)
            if file is not None and path == self._real_path(file):
                return True
            folders = getattr(module, "__path__", ())  # a namespace package has folders, and no file
            if any(path.startswith(os.path.join(os.path.realpath(each), "")) for each in folders):
                return True
        return False


class _Policy:
    """Which code outside a run gets doubles: none until a watch is set.

    Attributes:
        watch: Decides for a file; None until one is set.
    """

    def __init__(self) -> None:
        self.watch: Watch | None = None

    def set(self, watch: Watch | None) -> Watch | None:
        """Let another watch decide, and return the one before."""
        before, self.watch = self.watch, watch
        return before

    def wants_double(self, frame: FrameType | None) -> bool:
        """Tell whether the first frame outside the standard library is watched."""
        if self.watch is None:
            return False
        while frame is not None:
            kind = self.watch.kind(frame.f_code.co_filename)
            if kind is WATCHED:
                return True
            if kind is not STANDARD:
                return False
            frame = frame.f_back
        return False


policy: Final = _Policy()

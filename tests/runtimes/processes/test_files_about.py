"""What the system says about files that processes of a run share: it may be changed, as their content may."""

import errno
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_concurrency import Grade, explore

FORK = multiprocessing.get_context("fork")
pytestmark = pytest.mark.slow


def change_attribute(path: str, _handle: int) -> None:
    os.setxattr(path, "user.seen", b"1")


def ask_attribute(path: str, _handle: int) -> str:
    try:
        return repr(os.getxattr(path, "user.seen"))
    except OSError as error:
        return errno.errorcode[error.errno or 0]


def make_node(path: str, _handle: int) -> None:
    os.mknod(f"{path}.node")


def ask_node(path: str, _handle: int) -> str:
    return str(os.path.exists(f"{path}.node"))


def change_mode(path: str, _handle: int) -> None:
    os.chmod(path, 0o600)


def change_mode_of_handle(_path: str, handle: int) -> None:
    os.fchmod(handle, 0o600)


def ask_mode(_path: str, handle: int) -> str:
    return oct(os.fstat(handle).st_mode & 0o777)


def remove(path: str, _handle: int) -> None:
    os.remove(path)


def ask_names(_path: str, handle: int) -> str:
    return str(os.fstat(handle).st_nlink)


def says(ask: Callable[[str, int], str], path: str, handle: int, said: Any) -> None:
    said.put(ask(path, handle))


ABOUT = [
    (change_attribute, ask_attribute, {"'ENODATA'", "\"b'1'\""}),
    (make_node, ask_node, {"'False'", "'True'"}),
    (change_mode, ask_mode, {"'0o640'", "'0o600'"}),
    (change_mode_of_handle, ask_mode, {"'0o640'", "'0o600'"}),
    (remove, ask_names, {"'1'", "'0'"}),
]


@pytest.mark.parametrize(("change", "ask", "outcomes"), ABOUT, ids=lambda each: getattr(each, "__name__", ""))
def test_what_is_said_about_a_file_is_touched_by_who_changes_it(
    change: Callable[[str, int], None], ask: Callable[[str, int], str], outcomes: set[str], tmp_path: Path
) -> None:
    path = tmp_path / "about.txt"

    def scenario() -> str:
        for each in tmp_path.iterdir():
            each.unlink()
        path.touch()
        path.chmod(0o640)
        with path.open("rb") as file:
            said = FORK.SimpleQueue()
            given = (str(path), file.fileno())
            processes = [FORK.Process(target=change, args=given), FORK.Process(target=says, args=(ask, *given, said))]
            for process in processes:
                process.start()
            for process in processes:
                process.join()
            return str(said.get())

    try:
        os.setxattr(tmp_path, "user.seen", b"1")
    except OSError:
        if change is change_attribute:
            pytest.skip("this file system keeps no attributes")
    verdict = explore(scenario, strategy="dpor", seconds=60.0, watch=[__name__])
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, outcomes), verdict.reason

"""What the tests of the dojo share."""

from collections.abc import Callable

from pytest_concurrency._dojo.folder import Folder

SOLVED = "def boil(litres):\n    return ['hot'] * litres\n"
COLD = "def boil(litres):\n    return ['cold'] * litres\n"
HALF = "def boil(litres):\n    if litres != 1:\n        raise NotImplementedError\n    return ['hot']\n"
HANGS = "def boil(litres):\n    while litres:\n        pass\n    return []\n"
DEADLOCKED = """
import threading

def boil(litres):
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
"""
UNREADABLE = "def boil(litres:\n"

Katas = Callable[..., str]


def write(home: Folder, text: str) -> None:
    """Write the learner's file."""
    (home.katas / "tea/boil_water/boil_water.py").write_text(text, encoding="utf-8")

"""The bench that README names, with a few pairs: that it counts, not how quick the machine is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.soak

BENCH = Path(__file__).parents[2] / "benchmarks/board.py"


def test_no_report_is_lost_when_the_server_is_killed() -> None:
    few = ("--pairs", "30", "--seconds", "3", "--minutes", "2", "--pages", "2")
    done = subprocess.run([sys.executable, BENCH, *few], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.startswith("90 reports of 30 pairs, 2 pages open, 2 minutes before:\n50 %: ")
    assert re.search(r"^memory of the server, in MB: (\d+, ){4}\d+$", done.stdout, re.MULTILINE)
    assert done.stdout.endswith("kept after a kill: 90, lost: 0\n")

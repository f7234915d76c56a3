"""All tiny programs whose outcomes are known."""

from .small_containers import PROGRAMS as CONTAINERS
from .small_data import PROGRAMS as DATA
from .small_sync import PROGRAMS as SYNC

PROGRAMS = (*DATA, *CONTAINERS, *SYNC)

"""All small wrong programs."""

from .bugs_counters import PROGRAMS as COUNTERS
from .bugs_data import PROGRAMS as DATA
from .bugs_waiting import PROGRAMS as WAITING

PROGRAMS = (*COUNTERS, *DATA, *WAITING)

"""All small wrong programs."""

from .bugs_data import PROGRAMS as DATA
from .bugs_waiting import PROGRAMS as WAITING

PROGRAMS = (*DATA, *WAITING)

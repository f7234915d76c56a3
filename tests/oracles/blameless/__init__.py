"""Right programs of every kind, none of which may be blamed: `data`, `waiting` and `jobs`."""

from . import data, jobs, waiting
from .corpus import of

PROGRAMS = (*of(data), *of(waiting), *of(jobs))

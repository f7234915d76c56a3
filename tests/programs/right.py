"""All right programs."""

from .right_locks import PROGRAMS as LOCKS
from .right_pools import PROGRAMS as POOLS
from .right_tasks import PROGRAMS as TASKS
from .right_waiting import PROGRAMS as WAITING

PROGRAMS = (*LOCKS, *WAITING, *POOLS, *TASKS)

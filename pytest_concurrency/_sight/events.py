"""What the interpreter tells of the code it runs, heard in the way that this Python has.

Both halves have the same five classes. Each hears from `start` to `stop`, which may be called at any
time, and calls what it was given in the thread that runs the code:

- `Instructions(watch, at_site)`: `at_site(site, frame)` before each instruction of watched code that has a site;
- `Lines(wanted, at_line)`: `at_line()` before each line that `wanted(code)` has named;
- `Entries(wanted, entered)`: `entered(code)` when a function begins of which `wanted(code)` holds;
- `Begun(is_quiet, begins)`: `begins(frame)` when code begins or goes on of which `is_quiet(code)` does not hold;
- `Calls(code, enter, leave)`: `enter()` and `leave()` around each call of one code object.

What an answer to an instruction, a line or an entry raises, the code raises that it was told of.
"""

from __future__ import annotations

import sys

if sys.version_info >= (3, 12):
    from pytest_concurrency._sight.events_monitoring import Begun, Calls, Entries, Instructions, Lines
else:
    from pytest_concurrency._sight.events_settrace import Begun, Calls, Entries, Instructions, Lines

__all__ = ("Begun", "Calls", "Entries", "Instructions", "Lines")

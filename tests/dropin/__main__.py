"""Print how CPython's own tests fare on the doubles: `python tests/dropin delegating` or `controlled`."""

import runpy
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)
PARTS = ("delegating", "controlled")
part = sys.argv.pop(1) if len(sys.argv) > 1 else ""
if part not in PARTS:
    sys.exit(f"the first argument must be one of {', '.join(PARTS)}, got {part!r}")
runpy.run_module(f"dropin.{part}", run_name="__main__")

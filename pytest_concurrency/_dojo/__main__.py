"""`python -m pytest_concurrency._dojo` is `katas`, also where no script is installed."""

import sys

from pytest_concurrency._dojo.cli import main

if __name__ == "__main__":
    sys.exit(main())

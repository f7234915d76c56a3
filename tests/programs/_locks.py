"""A lock made at import time, for a program that imports it by name."""

import threading

LOCK = threading.Lock()

"""The driver: runs a scenario once per schedule and judges what it saw."""

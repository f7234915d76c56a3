"""The pytest plugin: the only floor that imports pytest."""

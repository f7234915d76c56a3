"""A process in which greenlets stand for threads: its one thread."""

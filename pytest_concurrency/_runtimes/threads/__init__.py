"""Threads under control: one runs at a time, and the run decides which."""

"""Threads under control: one runs at a time, and the controller decides which."""

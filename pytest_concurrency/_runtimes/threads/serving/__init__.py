"""Threads of the system that serve one task after the other."""

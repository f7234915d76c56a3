"""Tests that need a patched process: a child of its own runs each, and what it reports comes back."""

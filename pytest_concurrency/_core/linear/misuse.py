"""What a program of calls cannot be."""

from __future__ import annotations


class ProgramError(ValueError):
    """Calls that cannot be made, or whose answers say nothing; the message shows what was given."""

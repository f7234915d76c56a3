"""A module that tasks import while they run."""

MADE = object()

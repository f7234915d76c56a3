"""The caretaker's round: a door that may be taken, and a "no" that is an answer. The contract is in README.md."""

from collections.abc import Callable
from threading import Lock


def knock(room: Lock, work: Callable[[], object]) -> bool:
    """Work in the room if nobody is in it at this moment; tell whether it was so."""
    raise NotImplementedError


def wait_at(room: Lock, patience: float, work: Callable[[], object]) -> bool:
    """Work in the room as soon as it is free; give up after `patience` seconds."""
    raise NotImplementedError


def carry(here: Lock, there: Lock, patience: float, work: Callable[[], object]) -> bool:
    """Work with both rooms taken; never wait at one door with the other room in hand."""
    raise NotImplementedError


def go_round(
    jobs: list[tuple[Lock, Callable[[], object]]], pause: float, patience: float
) -> list[tuple[Lock, Callable[[], object]]]:
    """Do every job, those whose rooms are free first; return those that had to be given up."""
    raise NotImplementedError

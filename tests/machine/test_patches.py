"""Patches: put in place and taken away, all or nothing; a later patch of somebody else stays."""

from pytest_concurrency._machine.patches import Patches


class Owner:
    kept = 1


def test_undo_restores_in_reverse_exactly_what_was_replaced() -> None:
    patches, space = Patches(), {"a": 1}
    patches.set(Owner, "kept", 2)
    patches.set(Owner, "kept", 3)
    patches.set(Owner, "new", 4)
    patches.set(space, "a", 5)
    assert (Owner.kept, Owner.new, space) == (3, 4, {"a": 5})  # type: ignore[attr-defined] # it is new
    patches.undo()
    assert Owner.kept == 1
    assert not hasattr(Owner, "new")
    assert space == {"a": 1}
    patches.undo()
    assert Owner.kept == 1


def test_what_somebody_else_has_replaced_since_stays() -> None:
    patches = Patches()
    patches.set(Owner, "kept", 2)
    Owner.kept = 9
    patches.undo()
    assert Owner.kept == 9
    Owner.kept = 1


def test_replace_leaves_alone_what_was_patched_before() -> None:
    patches = Patches()
    patches.replace(Owner, "kept", 77, 2)
    assert Owner.kept == 1
    patches.replace(Owner, "kept", 1, 2)
    assert Owner.kept == 2
    patches.undo()

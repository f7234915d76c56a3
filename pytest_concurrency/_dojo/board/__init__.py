"""The board: what each pair of a room is at, minute by minute."""

"""The dojo: the command `katas` for one person at a terminal, and the board for a room of pairs."""

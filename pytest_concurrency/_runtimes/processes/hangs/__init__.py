"""Processes that wait for ever in real time: who they are, what they wait for, and whether anybody could still act."""

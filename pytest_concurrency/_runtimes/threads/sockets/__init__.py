"""Sockets of this machine whose both ends are in a run: the real ones, asked without waiting."""

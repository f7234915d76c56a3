"""Linearizability: programs of calls, histories of them, and the order that explains one."""

"""The kinds of concurrency that the engine can drive, one folder each."""

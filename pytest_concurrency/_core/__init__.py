"""Pure ground floor: values, strategies and text; starts no thread, reads no clock, does no I/O."""

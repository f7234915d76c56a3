"""The commands of `katas`, one function for each: from a desk and arguments to a status."""

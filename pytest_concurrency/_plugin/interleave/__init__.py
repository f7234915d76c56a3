"""`pytest --interleave`: after the tests, those that start threads are run again in other orders."""

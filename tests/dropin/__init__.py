"""CPython's own tests of threads, locks and queues, run on the doubles."""

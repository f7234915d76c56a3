"""`katas watch`: a file changes, its kata runs, and the keyboard is never blocked."""

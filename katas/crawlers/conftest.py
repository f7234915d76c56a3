"""Lets the tests of these katas import `picture_site`: pytest puts this folder in front of `sys.path`."""

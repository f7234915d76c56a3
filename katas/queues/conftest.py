"""Lets the tests of these katas import `lying_about`."""

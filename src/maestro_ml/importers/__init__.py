"""Suites of other tools, as a dataset's contract and checks."""
